//! What a worker has opened cannot be sent to a callback either, even of a client that is never dropped.

use worker_core::{Blocking, WorkerManager};
use worker_ui_bridge::UiBridge;

static CLIENT: Blocking<&str> = Blocking::new("client");

fn main() {
    let bridge: UiBridge<usize> = UiBridge::new();
    let ui = bridge.handle();
    WorkerManager::new().worker("builds").thread(move |cx| {
        let client = CLIENT.get(cx);
        ui.post(move |length| *length = client.len())?;
        Ok(())
    });
}
