//! The whole life of a worker, many at once: started, registered, run, its three events handled on
//! the UI thread.

use tokio::runtime::{Builder, Runtime};
use worker_core::{StateChanged, WorkerManager};
use worker_ui_bridge::UiBridge;

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const WORKERS: u32 = 100_000;
const LIMIT_TO_TOKIO: f64 = 1.0;

/// Our default limit of threads. Tokio's is 512, with which it makes more threads than are good for
/// it here, so it is also measured with ours.
const OUR_THREADS: usize = 64;

/// The UI's state: what it has been sent.
#[derive(Default)]
struct Counts {
    events: u32,
    ended: u32,
}

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(WORKERS);
    let mut bridge = UiBridge::new();
    let on_change = |counts: &mut Counts, event: &StateChanged| {
        counts.events += 1;
        counts.ended += u32::from(event.state.is_finished());
    };
    let workers = WorkerManager::builder().events(bridge.handle().state_changes(on_change)).build();
    let ours = || {
        let mut counts = Counts::default();
        let figure = each(count, || {
            for _ in 0..count {
                workers.worker("no-op").thread(|_| Ok(()));
            }
            while counts.ended < count {
                bridge.wait(&mut counts).expect("no worker fails here");
            }
        });
        assert_eq!(counts.events, 3 * count, "pending, running, success");
        figure
    };
    Comparison::of(ours)
        .peer_with_limit("tokio spawn_blocking, joined", LIMIT_TO_TOKIO, tokio(count, None))
        .peer_with_limit("tokio spawn_blocking, 64 threads", LIMIT_TO_TOKIO, tokio(count, Some(OUR_THREADS)))
        .run(effort)
}

/// As many blocking tasks, awaited in order, without events. A current-thread runtime: the blocking
/// pool is the same in every flavour.
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
