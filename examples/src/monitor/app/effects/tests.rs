use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use worker_core::{ManualClock, WorkerContext, WorkerManager};
use worker_ui_bridge::UiBridge;

use super::*;
use crate::monitor::app::Outcome;
use crate::monitor::model::{Caps, Cell, PerTable, Phase, Row};
use crate::monitor::source::{Extent, PartError, Problem, SourceError};
use crate::monitor::sources::{Demo, demo};

/// A monitor without a terminal, on a clock driven by hand.
struct Rig {
    app: App,
    bridge: UiBridge<App>,
    workers: WorkerManager,
    clock: Arc<ManualClock>,
}

impl Rig {
    fn new(source: impl FnOnce(&Wall) -> Arc<dyn Source>) -> Self {
        let clock = Arc::new(ManualClock::new());
        let wall = Wall::starting_at(demo::BEGINNING, clock.clone());
        let bridge: UiBridge<App> = UiBridge::builder().clock(clock.clone()).build();
        let ui = bridge.handle();
        let events =
            ui.state_changes(|app: &mut App, event: &StateChanged| app.on_worker_state_changed(event));
        let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).events(events).build();
        let settings =
            Settings { source: "test".to_owned(), refresh: Duration::from_secs(30), caps: Caps::default() };
        let app = App::new(settings, source(&wall), wall, workers.scope("monitor"), ui);
        Self { app, bridge, workers, clock }
    }

    fn demo() -> Self {
        Self::new(|wall| Arc::new(Demo::new(7, None, wall.clone())))
    }

    /// Turns the loop until something is so. Sleeps in between, and so hangs if it never comes to be.
    fn until(&mut self, holds: impl Fn(&State) -> bool) {
        while !holds(self.app.state()) {
            let _turn = self.bridge.wait(&mut self.app).expect("the loop goes on");
        }
    }

    fn loading(&self) -> Vec<Table> {
        let panels = self.app.state().panels.iter();
        panels.filter(|(_, panel)| panel.is_loading()).map(|(table, _)| table).collect()
    }

    fn toasts(&self) -> Vec<String> {
        self.app.state().toasts.iter().map(|toast| toast.text.clone()).collect()
    }

    fn panel(&self, table: Table) -> &super::super::Panel {
        &self.app.state().panels[table]
    }
}

/// A source that answers what it is told to, and counts.
#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<PerTable<VecDeque<Answer>>>,
    fetches: PerTable<AtomicUsize>,
}

#[derive(Debug)]
enum Answer {
    Now(Result<Batch, SourceError>),
    Panic,
    /// Waits to be cancelled.
    Never,
}

impl Scripted {
    fn with(self, table: Table, answer: Answer) -> Self {
        self.answers.lock().expect("no panic")[table].push_back(answer);
        self
    }

    fn fetched(&self, table: Table) -> usize {
        self.fetches[table].load(Ordering::SeqCst)
    }

    fn answer(&self, table: Table, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.fetches[table].fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().expect("no panic")[table].pop_front();
        match answer {
            None => Ok(rows(&[])),
            Some(Answer::Now(answer)) => answer,
            Some(Answer::Panic) => panic!("a bug in the source"),
            Some(Answer::Never) => {
                cx.sleep(Duration::MAX)?;
                Ok(rows(&[]))
            }
        }
    }
}

impl Source for Scripted {
    fn builds(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.answer(Table::Builds, cx)
    }
    fn runner(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.answer(Table::Runner, cx)
    }
    fn vertex(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.answer(Table::Vertex, cx)
    }
    fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.answer(Table::Active, cx)
    }
    fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.answer(Table::Completed, cx)
    }
}

fn rows(keys: &[&str]) -> Batch {
    let row = |key: &&str| Row {
        key: (*key).to_owned(),
        region: None,
        phase: Phase::Ended,
        created: None,
        cells: vec![Cell::Missing; 7],
        details: Vec::new(),
    };
    Batch::whole(keys.iter().map(row).collect(), Timestamp::UNIX_EPOCH)
}

fn failure() -> SourceError {
    SourceError::new(Problem::NotLoggedIn, "gcloud is not logged in").advise("run `gcloud auth login`")
}

fn idle(state: &State) -> bool {
    !state.is_loading()
}

#[test]
fn s04_s12_all_spin_at_once_and_each_table_shows_when_its_own_rows_come() {
    let mut rig = Rig::demo();
    rig.app.refresh_all();
    assert_eq!(rig.loading(), Table::ALL);
    rig.clock.wait_for_sleepers(5);
    let mut gone_by = Duration::ZERO;
    let order = [Table::Runner, Table::Active, Table::Completed, Table::Builds, Table::Vertex];
    for (index, table) in order.into_iter().enumerate() {
        rig.clock.advance(Demo::latency(table).saturating_sub(gone_by));
        gone_by = Demo::latency(table);
        rig.until(|state| !state.panels[table].is_loading());
        assert!(!rig.panel(table).rows().rows.is_empty(), "{table} is shown");
        for later in &order[index + 1..] {
            assert!(rig.panel(*later).is_loading(), "{later} still spins when {table} is shown");
        }
    }
}

#[test]
fn s10_s14_an_error_stops_the_spinner_shows_a_toast_and_keeps_the_old_rows() {
    let source = Scripted::default()
        .with(Table::Builds, Answer::Now(Ok(rows(&["good"]))))
        .with(Table::Builds, Answer::Now(Err(failure())));
    let mut rig = Rig::new(|_| Arc::new(source));
    for _ in 0..2 {
        rig.app.refresh_all();
        rig.until(idle);
        settle(&mut rig);
    }
    let told = "gcloud is not logged in; run `gcloud auth login`";
    assert_eq!(rig.toasts(), [format!("Error loading builds: {told}")]);
    assert_eq!(rig.panel(Table::Builds).outcome(), &Outcome::Failed(told.to_owned()));
    assert_eq!(rig.panel(Table::Builds).rows().rows[0].key, "good");
    assert_eq!(rig.panel(Table::Vertex).outcome(), &Outcome::Fresh, "the other tables go on");
}

/// Turns the loop until every worker has ended and its last event has been seen.
fn settle(rig: &mut Rig) {
    while !rig.workers.is_empty() {
        std::thread::yield_now();
        let _turn = rig.bridge.pump(&mut rig.app).expect("the loop goes on");
    }
    let _turn = rig.bridge.pump(&mut rig.app).expect("the loop goes on");
}

#[test]
fn s13_a_table_that_is_being_fetched_is_not_fetched_twice() {
    let source = Arc::new(Scripted::default().with(Table::Vertex, Answer::Never));
    let mut rig = Rig::new(|_| source.clone());
    rig.app.refresh_all();
    rig.until(|state| {
        state.panels.iter().all(|(table, panel)| panel.is_loading() == (table == Table::Vertex))
    });
    // The others must have ended before they can start again.
    while rig.workers.len() > 1 {
        std::thread::yield_now();
    }
    rig.app.auto_refresh();
    assert_eq!(rig.loading(), Table::ALL);
    rig.until(|state| {
        state.panels.iter().all(|(table, panel)| panel.is_loading() == (table == Table::Vertex))
    });
    assert_eq!(source.fetched(Table::Vertex), 1);
    assert_eq!(source.fetched(Table::Builds), 2);
}

#[test]
fn s13_the_timer_leaves_out_what_is_switched_off() {
    let source = Arc::new(Scripted::default());
    let mut rig = Rig::new(|_| source.clone());
    rig.app.act(Action::ToggleAutoFocused);
    rig.app.auto_refresh();
    rig.until(idle);
    assert_eq!((source.fetched(Table::Builds), source.fetched(Table::Runner)), (0, 1));
    settle(&mut rig);
    rig.app.act(Action::ToggleAuto);
    rig.app.auto_refresh();
    assert!(idle(rig.app.state()));
    rig.app.act(Action::RefreshAll);
    rig.until(idle);
    assert_eq!(
        (source.fetched(Table::Builds), source.fetched(Table::Runner)),
        (1, 2),
        "a key refreshes all the same"
    );
}

#[test]
fn s14_leaving_the_screen_cancels_its_workers() {
    let mut rig = Rig::demo();
    rig.app.refresh_all();
    rig.clock.wait_for_sleepers(5);
    let Rig { app, bridge, workers, .. } = rig;
    // Listed while they sleep: once the screen has gone they may end, and leave the list, at any moment.
    let fetching = workers.workers();
    assert_eq!(fetching.len(), 5);
    drop(app);
    drop(bridge);
    for worker in &fetching {
        assert!(worker.wait().expect_err("cancelled").is_cancelled());
    }
    assert!(workers.shutdown(Duration::MAX).is_clean());
}

#[test]
fn a_spinner_is_never_left_on_after_a_cancel() {
    let mut rig = Rig::demo();
    rig.app.refresh_all();
    rig.app.screen.cancel();
    rig.until(idle);
    assert!(rig.toasts().is_empty(), "nobody needs to hear of it");
}

#[test]
fn a_start_that_is_skipped_leaves_no_spinner() {
    let source = Scripted::default().with(Table::Builds, Answer::Never);
    let mut rig = Rig::new(|_| Arc::new(source));
    rig.app.fetch(&[Table::Builds]);
    // The screen believes the table idle while its worker is still there, as just after rows have come.
    rig.app.state.panels[Table::Builds].stop();
    rig.app.fetch(&[Table::Builds]);
    rig.until(idle);
}

#[test]
fn a_bug_in_a_source_is_told_and_the_others_go_on() {
    let source = Scripted::default().with(Table::Active, Answer::Panic);
    let mut rig = Rig::new(|_| Arc::new(source));
    worker_core::install_panic_hook();
    rig.app.refresh_all();
    rig.until(idle);
    assert!(
        rig.toasts()[0].starts_with("Error loading active: panicked: a bug in the source"),
        "{:?}",
        rig.toasts()
    );
    assert_eq!(rig.panel(Table::Builds).outcome(), &Outcome::Fresh);
}

#[test]
fn a_fetch_that_fails_in_part_shows_its_rows_and_a_toast() {
    let mut partial = rows(&["good"]);
    partial.failed.push(PartError {
        region: Some("us-east4".to_owned()),
        extent: Extent::Whole,
        error: failure(),
    });
    let source = Scripted::default().with(Table::Runner, Answer::Now(Ok(partial)));
    let mut rig = Rig::new(|_| Arc::new(source));
    rig.app.refresh_all();
    rig.until(|state| state.toasts.len() == 1);
    assert!(rig.toasts()[0].starts_with("Error loading runner: us-east4: gcloud is not"));
    assert!(matches!(rig.panel(Table::Runner).outcome(), Outcome::Partial(_)));
    assert_eq!(rig.panel(Table::Runner).rows().rows[0].key, "good");
}

#[test]
fn a_late_error_does_not_stop_the_spinner_of_a_later_fetch() {
    let mut partial = rows(&["good"]);
    partial.failed.push(PartError { region: None, extent: Extent::Some, error: failure() });
    let source =
        Scripted::default().with(Table::Builds, Answer::Now(Ok(partial))).with(Table::Builds, Answer::Never);
    let mut rig = Rig::new(|_| Arc::new(source));
    rig.app.fetch(&[Table::Builds]);
    rig.until(|state| state.panels[Table::Builds].loaded_at().is_some() && state.toasts.is_empty());
    while !rig.workers.is_empty() {
        std::thread::yield_now();
    }
    // Its error is queued but not yet seen when the next fetch starts.
    rig.app.fetch(&[Table::Builds]);
    rig.until(|state| !state.toasts.is_empty());
    assert!(rig.panel(Table::Builds).is_loading());
}

#[test]
fn whatever_changes_the_state_asks_for_a_redraw_once() {
    let mut rig = Rig::demo();
    assert_eq!(rig.app.take_upkeep(), Upkeep::Draw, "the first picture");
    assert_eq!(rig.app.take_upkeep(), Upkeep::Nothing);
    for change in [App::turn_spinners, App::tick, App::refresh_all] {
        change(&mut rig.app);
        assert_eq!(rig.app.take_upkeep(), Upkeep::Draw);
        assert_eq!(rig.app.take_upkeep(), Upkeep::Nothing);
    }
}

#[test]
fn what_cannot_be_seen_asks_for_no_redraw() {
    let mut rig = Rig::demo();
    rig.app.refresh_all();
    assert_eq!(rig.app.take_upkeep(), Upkeep::Draw, "the spinners");
    rig.clock.wait_for_sleepers(5);
    assert!(rig.bridge.pump(&mut rig.app).expect("the loop goes on").ran() >= 10, "five wait, five run");
    assert_eq!(rig.app.take_upkeep(), Upkeep::Nothing);

    rig.clock.advance(Demo::latency(Table::Runner));
    rig.until(|state| !state.panels[Table::Runner].is_loading());
    assert_eq!(rig.app.take_upkeep(), Upkeep::Draw, "the rows");
    rig.until(|state| state.panels[Table::Runner].activity() == Activity::Idle);
    assert_eq!(rig.app.take_upkeep(), Upkeep::Nothing, "its worker has ended");
}

#[test]
fn of_all_that_is_asked_for_the_screen_gets_the_most() {
    let mut rig = Rig::demo();
    for upkeep in [Upkeep::DrawAfresh, Upkeep::TakeAgain, Upkeep::Draw] {
        rig.app.ask_for(upkeep);
    }
    assert_eq!(rig.app.take_upkeep(), Upkeep::TakeAgain);
}

#[test]
fn a_refresh_that_is_asked_for_while_a_worker_is_just_ending_is_not_lost() {
    let source = Arc::new(Scripted::default());
    let mut rig = Rig::new(|_| source.clone());
    rig.app.fetch(&[Table::Builds]);
    rig.until(|state| state.panels[Table::Builds].loaded_at().is_some());
    // The rows are here; that the worker has ended has not been heard yet.
    assert!(matches!(rig.panel(Table::Builds).activity(), Activity::Ending(_)));
    rig.app.act(Action::RefreshFocused);
    assert!(rig.panel(Table::Builds).is_loading());
    rig.until(idle);
    settle(&mut rig);
    assert_eq!(source.fetched(Table::Builds), 2);
}

#[test]
fn a_refresh_of_what_is_already_loading_is_answered() {
    let source = Scripted::default().with(Table::Builds, Answer::Never);
    let mut rig = Rig::new(|_| Arc::new(source));
    rig.app.act(Action::RefreshFocused);
    assert!(rig.toasts().is_empty());
    rig.app.act(Action::RefreshFocused);
    assert_eq!(rig.toasts(), ["Still loading builds"]);
}

#[test]
fn the_signal_that_ended_the_terminal_says_more_than_the_terminals_end() {
    let mut rig = Rig::demo();
    rig.app.leave(Exit::InputEnded);
    rig.app.leave(Exit::Asked);
    assert_eq!(rig.app.state().exit, Some(Exit::Asked));
    rig.app.leave(Exit::InputFailed("gone".to_owned()));
    assert_eq!(rig.app.state().exit, Some(Exit::Asked));
}
