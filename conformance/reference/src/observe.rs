//! What a reference tells of its work, besides what came of it.
//!
//! A reference is generic over who watches. With [`Unwatched`] nothing is asked and nothing is
//! told, and what asks and tells is compiled to nothing.

use mmm_case::Step;
use std::cell::{Cell, RefCell};

/// A clause of the specification, where the reference applied it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseHit {
    /// The clause's number, such as `mmm.ret.2`.
    pub clause: &'static str,
    /// What the program shows of it.
    pub how: Evidence,
    /// The step: 0 while the program loads, `n` for the `n`th instruction that executes (what
    /// happens behind it, such as an `end`, belongs to it).
    pub step: u64,
}

/// What a program shows of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// That it holds.
    Holds,
    /// That what violates it is refused or stopped.
    Breaks,
    /// That it holds at the very edge of what it allows.
    Boundary,
}

/// Which marks are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marks {
    /// None.
    #[default]
    None,
    /// Each clause and showing where it was applied first.
    First,
    /// Each clause and showing of this one step, in the order of their last application.
    Of(u64),
    /// The same of the last step there is.
    Last,
}

/// Who watches a reference; it can also ask for one mistake.
pub(super) trait Watch<Q>: Copy {
    /// Whether anybody does watch: what is costly to find out is found out only then.
    fn watches(self) -> bool;

    /// Hears that a clause is applied.
    fn mark(self, clause: &'static str, how: Evidence);

    /// Whether this mistake is to be made.
    fn quirk(self, quirk: Q) -> bool;

    /// Hears that an instruction is about to execute.
    fn step(self, step: impl FnOnce() -> Step);

    /// The clause holds here.
    #[inline(always)]
    fn holds(self, clause: &'static str) {
        self.mark(clause, Evidence::Holds);
    }

    /// The clause is violated here; `why` comes back, for the error that follows.
    #[inline(always)]
    fn breaks<T>(self, clause: &'static str, why: T) -> T {
        self.mark(clause, Evidence::Breaks);
        why
    }

    /// The clause holds or is violated here, and which of the two comes back.
    #[inline(always)]
    fn shows(self, clause: &'static str, holds: bool) -> bool {
        let how = if holds {
            Evidence::Holds
        } else {
            Evidence::Breaks
        };
        self.mark(clause, how);
        holds
    }

    /// The clause holds here if `met`.
    #[inline(always)]
    fn holds_if(self, clause: &'static str, met: impl FnOnce() -> bool) {
        if self.watches() && met() {
            self.mark(clause, Evidence::Holds);
        }
    }

    /// The clause is at its edge here if `met`.
    #[inline(always)]
    fn edge_if(self, clause: &'static str, met: impl FnOnce() -> bool) {
        if self.watches() && met() {
            self.mark(clause, Evidence::Boundary);
        }
    }
}

/// Nobody watches.
#[derive(Clone, Copy)]
pub(super) struct Unwatched;

impl<Q> Watch<Q> for Unwatched {
    #[inline(always)]
    fn watches(self) -> bool {
        false
    }

    #[inline(always)]
    fn mark(self, _: &'static str, _: Evidence) {}

    #[inline(always)]
    fn quirk(self, _: Q) -> bool {
        false
    }

    #[inline(always)]
    fn step(self, _: impl FnOnce() -> Step) {}
}

/// Somebody who takes notes, and may ask for a mistake.
pub(super) struct Notes<Q> {
    quirk: Option<Q>,
    wanted: Marks,
    most_steps: usize,
    now: Cell<u64>,
    marks: RefCell<Vec<ClauseHit>>,
    /// What was kept of late, so that most of what comes again is known without a search.
    known: RefCell<Vec<(usize, usize, Evidence)>>,
    steps: RefCell<Vec<Step>>,
}

/// Places for what was kept of late.
const KNOWN: usize = 512;

impl<Q> Notes<Q> {
    pub(super) fn new(quirk: Option<Q>, wanted: Marks, most_steps: usize) -> Notes<Q> {
        let places = if wanted == Marks::First { KNOWN } else { 0 };
        Notes {
            quirk,
            wanted,
            most_steps,
            now: Cell::new(0),
            marks: RefCell::new(Vec::new()),
            known: RefCell::new(vec![(0, 0, Evidence::Holds); places]),
            steps: RefCell::new(Vec::new()),
        }
    }

    /// What was noted.
    pub(super) fn close(self) -> (Vec<ClauseHit>, Vec<Step>) {
        (self.marks.into_inner(), self.steps.into_inner())
    }

    /// Keeps a mark if there is none like it.
    fn keep_first(&self, mark: ClauseHit) {
        let address = mark.clause.as_ptr().addr();
        let key = (address, mark.clause.len(), mark.how);
        let place = (address ^ (address >> 9) ^ (mark.how as usize) << 7) % KNOWN;
        let known = &mut self.known.borrow_mut()[place];
        if *known == key {
            return;
        }
        *known = key;
        let mut marks = self.marks.borrow_mut();
        let like = |other: &ClauseHit| (other.clause, other.how) == (mark.clause, mark.how);
        if !marks.iter().any(like) {
            marks.push(mark);
        }
    }

    /// Keeps a mark behind all others, in place of one like it.
    fn keep_last(&self, mark: ClauseHit) {
        let mut marks = self.marks.borrow_mut();
        marks.retain(|other| *other != mark);
        marks.push(mark);
    }
}

impl<Q: Copy + PartialEq> Watch<Q> for &Notes<Q> {
    fn watches(self) -> bool {
        true
    }

    fn mark(self, clause: &'static str, how: Evidence) {
        let step = self.now.get();
        let mark = ClauseHit { clause, how, step };
        match self.wanted {
            Marks::None => {}
            Marks::First => self.keep_first(mark),
            Marks::Of(wanted) if step != wanted => {}
            Marks::Of(_) | Marks::Last => self.keep_last(mark),
        }
    }

    fn quirk(self, quirk: Q) -> bool {
        self.quirk == Some(quirk)
    }

    fn step(self, step: impl FnOnce() -> Step) {
        self.now.set(self.now.get() + 1);
        if self.wanted == Marks::Last {
            self.marks.borrow_mut().clear();
        }
        if self.steps.borrow().len() < self.most_steps {
            let step = step();
            self.steps.borrow_mut().push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Marks, Notes, Watch};
    use mmm_case::Step;

    #[track_caller]
    fn check(wanted: Marks, found: &[(&str, u64)]) {
        let notes: Notes<u8> = Notes::new(None, wanted, 1);
        let blank = || Step {
            at: String::new(),
            state: Vec::new(),
        };
        (&notes).holds("a");
        (&notes).step(blank);
        (&notes).holds("b");
        (&notes).holds("a");
        (&notes).holds("b");
        (&notes).step(blank);
        (&notes).holds("c");
        (&notes).holds("b");
        let (marks, steps) = notes.close();
        let marks: Vec<_> = marks.iter().map(|mark| (mark.clause, mark.step)).collect();
        assert_eq!(marks, found);
        assert_eq!(steps.len(), 1);
    }

    #[test]
    fn marks_are_kept_as_asked() {
        check(Marks::None, &[]);
        check(Marks::First, &[("a", 0), ("b", 1), ("c", 2)]);
        check(Marks::Of(1), &[("a", 1), ("b", 1)]);
        check(Marks::Last, &[("c", 2), ("b", 2)]);
        let notes: Notes<u8> = Notes::new(Some(1), Marks::First, 0);
        assert!(!(&notes).shows("a", false) && (&notes).quirk(1));
        assert_eq!(notes.close().0[0].how, Evidence::Breaks);
    }
}
