use std::sync::Arc;

use worker_core::{Clock, ManualClock, StateChanged, WorkerContext, WorkerManager};

use super::*;
use crate::monitor::app::{Action, Seen, Settings, Severity, Upkeep};
use crate::monitor::model::{Caps, Table};
use crate::monitor::source::{Batch, Source, SourceError};
use crate::monitor::sources::demo;
use crate::monitor::wall::Wall;

/// A monitor without a terminal, on a clock driven by hand.
struct Rig {
    app: App,
    bridge: UiBridge<App>,
    timers: Timers,
    clock: Arc<ManualClock>,
    _workers: WorkerManager,
}

/// Its fetches never end by themselves.
#[derive(Debug)]
struct Silent;

impl Source for Silent {
    fn builds(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        cx.sleep(Duration::MAX)?;
        Ok(Batch::whole(Vec::new(), demo::BEGINNING))
    }
    fn runner(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.builds(cx)
    }
    fn vertex(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.builds(cx)
    }
    fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.builds(cx)
    }
    fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError> {
        self.builds(cx)
    }
}

impl Rig {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let wall = Wall::starting_at(demo::BEGINNING, clock.clone());
        let bridge: UiBridge<App> = UiBridge::builder().clock(clock.clone()).build();
        let ui = bridge.handle();
        let events =
            ui.state_changes(|app: &mut App, event: &StateChanged| app.on_worker_state_changed(event));
        let workers = WorkerManager::builder().clock(clock.clone()).events(events).build();
        let settings =
            Settings { source: "test".to_owned(), refresh: Duration::from_secs(30), caps: Caps::default() };
        let app = App::new(settings, Arc::new(Silent), wall, workers.scope("monitor"), ui);
        let mut rig = Self { app, bridge, timers: Timers::default(), clock, _workers: workers };
        rig.turn();
        rig
    }

    /// One turn of the loop, on a screen with room for two toasts.
    fn turn(&mut self) {
        self.app.see(Seen { toasts: 2, last_page: 0 });
        self.timers.follow(&mut self.bridge, &self.app);
        let _turn = self.bridge.pump(&mut self.app).expect("the loop goes on");
        self.app.see(Seen { toasts: 2, last_page: 0 });
        self.timers.follow(&mut self.bridge, &self.app);
    }

    /// Lets so many milliseconds go by, one after the other, and counts the turns after which something was other
    /// than before.
    fn changes<T: PartialEq>(&mut self, milliseconds: u64, what: impl Fn(&App) -> T) -> usize {
        let mut changes = 0;
        for _ in 0..milliseconds {
            let before = what(&self.app);
            self.clock.advance(Duration::from_millis(1));
            self.turn();
            changes += usize::from(what(&self.app) != before);
        }
        changes
    }
}

#[test]
fn s11_a_spinner_turns_eight_times_a_second_and_only_while_something_loads() {
    let mut rig = Rig::new();
    assert_eq!(rig.changes(1000, |app| app.state().frame), 0);
    rig.app.act(Action::RefreshFocused);
    rig.turn();
    assert_eq!(rig.changes(1000, |app| app.state().frame), 8);
    assert_eq!(rig.changes(124, |app| app.state().frame), 0);
    assert_eq!(rig.changes(1, |app| app.state().frame), 1);
}

#[test]
fn s13_the_tables_are_refreshed_every_thirty_seconds_while_that_is_switched_on() {
    let loading = |app: &App| app.state().is_loading();
    let mut rig = Rig::new();
    assert_eq!(rig.changes(29_999, loading), 0);
    assert_eq!(rig.changes(1, loading), 1);
    let mut rig = Rig::new();
    rig.app.act(Action::ToggleAuto);
    rig.turn();
    assert_eq!(rig.changes(61_000, loading), 0);
}

#[test]
fn a_refresh_by_hand_starts_the_thirty_seconds_anew() {
    let mut rig = Rig::new();
    rig.changes(29_000, |_| 0);
    rig.app.act(Action::RefreshAll);
    rig.turn();
    // The rows come, so that the next refresh can be seen.
    for table in Table::ALL {
        App::update(table)(&mut rig.app, Batch::whole(Vec::new(), demo::BEGINNING));
    }
    let loading = |app: &App| app.state().is_loading();
    assert_eq!(rig.changes(29_999, loading), 0);
    assert_eq!(rig.changes(1, loading), 1);
}

#[test]
fn s10_toasts_are_seen_for_their_time_and_then_go() {
    for (severity, seconds) in [(Severity::Information, 3), (Severity::Warning, 5), (Severity::Error, 8)] {
        let mut rig = Rig::new();
        rig.app.toast(severity, "something");
        rig.turn();
        assert_eq!(rig.changes(seconds * 1000, |app| app.state().toasts.len()), 0, "{severity:?}");
        assert_eq!(rig.changes(500, |app| app.state().toasts.len()), 1, "{severity:?}");
    }
}

#[test]
fn s10_a_toast_without_room_is_seen_when_there_is_some() {
    let mut rig = Rig::new();
    for text in ["a", "b", "c"] {
        rig.app.toast(Severity::Error, text);
    }
    rig.turn();
    let third = |app: &App| app.state().toasts.iter().any(|toast| toast.text == "c");
    assert_eq!(rig.changes(8_500, |app| app.state().toasts.len()), 1, "two go at once");
    assert_eq!(rig.changes(7_500, third), 0);
    assert_eq!(rig.changes(1_000, third), 1);
}

#[test]
fn an_idle_monitor_wakes_and_draws_once_a_second() {
    let mut rig = Rig::new();
    let _first_picture = rig.app.take_upkeep();
    let (mut woken, mut drawn) = (0, 0);
    for _ in 0..5_000 {
        rig.clock.advance(Duration::from_millis(1));
        let now = rig.clock.now();
        woken += usize::from(rig.bridge.next_deadline().is_some_and(|next| next <= now));
        rig.turn();
        drawn += usize::from(rig.app.take_upkeep() != Upkeep::Nothing);
    }
    assert_eq!((woken, drawn), (5, 5));
}

#[test]
fn while_everything_loads_it_draws_for_the_spinners_and_the_clock_only() {
    let mut rig = Rig::new();
    rig.app.act(Action::RefreshAll);
    rig.turn();
    let _first_picture = rig.app.take_upkeep();
    let mut drawn = 0;
    for _ in 0..5_000 {
        rig.clock.advance(Duration::from_millis(1));
        rig.turn();
        drawn += usize::from(rig.app.take_upkeep() != Upkeep::Nothing);
    }
    assert_eq!(drawn, 5 * 8, "the clock ticks with every eighth turn of the spinners");
}

#[test]
fn the_clock_goes_on_while_everything_hangs() {
    let mut rig = Rig::new();
    rig.app.act(Action::RefreshAll);
    rig.turn();
    assert_eq!(rig.changes(10_000, |app| app.state().now.as_second()), 10);
}
