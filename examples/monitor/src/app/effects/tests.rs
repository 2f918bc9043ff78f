use worker_ui_bridge::testing;

use super::*;
use crate::app::Outcome;
use crate::source::{Extent, PartError};
use crate::tests::{Answer, Scripted, Stage, failure, rows};

/// So many orders of the threads are tried.
const SEEDS: u64 = 20;

fn idle(state: &State) -> bool {
    !state.is_loading()
}

#[test]
fn s10_s14_an_error_stops_the_spinner_shows_a_toast_and_keeps_the_old_rows() {
    testing::many(SEEDS, |scheduler| {
        let source = Scripted::default()
            .with(Table::Builds, Answer::Now(Ok(rows(&["good"]))))
            .with(Table::Builds, Answer::Now(Err(failure())));
        let mut stage = Stage::new(scheduler, Arc::new(source));
        for _ in 0..2 {
            stage.app.refresh_all();
            stage.until(idle);
            stage.settle();
        }
        let told = "gcloud is not logged in; run `gcloud auth login`";
        assert_eq!(stage.toasts(), [format!("Error loading builds: {told}")]);
        assert_eq!(stage.panel(Table::Builds).outcome(), &Outcome::Failed(told.to_owned()));
        assert_eq!(stage.panel(Table::Builds).rows().rows[0].key, "good");
        assert_eq!(stage.panel(Table::Vertex).outcome(), &Outcome::Fresh, "the other tables go on");
    });
}

#[test]
fn s13_the_timer_leaves_out_what_is_switched_off() {
    testing::many(SEEDS, |scheduler| {
        let source = Arc::new(Scripted::default());
        let mut stage = Stage::new(scheduler, source.clone());
        stage.app.act(Action::ToggleAutoFocused);
        stage.app.auto_refresh();
        stage.until(idle);
        assert_eq!((source.fetched(Table::Builds), source.fetched(Table::Runner)), (0, 1));
        stage.settle();
        stage.app.act(Action::ToggleAuto);
        stage.app.auto_refresh();
        assert!(idle(stage.app.state()));
        stage.app.act(Action::RefreshAll);
        stage.until(idle);
        assert_eq!(
            (source.fetched(Table::Builds), source.fetched(Table::Runner)),
            (1, 2),
            "a key refreshes all the same"
        );
    });
}

#[test]
fn a_spinner_is_never_left_on_after_a_cancel() {
    testing::many(SEEDS, |scheduler| {
        let mut stage = Stage::demo(scheduler);
        stage.app.refresh_all();
        stage.app.screen.cancel();
        stage.until(idle);
        assert!(stage.toasts().is_empty(), "nobody needs to hear of it");
    });
}

#[test]
fn a_start_that_is_skipped_leaves_no_spinner() {
    testing::many(SEEDS, |scheduler| {
        let source = Scripted::default().with(Table::Builds, Answer::Never);
        let mut stage = Stage::new(scheduler, Arc::new(source));
        stage.app.fetch(&[Table::Builds]);
        // The screen believes the table idle while its worker is still there, as just after rows have come.
        stage.app.state.panels[Table::Builds].stop();
        stage.app.fetch(&[Table::Builds]);
        stage.until(idle);
    });
}

#[test]
fn a_bug_in_a_source_is_told_and_the_others_go_on() {
    testing::many(SEEDS, |scheduler| {
        let source = Scripted::default().with(Table::Active, Answer::Panic);
        let mut stage = Stage::new(scheduler, Arc::new(source));
        worker_core::install_panic_hook();
        stage.app.refresh_all();
        stage.until(idle);
        assert!(
            stage.toasts()[0].starts_with("Error loading active: panicked: a bug in the source"),
            "{:?}",
            stage.toasts()
        );
        assert_eq!(stage.panel(Table::Builds).outcome(), &Outcome::Fresh);
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
        let source = Scripted::default().with(Table::Runner, Answer::Now(Ok(partial)));
        let mut stage = Stage::new(scheduler, Arc::new(source));
        stage.app.refresh_all();
        stage.until(|state| state.toasts.len() == 1);
        assert!(stage.toasts()[0].starts_with("Error loading runner: us-east4: gcloud is not"));
        assert!(matches!(stage.panel(Table::Runner).outcome(), Outcome::Partial(_)));
        assert_eq!(stage.panel(Table::Runner).rows().rows[0].key, "good");
    });
}

#[test]
fn a_late_error_does_not_stop_the_spinner_of_a_later_fetch() {
    testing::many(SEEDS, |scheduler| {
        let mut partial = rows(&["good"]);
        partial.failed.push(PartError { region: None, extent: Extent::Some, error: failure() });
        let source = Scripted::default()
            .with(Table::Builds, Answer::Now(Ok(partial)))
            .with(Table::Builds, Answer::Never);
        let mut stage = Stage::new(scheduler, Arc::new(source));
        stage.app.fetch(&[Table::Builds]);
        stage.until(|state| state.panels[Table::Builds].loaded_at().is_some() && state.toasts.is_empty());
        scheduler.run_until_parked();
        // Its error is queued but not yet seen when the next fetch starts.
        stage.app.fetch(&[Table::Builds]);
        stage.until(|state| !state.toasts.is_empty());
        assert!(stage.panel(Table::Builds).is_loading());
    });
}

#[test]
fn whatever_changes_the_state_asks_for_a_redraw_once() {
    testing::run(0, |scheduler| {
        let mut stage = Stage::demo(scheduler);
        assert_eq!(stage.app.take_upkeep(), Upkeep::Draw, "the first picture");
        assert_eq!(stage.app.take_upkeep(), Upkeep::Nothing);
        let load = |app: &mut App| app.update_builds(rows(&[]));
        for change in [App::turn_spinners, App::tick, App::refresh_all, load] {
            change(&mut stage.app);
            assert_eq!(stage.app.take_upkeep(), Upkeep::Draw);
            assert_eq!(stage.app.take_upkeep(), Upkeep::Nothing);
        }
    });
}

#[test]
fn what_cannot_be_seen_asks_for_no_redraw() {
    testing::many(SEEDS, |scheduler| {
        let mut stage = Stage::demo(scheduler);
        stage.app.refresh_all();
        assert_eq!(stage.app.take_upkeep(), Upkeep::Draw, "the spinners");
        stage.settle();
        let workers = stage.workers.workers();
        assert!(workers.len() == 5 && workers.iter().all(|worker| worker.state() == WorkerState::Running));
        assert_eq!(stage.app.take_upkeep(), Upkeep::Nothing, "five have waited, five run");

        stage.until(|state| !state.panels[Table::Runner].is_loading());
        assert_eq!(stage.app.take_upkeep(), Upkeep::Draw, "the rows");
        stage.settle();
        assert_eq!(stage.panel(Table::Runner).activity(), Activity::Idle);
        assert_eq!(stage.app.take_upkeep(), Upkeep::Nothing, "its worker has ended");
    });
}

#[test]
fn of_all_that_is_asked_for_the_screen_gets_the_most() {
    testing::run(0, |scheduler| {
        let mut stage = Stage::demo(scheduler);
        for upkeep in [Upkeep::DrawAfresh, Upkeep::TakeAgain, Upkeep::Draw] {
            stage.app.ask_for(upkeep);
        }
        assert_eq!(stage.app.take_upkeep(), Upkeep::TakeAgain);
    });
}

#[test]
fn a_refresh_that_is_asked_for_while_a_worker_is_just_ending_is_not_lost() {
    testing::many(SEEDS, |scheduler| {
        let source = Arc::new(Scripted::default());
        let mut stage = Stage::new(scheduler, source.clone());
        stage.app.fetch(&[Table::Builds]);
        stage.until(|state| state.panels[Table::Builds].loaded_at().is_some());
        // The rows are here; that the worker has ended has not been heard yet.
        assert!(matches!(stage.panel(Table::Builds).activity(), Activity::Ending(_)));
        stage.app.act(Action::RefreshFocused);
        assert!(stage.panel(Table::Builds).is_loading());
        stage.until(idle);
        stage.settle();
        assert_eq!(source.fetched(Table::Builds), 2);
    });
}

#[test]
fn a_refresh_of_what_is_already_loading_is_answered() {
    testing::many(SEEDS, |scheduler| {
        let source = Scripted::default().with(Table::Builds, Answer::Never);
        let mut stage = Stage::new(scheduler, Arc::new(source));
        stage.app.act(Action::RefreshFocused);
        assert!(stage.toasts().is_empty());
        stage.app.act(Action::RefreshFocused);
        assert_eq!(stage.toasts(), ["Still loading builds"]);
    });
}

#[test]
fn the_signal_that_ended_the_terminal_says_more_than_the_terminals_end() {
    testing::run(0, |scheduler| {
        let mut stage = Stage::demo(scheduler);
        stage.app.leave(Exit::InputEnded);
        stage.app.leave(Exit::Asked);
        assert_eq!(stage.app.state().exit, Some(Exit::Asked));
        stage.app.leave(Exit::InputFailed("gone".to_owned()));
        assert_eq!(stage.app.state().exit, Some(Exit::Asked));
    });
}
