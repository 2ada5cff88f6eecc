//! Observers of a reference evaluator: which clauses it applies, which steps it takes, and which
//! mistake it makes on request.
//!
//! The evaluators are generic over their [`Observer`]. With [`NoObserver`] every call to it compiles
//! to nothing, so a plain run pays nothing for being observable.

use mmm_case::Step;
use std::cell::{Cell, RefCell};

/// An application of a clause of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseHit {
    /// The id of the clause, such as `mmm.ret.2`.
    pub clause: &'static str,
    /// What the program shows about the clause.
    pub evidence: Evidence,
    /// The step at which the clause was applied: 0 while the program loads, `n` for the `n`th
    /// instruction that executes. What happens after an instruction and before the next one, such
    /// as reaching an `end`, belongs to the earlier instruction.
    pub step: u64,
}

/// What a program shows about a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// The program does what the clause requires.
    Holds,
    /// The program breaks the clause, and is refused or stopped for it.
    Breaks,
    /// The clause holds at the very edge of what it allows.
    Boundary,
}

/// Selects the clause hits that a query keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HitFilter {
    /// Keeps no hits.
    #[default]
    None,
    /// Keeps the first hit of each clause and evidence.
    First,
    /// Keeps the hits of this step: the last of each clause and evidence, in the order in which
    /// they happened.
    Step(u64),
    /// Keeps the hits of the last step of the run, as [`HitFilter::Step`] does.
    LastStep,
}

/// Receives what a reference does, and may ask it for one mistake.
pub(crate) trait Observer<Q>: Copy {
    /// Returns true if anything is recorded. Facts that are costly to find out are only computed
    /// then.
    fn is_active(self) -> bool;

    /// Records that a clause is applied.
    fn record(self, clause: &'static str, evidence: Evidence);

    /// Returns true if the reference must make this mistake.
    fn has_quirk(self, quirk: Q) -> bool;

    /// Records that an instruction is about to execute.
    fn record_step(self, step: impl FnOnce() -> Step);

    /// Records that the clause holds here.
    #[inline(always)]
    fn holds(self, clause: &'static str) {
        self.record(clause, Evidence::Holds);
    }

    /// Records that the clause is broken here; returns `error`, for the caller to report.
    #[inline(always)]
    fn breaks<T>(self, clause: &'static str, error: T) -> T {
        self.record(clause, Evidence::Breaks);
        error
    }

    /// Records that the clause holds here if `holds`, and that it is broken otherwise; returns
    /// `holds`.
    #[inline(always)]
    fn check(self, clause: &'static str, holds: bool) -> bool {
        let evidence = if holds {
            Evidence::Holds
        } else {
            Evidence::Breaks
        };
        self.record(clause, evidence);
        holds
    }

    /// Records that the clause holds here if `condition` is true.
    #[inline(always)]
    fn holds_if(self, clause: &'static str, condition: impl FnOnce() -> bool) {
        if self.is_active() && condition() {
            self.record(clause, Evidence::Holds);
        }
    }

    /// Records that the clause is at its boundary here if `condition` is true.
    #[inline(always)]
    fn boundary_if(self, clause: &'static str, condition: impl FnOnce() -> bool) {
        if self.is_active() && condition() {
            self.record(clause, Evidence::Boundary);
        }
    }
}

/// Records nothing and asks for no mistake.
#[derive(Clone, Copy)]
pub(crate) struct NoObserver;

impl<Q> Observer<Q> for NoObserver {
    #[inline(always)]
    fn is_active(self) -> bool {
        false
    }

    #[inline(always)]
    fn record(self, _: &'static str, _: Evidence) {}

    #[inline(always)]
    fn has_quirk(self, _: Q) -> bool {
        false
    }

    #[inline(always)]
    fn record_step(self, _: impl FnOnce() -> Step) {}
}

/// Records clause hits and steps, and may ask for one mistake.
pub(crate) struct Recorder<Q> {
    quirk: Option<Q>,
    filter: HitFilter,
    max_steps: usize,
    /// The current step, as in [`ClauseHit::step`].
    step: Cell<u64>,
    hits: RefCell<Vec<ClauseHit>>,
    /// Hits kept recently, so that most repetitions are recognised without searching `hits`.
    cache: RefCell<Vec<(usize, usize, Evidence)>>,
    steps: RefCell<Vec<Step>>,
}

/// The number of entries of [`Recorder::cache`].
const CACHE_SIZE: usize = 512;

impl<Q> Recorder<Q> {
    /// Returns a recorder of the hits that `filter` selects and of the first `max_steps` steps.
    pub(crate) fn new(quirk: Option<Q>, filter: HitFilter, max_steps: usize) -> Recorder<Q> {
        let cached = filter == HitFilter::First;
        let entries = if cached { CACHE_SIZE } else { 0 };
        Recorder {
            quirk,
            filter,
            max_steps,
            step: Cell::new(0),
            hits: RefCell::new(Vec::new()),
            cache: RefCell::new(vec![(0, 0, Evidence::Holds); entries]),
            steps: RefCell::new(Vec::new()),
        }
    }

    /// Returns what was recorded.
    pub(crate) fn finish(self) -> (Vec<ClauseHit>, Vec<Step>) {
        (self.hits.into_inner(), self.steps.into_inner())
    }

    /// Keeps a hit unless one of the same clause and evidence is kept already.
    fn keep_first(&self, hit: ClauseHit) {
        let address = hit.clause.as_ptr().addr();
        let key = (address, hit.clause.len(), hit.evidence);
        let entry = (address ^ (address >> 9) ^ (hit.evidence as usize) << 7) % CACHE_SIZE;
        let cached = &mut self.cache.borrow_mut()[entry];
        if *cached == key {
            return;
        }
        *cached = key;
        let mut hits = self.hits.borrow_mut();
        let is_same =
            |other: &ClauseHit| (other.clause, other.evidence) == (hit.clause, hit.evidence);
        if !hits.iter().any(is_same) {
            hits.push(hit);
        }
    }

    /// Keeps a hit after all others, and removes an earlier one that equals it.
    fn keep_last(&self, hit: ClauseHit) {
        let mut hits = self.hits.borrow_mut();
        hits.retain(|other| *other != hit);
        hits.push(hit);
    }
}

impl<Q: Copy + PartialEq> Observer<Q> for &Recorder<Q> {
    fn is_active(self) -> bool {
        true
    }

    fn record(self, clause: &'static str, evidence: Evidence) {
        let step = self.step.get();
        let hit = ClauseHit {
            clause,
            evidence,
            step,
        };
        match self.filter {
            HitFilter::None => {}
            HitFilter::First => self.keep_first(hit),
            HitFilter::Step(wanted) if step != wanted => {}
            HitFilter::Step(_) | HitFilter::LastStep => self.keep_last(hit),
        }
    }

    fn has_quirk(self, quirk: Q) -> bool {
        self.quirk == Some(quirk)
    }

    fn record_step(self, step: impl FnOnce() -> Step) {
        self.step.set(self.step.get() + 1);
        if self.filter == HitFilter::LastStep {
            self.hits.borrow_mut().clear();
        }
        if self.steps.borrow().len() < self.max_steps {
            let step = step();
            self.steps.borrow_mut().push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, HitFilter, Observer, Recorder};
    use mmm_case::Step;

    #[track_caller]
    fn check(filter: HitFilter, expected: &[(&str, u64)]) {
        let recorder: Recorder<u8> = Recorder::new(None, filter, 1);
        let step = || Step {
            at: String::new(),
            state: Vec::new(),
        };
        (&recorder).holds("a");
        (&recorder).record_step(step);
        (&recorder).holds("b");
        (&recorder).holds("a");
        (&recorder).holds("b");
        (&recorder).record_step(step);
        (&recorder).holds("c");
        (&recorder).holds("b");
        let (hits, steps) = recorder.finish();
        let hits: Vec<_> = hits.iter().map(|hit| (hit.clause, hit.step)).collect();
        assert_eq!(hits, expected);
        assert_eq!(steps.len(), 1);
    }

    #[test]
    fn a_filter_selects_the_hits_that_are_kept() {
        check(HitFilter::None, &[]);
        check(HitFilter::First, &[("a", 0), ("b", 1), ("c", 2)]);
        check(HitFilter::Step(1), &[("a", 1), ("b", 1)]);
        check(HitFilter::LastStep, &[("c", 2), ("b", 2)]);
    }

    #[test]
    fn a_recorder_asks_for_its_quirk_and_records_what_breaks() {
        let recorder: Recorder<u8> = Recorder::new(Some(1), HitFilter::First, 0);
        assert!(!(&recorder).check("a", false));
        assert!((&recorder).has_quirk(1) && !(&recorder).has_quirk(2));
        assert_eq!(recorder.finish().0[0].evidence, Evidence::Breaks);
    }
}
