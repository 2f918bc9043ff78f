//! The end of a bridge is a part of the run: what it drops, it drops in order.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use worker_core::Worker;
use worker_ui_bridge::testing;

use super::stage;
use crate::support::Ui;

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
        let (mut bridge, ui, workers) = stage(scheduler);
        let (told, log) = channel();
        for number in 0..8 {
            let told = told.clone();
            let _: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
                let _noted = Noted(format!("task {number}"), told);
                Ok(cx.sleep(Duration::MAX).await?)
            });
        }
        bridge.run_until_idle(&mut Ui::default()).unwrap();
        for number in 0..8 {
            let posted = Noted(format!("post {number}"), told.clone());
            ui.post_latest(format!("key {number}"), move |_| drop(posted)).unwrap();
        }
        drop(bridge);
        let posts = (0..8).map(|number| format!("post {number}"));
        let tasks = (0..8).map(|number| format!("task {number}"));
        assert_eq!(log.try_iter().collect::<Vec<_>>(), posts.chain(tasks).collect::<Vec<_>>());
    });
}
