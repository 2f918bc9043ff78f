//! A start with a concurrency limit beside one without. The workers queue behind a body that
//! occupies the only thread, so that nothing but the starts is measured.

use std::sync::mpsc;

use worker_core::{ConcurrencyLimit, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const STARTS: u32 = 10_000;
const LIMIT_TO_UNLIMITED: f64 = 1.3;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let count = effort.count(STARTS);
    let (enough, one) = (ConcurrencyLimit::new(usize::MAX), ConcurrencyLimit::new(1));
    Comparison::of(|| starts(count, Some(&enough)))
        .peer_with_limit("without a limit", LIMIT_TO_UNLIMITED, || starts(count, None))
        .peer("with a limit of one, in its line", || starts(count, Some(&one)))
        .run(effort)
}

fn starts(count: u32, limit: Option<&ConcurrencyLimit>) -> f64 {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (release, released) = mpsc::channel::<()>();
    let (began, has_begun) = mpsc::channel();
    let worker = || limit.map_or(workers.worker("no-op"), |limit| workers.worker("no-op").limit(limit));
    worker().thread(move |_| {
        began.send(())?;
        Ok(released.recv()?)
    });
    has_begun.recv().expect("the blocker begins");
    let figure = each(count, || {
        for _ in 0..count {
            worker().thread(|_| Ok(()));
        }
    });
    workers.cancel_all();
    release.send(()).expect("the blocker waits");
    figure
}
