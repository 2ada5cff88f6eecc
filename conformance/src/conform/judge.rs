//! What an engine is asked, and how its answer is judged.

use super::Expectations;
use super::report::{Reason, Score};
use super::subject::Subject;
use crate::case::Case;
use crate::compare::{self, Verdict};
use crate::engine::{Ending, Engine, Observation};
use crate::engines::capabilities::Capabilities;
use crate::engines::external::{OneShot, Serving};
use crate::engines::local::{Local, needs_extensions};
use crate::engines::lower::lower;
use crate::engines::process::StartError;
use crate::machine::Machine;
use std::time::Duration;

/// How many failing cases one judge tries again, to see if they fail the same way.
const RETRIES: usize = 32;

/// An engine, and how it is to be judged.
pub(super) struct Judge<'a> {
    engine: Asked,
    expectations: &'a Expectations,
    retries: usize,
}

/// An engine that can be asked.
enum Asked {
    Ours(Local),
    OneShot(OneShot),
    Serving(Serving),
}

impl<'a> Judge<'a> {
    pub(super) fn of(subject: &Subject, expectations: &'a Expectations) -> Judge<'a> {
        Judge {
            engine: match subject {
                Subject::Ours => Asked::Ours(Local),
                Subject::OneShot(foreign) => Asked::OneShot(OneShot::new(foreign.clone())),
                Subject::Serving(foreign) => Asked::Serving(Serving::new(foreign.clone())),
            },
            expectations,
            retries: RETRIES,
        }
    }

    /// Changes how long a program may take from now on.
    pub(super) fn be_patient(&mut self, timeout: Duration) {
        match &mut self.engine {
            Asked::Ours(_) => {}
            Asked::OneShot(engine) => engine.be_patient(timeout),
            Asked::Serving(engine) => engine.be_patient(timeout),
        }
    }

    pub(super) fn judge(
        &mut self,
        case: &Case,
        expected: &Observation,
    ) -> Result<Judged, StartError> {
        if self.expectations.skips(&case.name) {
            return Ok(Judged::not_compared(Reason::Skipped));
        }
        if let Some(reason) = self.reason(case, expected) {
            return Ok(Judged::not_compared(reason));
        }
        let found = self.observe(case)?;
        let mut judged = self.compare(case, expected, found);
        self.try_again(case, expected, &mut judged)?;
        if self.expectations.fails(&case.name) {
            judged.score = match judged.score {
                Score::Differs { difference, .. } => Score::KnownFailure { difference },
                Score::Agrees => Score::UnexpectedPass,
                other => other,
            };
        }
        Ok(judged)
    }

    fn observe(&mut self, case: &Case) -> Result<Observation, StartError> {
        match &mut self.engine {
            Asked::Ours(engine) => Ok(engine.observe(case)),
            Asked::OneShot(engine) => engine.try_observe(case),
            Asked::Serving(engine) => engine.try_observe(case),
        }
    }

    fn compare(&self, case: &Case, expected: &Observation, found: Observation) -> Judged {
        match &self.engine {
            Asked::Ours(_) => Judged::by(compare::exactly(expected, &found), found),
            Asked::OneShot(_) => Judged::by(by_status(expected, &found), found),
            Asked::Serving(engine) => {
                let capabilities = &engine.foreign().capabilities;
                served(
                    case,
                    &capabilities.visible(expected.clone()),
                    capabilities.visible(found),
                )
            }
        }
    }

    /// Why the case means nothing to this engine.
    fn reason(&self, case: &Case, expected: &Observation) -> Option<Reason> {
        let (reason, capabilities) = match &self.engine {
            Asked::Ours(_) => return None,
            Asked::OneShot(engine) => (
                one_shot_reason(case, expected),
                &engine.foreign().capabilities,
            ),
            Asked::Serving(engine) => {
                let capabilities = &engine.foreign().capabilities;
                (serving_reason(case, expected, capabilities), capabilities)
            }
        };
        let has = |machines: &Vec<Machine>| machines.contains(&case.machine);
        if !capabilities.machines.as_ref().is_none_or(has) {
            Some(Reason::Machine)
        } else if reason.is_some() {
            reason
        } else if case.strict && capabilities.extensions {
            Some(Reason::Strict)
        } else if !capabilities.extensions && !case.strict && needs_extensions(case) {
            Some(Reason::Extensions)
        } else if !capabilities.text_form && lower(case).is_none() {
            Some(Reason::TextForm)
        } else {
            None
        }
    }

    /// Tries a case that failed once more, in a process of its own, and notes if that comes to
    /// something else. What hung has taken time enough.
    fn try_again(
        &mut self,
        case: &Case,
        expected: &Observation,
        judged: &mut Judged,
    ) -> Result<(), StartError> {
        let (Some(first), Score::Differs { flickers, .. }) = (&judged.found, &mut judged.score)
        else {
            return Ok(());
        };
        if matches!(self.engine, Asked::Ours(_)) || first.ending == Ending::Hung {
            return Ok(());
        }
        let Some(retries) = self.retries.checked_sub(1) else {
            return Ok(());
        };
        self.retries = retries;
        if let Asked::Serving(engine) = &mut self.engine {
            engine.restart();
        }
        let second = self.observe(case)?;
        let second = self.compare(case, expected, second);
        let Some(found) = second.found else {
            return Ok(());
        };
        *flickers = match (second.score, compare::exactly(first, &found)) {
            (Score::Agrees, _) => Some(match self.engine {
                Asked::Serving(_) => {
                    "it agrees in a fresh process, and alone: what is kept from one program to the next?"
                        .to_owned()
                }
                Asked::Ours(_) | Asked::OneShot(_) => {
                    "it agrees when it is tried again: what decides that?".to_owned()
                }
            }),
            (_, Verdict::Diverge(other)) => Some(format!(
                "it came to something else when it was tried again: {} {}",
                other.kind.name(),
                other.found
            )),
            (_, Verdict::Agree | Verdict::Inconclusive) => None,
        };
        Ok(())
    }
}

/// A judged case.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) score: Score,
    pub(super) found: Option<Observation>,
    /// How many bytes of its output are kept no more.
    pub(super) left_out: usize,
}

/// Bytes kept of whatever a VM says, once it is judged: hundreds of cases may say megabytes.
const KEPT: usize = 16 << 10;

impl Judged {
    /// The same, with only the beginning of what is long.
    pub(super) fn kept(mut self) -> Judged {
        if let Some(found) = &mut self.found {
            let output = &mut found.output;
            if output.len() > KEPT {
                // Not in the middle of a character, as far as there are any.
                let within = |at: &usize| output[*at] & 0xc0 != 0x80;
                let end = (KEPT - 3..=KEPT).rev().find(within).unwrap_or(KEPT);
                self.left_out = output.len() - end;
                output.truncate(end);
                output.shrink_to_fit();
            }
            let Observation {
                value,
                fault,
                at,
                detail,
                ..
            } = found;
            [value, fault, at, detail]
                .into_iter()
                .flatten()
                .for_each(shorten);
        }
        match &mut self.score {
            Score::Differs {
                difference,
                detail,
                flickers,
            } => {
                [detail, flickers].into_iter().flatten().for_each(shorten);
                [&mut difference.expected, &mut difference.found]
                    .into_iter()
                    .for_each(shorten);
            }
            Score::KnownFailure { difference } => {
                [&mut difference.expected, &mut difference.found]
                    .into_iter()
                    .for_each(shorten);
            }
            Score::Agrees | Score::UnexpectedPass | Score::NotCompared { .. } => {}
        }
        self
    }

    fn not_compared(reason: Reason) -> Judged {
        Judged {
            score: Score::NotCompared { reason },
            found: None,
            left_out: 0,
        }
    }

    /// The same case, which was given less time than it should have.
    pub(super) fn with_little_time(self) -> Judged {
        Judged {
            found: self.found,
            ..Judged::not_compared(Reason::Patience)
        }
    }

    /// Whether it was asked, and did not answer in time.
    pub(super) fn hung(&self) -> Option<bool> {
        let found = self.found.as_ref()?;
        Some(found.ending == Ending::Hung)
    }

    /// A case of a topic of which enough hung.
    pub(super) fn given_up() -> Judged {
        Judged::not_compared(Reason::GivenUp)
    }

    /// A case that the run did not come to.
    pub(super) fn not_run() -> Judged {
        Judged::not_compared(Reason::NotRun)
    }

    pub(super) fn by(verdict: Verdict, found: Observation) -> Judged {
        let score = match verdict {
            Verdict::Agree => Score::Agrees,
            Verdict::Diverge(difference) => Score::Differs {
                difference,
                detail: found.detail.clone(),
                flickers: None,
            },
            Verdict::Inconclusive => Score::NotCompared {
                reason: match found.ending {
                    Ending::Loaded => Reason::LoadedOnly,
                    _ => Reason::OwnLimit,
                },
            },
        };
        Judged {
            score,
            found: Some(found),
            left_out: 0,
        }
    }
}

/// Keeps only the beginning of a long text.
fn shorten(text: &mut String) {
    if text.len() > KEPT {
        let end = (0..=KEPT).rev().find(|&at| text.is_char_boundary(at));
        text.truncate(end.unwrap_or(0));
        text.push('…');
        text.shrink_to_fit();
    }
}

/// Why the case means nothing to a VM of which only output and exit status are seen.
fn one_shot_reason(case: &Case, expected: &Observation) -> Option<Reason> {
    if expected.ending == Ending::Limited || case.limits != Default::default() {
        Some(Reason::Limits)
    } else if roots_elsewhere(case) {
        Some(Reason::Root)
    } else if uses(case, "stack_dump") {
        Some(Reason::Layout)
    } else if uses(case, "breakpoint") {
        Some(Reason::Debugger)
    } else {
        None
    }
}

/// Why the case means nothing to a VM that serves.
fn serving_reason(
    case: &Case,
    expected: &Observation,
    capabilities: &Capabilities,
) -> Option<Reason> {
    if roots_elsewhere(case) {
        Some(Reason::Root)
    } else if !capabilities.enforces(case, expected) {
        Some(Reason::Limits)
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
    use super::{Score, by_status, one_shot_reason, served, uses};
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
