//! A short run, for every test run. The long ones are the program's.

use std::sync::{Mutex, PoisonError};

use stress::{Settings, Threads, run_campaign};

/// Runs a campaign. One at a time, for it counts the threads of the process.
fn run(settings: &Settings) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(report) = run_campaign(settings) {
        panic!("{report}");
    }
}

#[test]
fn three_seeds_on_threads_of_the_system() {
    for seed in 1..=3 {
        run(&Settings::new(seed, 6_000));
    }
}

#[test]
fn two_hundred_episodes_under_the_scheduler() {
    run(&Settings { mode: Threads::Scheduler, episodes: 200, ..Settings::new(4, u64::MAX) });
}
