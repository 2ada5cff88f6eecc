//! Several who look at candidates at the same time.

use super::{Judges, Options, Progress, Reduced, Refused, search};
use crate::case::Case;
use crate::panics::guarded;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// What tells whether a case is interesting; it stays in the thread that it was made in.
pub type Judge = Box<dyn FnMut(&Case) -> bool>;

/// Those who are at work: cases go to whoever is free.
pub(super) struct Pool {
    size: usize,
    cases: Sender<(usize, Case)>,
    answers: Receiver<(usize, bool)>,
}

impl Pool {
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether each case is interesting. Where nobody is left to tell, none is.
    pub(super) fn ask(&self, cases: Vec<Case>) -> Vec<bool> {
        let mut told = vec![false; cases.len()];
        let count = cases.len();
        for case in cases.into_iter().enumerate() {
            let _ = self.cases.send(case);
        }
        for (index, answer) in self.answers.iter().take(count) {
            told[index] = answer;
        }
        told
    }
}

/// Reduces a case as [`super::reduce_with`] does, with several judges at work, each made by `hire`
/// in its own thread. How many there are makes no difference to the result.
pub fn reduce_together(
    case: &Case,
    options: &Options,
    jobs: usize,
    hire: &(dyn Fn() -> Judge + Sync),
    progress: &mut dyn FnMut(Progress),
) -> Result<Reduced, Refused> {
    let size = jobs.max(1);
    thread::scope(|scope| {
        let (cases, open) = channel::<(usize, Case)>();
        let (answer, answers) = channel();
        let open = Arc::new(Mutex::new(open));
        for _ in 0..size {
            let (open, answer) = (open.clone(), answer.clone());
            scope.spawn(move || {
                let mut judge = hire();
                loop {
                    let next = open.lock().map(|open| open.recv());
                    let Ok(Ok((index, case))) = next else {
                        return;
                    };
                    // Who breaks down over a case has no answer; somebody waits for one.
                    let found = guarded(|| judge(&case)).unwrap_or(false);
                    if answer.send((index, found)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(answer);
        let crew = Pool {
            size,
            cases,
            answers,
        };
        search(case, options, &mut Judges::Pool(&crew), progress)
    })
}
