use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use worker_ui_bridge::testing;

use super::*;
use crate::source::{Extent, PartError};
use crate::tests::{ScriptedReply, ScriptedSource, TestMonitor, failure, rows};

/// How many seeded interleavings each test runs.
const SEEDS: u64 = 20;

fn idle(state: &State) -> bool {
    !state.is_loading()
}

#[test]
fn s10_s14_an_error_stops_the_spinner_shows_a_toast_and_keeps_the_old_rows() {
    testing::many(SEEDS, |scheduler| {
        let source = ScriptedSource::default()
            .with(Table::Builds, ScriptedReply::Now(Ok(rows(&["good"]))))
            .with(Table::Builds, ScriptedReply::Now(Err(failure())));
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        for _ in 0..2 {
            monitor.app.refresh_all();
            monitor.run_until(idle);
            monitor.settle();
        }
        let message = "gcloud is not logged in; run `gcloud auth login`";
        assert_eq!(monitor.toast_texts(), [format!("Error loading builds: {message}")]);
        assert_eq!(monitor.panel(Table::Builds).error().as_deref(), Some(message));
        assert_eq!(monitor.panel(Table::Builds).rows()[0].key, "good");
        let vertex = monitor.panel(Table::Vertex);
        assert!(vertex.error().is_none() && vertex.loaded().is_some(), "the other tables go on");
    });
}

#[test]
fn s13_the_timer_leaves_out_what_is_switched_off() {
    testing::many(SEEDS, |scheduler| {
        let source = Arc::new(ScriptedSource::default());
        let mut monitor = TestMonitor::new(scheduler, source.clone());
        monitor.app.dispatch(Action::ToggleAutoFocused);
        monitor.app.auto_refresh();
        monitor.run_until(idle);
        assert_eq!((source.fetch_count(Table::Builds), source.fetch_count(Table::Runner)), (0, 1));
        monitor.settle();
        monitor.app.dispatch(Action::ToggleAuto);
        monitor.app.auto_refresh();
        assert!(idle(monitor.app.state()));
        monitor.app.dispatch(Action::RefreshAll);
        monitor.run_until(idle);
        assert_eq!(
            (source.fetch_count(Table::Builds), source.fetch_count(Table::Runner)),
            (1, 2),
            "a key refreshes all the same"
        );
    });
}

#[test]
fn a_spinner_is_never_left_on_after_a_cancel() {
    testing::many(SEEDS, |scheduler| {
        let mut monitor = TestMonitor::demo(scheduler);
        monitor.app.refresh_all();
        monitor.app.screen.cancel();
        assert!(idle(monitor.app.state()), "at once");
        monitor.settle();
        assert!(idle(monitor.app.state()));
        assert!(monitor.toast_texts().is_empty(), "a cancel is not reported");
    });
}

#[test]
fn a_panic_in_a_source_is_reported_and_the_other_tables_load() {
    testing::many(SEEDS, |scheduler| {
        let source = ScriptedSource::default().with(Table::Active, ScriptedReply::Panic);
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        worker_core::install_panic_hook();
        monitor.app.refresh_all();
        monitor.run_until(idle);
        assert!(
            monitor.toast_texts()[0].starts_with("Error loading active: panicked: a bug in the source"),
            "{:?}",
            monitor.toast_texts()
        );
        assert!(monitor.panel(Table::Builds).loaded().is_some());
    });
}

#[test]
fn a_fetch_that_fails_in_part_shows_its_rows_and_a_toast() {
    testing::many(SEEDS, |scheduler| {
        let mut partial = rows(&["good"]);
        partial.failed.push(PartError {
            region: Some("us-east4".to_owned()),
            extent: Extent::Whole,
            error: failure(),
        });
        let source = ScriptedSource::default().with(Table::Runner, ScriptedReply::Now(Ok(partial)));
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        monitor.app.refresh_all();
        monitor.run_until(idle);
        monitor.settle();
        assert_eq!(monitor.toast_texts().len(), 1);
        assert!(monitor.toast_texts()[0].starts_with("Error loading runner: us-east4: gcloud is not"));
        let rows = monitor.panel(Table::Runner).loaded().expect("the rows of the other regions");
        assert_eq!(rows.arranged.rows[0].key, "good");
        assert!(rows.failure.as_deref().is_some_and(|failure| failure.starts_with("us-east4: ")));
        assert!(monitor.panel(Table::Runner).error().is_none());
    });
}

#[test]
fn the_strongest_screen_request_wins() {
    testing::run(0, |scheduler| {
        let mut monitor = TestMonitor::demo(scheduler);
        for screen_request in [ScreenRequest::RedrawAll, ScreenRequest::Suspend, ScreenRequest::Reacquire] {
            monitor.app.request_screen(screen_request);
        }
        assert_eq!(monitor.app.take_screen_request(), Some(ScreenRequest::Suspend));
        assert_eq!(monitor.app.take_screen_request(), None);
    });
}

#[test]
fn a_refresh_requested_while_a_worker_is_ending_is_not_lost() {
    let ending = AtomicUsize::new(0);
    testing::many(SEEDS, |scheduler| {
        let source = Arc::new(ScriptedSource::default());
        let mut monitor = TestMonitor::new(scheduler, source.clone());
        monitor.app.fetch(&[Table::Builds]);
        monitor.run_until(|state| state.panels[Table::Builds].loaded().is_some());
        ending.fetch_add(monitor.workers.len(), Ordering::Relaxed);
        monitor.app.dispatch(Action::RefreshFocused);
        assert!(monitor.panel(Table::Builds).is_loading());
        monitor.settle();
        assert_eq!(source.fetch_count(Table::Builds), 2);
    });
    assert!(ending.into_inner() > 0, "the rows come before their worker's end");
}

#[test]
fn a_service_that_asks_for_an_hour_is_left_alone_but_for_a_key() {
    testing::many(5, |scheduler| {
        let asked = failure().with_retry_after(Duration::from_hours(1));
        let source = ScriptedSource::default().with(Table::Active, ScriptedReply::Now(Err(asked)));
        let source = Arc::new(source);
        let mut monitor = TestMonitor::new(scheduler, source.clone());
        monitor.app.restart_refresh_timer();
        monitor.app.refresh_all();
        monitor.advance(Duration::from_mins(59));
        let fetched = |source: &ScriptedSource| {
            [Table::Active, Table::Completed, Table::Builds].map(|table| source.fetch_count(table))
        };
        assert_eq!(fetched(&source), [1, 1, 119]);
        monitor.press(Action::RefreshAll);
        assert_eq!(fetched(&source), [2, 2, 120]);
        monitor.advance(Duration::from_mins(2));
        assert_eq!(fetched(&source), [5, 5, 124], "the hour is over");
    });
}

#[test]
fn a_refresh_of_a_loading_table_shows_a_toast() {
    testing::many(SEEDS, |scheduler| {
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Never);
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        monitor.app.dispatch(Action::RefreshFocused);
        assert!(monitor.toast_texts().is_empty());
        monitor.app.dispatch(Action::RefreshFocused);
        assert_eq!(monitor.toast_texts(), ["Still loading builds"]);
    });
}

#[test]
fn m06_the_next_refresh_is_known_while_it_is_on() {
    testing::run(0, |scheduler| {
        let mut monitor = TestMonitor::new(scheduler, Arc::new(ScriptedSource::default()));
        let left = |monitor: &TestMonitor| {
            let next = monitor.app.state().next_refresh?;
            Some(next.duration_since(monitor.wall_clock.now()).as_secs())
        };
        assert_eq!(left(&monitor), None);
        monitor.app.restart_refresh_timer();
        monitor.advance(Duration::from_secs(18));
        assert_eq!(left(&monitor), Some(12));
        monitor.advance(Duration::from_secs(12));
        assert_eq!(left(&monitor), Some(30), "the next one");
        monitor.press(Action::ToggleAuto);
        assert_eq!(left(&monitor), None);
    });
}

#[test]
fn m08_a_running_fetch_is_stopped_and_can_be_started_again() {
    testing::many(SEEDS, |scheduler| {
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Never);
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        monitor.press(Action::RefreshFocused);
        let worker = monitor.workers.workers().pop().expect("it fetches");
        monitor.app.dispatch(Action::CancelFetch);
        assert!(worker.is_cancelled() && idle(monitor.app.state()), "at once");
        assert_eq!(monitor.toast_texts(), ["Stopped loading builds"]);
        monitor.press(Action::CancelFetch);
        assert_eq!(
            monitor.toast_texts(),
            ["Nothing to stop: builds is not loading", "Stopped loading builds"]
        );
        monitor.press(Action::RefreshFocused);
        assert!(monitor.panel(Table::Builds).loaded().is_some());
    });
}

#[test]
fn a_signal_replaces_the_end_of_input_as_the_exit() {
    testing::run(0, |scheduler| {
        let mut monitor = TestMonitor::demo(scheduler);
        monitor.app.request_exit(Exit::InputEnded);
        monitor.app.request_exit(Exit::Requested);
        assert_eq!(monitor.app.state().exit, Some(Exit::Requested));
        monitor.app.request_exit(Exit::InputFailed("gone".to_owned()));
        assert_eq!(monitor.app.state().exit, Some(Exit::Requested));
    });
}
