//! Which programs of a campaign are done, what was counted, and what was found.
//!
//! The programs of a shard are counted in turns, from 0. The counts cover only turns that are done,
//! so a ledger can be saved at any moment and the campaign resumed from it.

use super::counts::Counts;
use super::curve::{Curve, Sample};
use super::finding::{Finding, Identity};
use super::summary::Summary;
use crate::generate::Generator;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::time::Duration;

/// The state of a campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// The first turn that was never handed out.
    pub(super) next: u64,
    /// Turns before [`Ledger::next`] that were returned undone.
    pub(super) undone: Vec<Range<u64>>,
    /// Turns that a thread is running.
    pub(super) running: Vec<Range<u64>>,
    /// True if no more turns are handed out.
    pub(super) closed: bool,
    pub(super) counts: Counts,
    pub(super) findings: BTreeMap<Identity, Finding>,
    pub(super) curve: Curve,
    /// The time that the campaign took until it was saved.
    pub(super) elapsed: Duration,
}

impl Ledger {
    /// Hands out at most `max` turns below `end`; `None` if none are left.
    pub(super) fn take(&mut self, end: u64, max: u64) -> Option<Range<u64>> {
        if self.closed {
            return None;
        }
        let turns = match self.undone.pop() {
            Some(turns) => {
                let split = turns.end.min(turns.start + max);
                if split < turns.end {
                    self.undone.push(split..turns.end);
                }
                turns.start..split
            }
            None => {
                let first = self.next;
                self.next = end.min(first.saturating_add(max)).max(first);
                first..self.next
            }
        };
        if turns.is_empty() {
            return None;
        }
        self.running.push(turns.clone());
        Some(turns)
    }

    /// Takes back turns, of which those before `done` are done, with their results. The ledger is
    /// closed when it has `max_findings` findings.
    pub(super) fn give_back(
        &mut self,
        turns: &Range<u64>,
        done: u64,
        counts: &Counts,
        findings: Vec<Finding>,
        max_findings: usize,
    ) {
        self.running.retain(|running| running != turns);
        if done < turns.end {
            self.undone.push(done..turns.end);
        }
        self.counts.add(counts);
        for finding in findings {
            self.add_finding(finding);
        }
        // Turns are handed out in order and each is finished, so the findings at this point
        // include the first ones of the campaign, however many threads there are.
        self.closed |= self.findings.len() >= max_findings.max(1);
    }

    /// Adds a disagreement; of several with the same identity, the one with the lowest number is
    /// kept.
    fn add_finding(&mut self, finding: Finding) {
        match self.findings.entry(finding.identity.clone()) {
            Entry::Vacant(entry) => drop(entry.insert(finding)),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                let occurrences = known.occurrences + finding.occurrences;
                if finding.number < known.number && !known.reduced {
                    *known = finding;
                }
                known.occurrences = occurrences;
            }
        }
    }

    /// Returns the ledger as if every thread had returned its turns undone.
    pub(super) fn at_rest(&self) -> Ledger {
        let mut ledger = self.clone();
        ledger.undone.append(&mut ledger.running);
        ledger
            .undone
            .sort_by_key(|turns| std::cmp::Reverse(turns.start));
        ledger.closed = false;
        ledger
    }

    /// Returns the number of turns that are done.
    pub(super) fn done(&self) -> u64 {
        let open = self.undone.iter().chain(&self.running);
        self.next - open.map(|turns| turns.end - turns.start).sum::<u64>()
    }

    /// Returns how far the campaign is.
    pub(super) fn sample(&self, elapsed: Duration) -> Sample {
        Sample {
            elapsed,
            programs: self.counts.programs,
            clauses: self.counts.clauses.len() as u64,
            findings: self.findings.len() as u64,
        }
    }

    /// Returns the summary, without findings.
    pub(super) fn summary(&self, generator: &Generator, mutated: bool) -> Summary {
        let counts = &self.counts;
        let mut summary = Summary {
            programs: counts.programs,
            not_portable: counts.not_portable,
            loaded: mutated.then_some(counts.loaded),
            elapsed: self.elapsed,
            substantial: counts.substantial,
            endings: counts.endings.clone(),
            faults: counts.faults.clone(),
            inconclusive: counts.inconclusive,
            disagreements: counts.disagreements,
            sampled: counts.sampled,
            clauses: counts.clauses.clone(),
            curve: self.curve.samples().to_vec(),
            ..Summary::default()
        };
        if !mutated {
            let mut words = (generator.words)().into_iter().zip(counts.words.clone());
            let mnemonics = words.by_ref().take(generator.mnemonics);
            summary.mnemonics = mnemonics.collect();
            summary.boundaries = words.collect();
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Ledger};

    fn give_back(ledger: &mut Ledger, turns: &std::ops::Range<u64>, done: u64) {
        ledger.give_back(turns, done, &Counts::default(), Vec::new(), 1);
    }

    #[test]
    fn every_turn_is_handed_out_until_it_is_done() {
        let mut ledger = Ledger::default();
        let first = ledger.take(100, 64).expect("there are turns");
        let second = ledger.take(100, 64).expect("there are more");
        assert_eq!((first.clone(), second.clone()), (0..64, 64..100));
        assert_eq!(ledger.take(100, 64), None);
        assert_eq!(ledger.at_rest().undone, [64..100, 0..64]);
        give_back(&mut ledger, &first, 10);
        give_back(&mut ledger, &second, 100);
        assert_eq!(ledger.done(), 46);
        let third = ledger.take(100, 64).expect("the undone turns");
        assert_eq!(third, 10..64);
        give_back(&mut ledger, &third, 64);
        assert_eq!((ledger.done(), ledger.take(100, 64)), (100, None));
    }
}
