//! `map` over parts that do nothing, beside as many tasks in a scope of rayon with as many threads.

use std::sync::Mutex;

use worker_core::{BoxError, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const PARTS: u32 = 1_000;
const THREADS: usize = 2;
const LIMIT_TO_RAYON: f64 = 2.0;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let parts = effort.count(PARTS);
    let pool = rayon_core::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("two threads");
    Comparison::of(|| ours(parts))
        .peer_with_limit("rayon, a spawn a part in a scope", LIMIT_TO_RAYON, || rayon(&pool, parts))
        .peer("std, a thread a part in a scope", || threads(parts))
        .run(effort)
}

/// The results, in order; each part is a worker with a context.
fn ours(parts: u32) -> f64 {
    let worker = WorkerManager::new().worker("map").thread(move |cx| {
        let mut results = Vec::new();
        let figure = each(parts, || results = cx.map(0..parts, THREADS, |_, part| Ok::<_, BoxError>(part)));
        assert_eq!(results.len(), parts as usize);
        Ok(figure)
    });
    *worker.wait().expect("the parts do not fail")
}

/// The same results, in a place of their own each, so that they are in order. No cancel, no list.
fn rayon(pool: &rayon_core::ThreadPool, parts: u32) -> f64 {
    each(parts, || {
        let results: Vec<_> = (0..parts).map(|_| Mutex::new(None)).collect();
        pool.scope(|scope| {
            for (part, result) in (0..parts).zip(&results) {
                scope.spawn(move |_| *result.lock().expect("no part panics") = Some(Ok::<_, BoxError>(part)));
            }
        });
        let results: Vec<_> = results.into_iter().filter_map(|result| result.into_inner().ok()?).collect();
        assert_eq!(results.len(), parts as usize);
    })
}

/// What one would write without a pool.
fn threads(parts: u32) -> f64 {
    each(parts, || {
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..parts).map(|part| scope.spawn(move || Ok::<_, BoxError>(part))).collect();
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        assert_eq!(results.len(), parts as usize);
    })
}
