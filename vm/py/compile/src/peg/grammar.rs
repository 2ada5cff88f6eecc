//! Reads the grammar's text.

use crate::token::{Kind, keyword, operator};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A rule's number.
pub(super) type RuleId = usize;

/// A part of an alternative.
#[derive(Debug)]
pub(super) enum Item {
    Token(Kind),
    Rule(RuleId),
    Optional(Box<Item>),
    Star(Box<Item>),
    Plus(Box<Item>),
    Separated(Kind, Box<Item>),
    And(Box<Item>),
    Not(Box<Item>),
    Cut,
    Choice(Vec<Alternative>),
}

/// Parts that follow each other, and what is made of them.
#[derive(Debug)]
pub(super) struct Alternative {
    pub(super) items: Vec<Item>,
    /// The kind of node that is made, if it is said.
    pub(super) kind: Option<NodeKind>,
    /// What is called.
    pub(super) call: Option<&'static str>,
}

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) left_recursive: bool,
    /// Whether its result must not be kept.
    pub(super) again: bool,
    /// Whether it is tried in the second pass only.
    pub(super) invalid: bool,
    pub(super) alternatives: Vec<Alternative>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    Token,
    Sequence,
    Args,
    Keyword,
    Mapping,
    Pair,
    InPair,
    Name,
    Tuple,
    List,
    Starred,
    Attribute,
    Subscript,
    Comparison,
    /// Another expression, by the name that errors give it.
    Other(&'static str),
}

/// The grammar.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) rules: Vec<Rule>,
    by_name: HashMap<&'static str, RuleId>,
}

static TEXT: &str = include_str!("grammar.txt");

/// Returns the grammar.
pub(super) fn grammar() -> &'static Grammar {
    static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
    GRAMMAR.get_or_init(read)
}

impl Grammar {
    /// Returns a rule's number.
    pub(super) fn rule(&self, name: &str) -> RuleId {
        self.by_name.get(name).copied().unwrap_or(0)
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

fn read() -> Grammar {
    let mut by_name = HashMap::new();
    let mut rules: Vec<Rule> = Vec::new();
    for line in lines().filter(|line| !line.starts_with(' ')) {
        let head = line.trim_end_matches(':');
        let (name, flags) = head.split_once(' ').unwrap_or((head, ""));
        by_name.insert(name, rules.len());
        rules.push(Rule {
            name,
            left_recursive: flags == "left",
            again: flags == "again",
            invalid: name.starts_with("invalid_"),
            alternatives: Vec::new(),
        });
    }
    let mut current = 0;
    for line in lines() {
        match line.strip_prefix(' ') {
            None => {
                let head = line.trim_end_matches(':');
                let name = head.split(' ').next().unwrap_or("");
                current = by_name.get(name).copied().unwrap_or(0);
            }
            Some(alternative) => {
                let found = alternative_of(alternative, &by_name);
                rules[current].alternatives.push(found);
            }
        }
    }
    Grammar { rules, by_name }
}

fn alternative_of(text: &'static str, names: &HashMap<&'static str, RuleId>) -> Alternative {
    let (parts, action) = text.split_once("=>").unwrap_or((text, ""));
    let mut words = Words {
        words: parts.split_whitespace().collect(),
        at: 0,
        names,
    };
    let mut found = words.alternative();
    let action = action.trim();
    match action.strip_prefix('@') {
        Some(call) => found.call = Some(call),
        None => found.kind = kind(action),
    }
    found
}

fn kind(name: &str) -> Option<NodeKind> {
    Some(match name {
        "" => return None,
        "sequence" => NodeKind::Sequence,
        "args" => NodeKind::Args,
        "keyword" => NodeKind::Keyword,
        "mapping" => NodeKind::Mapping,
        "pair" => NodeKind::Pair,
        "in_pair" => NodeKind::InPair,
        "tuple" => NodeKind::Tuple,
        "list" => NodeKind::List,
        "starred" => NodeKind::Starred,
        "attribute" => NodeKind::Attribute,
        "subscript" => NodeKind::Subscript,
        "comparison" => NodeKind::Comparison,
        "named_expression" => NodeKind::Other("named expression"),
        "conditional" => NodeKind::Other("conditional expression"),
        "lambda" => NodeKind::Other("lambda"),
        "operator" => NodeKind::Other("operator"),
        "await" => NodeKind::Other("await expression"),
        "call" => NodeKind::Other("function call"),
        "true" => NodeKind::Other("True"),
        "false" => NodeKind::Other("False"),
        "none" => NodeKind::Other("None"),
        "ellipsis" => NodeKind::Other("Ellipsis"),
        "literal" => NodeKind::Other("literal"),
        "listcomp" => NodeKind::Other("list comprehension"),
        "setcomp" => NodeKind::Other("set comprehension"),
        "dictcomp" => NodeKind::Other("dict comprehension"),
        "genexp" => NodeKind::Other("generator expression"),
        "set" => NodeKind::Other("set display"),
        "dict" => NodeKind::Other("dict display"),
        "yield" => NodeKind::Other("yield expression"),
        _ => NodeKind::Sequence,
    })
}

struct Words<'n> {
    words: Vec<&'static str>,
    at: usize,
    names: &'n HashMap<&'static str, RuleId>,
}

impl Words<'_> {
    fn alternative(&mut self) -> Alternative {
        let mut items = Vec::new();
        while let Some(&word) = self.words.get(self.at) {
            if word == "|" || word.starts_with(')') {
                break;
            }
            self.at += 1;
            items.push(self.item(word));
        }
        Alternative {
            items,
            kind: None,
            call: None,
        }
    }

    fn item(&mut self, word: &'static str) -> Item {
        match word {
            "~" => return Item::Cut,
            "(" => return self.choice(),
            "&(" => return Item::And(Box::new(self.choice())),
            "!(" => return Item::Not(Box::new(self.choice())),
            _ => {}
        }
        if let Some(rest) = word.strip_prefix('&') {
            return Item::And(Box::new(self.item(rest)));
        }
        if let Some(rest) = word.strip_prefix('!') {
            return Item::Not(Box::new(self.item(rest)));
        }
        if let Some((between, rest)) = word.split_once("'%")
            && between.len() > 1
        {
            let kind = token(&between[1..]);
            return Item::Separated(kind, Box::new(self.item(rest)));
        }
        if !word.ends_with('\'') {
            for (sign, make) in [
                ('?', Item::Optional as fn(Box<Item>) -> Item),
                ('*', Item::Star),
                ('+', Item::Plus),
            ] {
                if let Some(rest) = word.strip_suffix(sign) {
                    return make(Box::new(self.item(rest)));
                }
            }
        }
        match self.names.get(word) {
            Some(&rule) => Item::Rule(rule),
            None => Item::Token(token(word.trim_matches('\''))),
        }
    }

    /// Reads a choice up to its parenthesis and the sign after it.
    fn choice(&mut self) -> Item {
        let mut alternatives = vec![self.alternative()];
        while self.words.get(self.at) == Some(&"|") {
            self.at += 1;
            alternatives.push(self.alternative());
        }
        let end = self.words.get(self.at).copied().unwrap_or(")");
        self.at += 1;
        let choice = Item::Choice(alternatives);
        match end {
            ")?" => Item::Optional(Box::new(choice)),
            ")*" => Item::Star(Box::new(choice)),
            ")+" => Item::Plus(Box::new(choice)),
            _ => choice,
        }
    }
}

/// The kind of token that a word of the grammar means.
fn token(word: &str) -> Kind {
    match word {
        "NAME" => Kind::Name,
        "NUMBER" => Kind::Number,
        "STRING" => Kind::String,
        "TYPE_COMMENT" => Kind::TypeComment,
        "NEWLINE" => Kind::Newline,
        "INDENT" => Kind::Indent,
        "DEDENT" => Kind::Dedent,
        "ENDMARKER" => Kind::EndMarker,
        _ => match keyword(word.as_bytes()) {
            Kind::Name => operator(word.as_bytes()).0,
            kind => kind,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_grammar_means_something() {
        let text = TEXT.lines().filter(|line| line.starts_with(' '));
        for line in text {
            let parts = line.split("=>").next().unwrap_or("");
            for word in parts.split_whitespace() {
                let bare = word.trim_matches(|c| "&!?*+()|~".contains(c));
                let bare = bare.rsplit('%').next().unwrap_or(bare);
                if bare.is_empty() || bare.contains('\'') {
                    continue;
                }
                let known = grammar().by_name.contains_key(bare);
                assert!(known || token(bare) != Kind::Other, "{word} in {line}");
                assert!(
                    known || bare.chars().all(|c| c.is_uppercase() || c == '_'),
                    "{word} in {line}"
                );
            }
        }
        assert!(
            grammar()
                .rules
                .iter()
                .all(|rule| !rule.alternatives.is_empty())
        );
    }
}
