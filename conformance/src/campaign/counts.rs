//! What a campaign counts about its programs.

use crate::engine::{Ending, Observation};
use crate::reference::Evidence;
use std::collections::BTreeMap;

/// A program that executes at least this many instructions is substantial.
pub const SUBSTANTIAL_STEPS: u64 = 10;

/// What was counted about programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) programs: u64,
    pub(super) not_portable: u64,
    pub(super) loaded: u64,
    pub(super) substantial: u64,
    pub(super) inconclusive: u64,
    pub(super) disagreements: u64,
    /// The occurrences of each word of the generator's vocabulary.
    pub(super) words: Vec<u64>,
    pub(super) endings: BTreeMap<Ending, u64>,
    pub(super) faults: BTreeMap<String, u64>,
    /// The number of programs for which the clauses were recorded.
    pub(super) sampled: u64,
    /// How many of those show each clause to hold, to be violated, and at its boundary.
    pub(super) clauses: BTreeMap<String, [u64; 3]>,
}

impl Counts {
    /// Returns counts of nothing, for a vocabulary of `words` words.
    pub(super) fn new(words: usize) -> Counts {
        Counts {
            words: vec![0; words],
            ..Counts::default()
        }
    }

    /// Counts what the oracle observed of one program.
    pub(super) fn add_program(&mut self, words: &[u16], seen: &Observation, steps: u64) {
        for &word in words {
            self.words[usize::from(word)] += 1;
        }
        *self.endings.entry(seen.ending).or_default() += 1;
        if let Some(fault) = &seen.fault {
            update(&mut self.faults, fault, |count| *count += 1);
        }
        self.substantial += u64::from(steps >= SUBSTANTIAL_STEPS && seen.ending != Ending::Refused);
    }

    /// Counts a clause that a program shows.
    pub(super) fn add_clause(&mut self, clause: &str, how: Evidence) {
        update(&mut self.clauses, clause, |counts| {
            counts[how as usize] += 1
        });
    }

    /// Adds the counts of other programs.
    pub(super) fn add(&mut self, other: &Counts) {
        self.programs += other.programs;
        self.not_portable += other.not_portable;
        self.loaded += other.loaded;
        self.substantial += other.substantial;
        self.inconclusive += other.inconclusive;
        self.disagreements += other.disagreements;
        self.sampled += other.sampled;
        self.words
            .resize(self.words.len().max(other.words.len()), 0);
        for (sum, count) in self.words.iter_mut().zip(&other.words) {
            *sum += count;
        }
        for (&ending, count) in &other.endings {
            *self.endings.entry(ending).or_default() += count;
        }
        for (fault, count) in &other.faults {
            update(&mut self.faults, fault, |sum| *sum += count);
        }
        for (clause, counts) in &other.clauses {
            update(&mut self.clauses, clause, |sums| {
                sums.iter_mut()
                    .zip(counts)
                    .for_each(|(sum, count)| *sum += count);
            });
        }
    }

    /// Sets all counts to zero and keeps the memory of the largest vector.
    pub(super) fn clear(&mut self) {
        let mut words = std::mem::take(&mut self.words);
        words.fill(0);
        *self = Counts {
            words,
            ..Counts::default()
        };
    }
}

/// Changes the value under a name, which is copied only if it is new.
fn update<T: Default>(map: &mut BTreeMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    match map.get_mut(name) {
        Some(value) => change(value),
        None => change(map.entry(name.to_owned()).or_default()),
    }
}
