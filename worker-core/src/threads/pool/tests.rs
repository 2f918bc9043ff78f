//! Every job is run or refused once, in every order: jobs that queue
//! more, block, or kill their thread, on a system that cannot make some of the threads.

use super::*;
use crate::sync::blocking::{block_until, checkpoint};
use crate::testing::{self, TestScheduler};

const SECOND: Duration = Duration::from_secs(1);

/// What the jobs of a test share.
struct Shared {
    pool: Pool<Task>,
    clock: Arc<dyn Clock>,
    rng: Mutex<fastrand::Rng>,
    /// So many of a hundred threads cannot be made.
    failing: u8,
    made: AtomicUsize,
    run: AtomicUsize,
    refused: AtomicUsize,
    running: AtomicUsize,
    /// So many were running, not blocked, at the same time.
    most: AtomicUsize,
}

impl Shared {
    /// All are parked: the second invariant.
    fn assert_queue_is_served(&self) {
        let state = self.pool.shared.state.lock();
        let full = state.active() >= self.pool.shared.limits.max_threads;
        let none_could_be_made =
            self.failing > 0 && (state.wakeup == Wakeup::Pending || state.idle.is_empty());
        assert!(state.queue.is_empty() || full || none_could_be_made, "{} jobs wait", state.queue.len());
    }
}

/// A job that may queue so many more, each of which may queue one less.
struct Task {
    shared: Arc<Shared>,
    depth: u8,
}

impl Task {
    fn submit(shared: &Arc<Shared>, depth: u8) {
        shared.made.fetch_add(1, Ordering::Relaxed);
        shared.pool.submit(Self { shared: shared.clone(), depth });
    }
}

impl Job for Task {
    fn run(self) {
        let Self { shared, depth } = self;
        shared.run.fetch_add(1, Ordering::Relaxed);
        let running = shared.running.fetch_add(1, Ordering::Relaxed) + 1;
        shared.most.fetch_max(running, Ordering::Relaxed);
        let roll = shared.rng.lock().u8(..8);
        for _ in 0..roll.min(depth) {
            Self::submit(&shared, depth - 1);
            checkpoint(&*shared.clock);
        }
        shared.running.fetch_sub(1, Ordering::Relaxed);
        match roll {
            // It waits until all others are done.
            0..3 => {
                let _blocking = shared.pool.block_in_place();
                block_until(&*shared.clock, Some(shared.clock.now() + SECOND * 9), || None::<()>);
            }
            3 => std::panic::resume_unwind(Box::new("it kills its thread")),
            4 => _ = block_until(&*shared.clock, Some(shared.clock.now() + SECOND), || None::<()>),
            _ => {}
        }
    }

    fn refuse(self, _: io::Error) {
        self.shared.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn is_stale(&self) -> bool {
        false
    }
}

fn every_job_is_run_or_refused(scheduler: &TestScheduler, failing: u8) -> (usize, usize) {
    let seed = scheduler.seed();
    let mut rng = fastrand::Rng::with_seed(seed);
    scheduler.refuse_threads(move |_| {
        let roll = rng.u8(..100);
        (roll < failing).then(|| SECOND * u32::from(roll % 3))
    });
    let clock = scheduler.clock();
    let limits = Limits {
        max_threads: if seed.is_multiple_of(2) { 3 } else { 1 },
        idle_timeout: match seed % 3 {
            0 => None,
            1 => Some(Duration::ZERO),
            _ => Some(SECOND),
        },
        stack_size: None,
    };
    let shared = Arc::new(Shared {
        pool: Pool::new(limits, clock.clone()),
        clock,
        rng: Mutex::new(fastrand::Rng::with_seed(!seed)),
        failing,
        made: AtomicUsize::new(0),
        run: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
        running: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    });
    for _ in 0..4 {
        Task::submit(&shared, 3);
        checkpoint(&*scheduler.clock());
    }
    loop {
        scheduler.run_until_parked();
        shared.assert_queue_is_served();
        let Some(next) = scheduler.next_deadline() else { break };
        scheduler.jump_to(next);
    }
    let [made, run, refused] =
        [&shared.made, &shared.run, &shared.refused].map(|counter| counter.load(Ordering::Relaxed));
    assert_eq!(run + refused, made, "{:?}", shared.pool);
    assert!(shared.most.load(Ordering::Relaxed) <= shared.pool.shared.limits.max_threads);
    let state = shared.pool.shared.state.lock();
    assert_eq!((state.queue.len(), state.blocked, state.wakeup), (0, 0, Wakeup::Idle));
    assert_eq!(state.threads, state.idle.len());
    drop(state);
    (run, refused)
}

#[test]
fn p27_every_job_is_run_if_threads_can_be_made() {
    testing::many(60, |scheduler| {
        let (_, refused) = every_job_is_run_or_refused(scheduler, 0);
        assert_eq!(refused, 0);
    });
}

#[test]
fn p27_every_job_is_run_or_refused_where_threads_cannot_always_be_made() {
    let (all_run, all_refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    testing::many(60, |scheduler| {
        let (run, refused) = every_job_is_run_or_refused(scheduler, 60);
        all_run.fetch_add(run, Ordering::Relaxed);
        all_refused.fetch_add(refused, Ordering::Relaxed);
    });
    assert!(all_run.into_inner() > 30 && all_refused.into_inner() > 30, "both happened");
}

/// A job that has become stale, or that holds its thread for a second.
struct Stale(bool);

impl Job for Stale {
    fn run(self) {
        assert!(!self.0, "it was withdrawn");
    }

    fn refuse(self, _: io::Error) {}

    fn is_stale(&self) -> bool {
        self.0
    }
}

#[test]
fn p11_superseded_jobs_do_not_stay_in_the_queue() {
    testing::run(0, |scheduler| {
        let limits = Limits { max_threads: 1, idle_timeout: Some(Duration::ZERO), stack_size: None };
        let pool = Pool::new(limits, scheduler.clock());
        // No thread runs before the test's own gives up its turn.
        let mut longest = 0;
        for _ in 0..10_000 {
            pool.submit(Stale(true));
            pool.withdraw();
            longest = longest.max(pool.shared.state.lock().queue.len());
        }
        (0..5).for_each(|_| pool.submit(Stale(false)));
        assert!(longest <= 2, "{longest} stale jobs");
    });
}
