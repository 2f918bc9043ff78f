//! [`FloodPacing`]: a short spin between the small turns of a flood. Only there for speed.
//!
//! *What it gives.* A UI thread that takes a few entries at a time from a flood of posts empties
//! the queue again and again, and each time the queue's cache lines move between two cores: 400 ns
//! a post. If it spins for some microseconds between such turns, the queue fills, and a turn takes
//! tens or hundreds of entries: 205 ns a post (`docs/decisions/0010-who-yields-who-sleeps.md`). It
//! spins and does not yield, because rescheduling is slow. A turn of one to three entries does not
//! start it: its callers may be blocked in calls. *Without it* posts from other cores are slower in
//! a flood and nothing else changes.

use std::hint;
use std::ops::Range;

/// How often the loop spins before it looks at the queue: some microseconds.
const SPINS_BETWEEN_TURNS: u32 = 200;

/// A turn that takes so many entries is small for a flood, but more than a few blocked calls.
const SMALL_TURN: Range<u64> = 4..512;

/// Whether the loop spins before its next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FloodPacing {
    /// No: it parked before the last turn, or that was not a small one.
    Off,
    /// Yes: the last turn was small, and its entries were queued before the loop could park.
    Spinning,
}

impl FloodPacing {
    /// Spins if it must.
    #[inline]
    pub(super) fn before_wait(self) {
        if self == Self::Spinning {
            (0..SPINS_BETWEEN_TURNS).for_each(|_| hint::spin_loop());
        }
    }

    /// The pacing after a turn that took so many entries.
    #[inline]
    pub(super) fn after_turn(taken: u64, parked: bool) -> Self {
        if SMALL_TURN.contains(&taken) && !parked { Self::Spinning } else { Self::Off }
    }
}
