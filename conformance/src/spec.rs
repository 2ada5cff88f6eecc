//! The specification: numbered clauses, and what a program can show of each.

use crate::machine::Machine;

/// A numbered paragraph of the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its number, such as `mmm.ret.2`.
    pub id: String,
    /// What it says.
    pub text: String,
    /// What of it a program can show.
    pub shown: Shown,
}

/// What a program can show of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// That it holds, and what becomes of a program that breaks it.
    Both,
    /// Only that it holds: no program can break it.
    HoldsOnly,
    /// Only what is refused or stopped.
    BreaksOnly,
    /// Nothing; the reason.
    Not(String),
}

/// The specification of a machine; empty if it has none yet.
pub fn text(machine: Machine) -> &'static str {
    match machine {
        Machine::Mmm => include_str!("../spec/mmm.md"),
        Machine::Sc => include_str!("../spec/sc.md"),
        Machine::Py => include_str!("../spec/py.md"),
    }
}

/// The clauses of a machine. An error says what is wrong with the document, a line each.
pub fn clauses(machine: Machine) -> Result<Vec<Clause>, Vec<String>> {
    parse(text(machine))
}

/// The clauses of a document: the paragraphs that begin with `**[id]**`.
pub fn parse(document: &str) -> Result<Vec<Clause>, Vec<String>> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut problems = Vec::new();
    for paragraph in document.split("\n\n") {
        let Some(rest) = paragraph.trim_start().strip_prefix("**[") else {
            continue;
        };
        let Some((id, text)) = rest.split_once("]**") else {
            problems.push(format!(
                "a clause without an end to its number: {paragraph}"
            ));
            continue;
        };
        let (text, shown) = match mark(text.trim()) {
            Ok(found) => found,
            Err(mark) => {
                problems.push(format!("{id}: what does {{{mark}}} mean?"));
                continue;
            }
        };
        if clauses.iter().any(|clause| clause.id == id) {
            problems.push(format!("{id} is there twice"));
        }
        clauses.push(Clause {
            id: id.to_owned(),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            shown,
        });
    }
    match problems.is_empty() {
        true => Ok(clauses),
        false => Err(problems),
    }
}

/// Takes the mark off a clause's end.
fn mark(text: &str) -> Result<(&str, Shown), &str> {
    let Some((before, mark)) = text
        .strip_suffix('}')
        .and_then(|text| text.rsplit_once('{'))
    else {
        return Ok((text, Shown::Both));
    };
    // An escape such as `\u{…}` at the end is no mark.
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
