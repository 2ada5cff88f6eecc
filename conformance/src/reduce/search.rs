//! The search for the smallest interesting case: takes steps until none is left to take.

use super::bounds::{bounded, unbounded};
use super::step::Pass;
use super::weight::Weight;
use super::{Options, PredicateRef, Progress, ReduceError, Reduced};
use super::{candidates, form, is_sound, weigh};
use crate::case::{Case, CaseLimits};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Evaluates whether candidates are interesting.
pub(super) trait Evaluator {
    /// Returns how many candidates it evaluates at the same time.
    fn batch_size(&self) -> usize;

    /// Returns for each case whether it is interesting.
    fn evaluate(&mut self, cases: Vec<Case>) -> Vec<bool>;
}

/// Evaluates one candidate after the other.
pub(super) struct Sequential<'a>(pub(super) PredicateRef<'a>);

impl Evaluator for Sequential<'_> {
    fn batch_size(&self) -> usize {
        1
    }

    fn evaluate(&mut self, cases: Vec<Case>) -> Vec<bool> {
        cases.iter().map(&mut *self.0).collect()
    }
}

/// Reduces a case.
///
/// # Errors
///
/// Returns why there is nothing to reduce.
pub(super) fn search(
    case: &Case,
    options: &Options,
    evaluator: &mut dyn Evaluator,
    progress: &mut dyn FnMut(Progress),
) -> Result<Reduced, ReduceError> {
    let mut search = Search {
        best: unbounded(case),
        weight: weigh(case, options.generic),
        sound: is_sound(case, options.generic),
        options,
        evaluator,
        progress,
        bounded: true,
        seen: HashMap::new(),
        tried: 0,
        started: Instant::now(),
    };
    search.check()?;
    let mut minimal = true;
    loop {
        let better = search.round();
        if search.is_over() {
            minimal = false;
        }
        if !better || !minimal {
            break;
        }
    }
    let confirmed = options.checks < 2 || search.is_stopped() || {
        let best = search.best.clone();
        search.try_one(&best) || search.is_stopped()
    };
    search.keep_bounds_if_needed();
    Ok(Reduced {
        case: search.best,
        tried: search.tried,
        elapsed: search.started.elapsed(),
        minimal,
        confirmed,
    })
}

struct Search<'a> {
    best: Case,
    weight: Weight,
    /// Whether candidates must be sound.
    sound: bool,
    options: &'a Options,
    evaluator: &'a mut dyn Evaluator,
    progress: &'a mut dyn FnMut(Progress),
    /// Whether candidates run within [`bounded`]'s limits.
    bounded: bool,
    /// The candidates that were produced, by their hashes, with the answer for those that were
    /// evaluated before their turn.
    seen: HashMap<u64, Option<bool>>,
    tried: u64,
    started: Instant,
}

/// A case that is lighter than the best one.
struct Candidate {
    place: u64,
    case: Case,
    weight: Weight,
    identity: u64,
    /// Whether it is interesting, if that is known.
    answer: Option<bool>,
}

impl Search<'_> {
    /// Checks that the case is interesting, and each time that it is evaluated.
    fn check(&mut self) -> Result<(), ReduceError> {
        let case = self.best.clone();
        let mut first = self.try_one(&case);
        if !first && bounded(&case) != case {
            self.bounded = false;
            first = self.try_one(&case);
        }
        self.seen.insert(self.identity(&case), None);
        let more = self.options.checks.saturating_sub(1);
        let again = (0..more).map(|_| u32::from(self.try_one(&case)));
        let interesting = u32::from(first) + again.sum::<u32>();
        let checks = more + 1;
        match interesting {
            _ if interesting == checks || self.is_stopped() => Ok(()),
            0 => Err(ReduceError::NotInteresting),
            _ => Err(ReduceError::Flaky {
                interesting,
                checks,
            }),
        }
    }

    /// Returns what identifies a candidate, as it is run.
    fn identity(&self, case: &Case) -> u64 {
        match self.bounded {
            true => identity(&bounded(case)),
            false => identity(case),
        }
    }

    /// Returns true if no more candidates may be tried.
    fn is_over(&self) -> bool {
        let options = self.options;
        let tries_left = options.max_tries.is_none_or(|tries| self.tried < tries);
        let time_left = options
            .max_time
            .is_none_or(|time| self.started.elapsed() < time);
        self.is_stopped() || !tries_left || !time_left
    }

    fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    fn try_one(&mut self, case: &Case) -> bool {
        self.count_try();
        self.evaluate(vec![case.clone()])[0]
    }

    fn count_try(&mut self) {
        self.tried += 1;
        (self.progress)(Progress {
            best: &self.best,
            tried: self.tried,
            elapsed: self.started.elapsed(),
        });
    }

    /// Returns for each case whether it is interesting; after an interrupt, false for all, since
    /// what ran may have been ended early.
    fn evaluate(&mut self, mut cases: Vec<Case>) -> Vec<bool> {
        if self.bounded {
            cases.iter_mut().for_each(|case| *case = bounded(case));
        }
        let mut answers = self.evaluator.evaluate(cases);
        if self.is_stopped() {
            answers.fill(false);
        }
        answers
    }

    /// Tries every pass once. Returns true if a step was taken.
    fn round(&mut self) -> bool {
        let mut better = false;
        let mut next = 0;
        while let Some(&pass) = form(&self.best, self.options.generic).passes.get(next) {
            better |= self.run(pass);
            next += 1;
        }
        better
    }

    /// Takes the steps of a pass. Returns true if one was taken.
    fn run(&mut self, pass: Pass) -> bool {
        let mut better = false;
        let mut from = 0;
        loop {
            let best = self.best.clone();
            let made = candidates(&best, pass, self.options.generic);
            let mut made = made.skip_while(|(place, _)| *place < from);
            let Some(taken) = self.take_first(&mut made) else {
                return better;
            };
            better = true;
            from = taken;
        }
    }

    /// Tries candidates up to the first that is interesting, which becomes the best case. Returns
    /// its place.
    fn take_first(&mut self, made: &mut dyn Iterator<Item = (u64, Case)>) -> Option<u64> {
        loop {
            let batch = self.next_batch(made);
            if batch.is_empty() || self.is_stopped() {
                return None;
            }
            let mut batch = self.with_answers(batch).into_iter();
            let taken = batch.find_map(|candidate| {
                self.count_try();
                candidate.answer.filter(|&answer| answer)?;
                Some(candidate)
            });
            // The candidates after it were evaluated before their turn.
            for Candidate {
                identity, answer, ..
            } in batch
            {
                self.seen.insert(identity, answer);
            }
            if let Some(candidate) = taken {
                self.weight = candidate.weight;
                self.best = candidate.case;
                return Some(candidate.place);
            }
        }
    }

    /// Returns the next candidates that are lighter than the best case and were not tried, at most
    /// as many as are evaluated at the same time.
    fn next_batch(&mut self, made: &mut dyn Iterator<Item = (u64, Case)>) -> Vec<Candidate> {
        let max_tries = self.options.max_tries.unwrap_or(u64::MAX);
        let tries_left = max_tries.saturating_sub(self.tried);
        let tries_left = usize::try_from(tries_left).unwrap_or(usize::MAX);
        let max_size = self.evaluator.batch_size().min(tries_left);
        let mut batch = Vec::new();
        while batch.len() < max_size && !self.is_over() {
            let Some((place, case)) = made.next() else {
                break;
            };
            let identity = self.identity(&case);
            let known = self.seen.get(&identity).copied();
            if known == Some(None) {
                continue;
            }
            let weight = weigh(&case, self.options.generic);
            if weight >= self.weight || self.sound && !is_sound(&case, self.options.generic) {
                continue;
            }
            self.seen.insert(identity, None);
            batch.push(Candidate {
                place,
                case,
                weight,
                identity,
                answer: known.flatten(),
            });
        }
        batch
    }

    /// Evaluates the candidates that have no answer yet.
    fn with_answers(&mut self, mut batch: Vec<Candidate>) -> Vec<Candidate> {
        let open = batch.iter_mut();
        let mut open: Vec<&mut Candidate> = open.filter(|each| each.answer.is_none()).collect();
        let answers = self.evaluate(open.iter().map(|each| each.case.clone()).collect());
        for (candidate, answer) in open.iter_mut().zip(answers) {
            candidate.answer = Some(answer);
        }
        batch
    }

    /// Sets the limits within which the result was interesting, unless it is interesting without.
    fn keep_bounds_if_needed(&mut self) {
        let within = bounded(&self.best);
        if !self.bounded || within == self.best {
            return;
        }
        self.tried += 1;
        let without = self.evaluator.evaluate(vec![self.best.clone()])[0];
        if !without || self.is_stopped() {
            self.best = within;
        }
    }
}

/// Returns a hash of what distinguishes cases.
fn identity(case: &Case) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&case.files, &case.entry).hash(&mut hasher);
    (case.root, case.strict).hash(&mut hasher);
    let CaseLimits {
        fuel,
        call_depth,
        output_bytes,
        heap_bytes,
    } = case.limits;
    [fuel, call_depth, output_bytes, heap_bytes].hash(&mut hasher);
    hasher.finish()
}
