//! The memory of a pending worker, measured by a counting allocator. A target of its own, because
//! the allocator would slow what is timed; the bench `peers` runs it for one of its rows.
//!
//! Prints lines of `<bytes> <which workers>`: the growth of the live memory divided by the number
//! of workers.

use std::sync::mpsc;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use worker_core::WorkerManager;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    // `cargo test` passes no `--bench`; it only checks that this runs.
    let count = if std::env::args().any(|word| word == "--bench") { 1_000_000 } else { 1_000 };
    println!("{:.1} {count} paused", paused(count));
    println!("{:.1} {count} queued", queued(count));
    println!("{:.1} {} delayed", delayed(count / 10), count / 10);
}

/// Paused workers. Their handles are dropped; the manager keeps the workers.
fn paused(count: u32) -> f64 {
    let workers = WorkerManager::new();
    let bytes = grown(count, || {
        workers.worker("pending").paused().thread(|_| Ok(()));
    });
    workers.cancel_all();
    bytes
}

/// Workers whose delay is not over.
fn delayed(count: u32) -> f64 {
    let workers = WorkerManager::new();
    let bytes = grown(count, || {
        workers.worker("pending").delay(Duration::from_hours(1)).thread(|_| Ok(()));
    });
    workers.cancel_all();
    bytes
}

/// Workers queued behind a body that occupies the only thread.
fn queued(count: u32) -> f64 {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (release, released) = mpsc::channel::<()>();
    let (began, has_begun) = mpsc::channel();
    workers.worker("blocker").thread(move |_| {
        began.send(())?;
        Ok(released.recv()?)
    });
    has_begun.recv().expect("the blocker begins");
    let bytes = grown(count, || {
        workers.worker("pending").thread(|_| Ok(()));
    });
    workers.cancel_all();
    release.send(()).expect("the blocker waits");
    bytes
}

/// By how many bytes the live memory grows with each `add`, on average.
fn grown(count: u32, mut add: impl FnMut()) -> f64 {
    let before = MEMORY.current_usage();
    (0..count).for_each(|_| add());
    let grown = MEMORY.current_usage() - before;
    f64::from(u32::try_from(grown >> 10).expect("less than 4 TiB")) * 1024.0 / f64::from(count)
}
