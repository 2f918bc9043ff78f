//! Clocks that jump forward, stand still, or go back, as a user's own might.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use worker_core::{Clock, Scope, WaitError, Worker, WorkerContext, WorkerManager, WorkerState};
use worker_ui_bridge::UiBridge;

const DAY: Duration = Duration::from_hours(24);

const YEAR: Duration = Duration::from_hours(365 * 24);

/// Long enough for the time to be real for once.
const PATIENCE: Duration = Duration::from_secs(20);

/// A clock that is set by hand, while threads are parked on it. They look every millisecond.
#[derive(Debug)]
struct SetClock {
    now: Mutex<Instant>,
    /// The threads that have parked.
    parked: Mutex<HashSet<ThreadId>>,
}

impl SetClock {
    fn new() -> Arc<Self> {
        // Far from the beginning of the system's time, so that it can go back.
        let now = Instant::now() + 10 * DAY;
        Arc::new(Self { now: Mutex::new(now), parked: Mutex::default() })
    }

    fn forward(&self, by: Duration) {
        *self.now.lock() += by;
    }

    fn back(&self, by: Duration) {
        *self.now.lock() -= by;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        *self.now.lock()
    }

    fn park_until(&self, deadline: Option<Instant>) {
        self.parked.lock().insert(thread::current().id());
        match deadline {
            Some(deadline) if deadline <= self.now() => {}
            Some(_) => thread::park_timeout(Duration::from_millis(1)),
            None => thread::park(),
        }
    }
}

/// An app whose time is a [`SetClock`]'s: two timers, a sleeper, one with a time limit, a waiter.
struct App {
    clock: Arc<SetClock>,
    bridge: UiBridge<()>,
    workers: WorkerManager,
    _scope: Scope,
    ticks: Rc<Cell<usize>>,
    timeouts: Rc<Cell<usize>>,
    stalls: Arc<AtomicUsize>,
    sleeper: Worker<()>,
    limited: Worker<()>,
    waiter: Worker<Result<(), String>>,
}

fn sleep(length: Duration) -> impl FnOnce(&WorkerContext) -> worker_core::Result<()> {
    move |cx| Ok(cx.sleep(length)?)
}

impl App {
    /// Everything lasts for `length`, the interval's period is `period`.
    fn start(length: Duration, period: Duration) -> Self {
        let clock = SetClock::new();
        let stalls = Arc::new(AtomicUsize::new(0));
        let counted = stalls.clone();
        let mut bridge = UiBridge::builder()
            .clock(clock.clone())
            .on_stall(Duration::from_secs(1), move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
            })
            .build();
        let events = bridge.handle().state_changes(|(): &mut (), _| ());
        let workers = WorkerManager::builder().clock(clock.clone()).events(events).build();
        let scope = workers.scope("app");
        let ticks = count(|count| {
            bridge.set_interval(period, move |()| count.set(count.get() + 1));
        });
        let timeouts = count(|count| {
            bridge.set_timeout(length, move |()| count.set(count.get() + 1));
        });
        let sleeper = scope.worker("sleeper").exit_on_error(false).thread(sleep(length));
        let limited =
            scope.worker("limited").timeout(length).exit_on_error(false).thread(sleep(Duration::MAX));
        let awaited = scope.worker("awaited").exit_on_error(false).thread(sleep(Duration::MAX));
        let waiter = scope
            .worker("waiter")
            .exit_on_error(false)
            .thread(move |_| Ok(awaited.wait_timeout(length).copied().map_err(|error| error.to_string())));
        // Four bodies, the thread of the limits, and the watchdog.
        while clock.parked.lock().len() < 6 {
            thread::yield_now();
        }
        Self { clock, bridge, workers, _scope: scope, ticks, timeouts, stalls, sleeper, limited, waiter }
    }

    /// Runs all that is due now, and gives the number of turns it took.
    fn pump(&mut self) -> usize {
        let mut turns = 1;
        while self.bridge.pump(&mut ()).expect("no error of a worker ends this loop").more() {
            turns += 1;
            assert!(turns < 1000, "the turns do not end");
        }
        turns
    }

    fn is_anything_over(&self) -> bool {
        self.sleeper.is_finished() || self.limited.is_finished() || self.waiter.is_finished()
    }

    /// Everything that was to end has ended.
    fn check_ends(&self) {
        for worker in [&*self.sleeper, &*self.limited, &*self.waiter] {
            let began = Instant::now();
            while !worker.is_finished() {
                assert!(began.elapsed() < PATIENCE, "{worker} goes on");
                thread::yield_now();
            }
        }
        assert!(self.sleeper.wait().is_ok());
        assert!(self.limited.wait().is_err_and(|error| error.is_timeout()));
        let waited = self.waiter.wait().expect("it has ended");
        assert_eq!(*waited, Err(WaitError::Timeout.to_string()));
    }

    /// A worker can be started, and the workers end when they are told to.
    fn check_end(mut self) {
        let fresh = self.workers.worker("fresh").thread(|_| Ok(1));
        assert_eq!(*self.bridge.wait_for(&mut (), &fresh).expect("it runs"), 1);
        let report = self.bridge.shutdown(&mut (), &self.workers, Duration::MAX);
        assert!(report.is_clean());
        assert_eq!(self.stalls.load(Ordering::SeqCst), 0, "nothing held the UI thread");
    }
}

fn count(set: impl FnOnce(Rc<Cell<usize>>)) -> Rc<Cell<usize>> {
    let count = Rc::new(Cell::new(0));
    set(count.clone());
    count
}

/// Three days in no time: each timer ticks once, every end comes, the pool's threads have all been
/// idle for too long.
pub(crate) fn jumps_forward() {
    let mut app = App::start(DAY, Duration::from_millis(16));
    app.pump();
    assert_eq!((app.ticks.get(), app.timeouts.get()), (0, 0));
    assert!(!app.is_anything_over());
    app.clock.forward(3 * DAY);
    app.pump();
    assert_eq!((app.ticks.get(), app.timeouts.get()), (1, 1), "missed ticks are skipped");
    app.check_ends();
    assert!(app.sleeper.age() >= 3 * DAY);
    for _ in 0..100 {
        app.clock.forward(10 * DAY);
        app.pump();
    }
    assert_eq!(app.ticks.get(), 101);
    // A jump while a callback runs is a stall, and one report of it.
    let (clock, stalls) = (app.clock.clone(), app.stalls.clone());
    app.bridge
        .handle()
        .post(move |()| {
            clock.forward(DAY);
            while stalls.load(Ordering::SeqCst) == 0 {
                thread::yield_now();
            }
            clock.forward(DAY / 2);
        })
        .expect("it is open");
    app.pump();
    thread::sleep(Duration::from_millis(50));
    assert_eq!(app.stalls.swap(0, Ordering::SeqCst), 1, "the next report is due after two days");
    app.check_end();
}

/// Nothing ends by itself, but all that does not need the time goes on.
pub(crate) fn stands_still() {
    let mut app = App::start(Duration::from_nanos(1), Duration::from_millis(1));
    thread::sleep(Duration::from_millis(50));
    let handle = app.bridge.handle();
    let calls = app.workers.worker("calls").thread(move |_| {
        for _ in 0..1000 {
            handle.call_from_thread(|()| ())?;
        }
        Ok(())
    });
    app.bridge.wait_for(&mut (), &calls).expect("calls need no time");
    app.pump();
    assert_eq!((app.ticks.get(), app.timeouts.get()), (0, 0));
    assert!(!app.is_anything_over());
    assert!(app.sleeper.age().is_zero());
    app.sleeper.cancel();
    let cancelled = app.bridge.wait_for(&mut (), &app.sleeper);
    assert!(cancelled.is_err() && app.sleeper.state() == WorkerState::Cancelled, "a cancel needs no time");
    app.workers.shutdown(Duration::ZERO);
    app.clock.forward(DAY);
    app.pump();
    let report = app.bridge.shutdown(&mut (), &app.workers, Duration::MAX);
    assert!(report.is_clean());
}

/// Two days back: ages stay at zero, nothing is due, cancels work; when the time comes again, each
/// timer ticks once.
pub(crate) fn jumps_back() {
    let mut app = App::start(Duration::from_secs(10), Duration::from_secs(1));
    app.clock.back(2 * DAY);
    app.pump();
    assert_eq!((app.ticks.get(), app.timeouts.get()), (0, 0));
    assert!(!app.is_anything_over());
    assert!(app.sleeper.age().is_zero());
    assert!(app.workers.shutdown(Duration::ZERO).abandoned.iter().all(|left| left.running_for.is_zero()));
    drop(app);

    let mut app = App::start(Duration::from_secs(10), Duration::from_secs(1));
    let handle = app.bridge.handle();
    let clock = app.clock.clone();
    // It goes back while a callback runs and a worker waits for it, too.
    let call =
        app.workers.worker("call").thread(move |_| Ok(handle.call_from_thread(move |()| clock.back(DAY))?));
    app.bridge.wait_for(&mut (), &call).expect("a call needs no time");
    let soon = app.workers.worker("soon").timeout(Duration::from_secs(1)).exit_on_error(false);
    let soon = soon.thread(sleep(Duration::MAX));
    app.bridge.set_timeout(Duration::from_secs(1), |()| ());
    app.clock.forward(Duration::from_secs(1));
    app.pump();
    let began = Instant::now();
    while !soon.is_finished() {
        assert!(began.elapsed() < PATIENCE, "what was begun after the jump keeps to the new time");
        app.clock.forward(Duration::from_secs(1));
        thread::sleep(Duration::from_millis(1));
    }
    assert!(soon.wait().is_err_and(|error| error.is_timeout()));
    assert!(!app.is_anything_over());
    app.clock.forward(2 * DAY);
    app.pump();
    assert_eq!((app.ticks.get(), app.timeouts.get()), (1, 1));
    app.check_ends();
    app.check_end();
}

/// Lengths that no clock can hold, and a clock that goes on for three hundred years.
pub(crate) fn goes_to_the_end_of_time() {
    let mut app = App::start(Duration::MAX, Duration::MAX);
    let day = app.workers.worker("day").thread(sleep(DAY));
    let began = Instant::now();
    while !day.is_finished() {
        assert!(began.elapsed() < PATIENCE, "the day does not end");
        app.clock.forward(DAY);
        app.pump();
        thread::yield_now();
    }
    app.bridge.wait_for(&mut (), &day).expect("its day is over");
    assert!(!app.is_anything_over());
    app.clock.forward(300 * YEAR);
    app.pump();
    assert!(!app.is_anything_over(), "no end was to come");
    println!("after 300 years: {} ticks, {} timeouts", app.ticks.get(), app.timeouts.get());
    app.check_end();
}
