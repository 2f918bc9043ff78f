//! Shared test helpers: [`TestMonitor`], a monitor without a terminal on manual time, and
//! [`ScriptedSource`], a source with prepared replies.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use worker_core::{StateChanged, WorkerContext, WorkerManager};
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};

use crate::app::{Action, App, Panel, Settings, State};
use crate::model::{Cell, PerTable, Phase, Row, Table};
use crate::source::{Batch, ErrorKind, Fetcher, Source, SourceError};
use crate::sources::{Demo, demo};
use crate::wall_clock::WallClock;

/// A demo seed for which the first and second fetches of every table succeed.
const SEED: u64 = 0;

/// A monitor without a terminal. Its wall clock follows the scheduler's clock.
pub(super) struct TestMonitor {
    pub(super) app: App,
    pub(super) bridge: TestBridge<App>,
    pub(super) workers: WorkerManager,
    pub(super) wall_clock: WallClock,
}

impl TestMonitor {
    pub(super) fn new(scheduler: &TestScheduler, source: Arc<dyn Source>) -> Self {
        Self::build(scheduler, |_| source)
    }

    pub(super) fn demo(scheduler: &TestScheduler) -> Self {
        Self::build(scheduler, |wall_clock| Arc::new(Demo::new(SEED, None, wall_clock.clone())))
    }

    fn build(scheduler: &TestScheduler, source: impl FnOnce(&WallClock) -> Arc<dyn Source>) -> Self {
        let wall_clock = WallClock::starting_at(demo::EPOCH, scheduler.clock());
        let bridge: TestBridge<App> = TestBridge::new(scheduler);
        let ui = bridge.handle();
        let events =
            ui.state_changes(|app: &mut App, event: &StateChanged| app.on_worker_state_changed(event));
        let workers = WorkerManager::builder().clock(scheduler.clock()).events(events).build();
        let fetcher = Fetcher::new(source(&wall_clock), workers.clone());
        let app = App::new(settings(), fetcher, wall_clock.clone(), workers.scope("monitor"), ui);
        Self { app, bridge, workers, wall_clock }
    }

    /// Replaces the screen by a new one on the same terminal.
    pub(super) fn change_screen(&mut self, source: Arc<dyn Source>) {
        let (scope, ui) = (self.workers.scope("another"), self.bridge.handle());
        let fetcher = Fetcher::new(source, self.workers.clone());
        self.app = App::new(settings(), fetcher, self.wall_clock.clone(), scope, ui);
    }

    /// Advances the clock.
    pub(super) fn advance(&mut self, by: Duration) {
        self.bridge.advance(&mut self.app, by).expect("the loop goes on");
    }

    /// Runs all threads until they are idle.
    pub(super) fn settle(&mut self) {
        self.bridge.run_until_idle(&mut self.app).expect("the loop goes on");
    }

    /// Applies an action, as a key press does.
    pub(super) fn press(&mut self, action: Action) {
        self.bridge.handle().post(move |app: &mut App| app.dispatch(action)).expect("the loop goes on");
        self.settle();
    }

    /// Runs the loop until the condition holds.
    pub(super) fn run_until(&mut self, holds: impl Fn(&State) -> bool) {
        while !holds(self.app.state()) {
            let _turn = self.bridge.wait(&mut self.app).expect("the loop goes on");
        }
    }

    pub(super) fn toast_texts(&self) -> Vec<String> {
        self.app.state().toasts.iter().map(|toast| toast.text.clone()).collect()
    }

    pub(super) fn panel(&self, table: Table) -> &Panel {
        &self.app.state().panels[table]
    }
}

pub(super) fn settings() -> Settings {
    Settings { source: "test".to_owned(), refresh: Duration::from_secs(30), ..Settings::default() }
}

/// A source that returns prepared replies and counts the fetches.
#[derive(Debug, Default)]
pub(super) struct ScriptedSource {
    replies: Mutex<PerTable<VecDeque<ScriptedReply>>>,
    fetches: PerTable<AtomicUsize>,
}

#[derive(Debug)]
pub(super) enum ScriptedReply {
    Now(Result<Batch, SourceError>),
    After(Duration, Result<Batch, SourceError>),
    Panic,
    /// Blocks until the worker is cancelled.
    Never,
}

impl ScriptedSource {
    pub(super) fn with(self, table: Table, reply: ScriptedReply) -> Self {
        self.replies.lock().expect("no panic")[table].push_back(reply);
        self
    }

    pub(super) fn fetch_count(&self, table: Table) -> usize {
        self.fetches[table].load(Ordering::SeqCst)
    }
}

impl Source for ScriptedSource {
    fn fetch(&self, table: Table, _: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.fetches[table].fetch_add(1, Ordering::SeqCst);
        let reply = self.replies.lock().expect("no panic")[table].pop_front();
        match reply {
            None => Ok(rows(&[])),
            Some(ScriptedReply::Now(reply)) => reply,
            Some(ScriptedReply::After(time, reply)) => {
                cx.sleep(time)?;
                reply
            }
            Some(ScriptedReply::Panic) => panic!("a bug in the source"),
            Some(ScriptedReply::Never) => {
                cx.sleep(Duration::MAX)?;
                Ok(rows(&[]))
            }
        }
    }
}

/// Fetches the rows of a panel, with this outcome.
pub(super) fn fetched(panel: &mut Panel, outcome: Result<Batch, SourceError>) {
    fetched_from(panel, Answers(vec![(None, outcome)]));
}

/// Fetches the rows of a panel from regions, with these outcomes.
pub(super) fn fetched_by_region<const N: usize>(
    panel: &mut Panel,
    outcomes: [(&str, Result<Batch, SourceError>); N],
) {
    let outcomes = outcomes.map(|(region, outcome)| (Some(region.to_owned()), outcome));
    fetched_from(panel, Answers(outcomes.into()));
}

fn fetched_from(panel: &mut Panel, source: Answers) {
    testing::run(0, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let fetcher = Fetcher::new(Arc::new(source), workers.clone());
        let table = panel.table();
        panel.fetch(workers.worker("fetch"), &bridge.handle(), move |cx, land| {
            fetcher.fetch(table, cx, move |cx, part| land(cx, part)).map(drop)
        });
        bridge.run_until_idle(panel).expect("the loop goes on");
        panel.follow_rows(Timestamp::UNIX_EPOCH);
    });
}

/// A source with these answers for its regions, or for all.
#[derive(Debug)]
struct Answers(Vec<(Option<String>, Result<Batch, SourceError>)>);

impl Source for Answers {
    fn regions(&self, _: Table) -> Vec<String> {
        self.0.iter().filter_map(|(region, _)| region.clone()).collect()
    }

    fn fetch(&self, _: Table, asked: Option<&str>, _: &WorkerContext) -> Result<Batch, SourceError> {
        let (_, answer) =
            self.0.iter().find(|(region, _)| region.as_deref() == asked).expect("one of the regions");
        answer.clone()
    }
}

pub(super) fn rows(keys: &[&str]) -> Batch {
    let row = |key: &&str| Row {
        key: (*key).to_owned(),
        region: None,
        phase: Phase::Ended,
        created: None,
        cells: vec![Cell::Missing; 7],
        details: Vec::new(),
    };
    Batch::complete(keys.iter().map(row).collect(), Timestamp::UNIX_EPOCH)
}

pub(super) fn failure() -> SourceError {
    SourceError::new(ErrorKind::NotLoggedIn, "gcloud is not logged in").with_advice("run `gcloud auth login`")
}
