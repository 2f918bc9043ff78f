//! P28: a closing bridge drops its entries and tasks in a fixed order.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use worker_core::Worker;
use worker_ui_bridge::testing;

use super::fixture;
use crate::support::App;

/// Sends its name when it is dropped.
struct SendOnDrop(String, Sender<String>);

impl Drop for SendOnDrop {
    fn drop(&mut self) {
        let _ = self.1.send(std::mem::take(&mut self.0));
    }
}

#[test]
fn p28_what_a_bridge_drops_when_it_closes_is_dropped_in_order() {
    testing::many(5, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let (sender, dropped) = channel();
        for number in 0..8 {
            let sender = sender.clone();
            let _: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
                let _guard = SendOnDrop(format!("task {number}"), sender);
                Ok(cx.sleep(Duration::MAX).await?)
            });
        }
        bridge.run_until_idle(&mut App::default()).unwrap();
        for number in 0..8 {
            let posted = SendOnDrop(format!("post {number}"), sender.clone());
            ui.post_latest(format!("key {number}"), move |_| drop(posted)).unwrap();
        }
        drop(bridge);
        let posts = (0..8).map(|number| format!("post {number}"));
        let tasks = (0..8).map(|number| format!("task {number}"));
        assert_eq!(dropped.try_iter().collect::<Vec<_>>(), posts.chain(tasks).collect::<Vec<_>>());
    });
}
