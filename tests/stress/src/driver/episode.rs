//! One episode: a fresh manager, a fresh bridge, some threads, and an end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use worker_core::{Clock, SystemClock, WorkerManager};
use worker_ui_bridge::UiBridge;
use worker_ui_bridge::testing::{TestScheduler, run};

use crate::driver::foreign::planned_panic;
use crate::driver::operations::shut_down;
use crate::driver::plan::{Plan, Threads};
use crate::driver::ui::{App, Loop, act_beside};
use crate::driver::watchdog::Watchdog;
use crate::driver::world::{World, set_on_ui};
use crate::history::History;

/// How long what was dropped may take to be gone, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an episode leaves.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) history: Arc<History>,
    /// What went wrong beside the history: a hang, a leak, a panic out of the library.
    pub(crate) failure: Option<String>,
    is_complete: bool,
}

impl Outcome {
    /// Whether the episode has come to its end, so that its history can be judged.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }
}

/// Runs an episode.
pub(crate) fn run_episode(plan: &Plan, watchdog: &Watchdog) -> Outcome {
    let began = Instant::now();
    let history = Arc::new(History::new(plan.capacity, began));
    let _watched = watchdog.watch(&history, plan);
    let ran = catch_unwind(AssertUnwindSafe(|| match plan.mode {
        Threads::System => with_threads(plan, &history),
        Threads::Scheduler => run(plan.seed, |scheduler| with_scheduler(plan, &history, scheduler)),
    }));
    set_on_ui(false);
    let is_complete = ran.is_ok();
    let failure = match ran {
        Ok(tokens) => left_behind(&tokens),
        Err(panic) => Some(format!("a panic ended the episode: {}", text_of(&*panic))),
    };
    Outcome { history, failure, is_complete }
}

/// An episode on threads of the system. Gives the count of the tokens, which falls to zero.
fn with_threads(plan: &Plan, history: &Arc<History>) -> Arc<AtomicIsize> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let bridge = bridge(plan, &clock);
    let world = World::new(plan.clone(), history.clone(), bridge.handle(), clock);
    thread::scope(|threads| {
        for number in 0..plan.actors {
            let world = &world;
            threads.spawn(move || act_beside(world, number));
        }
        let mut ui = Loop::new(&world, bridge);
        ui.run();
    });
    close(world)
}

/// An episode under the scheduler: the other threads are workers of a manager of their own.
fn with_scheduler(plan: &Plan, history: &Arc<History>, scheduler: &TestScheduler) -> Arc<AtomicIsize> {
    let clock = scheduler.clock();
    let bridge = bridge(plan, &clock);
    let world = World::new(plan.clone(), history.clone(), bridge.handle(), clock.clone());
    let crew = WorkerManager::builder().clock(clock).build();
    let actors: Vec<_> = (0..plan.actors)
        .map(|number| {
            let world = world.clone();
            crew.worker("actor").thread(move |_| {
                act_beside(&world, number);
                Ok(())
            })
        })
        .collect();
    let mut ui = Loop::new(&world, bridge);
    ui.run();
    drop(ui);
    for actor in actors {
        if let Err(error) = actor.wait() {
            panic!("an actor ended without success: {error}");
        }
    }
    close(world)
}

fn bridge(plan: &Plan, clock: &Arc<dyn Clock>) -> UiBridge<App> {
    let builder = UiBridge::builder()
        .capacity(plan.queue)
        .budget(plan.budget)
        .clock(clock.clone())
        .frames_per_second(20_000);
    if plan.mischief == 0 {
        return builder.build();
    }
    // A foreign loop's waker beside the bridge's own sleep: now and then it panics.
    let calls = AtomicUsize::new(0);
    let waker = move || {
        if calls.fetch_add(1, Ordering::Relaxed) % 37 == 36 {
            planned_panic();
        }
    };
    builder.waker(waker).build()
}

/// Everybody has stopped: takes the last look, and lets everything go.
fn close(world: Arc<World>) -> Arc<AtomicIsize> {
    let settled = shut_down(&world, PATIENCE);
    assert!(settled.is_clean(), "P26: not clean at the end: {settled:?}");
    assert!(world.manager.is_empty(), "a finished manager lists workers: {:?}", world.manager.workers());
    world.let_go();
    world.observe_ends();
    let tokens = world.tokens.clone();
    drop(world);
    tokens
}

/// Says so if bodies, callbacks, hooks or results are kept.
fn left_behind(tokens: &AtomicIsize) -> Option<String> {
    let deadline = Instant::now() + PATIENCE;
    while tokens.load(Ordering::Relaxed) != 0 {
        if Instant::now() > deadline {
            let count = tokens.load(Ordering::Relaxed);
            return Some(format!("leak: {count} captured values were not dropped after the episode"));
        }
        thread::sleep(Duration::from_micros(50));
    }
    None
}

/// The text of a panic.
fn text_of(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "not text".to_owned(),
    }
}

#[cfg(test)]
mod tests;
