//! Async workers on the UI's loop that end at their first poll: started and polled on the same thread, a batch at a time.

use crossbeam_channel::unbounded;
use worker_core::WorkerManager;
use worker_ui_bridge::UiBridge;

use crate::contest::Contest;
use crate::measure::{Effort, each};
use crate::table::Line;

const BATCHES: u32 = 200;
const IN_A_BATCH: u32 = 100;
const OF_ASYNC_TASK: f64 = 1.5;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let batches = effort.count(BATCHES);
    let mut bridge = UiBridge::new();
    let (ui, workers) = (bridge.handle(), WorkerManager::new());
    let ours = || {
        each(batches * IN_A_BATCH, || {
            for _ in 0..batches {
                for _ in 0..IN_A_BATCH {
                    workers.worker("no-op").task(&ui, async |_| Ok(()));
                }
                while !workers.is_empty() {
                    bridge.pump(&mut ()).expect("no worker fails here");
                }
            }
        })
    };
    Contest::of(ours)
        .against("async-task over crossbeam", OF_ASYNC_TASK, move || async_task(batches))
        .run(effort)
}

/// Bare tasks: made, sent through a channel, polled once; nobody asks for their results.
fn async_task(batches: u32) -> f64 {
    let (sender, runnables) = unbounded();
    each(batches * IN_A_BATCH, || {
        for _ in 0..batches {
            for _ in 0..IN_A_BATCH {
                let sender = sender.clone();
                let schedule = move |runnable| sender.send(runnable).expect("the loop is there");
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
