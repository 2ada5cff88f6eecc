//! What an interrupt does.

use conformance::engines::cleanup::{clear_up_and_exit, end_processes};
use std::sync::atomic::{AtomicBool, Ordering};

/// As a shell has it: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// The first interrupt ends the work in an orderly way.
static GENTLY: AtomicBool = AtomicBool::new(false);
/// An interrupt came.
static STOP: AtomicBool = AtomicBool::new(false);

/// Sees to it that an interrupt ends other people's VMs as well.
pub(crate) fn leave_nothing_behind() {
    // Without a handler, or with one that is there already, it ends this program all the same.
    let _ = ctrlc::set_handler(|| {
        let first = !STOP.swap(true, Ordering::Relaxed);
        if !(first && GENTLY.load(Ordering::Relaxed)) {
            clear_up_and_exit(INTERRUPTED);
        }
        // Nobody waits for what a VM may take; what it did last does not count.
        end_processes();
    });
}

/// Lets the first interrupt only set what is returned; the next one ends this program.
pub(crate) fn stop_gently() -> &'static AtomicBool {
    leave_nothing_behind();
    GENTLY.store(true, Ordering::Relaxed);
    &STOP
}
