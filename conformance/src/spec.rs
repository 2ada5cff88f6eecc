//! The specifications of the machines: numbered clauses, and what a program can show of each.
//!
//! ```
//! use conformance::machine::Machine;
//! use conformance::spec;
//!
//! let clauses = spec::clauses(Machine::Mmm)?;
//! assert!(clauses.iter().any(|clause| clause.id == "mmm.ret.1"));
//! # Ok::<(), conformance::spec::SpecError>(())
//! ```

use crate::machine::Machine;
use std::error::Error;
use std::fmt;
use vm::base::{FaultCode, Limit};

/// A numbered paragraph of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its number, such as `mmm.ret.2`.
    pub id: String,
    /// The text, in one line.
    pub text: String,
    /// What a program can show of it.
    pub shown: Shown,
}

/// What a program can show of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// That it holds, and that a program that violates it is stopped.
    Both,
    /// Only that it holds: no program can violate it.
    HoldsOnly,
    /// Only that a program that violates it is refused or stopped.
    BreaksOnly,
    /// Nothing, for this reason.
    Not(String),
}

/// A document is not a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecError {
    /// What is wrong, each with the clause that it is about; at least one.
    pub problems: Vec<String>,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl Error for SpecError {}

/// Returns the specification of a machine, in Markdown.
pub fn text(machine: Machine) -> &'static str {
    match machine {
        Machine::Mmm => include_str!("../spec/mmm.md"),
        Machine::Sc => include_str!("../spec/sc.md"),
        Machine::Py => include_str!("../spec/py.md"),
    }
}

/// Returns the instructions that the specification of a machine names, each with the topic of the
/// clauses about it; empty if they are not listed.
pub fn instructions(machine: Machine) -> Vec<(&'static str, &'static str)> {
    match machine {
        Machine::Mmm => {
            let rows = vm::mmm::insn::TABLE.iter();
            rows.map(|info| (info.mnemonic, info.clause)).collect()
        }
        Machine::Sc => {
            use vm::sc::insn::{INSNS, OPERATORS, PUSHES};
            let operators = OPERATORS.iter().map(|operator| &operator.row);
            let rows = INSNS.iter().chain(&PUSHES).chain(operators);
            rows.map(|row| (row.name, row.clause)).collect()
        }
        Machine::Py => Vec::new(),
    }
}

/// The codes of the faults and limits that can end the programs of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Codes {
    /// The codes that the specification lists.
    pub listed: Vec<String>,
    /// True if a program may also end with the name of an exception of its own.
    pub is_open: bool,
}

/// Returns the codes of the faults and limits that can end the programs of a machine.
pub fn codes(machine: Machine) -> Codes {
    fn all<F: FaultCode>(faults: &[F]) -> Vec<String> {
        faults.iter().map(|fault| fault.code().to_owned()).collect()
    }
    let mut listed = match machine {
        Machine::Mmm => all(&vm::mmm::Fault::ALL),
        Machine::Sc => all(&vm::sc::Fault::ALL),
        Machine::Py => Vec::new(),
    };
    let is_open = listed.is_empty();
    listed.extend(Limit::ALL.map(|limit| limit.code().to_owned()));
    Codes { listed, is_open }
}

/// Returns the clauses of a machine's specification.
///
/// # Errors
///
/// Returns an error if the document is not a specification, which the project's own tests rule out.
pub fn clauses(machine: Machine) -> Result<Vec<Clause>, SpecError> {
    parse(text(machine))
}

/// Parses the clauses of a document: the paragraphs that begin with `**[id]**`.
///
/// # Errors
///
/// Returns an error if a clause has no end to its number, an unknown mark, or the number of another.
pub fn parse(document: &str) -> Result<Vec<Clause>, SpecError> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut problems = Vec::new();
    for paragraph in document.split("\n\n") {
        let Some(rest) = paragraph.trim_start().strip_prefix("**[") else {
            continue;
        };
        let Some((id, text)) = rest.split_once("]**") else {
            problems.push(format!(
                "there is no ]** after the number of this clause: {paragraph}"
            ));
            continue;
        };
        let (text, shown) = match mark(text.trim()) {
            Ok(found) => found,
            Err(mark) => {
                problems.push(format!("{id}: unknown mark {{{mark}}}"));
                continue;
            }
        };
        if clauses.iter().any(|clause| clause.id == id) {
            problems.push(format!("two clauses have the number {id}"));
        }
        clauses.push(Clause {
            id: id.to_owned(),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            shown,
        });
    }
    match problems.is_empty() {
        true => Ok(clauses),
        false => Err(SpecError { problems }),
    }
}

/// Splits the mark off the end of a clause; an error has a mark that is unknown.
fn mark(text: &str) -> Result<(&str, Shown), &str> {
    let Some((before, mark)) = text
        .strip_suffix('}')
        .and_then(|text| text.rsplit_once('{'))
    else {
        return Ok((text, Shown::Both));
    };
    // An escape such as `\u{…}` at the end is not a mark.
    if !before.ends_with([' ', '\n']) {
        return Ok((text, Shown::Both));
    }
    let shown = match mark.split_once(':') {
        None if mark == "holds only" => Shown::HoldsOnly,
        None if mark == "breaks only" => Shown::BreaksOnly,
        Some(("not shown", why)) => Shown::Not(why.trim().to_owned()),
        _ => return Err(mark),
    };
    Ok((before.trim_end(), shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_paragraphs_with_a_number() {
        let document = "# Title\n\n**[a.1]** One\nline. {holds only}\n\nBetween.\n\n**[a.2]** Two `{}`.\n\n**[a.3]** No. {not shown: why}\n";
        let clauses = parse(document).unwrap();
        let found: Vec<_> = clauses
            .iter()
            .map(|clause| (&*clause.id, &*clause.text, &clause.shown))
            .collect();
        assert_eq!(
            found,
            [
                ("a.1", "One line.", &Shown::HoldsOnly),
                ("a.2", "Two `{}`.", &Shown::Both),
                ("a.3", "No.", &Shown::Not("why".to_owned())),
            ]
        );
        assert!(parse("**[a.1]** x\n\n**[a.1]** y").is_err());
        assert!(parse("**[a.1]** x {hold only}").is_err());
    }
}
