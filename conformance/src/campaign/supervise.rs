//! Waits for the threads of a campaign.

use super::clock::Clock;
use super::error::Error;
use super::options::Options;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often the progress is reported.
const HEARTBEAT: Duration = Duration::from_millis(200);

/// Waits until all threads have ended and returns the first error. Calls `meanwhile` at each
/// heartbeat. Kills the engines once their results are no longer needed.
pub(super) fn supervise(
    options: &Options,
    clock: &Clock,
    finished: &Receiver<Result<(), Error>>,
    mut meanwhile: impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    let mut result = Ok(());
    loop {
        match finished.recv_timeout(HEARTBEAT) {
            Ok(ended) => result = result.and(ended),
            Err(RecvTimeoutError::Disconnected) => return result,
            Err(RecvTimeoutError::Timeout) => {
                if clock.is_cut_short() {
                    (options.kill_engines)();
                }
                if result.is_ok() {
                    result = meanwhile();
                }
            }
        }
    }
}
