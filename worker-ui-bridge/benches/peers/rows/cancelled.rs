//! The cost of `is_cancelled` in a body.
//!
//! The contexts are hidden from the optimiser by `black_box`, so that each call is made. The cost
//! of that is measured with it.

use std::hint::black_box;

use tokio_util::sync::CancellationToken;
use worker_core::{BodyContext, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::{Line, Unit};

const CALLS: u32 = 5_000_000;
const LIMIT_NS: f64 = 2.0;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(CALLS);
    let workers = WorkerManager::new();
    let ours = move || {
        let worker =
            workers.worker("check").thread(move |cx| Ok(time_of(count, &**cx, BodyContext::is_cancelled)));
        *worker.wait().expect("the body does not fail")
    };
    let token = CancellationToken::new();
    let peer = move || time_of(count, &token, CancellationToken::is_cancelled);
    let mut lines = Comparison::of(ours).peer("tokio-util CancellationToken", peer).run(effort);
    if let Some(Line::Versus { ours, .. }) = lines.first() {
        let alone = Line::Alone { ours: *ours, unit: Unit::Time, what: "alone".to_owned(), limit: LIMIT_NS };
        lines.insert(0, alone);
    }
    lines
}

fn time_of<T: ?Sized>(count: u32, target: &T, is_cancelled: impl Fn(&T) -> bool) -> f64 {
    each(count, || {
        for _ in 0..count {
            black_box(is_cancelled(black_box(target)));
        }
    })
}
