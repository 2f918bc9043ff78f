//! A callback to the UI thread and its answer back, one after the other.

use std::thread;

use crossbeam_channel::bounded;
use tokio::sync::oneshot;
use worker_core::WorkerManager;
use worker_ui_bridge::UiHandle;

use crate::contest::Contest;
use crate::measure::{Effort, each};
use crate::one_core::OneCore;
use crate::ping_pong;
use crate::stage::{App, Job, PlainThread, ROOM, UiThread};
use crate::table::Line;

const CALLS: u32 = 2_000;
const OF_CROSSBEAM: f64 = 1.10;
const OF_PARKING: f64 = 1.5;

/// Called where an app calls: in a worker's body.
pub(crate) fn from_a_worker(effort: Effort) -> Vec<Line> {
    let (stage, workers) = (UiThread::start(), WorkerManager::new());
    let calls = effort.count(CALLS);
    contest(effort, move || {
        let ui = stage.ui.clone();
        let worker = workers.worker("call").thread(move |_| Ok(call(&ui, calls)));
        *worker.wait().expect("no call fails here")
    })
    .run(effort)
}

/// The same with everybody on one core: the cost of the work, without that of waking a core.
pub(crate) fn on_one_core(effort: Effort) -> Vec<Line> {
    OneCore::pin().map_or_else(Vec::new, |_pinned| from_a_worker(effort))
}

/// Called on a thread that is no worker's.
pub(crate) fn from_a_thread(effort: Effort) -> Vec<Line> {
    let stage = UiThread::start();
    let calls = effort.count(CALLS);
    contest(effort, move || call(&stage.ui, calls)).run(effort)
}

fn call(ui: &UiHandle<App>, calls: u32) -> f64 {
    each(calls, || {
        for value in 0..u64::from(calls) {
            let answer = ui.call_from_thread(move |app| {
                app.add(value);
                app.sum
            });
            answer.expect("the UI is there");
        }
    })
}

fn contest<'a>(effort: Effort, ours: impl FnMut() -> f64 + 'a) -> Contest<'a> {
    let calls = effort.count(CALLS);
    Contest::of(ours)
        .against("crossbeam, bounded(1) for the answer", OF_CROSSBEAM, crossbeam(calls))
        .against("park and unpark", OF_PARKING, ping_pong::round(calls))
        .beside("tokio mpsc + oneshot", tokio(calls))
        .beside("std mpsc both ways", std_mpsc(calls))
}

/// A boxed closure to a loop thread, the answer over a channel made for this call.
fn crossbeam(calls: u32) -> impl FnMut() -> f64 {
    let plain = PlainThread::start();
    move || {
        each(calls, || {
            for value in 0..u64::from(calls) {
                let (answer, reply) = bounded(1);
                plain.send(move |app| {
                    app.add(value);
                    let _ = answer.send(app.sum);
                });
                reply.recv().expect("the loop answers");
            }
        })
    }
}

/// A boxed closure over tokio's channel, the answer over its oneshot; both threads block.
fn tokio(calls: u32) -> impl FnMut() -> f64 {
    let (sender, mut jobs) = tokio::sync::mpsc::channel::<Job>(ROOM);
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
                let (answer, reply) = oneshot::channel();
                let job: Job = Box::new(move |app| {
                    app.add(value);
                    let _ = answer.send(app.sum);
                });
                assert!(sender.blocking_send(job).is_ok(), "the loop is there");
                reply.blocking_recv().expect("the loop answers");
            }
        })
    }
}

/// The same over the standard library's channels.
fn std_mpsc(calls: u32) -> impl FnMut() -> f64 {
    use std::sync::mpsc::sync_channel;

    let (sender, jobs) = sync_channel::<Job>(ROOM);
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
                let (answer, reply) = sync_channel(1);
                let job: Job = Box::new(move |app| {
                    app.add(value);
                    let _ = answer.send(app.sum);
                });
                assert!(sender.send(job).is_ok(), "the loop is there");
                reply.recv().expect("the loop answers");
            }
        })
    }
}
