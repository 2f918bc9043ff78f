//! An operation that fails twice, tried again after pauses of no length.

use std::time::Duration;

use worker_core::{BoxError, Retry, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const OPERATIONS: u32 = 100_000;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(OPERATIONS);
    Comparison::of(|| ours(count)).peer("a loop by hand", || by_hand(count)).run(effort)
}

/// The pauses, of which there are two for each operation, can be seen by the UI.
fn ours(count: u32) -> f64 {
    let patience = Retry::after([Duration::ZERO; 3]);
    let worker = WorkerManager::new().worker("retry").thread(move |cx| {
        Ok(each(count, || {
            for _ in 0..count {
                cx.retry(&patience, fails_twice).expect("the third attempt succeeds");
            }
        }))
    });
    *worker.wait().expect("the body does not fail")
}

/// A loop that counts the attempts and remembers nothing.
fn by_hand(count: u32) -> f64 {
    each(count, || {
        for _ in 0..count {
            let mut attempts = 1..=3;
            while attempts.next().is_some_and(|attempt| fails_twice(attempt).is_err()) {}
        }
    })
}

fn fails_twice(attempt: u32) -> Result<(), BoxError> {
    if attempt < 3 { Err("refused".into()) } else { Ok(()) }
}
