//! Posts from one and from several producers, until the UI thread has run them all.
//!
//! The producers wait at a barrier for the start, so that making threads is not measured. The
//! calling thread is the UI thread. The queue and the peers' channels live as long as the row, as
//! in an app.

use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use worker_core::WorkerManager;
use worker_ui_bridge::{UiBridge, UiHandle};

use crate::bench_ui::{App, CAPACITY, Job};
use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const POSTS: u32 = 200_000;
const TURNS: u32 = 200;
const POSTS_PER_TURN: u32 = 1_000;
const LIMIT_TO_CROSSBEAM: f64 = 1.0;
const CROSSBEAM: &str = "crossbeam bounded(65536)";
const STD: &str = "std mpsc";

/// From threads that run no worker.
pub(crate) fn from_threads(effort: Effort, producers: u32) -> Vec<Line> {
    let load = Load { producers, each: effort.count(POSTS) / producers };
    let mut bridge = UiBridge::new();
    let ours = move || {
        ours(load, &mut bridge, |ui, start| {
            produce(load.producers, || {
                let (ui, start) = (ui.clone(), start.clone());
                move || post(&ui, &start, load.each)
            })
        })
    };
    Comparison::of(ours)
        .peer_with_limit(CROSSBEAM, LIMIT_TO_CROSSBEAM, crossbeam(load))
        .peer(STD, std_mpsc(load))
        .run(effort)
}

/// From workers' bodies. For information: each callback also holds its worker, whose reference
/// count two cores then share, and is dropped if the worker has been cancelled. A bare channel does
/// not do this.
pub(crate) fn from_workers(effort: Effort, producers: u32) -> Vec<Line> {
    let load = Load { producers, each: effort.count(POSTS) / producers };
    let workers = WorkerManager::new();
    let mut bridge = UiBridge::new();
    let ours = move || {
        ours(load, &mut bridge, |ui, start| {
            for _ in 0..load.producers {
                let (ui, start) = (ui.clone(), start.clone());
                workers.worker("post").thread(move |_| {
                    post(&ui, &start, load.each);
                    Ok(())
                });
            }
            Vec::new()
        })
    };
    Comparison::of(ours).peer(CROSSBEAM, crossbeam(load)).peer(STD, std_mpsc(load)).run(effort)
}

/// From the UI thread to itself, a thousand posts and then a turn: the cost of the work, without
/// two threads that contend and wake each other. For information.
pub(crate) fn from_the_ui_thread(effort: Effort) -> Vec<Line> {
    let turns = effort.count(TURNS);
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let ours = || {
        in_turns(
            turns,
            |value| ui.post(move |app: &mut App| app.add(value)).expect("the bridge is open"),
            |app| while bridge.pump(app).expect("no worker fails here").more() {},
        )
    };
    let (sender, jobs) = crossbeam_channel::bounded::<Job>(CAPACITY);
    let crossbeam = || {
        in_turns(
            turns,
            |value| sender.send(Box::new(move |app| app.add(value))).expect("the loop runs"),
            |app| jobs.try_iter().for_each(|job| job(app)),
        )
    };
    Comparison::of(ours).peer(CROSSBEAM, crossbeam).run(effort)
}

/// The time to send one closure of a thousand and to run it.
fn in_turns(turns: u32, send: impl Fn(u64), mut turn: impl FnMut(&mut App)) -> f64 {
    let mut app = App::default();
    each(turns * POSTS_PER_TURN, || {
        for _ in 0..turns {
            (0..u64::from(POSTS_PER_TURN)).for_each(&send);
            turn(&mut app);
        }
    })
}

#[derive(Clone, Copy)]
struct Load {
    producers: u32,
    each: u32,
}

impl Load {
    fn all(self) -> u32 {
        self.producers * self.each
    }
}

fn post(ui: &UiHandle<App>, start: &Barrier, count: u32) {
    start.wait();
    for value in 0..u64::from(count) {
        ui.post(move |app| app.add(value)).expect("the bridge is open");
    }
}

/// A UI thread that waits as in an app. `begin` makes the producers, which wait at the barrier.
fn ours(
    load: Load,
    bridge: &mut UiBridge<App>,
    begin: impl FnOnce(&UiHandle<App>, &Arc<Barrier>) -> Vec<JoinHandle<()>>,
) -> f64 {
    let start = start_barrier(load);
    let producers = begin(&bridge.handle(), &start);
    let mut app = App::default();
    start.wait();
    let figure = each(load.all(), || {
        while app.seen < load.all() {
            bridge.wait(&mut app).expect("no worker fails here");
        }
    });
    join(producers);
    figure
}

fn crossbeam(load: Load) -> impl FnMut() -> f64 {
    let (sender, jobs) = crossbeam_channel::bounded(CAPACITY);
    let send = move |job| sender.send(job).expect("the loop runs");
    move || channel(load, &send, || jobs.recv().expect("a sender is left"), || jobs.try_recv().ok())
}

fn std_mpsc(load: Load) -> impl FnMut() -> f64 {
    let (sender, jobs) = std::sync::mpsc::sync_channel(CAPACITY);
    let send = move |job| sender.send(job).expect("the loop runs");
    move || channel(load, &send, || jobs.recv().expect("a sender is left"), || jobs.try_recv().ok())
}

/// Boxed closures over a bounded channel. The loop blocks until it has received one, then takes
/// what else is queued.
fn channel(
    load: Load,
    send: &(impl Fn(Job) + Clone + Send + 'static),
    receive: impl Fn() -> Job,
    receive_more: impl Fn() -> Option<Job>,
) -> f64 {
    let start = start_barrier(load);
    let producers = produce(load.producers, || {
        let (send, start) = (send.clone(), start.clone());
        move || {
            start.wait();
            for value in 0..u64::from(load.each) {
                send(Box::new(move |app| app.add(value)));
            }
        }
    });
    let mut app = App::default();
    start.wait();
    let figure = each(load.all(), || {
        while app.seen < load.all() {
            receive()(&mut app);
            while let Some(job) = receive_more() {
                job(&mut app);
            }
        }
    });
    join(producers);
    figure
}

/// The barrier of the producers and the UI thread.
fn start_barrier(load: Load) -> Arc<Barrier> {
    Arc::new(Barrier::new(load.producers as usize + 1))
}

fn produce<F: FnOnce() + Send + 'static>(producers: u32, mut work: impl FnMut() -> F) -> Vec<JoinHandle<()>> {
    (0..producers).map(|_| thread::spawn(work())).collect()
}

fn join(producers: Vec<JoinHandle<()>>) {
    for producer in producers {
        producer.join().expect("no producer fails");
    }
}
