//! A task runs on the UI thread, and its context does not open a client that blocks.

use std::sync::Arc;

use worker_core::{Blocking, WorkerManager};
use worker_ui_bridge::UiBridge;

fn main() {
    let bridge: UiBridge<Vec<String>> = UiBridge::new();
    let client = Arc::new(Blocking::new(String::new()));
    WorkerManager::new().worker("builds").task(&bridge.handle(), async move |cx| Ok(client.get(cx).len()));
}
