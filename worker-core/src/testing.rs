//! Deterministic tests: one thread runs at a time, a seed decides which, and the time stands still
//! until it is moved.
//!
//! A [`TestScheduler`] is the [`Clock`] of a manager (and of a bridge) under test. The threads of
//! the library are made, parked and unparked through their clock, so the scheduler holds all but
//! one of them, and hands the turn on wherever that one parks or passes a
//! [checkpoint](Scheduler::checkpoint). The same seed gives the same run; [`many`] tries many.
//!
//! ```
//! use std::time::Duration;
//! use worker_core::{Worker, WorkerManager, testing};
//!
//! testing::many(20, |scheduler| {
//!     let workers = WorkerManager::builder().clock(scheduler.clock()).build();
//!     let start = |_| -> Worker<()> {
//!         workers.worker("search").exclusive().thread(|cx| Ok(cx.sleep(Duration::from_secs(5))?))
//!     };
//!     let searches: Vec<_> = (0..3).map(start).collect();
//!
//!     scheduler.advance(Duration::from_secs(5)); // in no time
//!     assert_eq!(searches.iter().filter(|search| search.result().is_some()).count(), 1);
//! });
//! ```
//!
//! A thread that blocks on something else (a channel, a lock that another thread keeps, I/O) keeps
//! the turn, and the test fails after half a minute: under test, let bodies wait by `cx.sleep`,
//! `worker.wait()`, `call_from_thread` and the like.

mod turns;

use std::env;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::blocking::block_until;
use crate::sync::clock::Clock;
#[doc(inline)]
pub use crate::sync::scheduler::{ExpectedThread, Scheduler};
use turns::Turns;

/// The variable that names the one seed to run.
const SEED: &str = "WORKER_SEED";

/// Runs `test` `times` times, with the seeds from 0 on.
///
/// With `WORKER_SEED=17` in the environment it is run with that seed only.
///
/// # Panics
///
/// As `test` does, after saying on standard error which seed it was; and as [`run`] does.
pub fn many(times: u64, test: impl Fn(&TestScheduler)) {
    let only = env::var(SEED)
        .ok()
        .map(|text| text.parse::<u64>().unwrap_or_else(|_| panic!("{SEED} must be a number, not {text:?}")));
    for seed in only.map_or(0..times, |only| only..only.saturating_add(1)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(seed, &test))) {
            eprintln!("the test failed with seed {seed}; to run only this one, set {SEED}={seed}");
            resume_unwind(panic);
        }
    }
}

/// Runs `test` once. The calling thread is the test's own: it has the first turn.
///
/// # Panics
///
/// As `test` does; if the test's thread blocks and nothing else can run; if a thread keeps its turn
/// for half a minute; if after a million turns there is no end; and if work is left when `test` has
/// returned: what it starts must end with what it drops.
pub fn run<R>(seed: u64, test: impl FnOnce(&TestScheduler) -> R) -> R {
    let scheduler = TestScheduler { turns: Turns::new(seed) };
    let _released = Released(&scheduler);
    let returned = test(&scheduler);
    scheduler.run_until_parked();
    scheduler.turns.assert_no_members_left();
    returned
}

/// When the test is over, however it ended, the threads go their own ways.
struct Released<'a>(&'a TestScheduler);

impl Drop for Released<'_> {
    fn drop(&mut self) {
        self.0.turns.release();
    }
}

/// Decides which thread runs, and what time it is; see the [module](self). Given to a test by
/// [`many`] and [`run`].
///
/// Its methods are for the test's own thread.
#[derive(Clone)]
pub struct TestScheduler {
    turns: Arc<Turns>,
}

impl TestScheduler {
    /// What to give to [`ManagerBuilder::clock`](crate::ManagerBuilder::clock), and to the bridge.
    ///
    /// If the test's thread blocks (`worker.wait()`, a bridge's `wait`), the others run; when all
    /// are parked, the time jumps to the next deadline. So an app's own loop runs under test as it
    /// is.
    ///
    /// A thread that the library did not make (`std::thread::spawn`) runs freely, as with a
    /// [`ManualClock`](crate::ManualClock), and is not waited for.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.turns.clone()
    }

    /// Lets the system be short of threads: `refuse` is asked, with numbers from 0 on, whether the
    /// next thread of the library cannot be made, and how long the failing attempt takes.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::{Worker, WorkerManager, testing};
    ///
    /// testing::run(0, |scheduler| {
    ///     scheduler.refuse_threads(|_| Some(Duration::ZERO)); // none can be made
    ///     let workers = WorkerManager::builder().clock(scheduler.clock()).build();
    ///     let worker: Worker<()> = workers.worker("fetch").thread(|_| Ok(()));
    ///     assert!(worker.error().unwrap().to_string().starts_with("could not be started"));
    /// });
    /// ```
    pub fn refuse_threads(&self, refuse: impl FnMut(usize) -> Option<Duration> + Send + 'static) {
        self.turns.refuse_threads(Box::new(refuse));
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.turns.seed()
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.turns.now()
    }

    /// The time since the test began.
    pub fn elapsed(&self) -> Duration {
        self.turns.elapsed()
    }

    /// The earliest deadline that a parked thread waits for. Idle threads of a pool have one too.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.turns.next_deadline()
    }

    /// Lets the other threads run until all are parked. The time does not move.
    pub fn run_until_parked(&self) {
        while self.let_others_run() {}
    }

    /// Lets the other threads run until the calling one is unparked. False if that did not
    /// happen and all are parked. The time does not move.
    pub fn let_others_run(&self) -> bool {
        self.turns.let_others_run()
    }

    /// Moves the time on by `by`, from deadline to deadline; at each, and at the end, the other
    /// threads run until all are parked.
    pub fn advance(&self, by: Duration) {
        let end = self.now() + by;
        self.run_until_parked();
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            self.jump_to(next);
            self.run_until_parked();
        }
        self.jump_to(end);
    }

    /// Blocks the calling thread until the time has moved on by `duration`, whatever a cancel says:
    /// a server, or a library, that does not hear of cancels.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::{Worker, WorkerManager, testing};
    ///
    /// testing::run(0, |scheduler| {
    ///     let workers = WorkerManager::builder().clock(scheduler.clock()).build();
    ///     let server = scheduler.clone();
    ///     let worker: Worker<()> = workers.worker("fetch").thread(move |_| {
    ///         server.block(Duration::from_secs(30));
    ///         Ok(())
    ///     });
    ///     scheduler.run_until_parked();
    ///     worker.cancel();
    ///     scheduler.advance(Duration::from_secs(29));
    ///     assert!(worker.is_running(), "a thread cannot be killed");
    ///     scheduler.advance(Duration::from_secs(1));
    ///     assert!(worker.error().unwrap().is_cancelled());
    /// });
    /// ```
    pub fn block(&self, duration: Duration) {
        let clock = self.clock();
        let end = clock.now() + duration;
        block_until(&*clock, Some(end), || None::<()>);
    }

    /// Sets the time, if `time` is later; no thread runs yet. For those who drive a loop of their
    /// own.
    pub fn jump_to(&self, time: Instant) {
        self.turns.jump_to(time);
    }
}

impl fmt::Debug for TestScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestScheduler").field(&self.turns).finish()
    }
}
