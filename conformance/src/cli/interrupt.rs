//! Handling of interrupts (Ctrl-C).

use conformance::engines::cleanup::{clear_up_and_exit, end_processes};
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status of an interrupted program in a shell: 128 plus the number of the signal.
const INTERRUPTED: i32 = 130;

/// The first interrupt only sets [`STOP`].
static GENTLY: AtomicBool = AtomicBool::new(false);
/// An interrupt came.
static STOP: AtomicBool = AtomicBool::new(false);

/// Makes an interrupt end the processes of VMs as well.
pub(crate) fn clean_up_on_interrupt() {
    // If no handler can be set, or one is set already, an interrupt still ends this program.
    let _ = ctrlc::set_handler(|| {
        let first = !STOP.swap(true, Ordering::Relaxed);
        if !(first && GENTLY.load(Ordering::Relaxed)) {
            clear_up_and_exit(INTERRUPTED);
        }
        // A running VM could delay the end; the result of its program is not needed.
        end_processes();
    });
}

/// Returns a flag that the first interrupt sets; the next one ends this program.
pub(crate) fn stop_gently() -> &'static AtomicBool {
    clean_up_on_interrupt();
    GENTLY.store(true, Ordering::Relaxed);
    &STOP
}
