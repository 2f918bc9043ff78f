//! A body that asks whether it should stop.
//!
//! The contexts are hidden from the optimiser, so that each question is asked; that is measured with it.

use std::hint::black_box;

use tokio_util::sync::CancellationToken;
use worker_core::{BodyContext, WorkerManager};

use crate::contest::Contest;
use crate::measure::{Effort, each};
use crate::table::{Line, Unit};

const QUESTIONS: u32 = 5_000_000;
const AT_MOST: f64 = 2.0;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(QUESTIONS);
    let workers = WorkerManager::new();
    let ours = move || {
        let worker =
            workers.worker("ask").thread(move |cx| Ok(asked(count, &**cx, BodyContext::is_cancelled)));
        *worker.wait().expect("it does not fail")
    };
    let token = CancellationToken::new();
    let peer = move || asked(count, &token, CancellationToken::is_cancelled);
    let mut lines = Contest::of(ours).beside("tokio-util CancellationToken", peer).run(effort);
    if let Some(Line::Versus { ours, .. }) = lines.first() {
        let alone = Line::Alone { ours: *ours, unit: Unit::Time, what: "alone".to_owned(), limit: AT_MOST };
        lines.insert(0, alone);
    }
    lines
}

fn asked<T: ?Sized>(count: u32, whom: &T, question: impl Fn(&T) -> bool) -> f64 {
    each(count, || {
        for _ in 0..count {
            black_box(question(black_box(whom)));
        }
    })
}
