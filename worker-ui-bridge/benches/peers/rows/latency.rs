//! The latency from a post or an event on another thread to its callback on a parked UI thread. The
//! figure of a round is its p99.
//!
//! Between two samples there is a small gap, in which the UI thread parks again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use worker_core::{StateChanged, WorkerManager, WorkerState};

use crate::bench_ui::{App, BenchUi, ChannelLoop};
use crate::comparison::Comparison;
use crate::measure::{Effort, quantile};
use crate::table::Line;

const SAMPLES: u32 = 300;
const GAP: Duration = Duration::from_micros(100);
const LIMIT_TO_PARKING: f64 = 2.0;

/// From just before a post to its callback.
pub(crate) fn of_a_post(effort: Effort) -> Vec<Line> {
    let bench_ui = BenchUi::start();
    let stopwatch = Stopwatch::start();
    let count = effort.count(SAMPLES);
    let ours = move || {
        stopwatch.p99(count, |stopwatch| {
            let stopwatch = stopwatch.clone();
            bench_ui.ui.post(move |_| stopwatch.stop()).expect("the bridge is open");
        })
    };
    compare(effort, ours)
}

/// From just before a worker is made to the handler of its first event. The worker is cancelled
/// afterwards.
pub(crate) fn of_an_event(effort: Effort) -> Vec<Line> {
    let bench_ui = BenchUi::start();
    let stopwatch = Stopwatch::start();
    let pending = stopwatch.clone();
    let on_change = move |_: &mut App, event: &StateChanged| {
        if event.state == WorkerState::Pending {
            pending.stop();
        }
    };
    let workers = WorkerManager::builder().events(bench_ui.ui.state_changes(on_change)).build();
    let count = effort.count(SAMPLES);
    let ours = move || {
        // The UI thread lives as long as the workers.
        let _bench_ui = &bench_ui;
        stopwatch.p99(count, |stopwatch| {
            let worker = workers.worker("event").paused().thread(|_| Ok(()));
            stopwatch.wait();
            worker.cancel();
        })
    };
    compare(effort, ours)
}

fn compare(effort: Effort, ours: impl FnMut() -> f64) -> Vec<Line> {
    let count = effort.count(SAMPLES);
    Comparison::of(ours)
        .peer_with_limit("unpark to running", LIMIT_TO_PARKING, parking(count))
        .peer("crossbeam send to closure", crossbeam(count))
        .run(effort)
}

/// From just before `unpark` until the parked thread runs again.
fn parking(count: u32) -> impl FnMut() -> f64 {
    let stopwatch = Stopwatch::start();
    let parked_thread = ParkedThread::start(stopwatch.clone());
    move || stopwatch.p99(count, |_| parked_thread.wake())
}

/// From just before a boxed closure is sent until it runs.
fn crossbeam(count: u32) -> impl FnMut() -> f64 {
    let stopwatch = Stopwatch::start();
    let channel_loop = ChannelLoop::start();
    move || {
        stopwatch.p99(count, |stopwatch| {
            let stopwatch = stopwatch.clone();
            channel_loop.send(move |_| stopwatch.stop());
        })
    }
}

/// A stopwatch that is started on one thread and stopped on another.
#[derive(Clone)]
struct Stopwatch {
    zero: Instant,
    /// Nanoseconds since `zero`; 0 while it runs.
    stopped: Arc<AtomicU64>,
}

impl Stopwatch {
    fn start() -> Self {
        Self { zero: Instant::now(), stopped: Arc::default() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_nanos()).expect("it runs for less than 500 years")
    }

    fn stop(&self) {
        self.stopped.store(self.now(), Ordering::Release);
    }

    /// Sleeps until it is stopped, so that both cores are free for the threads that stop it.
    fn wait(&self) -> u64 {
        loop {
            match self.stopped.load(Ordering::Acquire) {
                0 => thread::sleep(GAP),
                stopped => return stopped,
            }
        }
    }

    /// The p99 of `count` samples. `begin` makes another thread stop the stopwatch.
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

/// A thread that stops the stopwatch when it is unparked, and parks again.
struct ParkedThread {
    requests: Arc<Requests>,
    thread: Option<JoinHandle<()>>,
}

/// Why it was unparked. A park may also end without a reason.
#[derive(Default)]
struct Requests {
    stop: AtomicBool,
    quit: AtomicBool,
}

impl ParkedThread {
    fn start(stopwatch: Stopwatch) -> Self {
        let requests = Arc::new(Requests::default());
        let received = requests.clone();
        let thread = thread::spawn(move || {
            while !received.quit.load(Ordering::Acquire) {
                if received.stop.swap(false, Ordering::AcqRel) {
                    stopwatch.stop();
                }
                thread::park();
            }
        });
        Self { requests, thread: Some(thread) }
    }

    fn wake(&self) {
        self.requests.stop.store(true, Ordering::Release);
        self.unpark();
    }

    fn unpark(&self) {
        self.thread.as_ref().expect("taken by `drop` only").thread().unpark();
    }
}

impl Drop for ParkedThread {
    fn drop(&mut self) {
        self.requests.quit.store(true, Ordering::Release);
        self.unpark();
        self.thread.take().map(JoinHandle::join);
    }
}
