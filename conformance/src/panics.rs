//! Panics of engines: an engine that panics has crashed, and the harness goes on.

use crate::case::Case;
use crate::engine::{self, Ending, Engine, Expectation, Judgement, Observation, StartError};
use crate::engines::reference;
use crate::reference::{ClauseHit, HitFilter, Query, ReferenceRun};
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Where the last guarded panic of this thread happened; `None` while nothing is guarded.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Judges a case as [`engine::judge`] does; a panic of the engine is a crash with the panic's
/// message.
pub(crate) fn try_judge(
    engine: &mut dyn Engine,
    case: &Case,
    expectation: Expectation<'_>,
) -> Result<Judgement, StartError> {
    guarded(|| engine::judge(engine, case, expectation)).unwrap_or_else(|message| {
        let found = crashed(engine.name(), &message);
        Ok(Judgement::of(engine, case, expectation, found))
    })
}

/// Judges a case as [`engine::judge`] does; an engine that panics, or does not start any more, has
/// crashed.
pub(crate) fn judge(
    engine: &mut dyn Engine,
    case: &Case,
    expectation: Expectation<'_>,
) -> Judgement {
    try_judge(engine, case, expectation).unwrap_or_else(|error| {
        let found = not_started(&error);
        Judgement::of(engine, case, expectation, found)
    })
}

/// Runs a case on an engine, whether or not it applies; an engine that panics, or does not start any
/// more, has crashed.
pub(crate) fn observe(engine: &mut dyn Engine, case: &Case) -> Observation {
    match guarded(|| engine.run(case)) {
        Ok(Ok(seen)) => seen,
        Ok(Err(error)) => not_started(&error),
        Err(message) => crashed(engine.name(), &message),
    }
}

fn not_started(error: &StartError) -> Observation {
    Observation::of(Ending::Crashed).with_detail(error.to_string())
}

/// Runs a case on the reference; a panic of the reference is a crash as well.
pub(crate) fn read(case: &Case) -> ReferenceRun {
    guarded(|| reference::read(case)).unwrap_or_else(|message| ReferenceRun {
        observation: crashed("the reference", &message),
        steps: 0,
    })
}

/// Runs a case on the reference, and returns which clauses it applied, if `asked`.
pub(crate) fn read_marked(case: &Case, asked: bool) -> (ReferenceRun, Vec<ClauseHit>) {
    let query = Query {
        hits: HitFilter::First,
        ..Query::default()
    };
    match asked.then(|| guarded(|| reference::ask(case, &query))) {
        Some(Ok(answer)) => (answer.run, answer.hits),
        Some(Err(_)) | None => (read(case), Vec::new()),
    }
}

fn crashed(name: &str, message: &str) -> Observation {
    Observation::of(Ending::Crashed).with_detail(format!("{name} panicked {message}"))
}

/// Returns the result of `work`; if it panics, where, and its message.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    silence();
    // Guards may be nested.
    let around = PLACE.replace(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let place = PLACE.replace(around).unwrap_or_default();
    result.map_err(|payload| {
        let message = match (
            payload.downcast_ref::<&str>(),
            payload.downcast_ref::<String>(),
        ) {
            (Some(message), _) => message,
            (_, Some(message)) => message.as_str(),
            _ => "(no message)",
        };
        format!("at {place}: {message}")
    })
}

/// Keeps guarded panics from writing to standard error; all others do so as before.
fn silence() {
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
