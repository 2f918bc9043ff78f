//! [`ClockSampling`]: after how many entries a turn reads the clock again. Only there for speed.
//!
//! *What it gives.* While entries are slow the clock is read after each; while they are fast, after
//! every second and then after every fourth. A post and its turn on one thread take 53 ns instead
//! of 66 ns (`docs/performance.md`). *Without it* the clock is read after every entry, and a turn
//! ends with the entry that uses up its budget instead of at most three entries later.

use std::time::{Duration, Instant};

/// At most so many entries are run between two reads of the clock.
const MAX_ENTRIES_PER_READ: u32 = 4;

/// Entries are fast if less than this has passed between two reads of the clock.
pub(super) const FAST: Duration = Duration::from_micros(10);

/// When a turn reads the clock.
#[derive(Debug)]
pub(super) struct ClockSampling {
    read_at: Instant,
    /// The clock is read after so many entries.
    interval: u32,
    /// How many have been run since it was read.
    entries: u32,
}

impl ClockSampling {
    /// The clock has been read at `start`; it is read again after the first entry.
    #[inline]
    pub(super) fn new(start: Instant) -> Self {
        Self { read_at: start, interval: 1, entries: 0 }
    }

    /// Counts an entry that has been run. True if the clock must be read now.
    #[inline]
    #[must_use]
    pub(super) fn count_entry(&mut self) -> bool {
        self.entries += 1;
        self.entries >= self.interval
    }

    /// The clock has been read.
    #[inline]
    pub(super) fn record_read(&mut self, now: Instant) {
        let fast = now.saturating_duration_since(self.read_at) < FAST;
        self.interval = if fast { (self.interval * 2).min(MAX_ENTRIES_PER_READ) } else { 1 };
        self.entries = 0;
        self.read_at = now;
    }

    /// Reads the clock after each of the following entries, until they are fast again.
    #[inline]
    pub(super) fn reset(&mut self) {
        self.interval = 1;
    }
}
