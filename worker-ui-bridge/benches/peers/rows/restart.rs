//! An exclusive restart beside many live workers of other groups, and beside few.

use std::time::Duration;

use worker_core::{Worker, WorkerManager};

use crate::contest::Contest;
use crate::measure::{Effort, each};
use crate::table::Line;

const MANY: u32 = 100_000;
const FEW: u32 = 10;
const RESTARTS: u32 = 10_000;
/// Those that run are stopped by their threads.
const RESTARTS_OF_RUNNING: u32 = 1_000;
const OF_FEW: f64 = 1.5;

/// The one that is replaced has not begun: only the registry and the cancel are measured.
pub(crate) fn of_pending(effort: Effort) -> Vec<Line> {
    measure(effort, RESTARTS, |workers| {
        workers.worker("search").group("search").exclusive().paused().thread(|_| Ok(()))
    })
}

/// The one that is replaced sleeps in its body, as in an app, if it has come so far.
pub(crate) fn of_running(effort: Effort) -> Vec<Line> {
    measure(effort, RESTARTS_OF_RUNNING, |workers| {
        workers.worker("search").group("search").exclusive().thread(|cx| Ok(cx.sleep(Duration::MAX)?))
    })
}

fn measure(effort: Effort, restarts: u32, start: impl Fn(&WorkerManager) -> Worker<()> + Copy) -> Vec<Line> {
    let restarts = effort.count(restarts);
    let [many, few] = [MANY, FEW].map(|count| Crowd::of(effort.count(count)));
    let round = |crowd: &Crowd| {
        let figure = each(restarts, || (0..restarts).for_each(|_| drop(start(&crowd.0))));
        crowd.0.cancel_group("search");
        figure
    };
    Contest::of(|| round(&many)).against("beside 10", OF_FEW, || round(&few)).run(effort)
}

/// A manager with so many pending workers, each in a group of its own.
struct Crowd(WorkerManager);

impl Crowd {
    fn of(count: u32) -> Self {
        let workers = WorkerManager::new();
        for number in 0..count {
            workers.worker("other").group(format!("group {number}")).paused().thread(|_| Ok(()));
        }
        Self(workers)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.0.cancel_all();
    }
}
