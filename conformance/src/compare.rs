//! Whether two runs of a program are the same.

use crate::engine::{Ending, Observation};
use serde::Serialize;

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They saw the same.
    Agree,
    /// They differ; the first difference.
    Diverge(Difference),
    /// A limit ended at least one of them, or one only loaded the program; up to there they saw
    /// the same.
    Inconclusive,
}

/// The first thing in which two observations differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The field.
    pub kind: Kind,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// A field of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// How it ended.
    Ending,
    /// The fault's code.
    Fault,
    /// What was printed.
    Output,
    /// The program's value.
    Value,
    /// Where it was stopped.
    At,
}

impl Kind {
    /// Its name in the protocol and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ending => "ending",
            Kind::Fault => "fault",
            Kind::Output => "output",
            Kind::Value => "value",
            Kind::At => "at",
        }
    }
}

/// Compares two runs to the letter.
pub fn exactly(expected: &Observation, found: &Observation) -> Verdict {
    if loaded_only(expected, found) || loaded_only(found, expected) {
        return Verdict::Inconclusive;
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let (kind, expected, found) = if expected.ending != found.ending {
        let name = |seen: &Observation| seen.ending.name().to_owned();
        (Kind::Ending, name(expected), name(found))
    } else if expected.fault != found.fault {
        (Kind::Fault, text(&expected.fault), text(&found.fault))
    } else if expected.output != found.output {
        let (left, right) = first_difference(&expected.output, &found.output);
        (Kind::Output, left, right)
    } else if expected.value != found.value {
        (Kind::Value, text(&expected.value), text(&found.value))
    } else if expected.at != found.at {
        (Kind::At, text(&expected.at), text(&found.at))
    } else {
        return Verdict::Agree;
    };
    Verdict::Diverge(Difference {
        kind,
        expected,
        found,
    })
}

/// True if one engine only loaded what the other ran, however that went.
fn loaded_only(one: &Observation, other: &Observation) -> bool {
    let ran = [Ending::Returned, Ending::Faulted, Ending::Limited];
    one.ending == Ending::Loaded && ran.contains(&other.ending)
}

/// Compares two runs of which a limit may have ended one early: then only what both printed is
/// compared, and no agreement is claimed.
pub fn within_limits(expected: &Observation, found: &Observation) -> Verdict {
    let limited = |seen: &Observation| seen.ending == Ending::Limited;
    // Where one is stopped by a limit, the other shall not break.
    let broken = |seen: &Observation| matches!(seen.ending, Ending::Crashed | Ending::Garbled);
    if !limited(expected) && !limited(found) || broken(expected) || broken(found) {
        return exactly(expected, found);
    }
    if exactly(expected, found) == Verdict::Agree {
        return Verdict::Agree;
    }
    // What a run printed before it was limited must begin what the other printed; of two limited
    // runs either may be the longer.
    let begins = |short: &Observation, long: &Observation| long.output.starts_with(&short.output);
    let fits = (limited(expected) && begins(expected, found))
        || (limited(found) && begins(found, expected));
    if !fits {
        let (left, right) = first_difference(&expected.output, &found.output);
        return Verdict::Diverge(Difference {
            kind: Kind::Output,
            expected: left,
            found: right,
        });
    }
    Verdict::Inconclusive
}

/// How much of a line is told, and how much of that, where the lines differ far behind their
/// beginning, stands before the place.
const SHOWN: usize = 200;
const BEFORE: usize = 40;

/// The first lines in which two outputs differ, by number and text.
fn first_difference(left: &[u8], right: &[u8]) -> (String, String) {
    let nth = |bytes: &'_ [u8], number: usize| {
        let line = bytes.split_inclusive(|&b| b == b'\n').nth(number);
        line.map(|line| String::from_utf8_lossy(line).into_owned())
    };
    let tell = |line: Option<String>, number: usize, same: usize| match line {
        Some(line) => {
            let skipped = if same < SHOWN { 0 } else { same - BEFORE };
            let shown: String = line.chars().skip(skipped).take(SHOWN).collect();
            match skipped {
                0 => format!("line {}: {shown:?}", number + 1),
                _ => format!(
                    "line {}, from character {}: {shown:?}",
                    number + 1,
                    skipped + 1
                ),
            }
        }
        None => format!("line {}: nothing", number + 1),
    };
    let lines = |bytes: &'_ [u8]| {
        bytes
            .split_inclusive(|&b| b == b'\n')
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    let (a, b) = (lines(left), lines(right));
    let number = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (nth(left, number), nth(right, number));
    let same = match (&a, &b) {
        (Some(a), Some(b)) => a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count(),
        _ => 0,
    };
    (tell(a, number, same), tell(b, number, same))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ending: Ending, output: &str) -> Observation {
        Observation {
            output: output.into(),
            ..Observation::of(ending)
        }
    }

    #[test]
    fn the_first_difference_is_named() {
        let verdict = exactly(
            &seen(Ending::Returned, "a\nb\n"),
            &seen(Ending::Returned, "a\nc\n"),
        );
        let Verdict::Diverge(difference) = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(difference.kind, Kind::Output);
        assert_eq!(difference.expected, "line 2: \"b\\n\"");
    }

    #[test]
    fn a_difference_far_behind_is_shown() {
        let long = "x".repeat(500);
        let found = super::first_difference(format!("{long}a").as_bytes(), long.as_bytes());
        let before = "x".repeat(40);
        let expected = format!("line 1, from character 461: \"{before}a\"");
        assert_eq!(found.0, expected);
        assert_eq!(found.1, format!("line 1, from character 461: \"{before}\""));
    }

    #[test]
    fn a_limit_makes_it_inconclusive_but_hides_no_difference_before_it() {
        let full = seen(Ending::Returned, "a\nb\n");
        let cut = seen(Ending::Limited, "a\n");
        assert_eq!(within_limits(&full, &cut), Verdict::Inconclusive);
        assert_eq!(within_limits(&cut, &cut), Verdict::Agree);
        let longer = seen(Ending::Limited, "a\nb\nc\n");
        assert!(matches!(within_limits(&full, &longer), Verdict::Diverge(_)));
        assert_eq!(within_limits(&cut, &longer), Verdict::Inconclusive);
        let crashed = seen(Ending::Crashed, "a\n");
        assert!(matches!(within_limits(&cut, &crashed), Verdict::Diverge(_)));
        let wrong = seen(Ending::Limited, "x\n");
        assert!(matches!(within_limits(&full, &wrong), Verdict::Diverge(_)));
    }
}
