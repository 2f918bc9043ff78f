//! A worker's whole life, many at once: started, registered, run, its three events handled on the UI thread.

use tokio::runtime::{Builder, Runtime};
use worker_core::{StateChanged, WorkerManager};
use worker_ui_bridge::UiBridge;

use crate::contest::Contest;
use crate::measure::{Effort, each};
use crate::table::Line;

const WORKERS: u32 = 100_000;
const OF_TOKIO: f64 = 1.0;

/// Our own limit. Tokio's is 512, with which it makes more threads than serve it well here; so it is also given ours.
const OUR_THREADS: usize = 64;

/// What the UI has seen.
#[derive(Default)]
struct Seen {
    events: u32,
    ended: u32,
}

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(WORKERS);
    let mut bridge = UiBridge::new();
    let on_change = |seen: &mut Seen, event: &StateChanged| {
        seen.events += 1;
        seen.ended += u32::from(event.state.is_finished());
    };
    let workers = WorkerManager::builder().events(bridge.handle().state_changes(on_change)).build();
    let ours = || {
        let mut seen = Seen::default();
        let figure = each(count, || {
            for _ in 0..count {
                workers.worker("no-op").thread(|_| Ok(()));
            }
            while seen.ended < count {
                bridge.wait(&mut seen).expect("no worker fails here");
            }
        });
        assert_eq!(seen.events, 3 * count, "pending, running, success");
        figure
    };
    Contest::of(ours)
        .against("tokio spawn_blocking, joined", OF_TOKIO, tokio(count, None))
        .against("tokio spawn_blocking, 64 threads", OF_TOKIO, tokio(count, Some(OUR_THREADS)))
        .run(effort)
}

/// As many blocking tasks, and all of them awaited in order; nobody is told of anything else. A current-thread runtime: its
/// blocking pool is the same in every flavour.
fn tokio(count: u32, threads: Option<usize>) -> impl FnMut() -> f64 {
    let runtime = runtime(threads);
    move || {
        each(count, || {
            runtime.block_on(async {
                let started: Vec<_> = (0..count).map(|_| tokio::task::spawn_blocking(|| ())).collect();
                for task in started {
                    task.await.expect("no task fails");
                }
            });
        })
    }
}

fn runtime(threads: Option<usize>) -> Runtime {
    let mut builder = Builder::new_current_thread();
    if let Some(threads) = threads {
        builder.max_blocking_threads(threads);
    }
    builder.build().expect("a runtime without I/O")
}
