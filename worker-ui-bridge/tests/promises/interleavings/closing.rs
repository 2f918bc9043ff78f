//! The end of a bridge is a part of the run: what it drops, it drops in order.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use worker_core::{Worker, WorkerManager};
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};

use crate::support::Ui;

/// Which tasks are told of the end, and which values are dropped with what they were posted in, in that order.
fn told_at_the_end(scheduler: &TestScheduler) -> Vec<String> {
    let (told, log) = channel();
    let mut bridge = TestBridge::<Ui>::new(scheduler);
    let workers = WorkerManager::builder().clock(scheduler.clock()).build();
    let ui = bridge.handle();
    for number in 0..8 {
        let told = told.clone();
        let _: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
            let _noted = Noted(format!("task {number}"), told);
            Ok(cx.sleep(Duration::MAX).await?)
        });
    }
    let mut app = Ui::default();
    bridge.run_until_idle(&mut app).unwrap();
    for number in 8..16 {
        let posted = Noted(format!("posted {number}"), told.clone());
        ui.post_latest(format!("{number}"), move |_| drop(posted)).unwrap();
    }
    drop(bridge);
    log.try_iter().collect()
}

/// Says so when it is dropped.
struct Noted(String, Sender<String>);

impl Drop for Noted {
    fn drop(&mut self) {
        let _ = self.1.send(std::mem::take(&mut self.0));
    }
}

#[test]
fn p28_what_a_bridge_drops_when_it_closes_is_dropped_in_order() {
    testing::many(5, |scheduler| {
        let told = told_at_the_end(scheduler);
        let posted = (8..16).map(|number| format!("posted {number}"));
        let tasks = (0..8).map(|number| format!("task {number}"));
        assert_eq!(told, posted.chain(tasks).collect::<Vec<_>>());
    });
}
