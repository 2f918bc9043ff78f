//! Tasks that end at their first poll, started and polled on the UI thread, a batch at a time.

use crossbeam_channel::unbounded;
use worker_core::WorkerManager;
use worker_ui_bridge::UiBridge;

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const BATCHES: u32 = 200;
const BATCH_SIZE: u32 = 100;
const LIMIT_TO_ASYNC_TASK: f64 = 1.5;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let batches = effort.count(BATCHES);
    let mut bridge = UiBridge::new();
    let (ui, workers) = (bridge.handle(), WorkerManager::new());
    let ours = || {
        each(batches * BATCH_SIZE, || {
            for _ in 0..batches {
                for _ in 0..BATCH_SIZE {
                    workers.worker("no-op").task(&ui, async |_| Ok(()));
                }
                while !workers.is_empty() {
                    bridge.pump(&mut ()).expect("no worker fails here");
                }
            }
        })
    };
    Comparison::of(ours)
        .peer_with_limit("async-task over crossbeam", LIMIT_TO_ASYNC_TASK, move || async_task(batches))
        .run(effort)
}

/// Bare tasks: made, sent through a channel, polled once and detached.
fn async_task(batches: u32) -> f64 {
    let (sender, runnables) = unbounded();
    each(batches * BATCH_SIZE, || {
        for _ in 0..batches {
            for _ in 0..BATCH_SIZE {
                let sender = sender.clone();
                let schedule = move |runnable| sender.send(runnable).expect("the loop runs");
                let (runnable, task) = async_task::spawn(async {}, schedule);
                runnable.schedule();
                task.detach();
            }
            while let Ok(runnable) = runnables.try_recv() {
                runnable.run();
            }
        }
    })
}
