//! Findings: what a disagreement comes to, and how it gets as small as it can be.

use super::blame::{Blame, blame};
use super::guard;
use super::ledger::Identity;
use super::voices::{Camps, Contender, GENERATOR, REFERENCE, Voice};
use super::{Campaign, Engines, Finding, Progress, State, mutated, observe, save};
use crate::case::Case;
use crate::compare::{Verdict, exactly};
use crate::engine::Observation;
use crate::generate::Expected;
use crate::reduce::{self, reduce_with};
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The finding in what was heard of a program, if anybody differs from the reference.
pub(super) fn finding(
    case: &Case,
    expected: &Observation,
    contenders: &mut [Contender],
    heard: &[(Observation, Verdict)],
) -> Option<Finding> {
    let mut differing = heard.iter().enumerate();
    let (index, found, difference) = differing.find_map(|(index, (found, verdict))| {
        let Verdict::Diverge(difference) = verdict else {
            return None;
        };
        Some((index, found, difference.clone()))
    })?;
    let camps = Camps::new(contenders, heard);
    let Blame {
        instruction,
        clause,
        how,
        kind,
        parting,
    } = blame(case, &mut contenders[index], expected, found, &difference);
    let reference = (REFERENCE, expected);
    let others = contenders.iter().zip(heard);
    let others = others.map(|(contender, (seen, _))| (contender.name.as_str(), seen));
    let voice = |(name, seen): (&str, &Observation)| Voice {
        name: name.to_owned(),
        seen: seen.clone(),
    };
    Some(Finding {
        number: 0,
        programs: 0,
        elapsed: Duration::ZERO,
        identity: Identity {
            camps,
            instruction,
            clause,
            kind,
        },
        how,
        engine: contenders[index].name.clone(),
        difference,
        case: case.clone(),
        expected: expected.clone(),
        found: found.clone(),
        voices: std::iter::once(reference)
            .chain(others)
            .map(voice)
            .collect(),
        parting,
        times: 1,
        reduced: false,
        folder: None,
    })
}

/// The finding that a program did not end as was foreseen when it was made.
pub(super) fn surprise(case: &Case, foreseen: Expected, expected: &Observation) -> Finding {
    let foreseen = Observation {
        fault: foreseen.fault.map(str::to_owned),
        ending: foreseen.ending,
        ..expected.clone()
    };
    plain(GENERATOR, case, expected, foreseen)
}

/// A finding of one engine against the reference, put down to nothing.
pub(super) fn plain(
    engine: &str,
    case: &Case,
    expected: &Observation,
    found: Observation,
) -> Finding {
    let difference = match exactly(expected, &found) {
        Verdict::Diverge(difference) => difference,
        Verdict::Agree | Verdict::Inconclusive => unreachable!("they differ"),
    };
    let how = |seen: &Observation| {
        let fault = seen.fault.as_deref().unwrap_or_default();
        format!("{} {fault}", seen.ending.name())
            .trim_end()
            .to_owned()
    };
    let voice = |name: &str, seen: &Observation| Voice {
        name: name.to_owned(),
        seen: seen.clone(),
    };
    Finding {
        number: 0,
        programs: 0,
        elapsed: Duration::ZERO,
        identity: Identity {
            camps: Camps::against(engine),
            instruction: String::new(),
            clause: String::new(),
            kind: format!(
                "{}: {}, not {}",
                difference.kind.name(),
                how(&found),
                how(expected)
            ),
        },
        how: None,
        engine: engine.to_owned(),
        difference,
        case: case.clone(),
        expected: expected.clone(),
        voices: vec![voice(REFERENCE, expected), voice(engine, &found)],
        found,
        parting: None,
        times: 1,
        reduced: false,
        folder: None,
    }
}

impl Campaign<'_> {
    /// Reduces and saves what was found.
    pub(super) fn settle(
        &self,
        engines: Engines,
        progress: &mut dyn FnMut(&Progress),
    ) -> io::Result<()> {
        let findings = self.ledger().findings.values().cloned().collect();
        let unsettled = |finding: &Finding| !finding.reduced || finding.folder.is_none();
        let mut findings: Vec<Finding> = self.first(findings);
        findings.retain(unsettled);
        if findings.is_empty() {
            return Ok(());
        }
        let mut contenders = match self.options.mutated {
            true => vec![Contender::new(mutated::RoundTrip)],
            false => engines()?,
        };
        let all = findings.len();
        for (nth, mut finding) in findings.into_iter().enumerate() {
            progress(&self.progress((nth + 1, all)));
            if self.options.reduce && !finding.reduced {
                self.shrink(&mut finding, &mut contenders);
            }
            if let Some(folder) = &self.options.findings {
                finding.folder = Some(save::save(self.options, &finding, folder)?);
            }
            self.ledger()
                .findings
                .insert(finding.identity.clone(), finding);
            if let Some(folder) = self.state_folder() {
                State::of(self.options, &self.put_away()).save(folder)?;
            }
        }
        Ok(())
    }

    /// Reduces a finding to the smallest program that disagrees in the same way; an interrupt
    /// leaves it at the smallest so far.
    fn shrink(&self, finding: &mut Finding, contenders: &mut [Contender]) {
        if finding.engine == GENERATOR {
            finding.reduced = true;
            return;
        }
        let stopped = || self.options.stop.load(Ordering::Relaxed);
        let mutated = self.options.mutated;
        let mut judge = |case: &Case| {
            let found = again(case, contenders, mutated)?;
            (found.identity == finding.identity && !stopped()).then_some(found)
        };
        // One that does not disagree a second time is kept as it is: that says something, too.
        let options = reduce::Options {
            stop: self.options.stop,
            ..reduce::Options::default()
        };
        let mut interesting = |case: &Case| judge(case).is_some();
        let reduced = reduce_with(&finding.case, &options, &mut interesting, &mut |_| {});
        if let Ok(reduced) = reduced {
            let case = save::with_clauses(reduced.case, &finding.identity, finding.how);
            let one_file = save::as_one_file(&case).filter(|case| judge(case).is_some());
            let case = one_file.unwrap_or(case);
            if let Some(smaller) = judge(&case) {
                let Finding {
                    how,
                    engine,
                    difference,
                    case,
                    expected,
                    found,
                    voices,
                    parting,
                    ..
                } = smaller;
                *finding = Finding {
                    how,
                    engine,
                    difference,
                    case,
                    expected,
                    found,
                    voices,
                    parting,
                    ..finding.clone()
                };
            }
        }
        finding.reduced = !stopped();
    }
}

/// What a program shows of engines, if any of them differs from the reference: while it is reduced,
/// the finding's identity has to stay the same.
pub fn judge(case: &Case, contenders: &mut [Contender]) -> Option<Finding> {
    again(case, contenders, false)
}

/// Runs a program everywhere once more.
fn again(case: &Case, contenders: &mut [Contender], mutated: bool) -> Option<Finding> {
    let expected = guard::read(case).seen;
    let heard: Vec<(Observation, Verdict)> = contenders
        .iter_mut()
        .map(|contender| {
            let found = observe(&mut *contender.engine, case);
            let verdict = (contender.compare)(&expected, &found);
            (found, verdict)
        })
        .collect();
    if mutated {
        let (found, verdict) = heard.into_iter().next()?;
        let differs = matches!(verdict, Verdict::Diverge(_));
        return differs.then(|| plain(&contenders[0].name, case, &expected, found));
    }
    finding(case, &expected, contenders, &heard)
}
