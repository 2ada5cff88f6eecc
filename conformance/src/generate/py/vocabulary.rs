//! The vocabulary of programs: mnemonics, productions, and ways to raise an exception. Their numbers
//! are counted.

use super::faults;
use super::grammar::{EXPRESSIONS, Production, STATEMENTS};
use vm::py::insn::TABLE;

/// The index of the first production among the words.
pub(super) const FIRST_PRODUCTION: usize = TABLE.len();

/// Returns the vocabulary.
pub(super) fn words() -> Vec<String> {
    let mnemonics = TABLE.iter().map(|row| row.mnemonic.to_owned());
    let expressions = EXPRESSIONS.iter().flat_map(|(name, rows)| {
        let named = move |(at, row): (usize, &Production)| {
            format!("{name} {}: {}", at + 1, short(row.text))
        };
        rows.iter().enumerate().map(named)
    });
    let statements = STATEMENTS.iter().enumerate();
    let statements =
        statements.map(|(at, row)| format!("statement {}: {}", at + 1, short(row.text)));
    let endings = faults::ways().map(|(code, text)| format!("{code}: {}", short(text)));
    mnemonics
        .chain(expressions)
        .chain(statements)
        .chain(endings)
        .collect()
}

/// Returns the beginning of a production.
fn short(text: &str) -> String {
    const MAX_CHARACTERS: usize = 50;
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the index of the first word of an expression's productions.
pub(super) fn first_word(expression: usize) -> usize {
    let before = &EXPRESSIONS[..expression];
    let before: usize = before.iter().map(|(_, rows)| rows.len()).sum();
    FIRST_PRODUCTION + before
}

/// Returns the index of the first word of the statements.
pub(super) fn first_statement() -> usize {
    first_word(EXPRESSIONS.len())
}

/// Returns the index of the first word of the ways to raise an exception.
pub(super) fn first_ending() -> usize {
    first_statement() + STATEMENTS.len()
}
