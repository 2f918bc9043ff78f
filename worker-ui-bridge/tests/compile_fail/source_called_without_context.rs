//! A source cannot be called from a callback, which has no context to give it.

use worker_core::WorkerContext;
use worker_ui_bridge::UiBridge;

fn fetch(_cx: &WorkerContext) -> Vec<String> {
    Vec::new()
}

fn main() {
    let mut bridge: UiBridge<Vec<String>> = UiBridge::new();
    bridge.set_interval(std::time::Duration::from_secs(30), |rows| *rows = fetch());
}
