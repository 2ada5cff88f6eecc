//! What an engine is asked, and how its answer is judged.

use super::report::{Reason, Score};
use super::subject::Subject;
use crate::case::Case;
use crate::compare::{self, Verdict};
use crate::engine::{Ending, Engine, Observation};
use crate::engines::external::{OneShot, Serving};
use crate::engines::local::Local;
use crate::engines::process::StartError;
use crate::machine::Machine;

/// An engine, and how it is to be judged.
pub(super) enum Judge {
    Ours(Local),
    OneShot(OneShot),
    Serving(Serving),
}

impl Judge {
    pub(super) fn of(subject: &Subject) -> Judge {
        match subject {
            Subject::Ours => Judge::Ours(Local),
            Subject::OneShot(foreign) => Judge::OneShot(OneShot::new(foreign.clone())),
            Subject::Serving(foreign) => Judge::Serving(Serving::new(foreign.clone())),
        }
    }

    pub(super) fn judge(
        &mut self,
        case: &Case,
        expected: &Observation,
    ) -> Result<Judged, StartError> {
        Ok(match self {
            Judge::Ours(engine) => {
                let found = engine.observe(case);
                Judged::by(compare::exactly(expected, &found), found)
            }
            Judge::OneShot(engine) => match one_shot_reason(case, expected) {
                Some(reason) => Judged::not_compared(reason),
                None => {
                    let found = engine.try_observe(case)?;
                    Judged::by(by_status(expected, &found), found)
                }
            },
            Judge::Serving(_) if roots_elsewhere(case) => Judged::not_compared(Reason::Root),
            Judge::Serving(_) if case.strict => Judged::not_compared(Reason::Strict),
            Judge::Serving(engine) => served(case, expected, engine.try_observe(case)?),
        })
    }
}

/// A judged case.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) score: Score,
    pub(super) found: Option<Observation>,
}

impl Judged {
    fn not_compared(reason: Reason) -> Judged {
        Judged {
            score: Score::NotCompared { reason },
            found: None,
        }
    }

    /// A case that the run did not come to.
    pub(super) fn not_run() -> Judged {
        Judged::not_compared(Reason::NotRun)
    }

    fn by(verdict: Verdict, found: Observation) -> Judged {
        let score = match verdict {
            Verdict::Agree => Score::Agrees,
            Verdict::Diverge(difference) => Score::Differs {
                difference,
                detail: found.detail.clone(),
                flickers: None,
            },
            Verdict::Inconclusive => Score::NotCompared {
                reason: Reason::OwnLimit,
            },
        };
        Judged {
            score,
            found: Some(found),
        }
    }
}

/// Why the case means nothing to a VM of which only output and exit status are seen.
fn one_shot_reason(case: &Case, expected: &Observation) -> Option<Reason> {
    if expected.ending == Ending::Limited || case.limits != Default::default() {
        Some(Reason::Limits)
    } else if roots_elsewhere(case) {
        Some(Reason::Root)
    } else if case.strict {
        Some(Reason::Strict)
    } else if uses(case, "stack_dump") {
        Some(Reason::Layout)
    } else if uses(case, "breakpoint") {
        Some(Reason::Debugger)
    } else {
        None
    }
}

/// True if its root is not the entry's folder, which only `--root` can say.
pub(super) fn roots_elsewhere(case: &Case) -> bool {
    case.root && case.entry.contains('/')
}

/// True if a line of the program begins with that instruction.
pub(super) fn uses(case: &Case, mnemonic: &str) -> bool {
    case.machine == Machine::Mmm
        && case.files.values().any(|bytes| {
            bytes.split(|&byte| byte == b'\n').any(|line| {
                let line = line.trim_ascii_start();
                line.strip_prefix(mnemonic.as_bytes())
                    .is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
            })
        })
}

/// Compares a run with one of which only output and exit status were seen.
pub(super) fn by_status(expected: &Observation, found: &Observation) -> Verdict {
    let limited = [expected.ending, found.ending].contains(&Ending::Limited);
    let visible = Observation {
        output: expected.output.clone(),
        ..Observation::of(match expected.ending {
            Ending::Refused => Ending::Faulted,
            ending => ending,
        })
    };
    let mut verdict = match limited {
        true => compare::within_limits(&visible, found),
        false => compare::exactly(&visible, found),
    };
    if let Verdict::Diverge(difference) = &mut verdict
        && difference.kind == compare::Kind::Ending
    {
        let status = match expected.ending {
            Ending::Returned => "returned (exit status 0)",
            Ending::Refused => "refused (exit status other than 0)",
            _ => "faulted (exit status other than 0)",
        };
        difference.expected = status.to_owned();
    }
    verdict
}

/// Judges an answer of the protocol's.
fn served(case: &Case, expected: &Observation, found: Observation) -> Judged {
    if uses(case, "stack_dump") && matches!(found.ending, Ending::Returned | Ending::Faulted) {
        // What else is wrong with it counts; its output cannot be told right from wrong.
        let mut apart = expected.clone();
        apart.output.clone_from(&found.output);
        return match compare::exactly(&apart, &found) {
            Verdict::Agree => Judged {
                found: Some(found),
                ..Judged::not_compared(Reason::Layout)
            },
            verdict => Judged::by(verdict, found),
        };
    }
    let exact = compare::exactly(expected, &found);
    let limited = [expected.ending, found.ending].contains(&Ending::Limited);
    if exact == Verdict::Agree || !limited {
        return Judged::by(exact, found);
    }
    // Instructions, calls and bytes printed count the same everywhere on the text machine; bytes
    // of memory nowhere, and what a VM allows when it is told nothing is its own affair.
    let told = case.limits != Default::default() && case.limits.heap_bytes.is_none();
    match told && case.machine == Machine::Mmm {
        true => Judged::by(exact, found),
        false => Judged::by(compare::within_limits(expected, &found), found),
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Score, by_status, one_shot_reason, served, uses};
    use crate::case::Case;
    use crate::compare::Verdict;
    use crate::engine::{Ending, Observation};
    use crate::machine::Machine;

    fn program(text: &str) -> Case {
        Case::single(Machine::Mmm, "main.mmm", text)
    }

    #[test]
    fn an_instruction_is_found_at_the_start_of_a_line_only() {
        assert!(uses(
            &program("function main\r\n\tstack_dump\r\nend"),
            "stack_dump"
        ));
        assert!(uses(&program("breakpoint"), "breakpoint"));
        assert!(!uses(
            &program("# stack_dump\nstack_dumps\nstring \"stack_dump\""),
            "stack_dump"
        ));
    }

    #[track_caller]
    fn check_one_shot(expected: Ending, found: Ending, agrees: bool) {
        let found = by_status(&Observation::of(expected), &Observation::of(found));
        assert_eq!(found == Verdict::Agree, agrees, "{found:?}");
    }

    #[test]
    fn of_a_process_the_status_is_compared() {
        check_one_shot(Ending::Returned, Ending::Returned, true);
        check_one_shot(Ending::Faulted, Ending::Faulted, true);
        check_one_shot(Ending::Refused, Ending::Faulted, true);
        check_one_shot(Ending::Refused, Ending::Returned, false);
        check_one_shot(Ending::Refused, Ending::Crashed, false);
        check_one_shot(Ending::Faulted, Ending::Crashed, false);
        check_one_shot(Ending::Returned, Ending::Hung, false);
    }

    #[test]
    fn a_limit_is_compared_only_where_it_counts_the_same() {
        let limited = Observation::of(Ending::Limited);
        let returned = Observation::of(Ending::Returned);
        let mut case = program("");
        assert!(one_shot_reason(&case, &limited).is_some());
        case.strict = true;
        assert_eq!(one_shot_reason(&case, &returned), Some(Reason::Strict));
        case.strict = false;
        let found = served(&case, &returned, limited.clone()).score;
        assert!(matches!(found, Score::NotCompared { .. }), "{found:?}");
        case.limits.fuel = Some(3);
        let found = served(&case, &limited, returned.clone()).score;
        assert!(matches!(found, Score::Differs { .. }), "{found:?}");
        case.limits.heap_bytes = Some(3);
        let found = served(&case, &limited, returned).score;
        assert!(matches!(found, Score::NotCompared { .. }), "{found:?}");
    }
}
