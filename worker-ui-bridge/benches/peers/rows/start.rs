//! Starting one worker and waiting for it, again and again.

use crossbeam_channel::bounded;
use worker_core::WorkerManager;

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::one_core::OneCore;
use crate::ping_pong;
use crate::table::Line;

const WORKERS: u32 = 1_000;
const LIMIT_TO_TOKIO: f64 = 0.5;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(WORKERS);
    Comparison::of(ours(count))
        .peer_with_limit("tokio spawn_blocking", LIMIT_TO_TOKIO, tokio(count))
        .peer("park and unpark", ping_pong::round(count))
        .peer("blocking::unblock", move || unblock(count))
        .peer("rayon spawn, bounded(1)", move || rayon(count))
        .run(effort)
}

/// The same with all threads on one core. For information: two thread switches alone take more than
/// half of tokio's time there.
pub(crate) fn on_one_core(effort: Effort) -> Vec<Line> {
    let count = effort.count(WORKERS);
    let Some(_pinned) = OneCore::pin() else { return Vec::new() };
    Comparison::of(ours(count))
        .peer("tokio spawn_blocking", tokio(count))
        .peer("park and unpark", ping_pong::round(count))
        .run(effort)
}

fn ours(count: u32) -> impl FnMut() -> f64 {
    let workers = WorkerManager::new();
    move || {
        each(count, || {
            for _ in 0..count {
                workers.worker("no-op").thread(|_| Ok(())).wait().expect("a no-op does not fail");
            }
        })
    }
}

/// A blocking task awaited in `block_on`, on a current-thread runtime.
fn tokio(count: u32) -> impl FnMut() -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without I/O");
    move || {
        each(count, || {
            runtime.block_on(async {
                for _ in 0..count {
                    tokio::task::spawn_blocking(|| ()).await.expect("a no-op does not fail");
                }
            });
        })
    }
}

fn unblock(count: u32) -> f64 {
    each(count, || (0..count).for_each(|_| pollster::block_on(blocking::unblock(|| ()))))
}

/// A job of the global pool, which signals its end over a channel made for it.
fn rayon(count: u32) -> f64 {
    each(count, || {
        for _ in 0..count {
            let (sender, receiver) = bounded(1);
            rayon_core::spawn(move || sender.send(()).expect("the receiver waits"));
            receiver.recv().expect("the job sends");
        }
    })
}
