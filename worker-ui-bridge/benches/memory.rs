//! What a pending worker takes, by a counting allocator. A target of its own, as that would slow what is timed; the bench `peers`
//! runs it for its row.
//!
//! Prints lines of `<bytes> <which workers>`: live bytes after less those before, divided by the number of workers.

use std::sync::mpsc;

use peak_alloc::PeakAlloc;
use worker_core::WorkerManager;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    // `cargo test` passes no `--bench` and only wants to see it run.
    let count = if std::env::args().any(|word| word == "--bench") { 1_000_000 } else { 1_000 };
    println!("{:.1} {count} paused", paused(count));
    println!("{:.1} {count} queued", queued(count));
}

/// Workers that nobody has started. Their handles are dropped: the manager keeps them.
fn paused(count: u32) -> f64 {
    let workers = WorkerManager::new();
    let bytes = grown(count, || {
        workers.worker("pending").paused().thread(|_| Ok(()));
    });
    workers.cancel_all();
    bytes
}

/// Workers that wait for the only thread, whose body does not end.
fn queued(count: u32) -> f64 {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (open, gate) = mpsc::channel::<()>();
    let (tell, begun) = mpsc::channel();
    workers.worker("gate").thread(move |_| {
        tell.send(())?;
        Ok(gate.recv()?)
    });
    begun.recv().expect("the gate is reached");
    let bytes = grown(count, || {
        workers.worker("pending").thread(|_| Ok(()));
    });
    workers.cancel_all();
    open.send(()).expect("the gate waits");
    bytes
}

/// By how many bytes the live memory grows with each `add`, on average.
fn grown(count: u32, mut add: impl FnMut()) -> f64 {
    let before = MEMORY.current_usage();
    (0..count).for_each(|_| add());
    let grown = MEMORY.current_usage() - before;
    f64::from(u32::try_from(grown >> 10).expect("less than 4 TiB")) * 1024.0 / f64::from(count)
}
