//! The score of a case on an engine.

use super::Expectations;
use super::report::{Reason, Score};
use crate::case::Case;
use crate::compare::{self, Verdict};
use crate::engine::{Ending, Engine, Expectation, Judgement, Observation, Placement, StartError};
use crate::panics;
use std::time::Duration;

/// The most failing cases that one judge runs again, to see if they fail in the same way.
const MAX_RETRIES: usize = 32;

/// The most bytes of a text from a VM that a report keeps: hundreds of cases may print megabytes.
const MAX_KEPT: usize = 16 << 10;

/// An engine, and what is known of it beforehand.
pub(super) struct Judge<'a> {
    engine: &'a mut dyn Engine,
    expectations: &'a Expectations,
    retries: usize,
}

/// The score of a case, and what was observed.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    pub(super) score: Score,
    /// `None` if the engine did not run the case.
    pub(super) found: Option<Observation>,
    /// How many bytes of the output are not kept in `found`.
    pub(super) left_out: usize,
}

impl<'a> Judge<'a> {
    pub(super) fn new(engine: &'a mut dyn Engine, expectations: &'a Expectations) -> Judge<'a> {
        Judge {
            engine,
            expectations,
            retries: MAX_RETRIES,
        }
    }

    /// Sets how long each program may take from now on.
    pub(super) fn set_timeout(&mut self, timeout: Duration) {
        self.engine.set_timeout(timeout);
    }

    /// Runs a case and scores the result.
    pub(super) fn score(
        &mut self,
        case: &Case,
        expected: &Observation,
    ) -> Result<Scored, StartError> {
        if self.expectations.skips(&case.name) {
            return Ok(Scored::not_compared(Reason::Skipped));
        }
        let mut scored = Scored::of(self.run(case, expected)?);
        self.run_again(case, expected, &mut scored)?;
        if self.expectations.fails(&case.name) {
            scored.score = match scored.score {
                Score::Differs { difference, .. } => Score::KnownFailure { difference },
                Score::Agrees => Score::UnexpectedPass,
                other => other,
            };
        }
        Ok(scored)
    }

    fn run(&mut self, case: &Case, expected: &Observation) -> Result<Judgement, StartError> {
        panics::try_judge(self.engine, case, Expectation::Recorded(expected))
    }

    /// Runs a case that failed once more, in a process of its own, and notes if the result differs
    /// from the first. A case that hung has taken enough time.
    fn run_again(
        &mut self,
        case: &Case,
        expected: &Observation,
        scored: &mut Scored,
    ) -> Result<(), StartError> {
        let (
            Some(first),
            Score::Differs {
                nondeterministic, ..
            },
        ) = (&scored.found, &mut scored.score)
        else {
            return Ok(());
        };
        let placement = self.engine.placement();
        if placement == Placement::InProcess || first.ending == Ending::Hung {
            return Ok(());
        }
        let Some(retries) = self.retries.checked_sub(1) else {
            return Ok(());
        };
        self.retries = retries;
        self.engine.restart();
        let second = self.run(case, expected)?;
        let Some(found) = second.observation else {
            return Ok(());
        };
        *nondeterministic = match (second.verdict, compare::exactly(first, &found)) {
            (Verdict::Agree, _) => Some(
                match placement {
                    Placement::Serving => {
                        "a second run, in a fresh process, agrees: state may leak between programs"
                    }
                    Placement::InProcess | Placement::OneShot => {
                        "a second run agrees: the engine is nondeterministic"
                    }
                }
                .to_owned(),
            ),
            (_, Verdict::Diverge(other)) => Some(format!(
                "a second run differs in another way: {} {}",
                other.kind.name(),
                other.found
            )),
            (_, Verdict::Agree | Verdict::Inconclusive(_)) => None,
        };
        Ok(())
    }
}

impl Scored {
    /// Returns the score of a judgement.
    pub(super) fn of(judgement: Judgement) -> Scored {
        let found = judgement.observation;
        let detail = found.as_ref().and_then(|found| found.detail.clone());
        let score = match judgement.verdict {
            Verdict::Agree => Score::Agrees,
            Verdict::Diverge(difference) => Score::Differs {
                difference,
                detail,
                nondeterministic: None,
            },
            Verdict::Inconclusive(reason) => Score::NotCompared {
                reason: Reason::Engine(reason),
            },
        };
        Scored {
            score,
            found,
            left_out: 0,
        }
    }

    /// Returns the score of a case that was not compared.
    pub(super) fn not_compared(reason: Reason) -> Scored {
        Scored {
            score: Score::NotCompared { reason },
            found: None,
            left_out: 0,
        }
    }

    /// Returns the score of the same case, which hung when it was given less time than it should
    /// have.
    pub(super) fn with_little_time(self) -> Scored {
        Scored {
            found: self.found,
            ..Scored::not_compared(Reason::Patience)
        }
    }

    /// Returns true if the case hung; `None` if it was not run.
    pub(super) fn hung(&self) -> Option<bool> {
        let found = self.found.as_ref()?;
        Some(found.ending == Ending::Hung)
    }

    /// Returns the same with the long texts cut off.
    pub(super) fn cut(mut self) -> Scored {
        if let Some(found) = &mut self.found {
            let output = &mut found.output;
            if output.len() > MAX_KEPT {
                // Not in the middle of a UTF-8 character.
                let within = |at: &usize| output[*at] & 0xc0 != 0x80;
                let end = (MAX_KEPT - 3..=MAX_KEPT)
                    .rev()
                    .find(within)
                    .unwrap_or(MAX_KEPT);
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
                .for_each(cut_off);
        }
        match &mut self.score {
            Score::Differs {
                difference,
                detail,
                nondeterministic,
            } => {
                [detail, nondeterministic]
                    .into_iter()
                    .flatten()
                    .for_each(cut_off);
                [&mut difference.expected, &mut difference.found]
                    .into_iter()
                    .for_each(cut_off);
            }
            Score::KnownFailure { difference } => {
                [&mut difference.expected, &mut difference.found]
                    .into_iter()
                    .for_each(cut_off);
            }
            Score::Agrees | Score::UnexpectedPass | Score::NotCompared { .. } => {}
        }
        self
    }
}

/// Cuts off a long text.
fn cut_off(text: &mut String) {
    if text.len() > MAX_KEPT {
        let end = (0..=MAX_KEPT).rev().find(|&at| text.is_char_boundary(at));
        text.truncate(end.unwrap_or(0));
        text.push('…');
        text.shrink_to_fit();
    }
}
