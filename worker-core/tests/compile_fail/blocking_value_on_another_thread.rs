//! What a worker has opened stays on its thread: the context cannot be sent.

use std::sync::Arc;
use worker_core::{Blocking, WorkerManager};

fn main() {
    let client = Arc::new(Blocking::new(String::new()));
    WorkerManager::new().worker("fetch").thread(move |cx| {
        std::thread::spawn(move || client.get(cx).len());
        Ok(())
    });
}
