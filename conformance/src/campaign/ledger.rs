//! What a campaign has done so far: which programs, what they came to, what was found.
//!
//! The programs of a shard are counted in turns, from 0. Whatever is counted here is of turns that
//! are done, so that a ledger can be put away at any moment and gone on with from there.

use super::{Finding, Sample, Summary};
use crate::engine::{Ending, Observation};
use crate::generate::Generator;
use crate::reference::Evidence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::time::Duration;

/// The most programs that a thread takes at a time.
pub(super) const BATCH: u64 = 64;
/// Samples of a curve; when there are so many, every other one is dropped.
const MOST_SAMPLES: usize = 200;

/// What makes two disagreements the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// Who differs from the reference: those who say the same stand together.
    pub against: Vec<Vec<String>>,
    /// The mnemonic of the first instruction at which runs part; empty if that is not known.
    pub instruction: String,
    /// The clause that the reference applied there last; empty if that is not known, and if an
    /// engine died there: it did not die of a clause.
    pub clause: String,
    /// In what they part: `state`, `path`, a field of the observation, or what it died of.
    pub kind: String,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) programs: u64,
    pub(super) left_out: u64,
    pub(super) loaded: u64,
    pub(super) substantial: u64,
    pub(super) inconclusive: u64,
    pub(super) disagreements: u64,
    /// For each word of the generator's vocabulary.
    pub(super) words: Vec<u64>,
    pub(super) endings: BTreeMap<Ending, u64>,
    pub(super) faults: BTreeMap<String, u64>,
    /// Programs that were asked which clauses they show.
    pub(super) marked: u64,
    /// How many of them showed each clause to hold, to be violated, at its boundary.
    pub(super) clauses: BTreeMap<String, [u64; 3]>,
}

impl Counts {
    pub(super) fn new(words: usize) -> Counts {
        Counts {
            words: vec![0; words],
            ..Counts::default()
        }
    }

    /// Counts what the reference saw of one program.
    pub(super) fn program(&mut self, words: &[u16], seen: &Observation, steps: u64) {
        for &word in words {
            self.words[usize::from(word)] += 1;
        }
        *self.endings.entry(seen.ending).or_default() += 1;
        if let Some(fault) = &seen.fault {
            add_one(&mut self.faults, fault, |count| *count += 1);
        }
        self.substantial += u64::from(steps >= super::A_WHILE && seen.ending != Ending::Refused);
    }

    /// Counts a clause that a program shows.
    pub(super) fn clause(&mut self, clause: &str, how: Evidence) {
        add_one(&mut self.clauses, clause, |counts| {
            counts[how as usize] += 1
        });
    }

    pub(super) fn add(&mut self, other: &Counts) {
        self.programs += other.programs;
        self.left_out += other.left_out;
        self.loaded += other.loaded;
        self.substantial += other.substantial;
        self.inconclusive += other.inconclusive;
        self.disagreements += other.disagreements;
        self.marked += other.marked;
        self.words
            .resize(self.words.len().max(other.words.len()), 0);
        for (sum, count) in self.words.iter_mut().zip(&other.words) {
            *sum += count;
        }
        for (&ending, count) in &other.endings {
            *self.endings.entry(ending).or_default() += count;
        }
        for (fault, count) in &other.faults {
            add_one(&mut self.faults, fault, |sum| *sum += count);
        }
        for (clause, counts) in &other.clauses {
            add_one(&mut self.clauses, clause, |sums| {
                sums.iter_mut()
                    .zip(counts)
                    .for_each(|(sum, count)| *sum += count);
            });
        }
    }

    /// Forgets everything but its size.
    pub(super) fn clear(&mut self) {
        let mut words = std::mem::take(&mut self.words);
        words.fill(0);
        *self = Counts {
            words,
            ..Counts::default()
        };
    }
}

/// Counts under a name, which is copied only if it is new.
fn add_one<T: Default>(map: &mut BTreeMap<String, T>, name: &str, count: impl FnOnce(&mut T)) {
    match map.get_mut(name) {
        Some(value) => count(value),
        None => count(map.entry(name.to_owned()).or_default()),
    }
}

/// How far a campaign is, over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curve {
    samples: Vec<Sample>,
    /// Heartbeats between two samples, less one, and how many there were since the last.
    pause: u32,
    waited: u32,
}

impl Curve {
    pub(super) fn of(samples: Vec<Sample>) -> Curve {
        Curve {
            samples,
            ..Curve::default()
        }
    }

    /// Hears how far it is; keeps one sample in so many.
    pub(super) fn beat(&mut self, sample: Sample) {
        match self.waited < self.pause {
            true => self.waited += 1,
            false => self.push(sample),
        }
    }

    /// Keeps a sample.
    pub(super) fn push(&mut self, sample: Sample) {
        self.waited = 0;
        if self.samples.len() >= MOST_SAMPLES {
            let mut kept = false;
            self.samples.retain(|_| {
                kept = !kept;
                kept
            });
            self.pause = self.pause * 2 + 1;
        }
        if self
            .samples
            .last()
            .is_some_and(|last| last.elapsed >= sample.elapsed)
        {
            self.samples.pop();
        }
        self.samples.push(sample);
    }

    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The curve of several campaigns that ran side by side: at each moment the sum of what each
    /// had come to, but for clauses, of which one may have what another has.
    pub(super) fn side_by_side(curves: &[&Curve]) -> Curve {
        let mut moments: Vec<Duration> = curves
            .iter()
            .flat_map(|curve| curve.samples.iter().map(|sample| sample.elapsed))
            .collect();
        moments.sort();
        moments.dedup();
        let mut sum = Curve::default();
        for elapsed in moments {
            let mut at = Sample {
                elapsed,
                ..Sample::default()
            };
            for curve in curves {
                let before = curve
                    .samples
                    .partition_point(|sample| sample.elapsed <= elapsed);
                let Some(sample) = before.checked_sub(1).map(|last| &curve.samples[last]) else {
                    continue;
                };
                at.programs += sample.programs;
                at.findings += sample.findings;
                at.clauses = at.clauses.max(sample.clauses);
            }
            sum.push(at);
        }
        sum
    }
}

/// All that is known of a campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// The first turn that nobody has taken.
    pub(super) next: u64,
    /// Turns before that which nobody is at: their programs are still to be run.
    pub(super) again: Vec<Range<u64>>,
    /// Turns that somebody is at.
    pub(super) taken: Vec<Range<u64>>,
    /// No more turns are handed out.
    pub(super) closed: bool,
    pub(super) counts: Counts,
    pub(super) findings: BTreeMap<Identity, Finding>,
    pub(super) curve: Curve,
    /// How long it took, up to when it was put away.
    pub(super) elapsed: Duration,
}

impl Ledger {
    /// Hands out at most so many turns below `end`; none if there are none left.
    pub(super) fn take(&mut self, end: u64, most: u64) -> Option<Range<u64>> {
        if self.closed {
            return None;
        }
        let turns = match self.again.pop() {
            Some(turns) => {
                let split = turns.end.min(turns.start + most);
                if split < turns.end {
                    self.again.push(split..turns.end);
                }
                turns.start..split
            }
            None => {
                let first = self.next;
                self.next = end.min(first.saturating_add(most)).max(first);
                first..self.next
            }
        };
        if turns.is_empty() {
            return None;
        }
        self.taken.push(turns.clone());
        Some(turns)
    }

    /// Takes back turns, of which those before `done` are done; and what these came to. It is
    /// over when there are `most` findings.
    pub(super) fn give_back(
        &mut self,
        turns: &Range<u64>,
        done: u64,
        counts: &Counts,
        findings: Vec<Finding>,
        most: usize,
    ) {
        self.taken.retain(|taken| taken != turns);
        if done < turns.end {
            self.again.push(done..turns.end);
        }
        self.counts.add(counts);
        for finding in findings {
            self.find(finding);
        }
        // Batches are handed out in order and each is finished, so that what has been found by
        // now holds the first findings there are, however many threads look.
        self.closed |= self.findings.len() >= most.max(1);
    }

    /// Keeps a disagreement, if it is the first of its kind by its program's number.
    fn find(&mut self, finding: Finding) {
        match self.findings.entry(finding.identity.clone()) {
            Entry::Vacant(entry) => drop(entry.insert(finding)),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                let times = known.times + finding.times;
                if finding.number < known.number && !known.reduced {
                    *known = finding;
                }
                known.times = times;
            }
        }
    }

    /// The ledger as if everybody had given back all that they are at.
    pub(super) fn at_rest(&self) -> Ledger {
        let mut ledger = self.clone();
        ledger.again.append(&mut ledger.taken);
        ledger
            .again
            .sort_by_key(|turns| std::cmp::Reverse(turns.start));
        ledger.closed = false;
        ledger
    }

    /// How many turns are done.
    pub(super) fn done(&self) -> u64 {
        let open = self.again.iter().chain(&self.taken);
        self.next - open.map(|turns| turns.end - turns.start).sum::<u64>()
    }

    pub(super) fn sample(&self, elapsed: Duration) -> Sample {
        Sample {
            elapsed,
            programs: self.counts.programs,
            clauses: self.counts.clauses.len() as u64,
            findings: self.findings.len() as u64,
        }
    }

    /// What it came to, but for its findings.
    pub(super) fn sum_up(&self, generator: &Generator, mutated: bool) -> Summary {
        let counts = &self.counts;
        let mut summary = Summary {
            programs: counts.programs,
            left_out: counts.left_out,
            loaded: mutated.then_some(counts.loaded),
            elapsed: self.elapsed,
            substantial: counts.substantial,
            endings: counts.endings.clone(),
            faults: counts.faults.clone(),
            inconclusive: counts.inconclusive,
            disagreements: counts.disagreements,
            marked: counts.marked,
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
    use super::{BATCH, Counts, Curve, Ledger, MOST_SAMPLES};
    use crate::campaign::Sample;
    use std::time::Duration;

    fn give_back(ledger: &mut Ledger, turns: &std::ops::Range<u64>, done: u64) {
        ledger.give_back(turns, done, &Counts::default(), Vec::new(), 1);
    }

    #[test]
    fn every_turn_is_handed_out_until_it_is_done() {
        let mut ledger = Ledger::default();
        let first = ledger.take(100, BATCH).expect("there are turns");
        let second = ledger.take(100, BATCH).expect("there are more");
        assert_eq!((first.clone(), second.clone()), (0..64, 64..100));
        assert_eq!(ledger.take(100, BATCH), None);
        assert_eq!(ledger.at_rest().again, [64..100, 0..64]);
        give_back(&mut ledger, &first, 10);
        give_back(&mut ledger, &second, 100);
        assert_eq!(ledger.done(), 46);
        let third = ledger.take(100, BATCH).expect("what was left");
        assert_eq!(third, 10..64);
        give_back(&mut ledger, &third, 64);
        assert_eq!((ledger.done(), ledger.take(100, BATCH)), (100, None));
    }

    fn sample(seconds: u64, programs: u64) -> Sample {
        Sample {
            elapsed: Duration::from_secs(seconds),
            programs,
            ..Sample::default()
        }
    }

    #[test]
    fn a_curve_is_thinned_and_keeps_its_ends() {
        let mut curve = Curve::default();
        for beat in 0..10_000 {
            curve.beat(sample(beat, beat));
        }
        let samples = curve.samples();
        assert!((MOST_SAMPLES / 2..=MOST_SAMPLES).contains(&samples.len()));
        assert_eq!(samples[0].programs, 0);
        let gaps: Vec<u64> = samples
            .windows(2)
            .map(|pair| pair[1].programs - pair[0].programs)
            .collect();
        let (least, most) = (gaps.iter().min(), gaps.iter().max());
        assert!(most <= least.map(|least| least * 2).as_ref(), "{gaps:?}");
    }

    #[test]
    fn curves_side_by_side_add_up() {
        let one = Curve::of(vec![sample(0, 0), sample(2, 20)]);
        let two = Curve::of(vec![sample(1, 5), sample(3, 15)]);
        let sum = Curve::side_by_side(&[&one, &two]);
        let found: Vec<u64> = sum.samples().iter().map(|sample| sample.programs).collect();
        assert_eq!(found, [0, 5, 25, 35]);
    }
}
