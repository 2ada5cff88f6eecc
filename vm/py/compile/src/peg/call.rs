//! What the grammar calls: errors with messages of their own, and literals.

use super::engine::{Engine, NodeId};
use super::grammar::NodeKind;
use crate::error::{Failure, Kind as ErrorKind, Spot};
use crate::token::Kind;

/// Which targets are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Targets {
    Star,
    Del,
    For,
}

impl Engine<'_> {
    pub(super) fn call(&mut self, name: &str, start: usize, parts: &[NodeId]) -> Option<NodeId> {
        let part = |at: usize| parts.get(at).copied().unwrap_or(0);
        match name {
            "second" => return Some(part(1)),
            "end" => return None,
            "barry" => return self.not_equal(start),
            "strings" => return self.string_node(start, parts),
            "found" => self.raise("You found it!"),
            "unpacking_after_mapping" => {
                self.raise("iterable argument unpacking follows keyword argument unpacking");
            }
            "genexp_1" => self.raise_at(part(0), "Generator expression must be parenthesized"),
            "genexp_3" => self.raise_at(part(2), "Generator expression must be parenthesized"),
            "genexp_last" => {
                let positional = self.positional(part(0));
                if let [_, .., last] = positional[..] {
                    self.raise_at(last, "Generator expression must be parenthesized");
                }
            }
            "positional_after_keyword" => {
                let mapping = self.has_mapping(part(0));
                self.raise(match mapping {
                    true => "positional argument follows keyword argument unpacking",
                    false => "positional argument follows keyword argument",
                });
            }
            "assignment_in_call" => self.raise_at(
                part(0),
                "expression cannot contain assignment, perhaps you meant \"==\"?",
            ),
            "named_target" => {
                let name = self.name_of(part(0));
                self.raise_at(
                    part(0),
                    &format!("cannot use assignment expressions with {name}"),
                );
            }
            "annotated_collection" => {
                let name = self.name_of(part(0));
                self.raise_at(
                    part(0),
                    &format!("only single target (not {name}) can be annotated"),
                );
            }
            "annotated_tuple" => {
                self.raise_at(part(0), "only single target (not tuple) can be annotated");
            }
            "annotated_other" => self.raise_at(part(0), "illegal target for annotation"),
            "assigned_target" => self.raise_target(part(1), Targets::Star),
            "assigned_yield" => {
                self.raise_at(part(1), "assignment to yield expression not possible");
            }
            "augmented" => {
                let name = self.name_of(part(0));
                self.raise_at(
                    part(0),
                    &format!("'{name}' is an illegal expression for augmented assignment"),
                );
            }
            "deleted" => self.raise_target(part(1), Targets::Del),
            "no_block" => {
                self.raise_kind(ErrorKind::IndentationError, "expected an indented block")
            }
            "brace" => self.raise_at(part(1), "invalid syntax"),
            "unpacked_comprehension" => self.raise_at(
                part(1),
                "iterable unpacking cannot be used in comprehension",
            ),
            "unpacked_dict" => self.raise_at(
                part(1),
                "dict unpacking cannot be used in dict comprehension",
            ),
            "no_default" => self.raise("non-default argument follows default argument"),
            "bare_star" => self.raise("named arguments must follow bare *"),
            "with_target" => self.raise_target(part(2), Targets::Star),
            "for_target" => self.raise_target(part(2), Targets::For),
            "starred_group" => self.raise_at(part(1), "can't use starred expression here"),
            "trailing_comma" => {
                self.raise("trailing comma not allowed without surrounding parentheses");
            }
            _ => {}
        }
        None
    }

    fn not_equal(&mut self, start: usize) -> Option<NodeId> {
        let token = self.tokens[start];
        let text = &self.text[token.start as usize..token.end as usize];
        if self.barry && text != b"<>" {
            self.raise("with Barry as BDFL, use '<>' instead of '!='");
            return None;
        }
        if !self.barry && text != b"!=" {
            return None;
        }
        Some(self.node(NodeKind::Token, start, Vec::new()))
    }

    /// Raises an error at the last token that was looked at.
    pub(super) fn raise(&mut self, message: &str) {
        self.raise_kind(ErrorKind::SyntaxError, message);
    }

    pub(super) fn raise_kind(&mut self, kind: ErrorKind, message: &str) {
        self.error = Some(Box::new(Failure {
            kind,
            message: message.to_owned(),
            spot: Spot::Token(self.fill.saturating_sub(1)),
        }));
    }

    fn raise_at(&mut self, node: NodeId, message: &str) {
        let token = self.tokens[self.nodes[node as usize].start];
        self.error = Some(Box::new(Failure {
            kind: ErrorKind::SyntaxError,
            message: message.to_owned(),
            spot: Spot::Bytes(token.line, i64::from(token.col) + 1),
        }));
    }

    fn raise_target(&mut self, node: NodeId, targets: Targets) {
        match self.invalid_target(node, targets) {
            Some(wrong) => {
                let name = self.name_of(wrong);
                let verb = match targets {
                    Targets::Del => "delete",
                    Targets::Star | Targets::For => "assign to",
                };
                self.raise_at(wrong, &format!("cannot {verb} {name}"));
            }
            None => self.raise("invalid syntax"),
        }
    }

    /// Finds the first part of a target that cannot be one.
    fn invalid_target(&self, node: NodeId, targets: Targets) -> Option<NodeId> {
        let mut todo = vec![node];
        while let Some(id) = todo.pop() {
            let node = &self.nodes[id as usize];
            match node.kind {
                NodeKind::Name | NodeKind::Attribute | NodeKind::Subscript | NodeKind::Token => {}
                NodeKind::List | NodeKind::Tuple | NodeKind::Sequence => {
                    todo.extend(node.parts.iter().rev());
                }
                NodeKind::Starred if targets == Targets::Del => return Some(id),
                NodeKind::Starred => todo.extend(node.parts.last()),
                NodeKind::Comparison if targets == Targets::For => {
                    if self.is_in(id) {
                        todo.extend(node.parts.first());
                    }
                }
                _ => return Some(id),
            }
        }
        None
    }

    /// Whether the first operator of a comparison is `in`.
    fn is_in(&self, comparison: NodeId) -> bool {
        let pairs = self.nodes[comparison as usize].parts.get(1);
        let first = pairs.and_then(|&pairs| self.nodes[pairs as usize].parts.first());
        first.is_some_and(|&pair| self.nodes[pair as usize].kind == NodeKind::InPair)
    }

    /// Returns how errors call an expression.
    fn name_of(&self, node: NodeId) -> &'static str {
        match self.nodes[node as usize].kind {
            NodeKind::Name => "name",
            NodeKind::Tuple => "tuple",
            NodeKind::List => "list",
            NodeKind::Starred => "starred",
            NodeKind::Attribute => "attribute",
            NodeKind::Subscript => "subscript",
            NodeKind::Comparison => "comparison",
            NodeKind::Other(name) => name,
            _ => "expression",
        }
    }

    /// Returns the arguments without names, unpacked ones too.
    fn positional(&self, args: NodeId) -> Vec<NodeId> {
        let (mut plain, mut unpacked) = (Vec::new(), Vec::new());
        let mut todo = vec![(args, false)];
        while let Some((id, named)) = todo.pop() {
            let node = &self.nodes[id as usize];
            match node.kind {
                NodeKind::Args => {
                    // The part after the first holds what follows the first keyword.
                    let parts = node.parts.iter().enumerate().rev();
                    todo.extend(parts.map(|(at, &part)| (part, at > 0)));
                }
                NodeKind::Sequence => {
                    todo.extend(node.parts.iter().rev().map(|&part| (part, named)));
                }
                NodeKind::Keyword | NodeKind::Mapping | NodeKind::Token => {}
                _ if named => unpacked.push(id),
                _ => plain.push(id),
            }
        }
        plain.extend(unpacked);
        plain
    }

    fn has_mapping(&self, args: NodeId) -> bool {
        let mut todo = vec![args];
        while let Some(id) = todo.pop() {
            let node = &self.nodes[id as usize];
            match node.kind {
                NodeKind::Mapping => return true,
                NodeKind::Args | NodeKind::Sequence => todo.extend(&node.parts),
                _ => {}
            }
        }
        false
    }

    /// Decodes strings in a row.
    fn string_node(&mut self, start: usize, parts: &[NodeId]) -> Option<NodeId> {
        let kind = match self.strings.get(&start) {
            Some(&kind) => kind,
            None => {
                let count = parts
                    .first()
                    .map_or(0, |&all| self.nodes[all as usize].parts.len());
                let kind = self.decode_strings(start, count)?;
                self.strings.insert(start, kind);
                kind
            }
        };
        Some(self.node(kind, start, Vec::new()))
    }

    /// Whether the error token was met; it is the last.
    pub(super) fn last_kind(&self) -> Kind {
        match self.fill.checked_sub(1) {
            Some(last) => self.tokens[last].kind,
            None => Kind::EndMarker,
        }
    }
}
