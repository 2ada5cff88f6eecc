//! An engine that panics has crashed, and no more than that.

use crate::case::Case;
use crate::engine::{Ending, Engine, Observation};
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread;

thread_local! {
    /// Where the last guarded panic of this thread happened; none while nothing is guarded.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lets an engine run a case; a panic of the engine is a crash with the panic's words.
pub fn observe(engine: &mut dyn Engine, case: &Case) -> Observation {
    let (result, place) = quietly(|| engine.observe(case));
    result.unwrap_or_else(|payload| {
        let words = match (
            payload.downcast_ref::<&str>(),
            payload.downcast_ref::<String>(),
        ) {
            (Some(words), _) => words,
            (_, Some(words)) => words.as_str(),
            _ => "(no words)",
        };
        let detail = format!("{} panicked at {place}: {words}", engine.name());
        Observation::of(Ending::Crashed).with_detail(detail)
    })
}

/// Lets something be done; if it panics, the panic's payload in place of the result. And where.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> (thread::Result<T>, String) {
    quieten();
    let before = PLACE.replace(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let place = PLACE.replace(before).unwrap_or_default();
    (result, place)
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
