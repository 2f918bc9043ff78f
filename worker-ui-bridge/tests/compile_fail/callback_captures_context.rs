//! The bug this library exists for: a callback that fetches on the UI thread.

use worker_core::{WorkerContext, WorkerManager};
use worker_ui_bridge::UiBridge;

fn fetch(_cx: &WorkerContext) -> Vec<String> {
    Vec::new()
}

fn main() {
    let bridge: UiBridge<Vec<String>> = UiBridge::new();
    let ui = bridge.handle();
    WorkerManager::new().worker("builds").thread(move |cx| {
        ui.call_from_thread(move |rows| *rows = fetch(cx))?;
        Ok(())
    });
}
