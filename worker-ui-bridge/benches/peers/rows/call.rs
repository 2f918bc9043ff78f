//! Calls to the UI thread, each waiting for its reply, one after the other.

use std::thread;

use crossbeam_channel::bounded;
use tokio::sync::oneshot;
use worker_core::WorkerManager;
use worker_ui_bridge::UiHandle;

use crate::bench_ui::{App, BenchUi, CAPACITY, ChannelLoop, Job};
use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::one_core::OneCore;
use crate::ping_pong;
use crate::table::Line;

const CALLS: u32 = 2_000;
const LIMIT_TO_CROSSBEAM: f64 = 1.10;
const LIMIT_TO_PARKING: f64 = 1.5;

/// Called in a worker's body, as an app does.
pub(crate) fn from_a_worker(effort: Effort) -> Vec<Line> {
    let (bench_ui, workers) = (BenchUi::start(), WorkerManager::new());
    let calls = effort.count(CALLS);
    compare(effort, move || {
        let ui = bench_ui.ui.clone();
        let worker = workers.worker("call").thread(move |_| Ok(call(&ui, calls)));
        *worker.wait().expect("no call fails here")
    })
    .run(effort)
}

/// The same with all threads on one core: the cost of the work, without that of waking a core.
pub(crate) fn on_one_core(effort: Effort) -> Vec<Line> {
    OneCore::pin().map_or_else(Vec::new, |_pinned| from_a_worker(effort))
}

/// Called on a thread that runs no worker.
pub(crate) fn from_a_thread(effort: Effort) -> Vec<Line> {
    let bench_ui = BenchUi::start();
    let calls = effort.count(CALLS);
    compare(effort, move || call(&bench_ui.ui, calls)).run(effort)
}

fn call(ui: &UiHandle<App>, calls: u32) -> f64 {
    each(calls, || {
        for value in 0..u64::from(calls) {
            let called = ui.call_from_thread(move |app| {
                app.add(value);
                app.sum
            });
            called.expect("the bridge is open");
        }
    })
}

fn compare<'a>(effort: Effort, ours: impl FnMut() -> f64 + 'a) -> Comparison<'a> {
    let calls = effort.count(CALLS);
    Comparison::of(ours)
        .peer_with_limit("crossbeam, bounded(1) for the answer", LIMIT_TO_CROSSBEAM, crossbeam(calls))
        .peer_with_limit("park and unpark", LIMIT_TO_PARKING, ping_pong::round(calls))
        .peer("tokio mpsc + oneshot", tokio(calls))
        .peer("std mpsc both ways", std_mpsc(calls))
}

/// A boxed closure to a loop thread, the answer over a channel made for this call.
fn crossbeam(calls: u32) -> impl FnMut() -> f64 {
    let channel_loop = ChannelLoop::start();
    move || {
        each(calls, || {
            for value in 0..u64::from(calls) {
                let (sender, reply) = bounded(1);
                channel_loop.send(move |app| {
                    app.add(value);
                    let _ = sender.send(app.sum);
                });
                reply.recv().expect("the loop answers");
            }
        })
    }
}

/// A boxed closure over tokio's channel, the answer over its oneshot; both threads block.
fn tokio(calls: u32) -> impl FnMut() -> f64 {
    let (job_sender, mut jobs) = tokio::sync::mpsc::channel::<Job>(CAPACITY);
    // Ends with the sender.
    thread::spawn(move || {
        let mut app = App::default();
        while let Some(job) = jobs.blocking_recv() {
            job(&mut app);
        }
    });
    move || {
        each(calls, || {
            for value in 0..u64::from(calls) {
                let (sender, reply) = oneshot::channel();
                let job: Job = Box::new(move |app| {
                    app.add(value);
                    let _ = sender.send(app.sum);
                });
                assert!(job_sender.blocking_send(job).is_ok(), "the loop runs");
                reply.blocking_recv().expect("the loop answers");
            }
        })
    }
}

/// The same over the standard library's channels.
fn std_mpsc(calls: u32) -> impl FnMut() -> f64 {
    use std::sync::mpsc::sync_channel;

    let (job_sender, jobs) = sync_channel::<Job>(CAPACITY);
    // Ends with the sender.
    thread::spawn(move || {
        let mut app = App::default();
        for job in jobs {
            job(&mut app);
        }
    });
    move || {
        each(calls, || {
            for value in 0..u64::from(calls) {
                let (sender, reply) = sync_channel(1);
                let job: Job = Box::new(move |app| {
                    app.add(value);
                    let _ = sender.send(app.sum);
                });
                assert!(job_sender.send(job).is_ok(), "the loop runs");
                reply.recv().expect("the loop answers");
            }
        })
    }
}
