//! The source of a program: the bytes of a `.sc` file, or its text.

use super::decode::decode;
use super::file::{File, Spot};
use super::insn::MAGIC;
use super::parse::{self, Places};
use vm_base::{Diagnostic, LoadError, Place, Problem};

/// The source of a program, for diagnostics.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Binary(Vec<u8>),
    Text(String, Places),
}

impl Source {
    pub(super) fn place(&self, name: &str, file: &File, spot: Spot, label: &str) -> Place {
        match self {
            Source::Binary(bytes) => Place::in_bytes(name, bytes, file.range(spot), label),
            Source::Text(text, places) => Place::in_text(name, text, places.span(spot), label),
        }
    }

    pub(super) fn error(&self, name: &str, file: &File, problems: Vec<Problem<Spot>>) -> LoadError {
        let diagnostic = |problem: Problem<Spot>| {
            let spot = problem.at;
            let found = problem.diagnostic(|spot, label| self.place(name, file, spot, label));
            match self {
                Source::Binary(_) => found.note(whereabouts(file, spot)),
                Source::Text(..) => found,
            }
        };
        LoadError::new(problems.into_iter().map(diagnostic).collect())
    }
}

/// Returns a spot in words.
fn whereabouts(file: &File, spot: Spot) -> String {
    match spot {
        Spot::StackMax(ast) | Spot::Ast(ast) => format!("in the asts section, ast {ast}"),
        Spot::Op { ast, op, .. } => {
            let row = file.asts[ast].ops[op].row();
            format!(
                "in the asts section, ast {ast}, ast instruction {op} ({})",
                row.name
            )
        }
        Spot::Insn { insn, .. } => {
            let row = file.row(&file.instructions[insn]);
            format!(
                "in the instructions section, instruction {insn} ({})",
                row.name
            )
        }
    }
}

/// Returns true if a file is binary: it begins with the magic number, or its name says so.
fn is_binary(name: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC) || name.ends_with(".sc")
}

pub(super) fn read(name: &str, bytes: Vec<u8>) -> Result<(File, Source), LoadError> {
    if is_binary(name, &bytes) {
        let file = decode(name, &bytes).map_err(|found| *found)?;
        return Ok((file, Source::Binary(bytes)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let assembled = parse::parse(name, &text)?;
            Ok((assembled.file, Source::Text(text, assembled.places)))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let place = Place::in_bytes(name, bytes, at..at + 1, "not UTF-8");
            let message = "this is neither a .Sc. file nor text: it is not UTF-8";
            let help = "a .Sc. file begins with 2e 53 63 2e; a text is UTF-8";
            Err(Diagnostic::error(message).at(place).help(help).into())
        }
    }
}
