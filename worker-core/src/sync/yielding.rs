//! [`yield_until`]: a short phase of yielding before a park. Only there for speed.
//!
//! *What it gives.* If the awaited change comes within microseconds, two system calls and the
//! wake-up of an idle core are saved: start and wait takes 2 µs instead of 68 µs where the other
//! core sleeps (`docs/decisions/0010-who-yields-who-sleeps.md`). *Without it* every wait parks at
//! once; nothing else changes.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::sync::clock::Clock;
use crate::sync::primitives::process::{AtomicU32, Ordering, thread_local};
use crate::sync::primitives::thread;

/// How long one attempt yields. Longer than waking an idle core takes, so that two threads that
/// answer each other find each other awake after the first time.
const YIELD_LIMIT: Duration = Duration::from_micros(100);

/// A single attempt that takes longer than this has cost a time slice: other threads keep the cores
/// busy.
const SLOW_YIELD: Duration = Duration::from_millis(1);

/// After so many failed attempts in a row, a thread makes one attempt out of `2^MAX_BACKOFF`.
const MAX_BACKOFF: u32 = 6;

/// So many attempts, of all threads together, are skipped after a slow one.
const SKIPPED_AFTER_SLOW: u32 = 4096;

/// A thread's failed attempts.
#[derive(Clone, Copy)]
struct Backoff {
    failed_yields: u32,
    /// Attempts to skip before the next one.
    skip: u32,
}

/// Yields to other threads until `ready` holds, for at most [`YIELD_LIMIT`]. False if it never
/// held.
///
/// A thread whose attempts keep failing makes them rarely, and no thread makes many while the cores
/// are busy: the system wakes a sleeping thread ahead of one that has yielded.
pub(crate) fn yield_until(clock: &dyn Clock, mut ready: impl FnMut() -> bool) -> bool {
    static SKIP_ALL: AtomicU32 = AtomicU32::new(0);
    thread_local! {
        static BACKOFF: Cell<Backoff> = const { Cell::new(Backoff { failed_yields: 0, skip: 0 }) };
    }
    if ready() {
        return true;
    }
    if cfg!(worker_loom) {
        return false; // a model has no time
    }
    let skip_all = SKIP_ALL.load(Ordering::Relaxed);
    if skip_all > 0 {
        // Two threads at once may count as one: the figure is approximate.
        SKIP_ALL.store(skip_all - 1, Ordering::Relaxed);
        return false;
    }
    let Backoff { failed_yields, skip } = BACKOFF.get();
    if skip > 0 || !may_yield(clock) {
        BACKOFF.set(Backoff { failed_yields, skip: skip.saturating_sub(1) });
        return false;
    }
    let began = Instant::now();
    loop {
        thread::yield_now();
        let took = began.elapsed();
        if took >= SLOW_YIELD {
            SKIP_ALL.store(SKIPPED_AFTER_SLOW, Ordering::Relaxed);
            return ready();
        }
        if ready() {
            BACKOFF.set(Backoff { failed_yields: 0, skip: 0 });
            return true;
        }
        if took >= YIELD_LIMIT {
            BACKOFF.set(Backoff {
                failed_yields: (failed_yields + 1).min(MAX_BACKOFF),
                skip: (1 << failed_yields) - 1,
            });
            return false;
        }
    }
}

/// False while a test's scheduler hands out turns: a thread that yields would keep the only one.
fn may_yield(clock: &dyn Clock) -> bool {
    #[cfg(feature = "testing")]
    if let Some(scheduler) = clock.scheduler() {
        return !scheduler.hands_out_turns();
    }
    let _ = clock;
    true
}
