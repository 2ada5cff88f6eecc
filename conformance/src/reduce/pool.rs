//! A pool of workers that evaluate candidates at the same time.

use super::search::{Evaluator, search};
use super::{Options, Progress, ReduceError, Reduced};
use crate::case::Case;
use crate::panics::guarded;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// Returns true if a case is interesting. A predicate stays in the thread that made it.
pub type Predicate = Box<dyn FnMut(&Case) -> bool>;

/// Workers, each with a predicate of its own; a case goes to the first that is free.
struct Pool {
    size: usize,
    cases: Sender<(usize, Case)>,
    answers: Receiver<(usize, bool)>,
}

impl Evaluator for Pool {
    fn batch_size(&self) -> usize {
        self.size
    }

    /// Returns false for every case that no worker is left for.
    fn evaluate(&mut self, cases: Vec<Case>) -> Vec<bool> {
        let count = cases.len();
        let mut answers = vec![false; count];
        for case in cases.into_iter().enumerate() {
            let _ = self.cases.send(case);
        }
        for (index, answer) in self.answers.iter().take(count) {
            answers[index] = answer;
        }
        answers
    }
}

/// Reduces a case as [`super::reduce_with`] does, with `jobs` threads that evaluate candidates.
/// Each thread calls `make_predicate` once. The number of threads does not change the result.
///
/// # Errors
///
/// Returns why there is nothing to reduce.
pub fn reduce_together(
    case: &Case,
    options: &Options,
    jobs: usize,
    make_predicate: &(dyn Fn() -> Predicate + Sync),
    progress: &mut dyn FnMut(Progress),
) -> Result<Reduced, ReduceError> {
    let size = jobs.max(1);
    thread::scope(|scope| {
        let (cases, queue) = channel::<(usize, Case)>();
        let (answer, answers) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..size {
            let (queue, answer) = (queue.clone(), answer.clone());
            scope.spawn(move || {
                let mut predicate = make_predicate();
                loop {
                    let next = queue.lock().map(|queue| queue.recv());
                    let Ok(Ok((index, case))) = next else {
                        return;
                    };
                    // The pool waits for an answer, even if the predicate panics.
                    let is_interesting = guarded(|| predicate(&case)).unwrap_or(false);
                    if answer.send((index, is_interesting)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(answer);
        let mut pool = Pool {
            size,
            cases,
            answers,
        };
        search(case, options, &mut pool, progress)
    })
}
