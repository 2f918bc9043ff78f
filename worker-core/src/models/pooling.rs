//! Models of `Pool`: a job is taken by a thread, whichever thread goes idle, ends or blocks
//! meanwhile.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use loom::sync::atomic::{AtomicUsize, Ordering};

use super::support::{check, still_clock};
use crate::sync::blocking::block_until;
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::thread::{self, Thread};
use crate::threads::pool::{Job, Limits, Pool};

/// What the jobs of a model share.
struct Shared {
    clock: Arc<dyn Clock>,
    pool: Pool<Task>,
    run: AtomicUsize,
    waiting: Mutex<Vec<Thread>>,
}

impl Shared {
    fn new(idle_timeout: Option<Duration>) -> Arc<Self> {
        let (clock, limits) = (still_clock(), Limits { max_threads: 1, idle_timeout, stack_size: None });
        let pool = Pool::new(limits, clock.clone());
        Arc::new(Self { clock, pool, run: AtomicUsize::new(0), waiting: Mutex::default() })
    }

    /// Blocks until so many jobs have run.
    fn wait(&self, count: usize) {
        self.waiting.lock().push(thread::current());
        block_until(&*self.clock, None, || (self.run.load(Ordering::SeqCst) >= count).then_some(()));
    }

    fn submit(self: &Arc<Self>, waits: bool) {
        self.pool.submit(Task { shared: self.clone(), waits });
    }
}

/// A job that may block until another has run.
struct Task {
    shared: Arc<Shared>,
    waits: bool,
}

impl Job for Task {
    fn run(self) {
        if self.waits {
            let _blocking = self.shared.pool.block_in_place();
            self.shared.wait(1);
        }
        self.shared.run.fetch_add(1, Ordering::SeqCst);
        for waiting in &*self.shared.waiting.lock() {
            waiting.unpark();
        }
    }

    fn refuse(self, _: io::Error) {
        panic!("threads can be made");
    }

    fn is_stale(&self) -> bool {
        false
    }
}

fn two_jobs_are_run(idle_timeout: Option<Duration>, first_waits: bool) {
    let shared = Shared::new(idle_timeout);
    shared.submit(first_waits);
    shared.submit(false);
    shared.wait(2);
    shared.pool.close();
}

#[test]
fn p27_a_job_that_meets_a_thread_going_idle_is_run() {
    check(3, || two_jobs_are_run(None, false));
}

#[test]
fn p27_a_job_that_meets_a_thread_ending_is_run() {
    check(3, || two_jobs_are_run(Some(Duration::ZERO), false));
}

#[test]
fn p16_a_job_that_a_blocked_one_waits_for_finds_a_thread() {
    check(2, || two_jobs_are_run(None, true));
}
