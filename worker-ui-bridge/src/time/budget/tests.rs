//! P20: how many entries a budget lets a turn run.

use std::time::{Duration, Instant};

use crate::time::budget::Budget;
use crate::time::clock_sampling::FAST;

/// Runs entries of the given durations until the budget is used up. Returns how many were run.
fn run(budget: Duration, duration_of: impl Fn(u32) -> Duration) -> u32 {
    let start = Instant::now();
    let mut now = start;
    let mut budget = Budget::new(start, Some(start + budget));
    let mut entries = 0;
    loop {
        now += duration_of(entries);
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
fn p20_at_most_three_slow_entries_run_past_the_end_after_many_fast_ones() {
    let durations = |entry| if entry < 1_000 { Duration::from_nanos(100) } else { Duration::from_secs(1) };
    let slow = run(Duration::from_millis(8), durations) - 1_000;
    assert!((1..=4).contains(&slow), "{slow}: the entry that ends the turn, and at most three more");
}

#[test]
fn p20_after_timers_used_up_the_budget_one_entry_is_run() {
    let start = Instant::now();
    let mut budget = Budget::new(start, Some(start + FAST));
    let mut ticks = 0;
    while !budget.is_used_up(|| start + FAST / 10 * ticks) {
        ticks += 1;
    }
    assert!(budget.is_used_up(|| start + FAST * 2), "the turn is over, even after fast timers");
}

#[test]
fn p20_without_an_end_the_clock_is_not_read() {
    let mut budget = Budget::new(Instant::now(), None);
    assert!(!budget.is_used_up(|| unreachable!()));
}
