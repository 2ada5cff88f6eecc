//! Tries the grammar's rules on tokens, in two passes, as CPython's parser does.

use super::grammar::{Alternative, Grammar, Item, NodeKind, RuleId, grammar};
use crate::error::Failure;
use crate::names::FastMap;
use crate::token::{Kind, Token};

/// A node's number.
pub(super) type NodeId = u32;

/// A part of the source that a rule has matched.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// Its first token.
    pub(super) start: usize,
    pub(super) parts: Vec<NodeId>,
}

/// What is remembered of a rule at a token.
#[derive(Clone, Copy)]
struct Memo {
    rule: u16,
    node: Option<NodeId>,
    mark: u32,
}

/// Deeper than this, nothing is looked for: CPython's own stack ends somewhere there.
const MOST_DEPTH: u32 = 100_000;

pub(super) struct Engine<'e> {
    grammar: &'static Grammar,
    pub(super) text: &'e [u8],
    pub(super) tokens: &'e [Token],
    /// The next token.
    pub(super) mark: usize,
    /// How many tokens were looked at.
    pub(super) fill: usize,
    pub(super) second_pass: bool,
    pub(super) error: Option<Box<Failure>>,
    /// Set when a token is met that the tokenizer failed at.
    pub(super) broken: bool,
    pub(super) nodes: Vec<Node>,
    memos: Vec<Vec<Memo>>,
    /// Which strings were decoded already, by their first token.
    pub(super) strings: FastMap<usize, NodeKind>,
    pub(super) barry: bool,
    pub(super) too_deep: bool,
    depth: u32,
}

impl<'e> Engine<'e> {
    pub(super) fn new(text: &'e [u8], tokens: &'e [Token]) -> Engine<'e> {
        Engine {
            grammar: grammar(),
            text,
            tokens,
            mark: 0,
            fill: 0,
            second_pass: false,
            error: None,
            broken: false,
            nodes: Vec::new(),
            memos: vec![Vec::new(); tokens.len() + 1],
            strings: FastMap::default(),
            barry: false,
            too_deep: false,
            depth: 0,
        }
    }

    /// Tries a rule from a token on.
    pub(super) fn run(&mut self, rule: &str, from: usize) -> Option<NodeId> {
        self.mark = from;
        let rule = self.grammar.rule(rule);
        let found = self.rule(rule);
        if found.is_some() || self.stopped() {
            return found;
        }
        self.mark = from;
        self.nodes.clear();
        for memo in &mut self.memos {
            memo.clear();
        }
        self.second_pass = true;
        self.rule(rule)
    }

    /// Whether there is an error already.
    pub(super) fn stopped(&self) -> bool {
        self.error.is_some() || self.broken || self.too_deep
    }

    pub(super) fn node(&mut self, kind: NodeKind, start: usize, parts: Vec<NodeId>) -> NodeId {
        self.nodes.push(Node { kind, start, parts });
        self.nodes.len() as u32 - 1
    }

    /// Looks at the next token.
    fn look(&mut self) -> Option<Token> {
        let token = *self.tokens.get(self.mark)?;
        if self.mark >= self.fill {
            self.fill = self.mark + 1;
            if token.kind == Kind::Error {
                self.broken = true;
                return None;
            }
        }
        (token.kind != Kind::Error).then_some(token)
    }

    fn remembered(&self, rule: RuleId) -> Option<Memo> {
        let memos = &self.memos[self.mark];
        memos.iter().find(|memo| memo.rule == rule as u16).copied()
    }

    fn remember(&mut self, at: usize, rule: RuleId, node: Option<NodeId>, mark: usize) {
        let rule = rule as u16;
        let mark = mark as u32;
        let memos = &mut self.memos[at];
        match memos.iter_mut().find(|memo| memo.rule == rule) {
            Some(memo) => *memo = Memo { rule, node, mark },
            None => memos.push(Memo { rule, node, mark }),
        }
    }

    fn rule(&mut self, id: RuleId) -> Option<NodeId> {
        if self.stopped() {
            return None;
        }
        self.look()?;
        if let Some(memo) = self.remembered(id) {
            self.mark = memo.mark as usize;
            return memo.node;
        }
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            self.too_deep = true;
            return None;
        }
        let start = self.mark;
        let rule = &self.grammar.rules[id];
        let found = match rule.left_recursive {
            true => self.left_recursive(id),
            false => self.alternatives(&rule.alternatives),
        };
        self.depth -= 1;
        if self.stopped() {
            return None;
        }
        if found.is_none() {
            self.mark = start;
        }
        if rule.name == "statement" && found.is_some() {
            self.forget(start);
        } else if !rule.again {
            self.remember(start, id, found, self.mark);
        }
        found
    }

    /// Forgets what a statement is made of, but for blocks, which are looked at again.
    fn forget(&mut self, start: usize) {
        let block = self.grammar.rule("block") as u16;
        for memos in &mut self.memos[start..self.mark] {
            memos.retain(|memo| memo.rule == block);
            memos.shrink_to_fit();
        }
    }

    /// Lets a rule that begins with itself grow as long as it can.
    fn left_recursive(&mut self, id: RuleId) -> Option<NodeId> {
        let start = self.mark;
        let (mut found, mut end) = (None, start);
        loop {
            self.remember(start, id, found, end);
            self.mark = start;
            let next = self.alternatives(&self.grammar.rules[id].alternatives);
            if self.stopped() {
                return None;
            }
            if next.is_none() || self.mark <= end {
                break;
            }
            found = next;
            end = self.mark;
        }
        self.mark = end;
        found
    }

    fn alternatives(&mut self, alternatives: &'static [Alternative]) -> Option<NodeId> {
        let start = self.mark;
        for alternative in alternatives {
            if self.stopped() {
                return None;
            }
            if !self.second_pass
                && let [Item::Rule(rule)] = alternative.items[..]
                && self.grammar.rules[rule].invalid
                && alternative.call.is_none()
                && self.grammar.rules[rule].name != "invalid_ann_assign_target"
            {
                continue;
            }
            let mut cut = false;
            if let Some(parts) = self.parts(&alternative.items, &mut cut) {
                let found = self.made(alternative, start, parts);
                if self.stopped() {
                    return None;
                }
                if found.is_some() {
                    return found;
                }
            }
            self.mark = start;
            if cut {
                return None;
            }
        }
        None
    }

    fn parts(&mut self, items: &'static [Item], cut: &mut bool) -> Option<Vec<NodeId>> {
        let mut parts = Vec::new();
        for item in items {
            match item {
                Item::Cut => *cut = true,
                Item::And(item) => self.ahead(item, true)?,
                Item::Not(item) => self.ahead(item, false)?,
                item => parts.push(self.item(item)?),
            }
        }
        Some(parts)
    }

    /// Looks ahead: `wanted` says whether the item has to be there.
    fn ahead(&mut self, item: &'static Item, wanted: bool) -> Option<()> {
        let mark = self.mark;
        let found = self.item(item).is_some();
        self.mark = mark;
        (!self.stopped() && found == wanted).then_some(())
    }

    fn item(&mut self, item: &'static Item) -> Option<NodeId> {
        if self.stopped() {
            return None;
        }
        let start = self.mark;
        match item {
            Item::Token(kind) => {
                let token = self.look()?;
                if token.kind != *kind {
                    return None;
                }
                self.mark += 1;
                let made = match kind {
                    Kind::Name => NodeKind::Name,
                    _ => NodeKind::Token,
                };
                Some(self.node(made, start, Vec::new()))
            }
            Item::Rule(rule) => self.rule(*rule),
            Item::Optional(item) => match self.item(item) {
                Some(found) => Some(found),
                None if self.stopped() => None,
                None => {
                    self.mark = start;
                    Some(self.node(NodeKind::Sequence, start, Vec::new()))
                }
            },
            Item::Star(item) => {
                let parts = self.repeated(item)?;
                Some(self.node(NodeKind::Sequence, start, parts))
            }
            Item::Plus(item) => {
                let parts = self.repeated(item)?;
                if parts.is_empty() {
                    return None;
                }
                Some(self.node(NodeKind::Sequence, start, parts))
            }
            Item::Separated(between, item) => {
                let mut parts = vec![self.item(item)?];
                loop {
                    let mark = self.mark;
                    let next = match self.look() {
                        Some(token) if token.kind == *between => {
                            self.mark += 1;
                            self.item(item)
                        }
                        _ => None,
                    };
                    if self.stopped() {
                        return None;
                    }
                    match next {
                        Some(next) => parts.push(next),
                        None => {
                            self.mark = mark;
                            break;
                        }
                    }
                }
                Some(self.node(NodeKind::Sequence, start, parts))
            }
            Item::Choice(alternatives) => self.alternatives(alternatives),
            Item::And(_) | Item::Not(_) | Item::Cut => None,
        }
    }

    fn repeated(&mut self, item: &'static Item) -> Option<Vec<NodeId>> {
        let mut parts = Vec::new();
        loop {
            let mark = self.mark;
            match self.item(item) {
                Some(found) => parts.push(found),
                None if self.stopped() => return None,
                None => {
                    self.mark = mark;
                    return Some(parts);
                }
            }
        }
    }

    /// Makes the node of an alternative that has matched.
    fn made(
        &mut self,
        alternative: &'static Alternative,
        start: usize,
        parts: Vec<NodeId>,
    ) -> Option<NodeId> {
        if let Some(call) = alternative.call {
            return self.call(call, start, &parts);
        }
        match (alternative.kind, &parts[..]) {
            (Some(kind), _) => Some(self.node(kind, start, parts)),
            (None, [only]) => Some(*only),
            // A lookahead may precede or follow what is meant.
            (None, _) => Some(self.node(NodeKind::Sequence, start, parts)),
        }
    }
}
