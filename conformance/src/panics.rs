//! An engine that panics has crashed, and no more than that.

use crate::case::Case;
use crate::engine::{Ending, Engine, Observation};
use crate::engines::reference;
use crate::reference::{ClauseHit, HitFilter, Query, ReferenceRun};
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Where the last guarded panic of this thread happened; none while nothing is guarded.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lets an engine run a case; a panic of the engine is a crash with the panic's words.
pub fn observe(engine: &mut dyn Engine, case: &Case) -> Observation {
    match guarded(|| engine.observe(case)) {
        Ok(seen) => seen,
        Err(words) => crashed(engine.name(), &words),
    }
}

/// Lets the reference run a case, likewise.
pub(crate) fn read(case: &Case) -> ReferenceRun {
    guarded(|| reference::read(case)).unwrap_or_else(|words| ReferenceRun {
        observation: crashed("the reference", &words),
        steps: 0,
    })
}

/// The same, and which clauses the reference applied, if it is asked.
pub(crate) fn read_marked(case: &Case, asked: bool) -> (ReferenceRun, Vec<ClauseHit>) {
    let question = Query {
        hits: HitFilter::First,
        ..Query::default()
    };
    match asked.then(|| guarded(|| reference::ask(case, &question))) {
        Some(Ok(answer)) => (answer.run, answer.hits),
        Some(Err(_)) | None => (read(case), Vec::new()),
    }
}

fn crashed(who: &str, words: &str) -> Observation {
    Observation::of(Ending::Crashed).with_detail(format!("{who} panicked {words}"))
}

/// What `work` gives; if it panics, where it did, and its words.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    quieten();
    // One may stand in another.
    let around = PLACE.replace(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let place = PLACE.replace(around).unwrap_or_default();
    result.map_err(|payload| {
        let words = match (
            payload.downcast_ref::<&str>(),
            payload.downcast_ref::<String>(),
        ) {
            (Some(words), _) => words,
            (_, Some(words)) => words.as_str(),
            _ => "(no words)",
        };
        format!("at {place}: {words}")
    })
}

/// Keeps guarded panics from writing to standard error; all others go on as before.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let guarded = PLACE.try_with(|place| match &mut *place.borrow_mut() {
                Some(place) => {
                    *place = info.location().map(ToString::to_string).unwrap_or_default();
                    true
                }
                None => false,
            });
            if guarded != Ok(true) {
                before(info);
            }
        }));
    });
}
