//! An exclusive restart beside many live workers of other groups, and beside few.

use std::time::Duration;

use worker_core::{Worker, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const MANY_WORKERS: u32 = 100_000;
const FEW_WORKERS: u32 = 10;
const RESTARTS: u32 = 10_000;
/// Fewer, because each replaced worker is stopped on its thread.
const RESTARTS_OF_RUNNING: u32 = 1_000;
const LIMIT_TO_FEW: f64 = 1.5;

/// The replaced worker is pending: only the registry and the cancel are measured.
pub(crate) fn of_pending(effort: Effort) -> Vec<Line> {
    measure(effort, RESTARTS, |workers| {
        workers.worker("search").group("search").exclusive().paused().thread(|_| Ok(()))
    })
}

/// The replaced worker sleeps in its body, as in an app, if its thread has begun it.
pub(crate) fn of_running(effort: Effort) -> Vec<Line> {
    measure(effort, RESTARTS_OF_RUNNING, |workers| {
        workers.worker("search").group("search").exclusive().thread(|cx| Ok(cx.sleep(Duration::MAX)?))
    })
}

fn measure(effort: Effort, restarts: u32, start: impl Fn(&WorkerManager) -> Worker<()> + Copy) -> Vec<Line> {
    let restarts = effort.count(restarts);
    let [many, few] = [MANY_WORKERS, FEW_WORKERS].map(|count| PendingWorkers::new(effort.count(count)));
    let round = |others: &PendingWorkers| {
        let figure = each(restarts, || (0..restarts).for_each(|_| drop(start(&others.0))));
        others.0.cancel_group("search");
        figure
    };
    Comparison::of(|| round(&many)).peer_with_limit("beside 10", LIMIT_TO_FEW, || round(&few)).run(effort)
}

/// A manager with pending workers, each in a group of its own.
struct PendingWorkers(WorkerManager);

impl PendingWorkers {
    fn new(count: u32) -> Self {
        let workers = WorkerManager::new();
        for number in 0..count {
            workers.worker("other").group(format!("group {number}")).paused().thread(|_| Ok(()));
        }
        Self(workers)
    }
}

impl Drop for PendingWorkers {
    fn drop(&mut self) {
        self.0.cancel_all();
    }
}
