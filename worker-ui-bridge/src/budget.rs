//! How long a turn may go on.
//!
//! *Invariant.* The clock is read after every entry, except after entries that were quick: then after every second, and at last
//! every fourth one, until one is slow again. So a turn runs at most three entries past its end, and a flood of small ones is not
//! spent on reading the clock.

use std::time::{Duration, Instant};

/// As many entries may be run between two looks at the clock.
const MOST: u32 = 4;

/// What counts as quick, between two looks.
const QUICK: Duration = Duration::from_micros(10);

/// What is left of a turn's time.
#[derive(Debug)]
pub(crate) struct Budget {
    /// `None`: beyond the clock's reach.
    end: Option<Instant>,
    looked_at: Instant,
    /// After so many entries the clock is read.
    every: u32,
    since_look: u32,
}

impl Budget {
    pub(crate) fn new(start: Instant, end: Option<Instant>) -> Self {
        Self { end, looked_at: start, every: 1, since_look: 0 }
    }

    /// Whether the turn must end, now that another entry has been run. Once it must, it must after each.
    pub(crate) fn is_used_up(&mut self, now: impl FnOnce() -> Instant) -> bool {
        let Some(end) = self.end else { return false };
        self.since_look += 1;
        if self.since_look < self.every {
            return false;
        }
        let now = now();
        let used_up = end <= now;
        let quick = now.saturating_duration_since(self.looked_at) < QUICK;
        self.every = if quick && !used_up { (self.every * 2).min(MOST) } else { 1 };
        self.since_look = 0;
        self.looked_at = now;
        used_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs entries that take `each` until the budget is used up, and says how many.
    fn run(budget: Duration, each: impl Fn(u32) -> Duration) -> u32 {
        let start = Instant::now();
        let mut now = start;
        let mut budget = Budget::new(start, Some(start + budget));
        let mut entries = 0;
        loop {
            now += each(entries);
            entries += 1;
            if budget.is_used_up(|| now) {
                return entries;
            }
        }
    }

    #[test]
    fn p20_slow_entries_are_counted_one_by_one() {
        let millisecond = Duration::from_millis(1);
        assert_eq!(run(Duration::ZERO, |_| Duration::ZERO), 1);
        assert_eq!(run(millisecond * 8, |_| millisecond), 8);
    }

    #[test]
    fn p20_at_most_three_slow_entries_come_after_many_quick_ones() {
        let quick = |entry| if entry < 1_000 { Duration::from_nanos(100) } else { Duration::from_secs(1) };
        let slow = run(Duration::from_millis(8), quick) - 1_000;
        assert!((1..=4).contains(&slow), "{slow}: the one that ends it, and three more at most");
    }

    #[test]
    fn p20_after_timers_that_used_it_up_one_entry_is_run() {
        let start = Instant::now();
        let mut budget = Budget::new(start, Some(start + QUICK));
        let mut ticks = 0;
        while !budget.is_used_up(|| start + QUICK / 10 * ticks) {
            ticks += 1;
        }
        assert!(budget.is_used_up(|| start + QUICK * 2), "the turn is over, however quick they were");
    }

    #[test]
    fn p20_without_an_end_the_clock_is_not_read() {
        let mut budget = Budget::new(Instant::now(), None);
        assert!(!budget.is_used_up(|| unreachable!()));
    }
}
