//! One of several equal parts of a campaign.

use std::fmt;

/// One of `count` equal parts: the programs whose number leaves `index` when divided by `count`.
///
/// The programs of a shard are counted in turns, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// The index of this part, from 0.
    pub index: u64,
    /// The number of parts; at least 1.
    pub count: u64,
}

impl Shard {
    /// The only part of a campaign that is not divided.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// Returns how many programs with a number below `runs` belong to this shard.
    pub(super) fn turns(self, runs: u64) -> u64 {
        runs.saturating_sub(self.index).div_ceil(self.count.max(1))
    }

    /// Returns the number of the program of a turn.
    pub(super) fn number(self, turn: u64) -> u64 {
        turn.saturating_mul(self.count.max(1))
            .saturating_add(self.index)
    }

    /// Returns the number of turns that a shard without an end can have.
    pub(super) fn max_turns(self) -> u64 {
        u64::MAX / self.count.max(1) - 1
    }
}

/// Writes the shard as `--shard` takes it: `1/3`, `2/3`, `3/3`, where `3/3` has index 0.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = if self.index == 0 {
            self.count
        } else {
            self.index
        };
        write!(f, "{which}/{}", self.count)
    }
}
