//! A client that blocks cannot be called in a callback, although its methods take no context.

use std::sync::Arc;

use worker_core::{Blocking, WorkerManager};
use worker_ui_bridge::UiBridge;

struct Client;

impl Client {
    fn fetch(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {
    let bridge: UiBridge<Vec<String>> = UiBridge::new();
    let ui = bridge.handle();
    let client = Arc::new(Blocking::new(Client));
    WorkerManager::new().worker("builds").thread(move |cx| {
        ui.post(move |rows| *rows = client.get(cx).fetch())?;
        Ok(())
    });
}
