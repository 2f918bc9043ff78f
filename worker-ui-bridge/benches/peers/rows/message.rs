//! Telling what a worker is about, beside a text behind a lock.

use std::sync::{Arc, Mutex};

use worker_core::WorkerManager;

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const MESSAGES: u32 = 100_000;
const TEXT: &str = "12 of 40 regions";

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(MESSAGES);
    Comparison::of(|| ours(count)).peer("Mutex<Arc<str>>", || behind_a_lock(count)).run(effort)
}

/// Nobody listens to the manager's notices.
fn ours(count: u32) -> f64 {
    let worker = WorkerManager::new()
        .worker("message")
        .thread(move |cx| Ok(each(count, || (0..count).for_each(|_| cx.set_message(TEXT)))));
    *worker.wait().expect("the body does not fail")
}

fn behind_a_lock(count: u32) -> f64 {
    let text: Mutex<Arc<str>> = Mutex::new("".into());
    each(count, || (0..count).for_each(|_| *text.lock().expect("nothing panics") = TEXT.into()))
}
