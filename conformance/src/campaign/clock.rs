//! When a campaign has to stop.

use super::options::Options;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long after the deadline an engine may still be running.
const GRACE: Duration = Duration::from_secs(1);
/// The deadline of a campaign without one.
const NO_DEADLINE: u64 = u64::MAX;
/// Reduction gets 1/REDUCTION_PART of the campaign's time, at most [`MAX_REDUCTION`].
const REDUCTION_PART: u32 = 5;
const MAX_REDUCTION: Duration = Duration::from_secs(60);

/// The time of a campaign, shared by its threads.
pub(super) struct Clock<'a> {
    options: &'a Options,
    started: Instant,
    /// The time that earlier sessions took.
    before: Duration,
    /// True once there is a finding to reduce.
    has_findings: AtomicBool,
    /// When the current work has to be over, in milliseconds since the start of the campaign.
    deadline: AtomicU64,
}

impl<'a> Clock<'a> {
    /// Starts the clock of a session, given the time that earlier sessions took.
    pub(super) fn start(options: &'a Options, before: Duration, has_findings: bool) -> Clock<'a> {
        Clock {
            options,
            started: Instant::now(),
            before,
            has_findings: AtomicBool::new(has_findings),
            deadline: AtomicU64::new(NO_DEADLINE),
        }
    }

    /// Returns the time since the start of the campaign, earlier sessions included.
    pub(super) fn elapsed(&self) -> Duration {
        self.before + self.session()
    }

    /// Returns the time since the start of this session.
    pub(super) fn session(&self) -> Duration {
        self.started.elapsed()
    }

    /// Remembers that there is a finding, for which time to reduce it is reserved.
    pub(super) fn reserve_reduction(&self) {
        self.has_findings.store(true, Ordering::Relaxed);
    }

    /// Returns the part of a time limit that is reserved for reduction.
    pub(super) fn reduction_time(&self, limit: Duration) -> Duration {
        (limit.saturating_sub(self.before) / REDUCTION_PART).min(MAX_REDUCTION)
    }

    /// Sets when the current work has to be over, since the start of the campaign.
    pub(super) fn set_deadline(&self, deadline: Option<Duration>) {
        let deadline = deadline.map_or(NO_DEADLINE, |deadline| {
            u64::try_from(deadline.as_millis()).unwrap_or(NO_DEADLINE)
        });
        self.deadline.store(deadline, Ordering::Relaxed);
    }

    /// Returns when the current work has to be over, since the start of the campaign.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let deadline = self.deadline.load(Ordering::Relaxed);
        (deadline != NO_DEADLINE).then_some(Duration::from_millis(deadline))
    }

    /// Returns true if no more programs are to be started.
    pub(super) fn is_over(&self) -> bool {
        let is_late = |limit: Duration| {
            let reserved = match self.options.reduce && self.has_findings.load(Ordering::Relaxed) {
                true => self.reduction_time(limit),
                false => Duration::ZERO,
            };
            self.elapsed() >= limit.saturating_sub(reserved)
        };
        self.options.stop.load(Ordering::Relaxed) || self.options.time.is_some_and(is_late)
    }

    /// Returns true if what the engines are running is no longer needed; a result that arrives
    /// after that may come from an engine that was killed, so it does not count.
    pub(super) fn is_cut_short(&self) -> bool {
        let is_late = |deadline: Duration| self.elapsed() >= deadline.saturating_add(GRACE);
        self.options.stop.load(Ordering::Relaxed) || self.deadline().is_some_and(is_late)
    }
}
