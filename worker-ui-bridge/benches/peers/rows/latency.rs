//! How long it takes from something on another thread to the UI thread's callback, if that thread sleeps. The figure of a round
//! is its p99.
//!
//! Between two of them there is a small gap, in which the other thread goes to sleep again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use worker_core::{StateChanged, WorkerManager, WorkerState};

use crate::contest::Contest;
use crate::measure::{Effort, quantile};
use crate::stage::{App, PlainThread, UiThread};
use crate::table::Line;

const SAMPLES: u32 = 300;
const GAP: Duration = Duration::from_micros(100);
const OF_PARKING: f64 = 2.0;

/// From just before a post to its callback.
pub(crate) fn of_a_post(effort: Effort) -> Vec<Line> {
    let stage = UiThread::start();
    let watch = Watch::start();
    let count = effort.count(SAMPLES);
    let ours = move || {
        watch.p99(count, |watch| {
            let watch = watch.clone();
            stage.ui.post(move |_| watch.stop()).expect("the UI is there");
        })
    };
    contest(effort, ours)
}

/// From just before a worker is made to the handler of its first event. The worker is cancelled afterwards, in the gap.
pub(crate) fn of_an_event(effort: Effort) -> Vec<Line> {
    let stage = UiThread::start();
    let watch = Watch::start();
    let pending = watch.clone();
    let on_change = move |_: &mut App, event: &StateChanged| {
        if event.state == WorkerState::Pending {
            pending.stop();
        }
    };
    let workers = WorkerManager::builder().events(stage.ui.state_changes(on_change)).build();
    let count = effort.count(SAMPLES);
    let ours = move || {
        // The stage lives as long as the workers do.
        let _stage = &stage;
        watch.p99(count, |watch| {
            let worker = workers.worker("event").paused().thread(|_| Ok(()));
            watch.wait();
            worker.cancel();
        })
    };
    contest(effort, ours)
}

fn contest(effort: Effort, ours: impl FnMut() -> f64) -> Vec<Line> {
    let count = effort.count(SAMPLES);
    Contest::of(ours)
        .against("unpark to running", OF_PARKING, parking(count))
        .beside("crossbeam send to closure", crossbeam(count))
        .run(effort)
}

/// From just before `unpark` to the moment at which the parked thread runs again.
fn parking(count: u32) -> impl FnMut() -> f64 {
    let watch = Watch::start();
    let sleeper = Sleeper::start(watch.clone());
    move || watch.p99(count, |_| sleeper.wake())
}

/// From just before a boxed closure is sent to its run.
fn crossbeam(count: u32) -> impl FnMut() -> f64 {
    let watch = Watch::start();
    let plain = PlainThread::start();
    move || {
        watch.p99(count, |watch| {
            let watch = watch.clone();
            plain.send(move |_| watch.stop());
        })
    }
}

/// A stop watch that is started on one thread and stopped on another.
#[derive(Clone)]
struct Watch {
    zero: Instant,
    /// Nanoseconds since `zero`; 0 while it runs.
    stopped: Arc<AtomicU64>,
}

impl Watch {
    fn start() -> Self {
        Self { zero: Instant::now(), stopped: Arc::default() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_nanos()).expect("it runs for less than 500 years")
    }

    fn stop(&self) {
        self.stopped.store(self.now(), Ordering::Release);
    }

    /// Until it is stopped. Sleeps, so that both cores are free for the one who stops it.
    fn wait(&self) -> u64 {
        loop {
            match self.stopped.load(Ordering::Acquire) {
                0 => thread::sleep(GAP),
                stopped => return stopped,
            }
        }
    }

    /// The p99 of so many runs, each ended by what `begin` sets off on another thread.
    fn p99(&self, count: u32, begin: impl Fn(&Self)) -> f64 {
        let latency = |_| {
            thread::sleep(GAP);
            self.stopped.store(0, Ordering::Release);
            let start = self.now();
            begin(self);
            Duration::from_nanos(self.wait() - start).as_secs_f64() * 1e9
        };
        quantile(&(0..count).map(latency).collect::<Vec<_>>(), 0.99)
    }
}

/// A thread that stops the watch when it is woken, and parks again.
struct Sleeper {
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

/// Why it was woken. A park may also end by itself.
#[derive(Default)]
struct Orders {
    stop_the_watch: AtomicBool,
    quit: AtomicBool,
}

impl Sleeper {
    fn start(watch: Watch) -> Self {
        let orders = Arc::new(Orders::default());
        let told = orders.clone();
        let thread = thread::spawn(move || {
            while !told.quit.load(Ordering::Acquire) {
                if told.stop_the_watch.swap(false, Ordering::AcqRel) {
                    watch.stop();
                }
                thread::park();
            }
        });
        Self { orders, thread: Some(thread) }
    }

    fn wake(&self) {
        self.orders.stop_the_watch.store(true, Ordering::Release);
        self.unpark();
    }

    fn unpark(&self) {
        self.thread.as_ref().expect("there until dropped").thread().unpark();
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.orders.quit.store(true, Ordering::Release);
        self.unpark();
        self.thread.take().map(JoinHandle::join);
    }
}
