//! A task on the UI thread cannot call what blocks.

use worker_core::{WorkerContext, WorkerManager};
use worker_ui_bridge::UiBridge;

fn fetch(_cx: &WorkerContext) -> Vec<String> {
    Vec::new()
}

fn main() {
    let bridge: UiBridge<Vec<String>> = UiBridge::new();
    WorkerManager::new().worker("builds").task(&bridge.handle(), async |cx| Ok(fetch(cx)));
}
