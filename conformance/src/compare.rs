//! Comparison of two runs of a program.

use crate::case::{Ending, Observation};
use serde::{Serialize, Serializer};
use std::fmt;

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The observations are the same.
    Agree,
    /// The observations differ; this is the first difference.
    Diverge(Difference),
    /// The case could not be compared, or only in part, and that part is the same.
    Inconclusive(NotCompared),
}

/// Why the result of an engine on a case is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NotCompared {
    /// The case is about limits, which the engine does not take or does not enforce.
    Limits,
    /// The case has a root that is not the entry's folder.
    Root,
    /// The case is about strict loading, which neither a command line nor the protocol asks for.
    Strict,
    /// The program prints something whose layout is this project's own.
    Layout,
    /// The case is about the debugger.
    Debugger,
    /// The program uses extensions, which the engine does not have.
    Extensions,
    /// The case is about a text form of this project's own.
    TextForm,
    /// A limit ended one of the runs before the other.
    OwnLimit,
    /// The engine loads the program, and does not run programs of its machine.
    LoadedOnly,
    /// The engine does not have the case's machine.
    Machine,
}

impl NotCompared {
    /// All of them, in the order in which reports list them.
    pub const ALL: [NotCompared; 10] = [
        NotCompared::Limits,
        NotCompared::Root,
        NotCompared::Strict,
        NotCompared::Layout,
        NotCompared::Debugger,
        NotCompared::Extensions,
        NotCompared::TextForm,
        NotCompared::OwnLimit,
        NotCompared::LoadedOnly,
        NotCompared::Machine,
    ];
}

/// Writes the end of a sentence such as "3 cases were …".
impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotCompared::Limits => "about limits",
            NotCompared::Root => "about --root",
            NotCompared::Strict => "about strict loading",
            NotCompared::Layout => "about a layout of this project's own",
            NotCompared::Debugger => "about the debugger",
            NotCompared::Extensions => "with extensions, which the VM does not have",
            NotCompared::TextForm => "about a text form of this project's own",
            NotCompared::OwnLimit => "ended by a limit of the VM's own",
            NotCompared::LoadedOnly => "loaded as they should be, but not run",
            NotCompared::Machine => "for a machine that the VM does not have",
        })
    }
}

impl Serialize for NotCompared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The first difference of two observations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The field that differs.
    pub kind: Kind,
    /// What was expected in it.
    pub expected: String,
    /// What was found in it.
    pub found: String,
}

/// A field of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// How the run ended.
    Ending,
    /// The code of the fault or limit.
    Fault,
    /// What was printed.
    Output,
    /// The program's value.
    Value,
    /// Where the program was stopped.
    At,
}

impl Kind {
    /// Returns its name in the protocol and in reports.
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

/// Compares all fields of two observations.
pub fn exactly(expected: &Observation, found: &Observation) -> Verdict {
    if is_loaded_only(expected, found) || is_loaded_only(found, expected) {
        return Verdict::Inconclusive(NotCompared::LoadedOnly);
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

/// Returns true if `one` only loaded what `other` ran.
fn is_loaded_only(one: &Observation, other: &Observation) -> bool {
    let ran = [Ending::Returned, Ending::Faulted, Ending::Limited];
    one.ending == Ending::Loaded && ran.contains(&other.ending)
}

/// Compares two observations of which a limit may have ended one early. Then only what both printed
/// is compared, and they are never said to agree.
pub fn within_limits(expected: &Observation, found: &Observation) -> Verdict {
    let limited = |seen: &Observation| seen.ending == Ending::Limited;
    // Where a limit stops one engine, another one must not crash.
    let broken = |seen: &Observation| matches!(seen.ending, Ending::Crashed | Ending::Garbled);
    if !limited(expected) && !limited(found) || broken(expected) || broken(found) {
        return exactly(expected, found);
    }
    if exactly(expected, found) == Verdict::Agree {
        return Verdict::Agree;
    }
    // What a run printed before a limit stopped it must be the beginning of what the other run
    // printed. If both were limited, either may have printed more.
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
    Verdict::Inconclusive(NotCompared::OwnLimit)
}

/// The most characters of a line that are shown.
const MAX_SHOWN: usize = 200;

/// How many of these precede the difference, if that is not among the first [`MAX_SHOWN`].
const SHOWN_BEFORE: usize = 40;

/// Returns the first lines in which two outputs differ, each with its number.
fn first_difference(left: &[u8], right: &[u8]) -> (String, String) {
    let nth = |bytes: &'_ [u8], number: usize| {
        let line = bytes.split_inclusive(|&b| b == b'\n').nth(number);
        line.map(|line| String::from_utf8_lossy(line).into_owned())
    };
    let describe = |line: Option<String>, number: usize, same: usize| match line {
        Some(line) => {
            let skipped = if same < MAX_SHOWN {
                0
            } else {
                same - SHOWN_BEFORE
            };
            let shown: String = line.chars().skip(skipped).take(MAX_SHOWN).collect();
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
    (describe(a, number, same), describe(b, number, same))
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
    fn a_difference_late_in_a_long_line_is_shown() {
        let long = "x".repeat(500);
        let found = super::first_difference(format!("{long}a").as_bytes(), long.as_bytes());
        let before = "x".repeat(40);
        let expected = format!("line 1, from character 461: \"{before}a\"");
        assert_eq!(found.0, expected);
        assert_eq!(found.1, format!("line 1, from character 461: \"{before}\""));
    }

    #[test]
    fn a_limit_makes_a_comparison_inconclusive_but_hides_no_earlier_difference() {
        let full = seen(Ending::Returned, "a\nb\n");
        let cut = seen(Ending::Limited, "a\n");
        let inconclusive = Verdict::Inconclusive(NotCompared::OwnLimit);
        assert_eq!(within_limits(&full, &cut), inconclusive);
        assert_eq!(within_limits(&cut, &cut), Verdict::Agree);
        let longer = seen(Ending::Limited, "a\nb\nc\n");
        assert!(matches!(within_limits(&full, &longer), Verdict::Diverge(_)));
        assert_eq!(within_limits(&cut, &longer), inconclusive);
        let crashed = seen(Ending::Crashed, "a\n");
        assert!(matches!(within_limits(&cut, &crashed), Verdict::Diverge(_)));
        let wrong = seen(Ending::Limited, "x\n");
        assert!(matches!(within_limits(&full, &wrong), Verdict::Diverge(_)));
    }
}
