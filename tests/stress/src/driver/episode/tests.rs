//! What a seed promises.

use std::mem::discriminant;

use super::run_episode;
use crate::driver::campaign::silence_planned_panics;
use crate::driver::plan::{Plan, Threads};
use crate::driver::watchdog::Watchdog;
use crate::history::{Stamp, What};

/// Everything that was seen in an episode, without the times.
fn seen(episode: u64) -> Vec<(Stamp, String)> {
    let outcome = run_episode(&Plan::new(7, episode, Threads::Scheduler, 4, 60), &Watchdog::new());
    assert_eq!(outcome.failure, None);
    let history = outcome.history;
    let logs = (0..history.count()).flat_map(|case| history.log(case));
    // Reasons name other workers by numbers that are never used again.
    let text = |what: &What| match what {
        What::Cancelled { reason, .. } | What::Final { reason, .. } => {
            format!("{:?} {:?}", discriminant(what), reason.as_ref().map(discriminant))
        }
        _ => format!("{what:?}"),
    };
    logs.chain(history.outside()).map(|seen| (seen.stamp, text(&seen.what))).collect()
}

#[test]
fn the_scheduler_runs_an_episode_again_exactly() {
    silence_planned_panics();
    for episode in 0..20 {
        assert_eq!(seen(episode), seen(episode), "episode {episode}");
    }
}

#[test]
fn a_plan_is_that_of_its_seed() {
    let plan = |seed, episode| format!("{:?}", Plan::new(seed, episode, Threads::System, 4, 400));
    assert_eq!(plan(1, 2), plan(1, 2));
    assert_ne!(plan(1, 2), plan(1, 3));
    assert_ne!(plan(1, 2), plan(2, 2));
}
