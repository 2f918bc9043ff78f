use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};
use worker_core::{WorkerContext, WorkerManager};
use worker_ui_bridge::testing::{self, TestBridge};

mod ascii;
mod browse;
mod popups;
mod rows;

use super::*;
use crate::app::{Action, Settings, Severity, Switch};
use crate::model::{Build, Cell, Job, Row, Run, Span, Status, time};
use crate::source::{Batch, ErrorKind, Extent, PartError, SourceError};
use crate::tests::{fetched, fetched_by_region};

fn now() -> Timestamp {
    time::parse("2026-01-14T10:00:00Z").expect("a time")
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn state() -> State {
    let settings = Settings {
        source: "demo, seed 7".to_owned(),
        refresh: Duration::from_secs(30),
        ..Settings::default()
    };
    State::new(settings, now())
}

fn build(id: &str, status: &str, minutes: i64) -> Row {
    let done = matches!(status, "SUCCESS" | "FAILURE" | "TIMEOUT");
    Row::from(Build {
        id: format!("{id}-9d0e-4b7a-8a61-2f5d1c0be9a4"),
        status: Status::of_build(status),
        image: Some("trainer".to_owned()),
        region: Some("us-central1".to_owned()),
        created: Some(ago(minutes)),
        started: (status != "QUEUED").then(|| ago(minutes)),
        ended: done.then(|| ago(minutes - 2)),
        log_url: Some(format!("https://console.cloud.google.com/cloud-build/builds/{id}")),
        failure: (status == "FAILURE").then(|| "USER_BUILD_STEP: step 2 failed\nwith status 1".to_owned()),
    })
}

fn job(name: &str, error: Option<&str>) -> Row {
    Row::from(Job {
        id: "4839201746352947200".to_owned(),
        name: Some(name.to_owned()),
        region: Some("us-east4".to_owned()),
        state: Status::of_job(if error.is_some() { "JOB_STATE_FAILED" } else { "JOB_STATE_RUNNING" }),
        created: Some(ago(90)),
        started: Some(ago(80)),
        ended: error.map(|_| ago(20)),
        error: error.map(str::to_owned),
    })
}

fn run(id: &str, word: &str) -> Run {
    Run {
        id: id.to_owned(),
        name: Some("sunny-forest-12".to_owned()),
        state: Status::of_run(word),
        created: Some(ago(30)),
        heartbeat: Some(now()),
        runtime: Some(SignedDuration::from_secs(1500)),
        exit_code: Some(0),
        url: None,
    }
}

fn load(state: &mut State, table: Table, rows: Vec<Row>) {
    fetched(&mut state.panels[table], Ok(Batch::complete(rows, now())));
}

fn fail(state: &mut State, table: Table, message: &str) {
    fetched(&mut state.panels[table], Err(SourceError::new(ErrorKind::Denied, message)));
}

fn loaded() -> State {
    let mut state = state();
    let builds = [
        ("bbbbbbbb", "QUEUED", 1),
        ("aaaaaaaa", "WORKING", 3),
        ("cccccccc", "FAILURE", 9),
        ("dddddddd", "SUCCESS", 8),
    ];
    load(&mut state, Table::Builds, builds.map(|(id, status, minutes)| build(id, status, minutes)).into());
    load(&mut state, Table::Runner, Vec::new());
    load(
        &mut state,
        Table::Vertex,
        vec![job("train", None), job("eval", Some("quota exceeded\nin us-east4"))],
    );
    load(&mut state, Table::Active, vec![run("abcd1234", "running").into_active()]);
    let ended = ["finished", "crashed"].map(|word| run(word, word).into_completed());
    load(&mut state, Table::Completed, ended.into());
    state
}

fn terminal(state: &State, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| render(frame, state, Theme::colored())).expect("drawn");
    terminal
}

fn picture(state: &State, width: u16, height: u16) -> String {
    terminal(state, width, height).backend().to_string()
}

#[test]
fn loading() {
    let picture = testing::run(0, |scheduler| {
        let mut state = state();
        let bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        for table in Table::ALL {
            let worker = workers.worker(table.name());
            state.panels[table].fetch(worker, &bridge.handle(), |_, _| unreachable!("cancelled first"));
        }
        state.spinner = 3;
        picture(&state, 100, 30)
    });
    insta::assert_snapshot!(picture);
}

#[test]
fn tables_with_a_divider_and_an_empty_one() {
    insta::assert_snapshot!(picture(&loaded(), 120, 32));
}

#[test]
fn pairs_on_a_wide_terminal() {
    insta::assert_snapshot!(picture(&loaded(), 180, 24));
}

#[test]
fn the_smallest_common_terminal() {
    insta::assert_snapshot!(picture(&loaded(), 80, 24));
}

#[test]
fn only_titles_where_there_is_no_room_for_more() {
    insta::assert_snapshot!(picture(&loaded(), 60, 12));
}

#[test]
fn a_terminal_that_is_too_small_says_so() {
    insta::assert_snapshot!(picture(&loaded(), 30, 5));
}

#[test]
fn errors_beside_stale_rows_and_instead_of_rows() {
    let mut state = state();
    load(&mut state, Table::Builds, vec![build("aaaaaaaa", "WORKING", 3)]);
    state.now = now() + SignedDuration::from_mins(2);
    fail(&mut state, Table::Builds, "gcloud is not logged in; run `gcloud auth login`, then press r");
    fail(
        &mut state,
        Table::Vertex,
        "permission denied\u{1b}[2J in project demo; check --project and the account (`gcloud auth list`), or ask for a viewer's role",
    );
    let mut partial = Batch::complete(vec![run("abcd1234", "running").into_active()], now());
    partial.failed.push(PartError {
        region: None,
        extent: Extent::Some,
        error: SourceError::new(ErrorKind::Denied, "page 2 is missing"),
    });
    fetched(&mut state.panels[Table::Active], Ok(partial));
    state.panels[Table::Completed].auto = Switch::Off;
    insta::assert_snapshot!(picture(&state, 100, 30));
}

#[test]
fn toasts_share_one_frame() {
    let mut state = loaded();
    state.toasts.push(Severity::Error, None, "Error loading runner: no answer within 10s");
    state.toasts.push(Severity::Error, None, "Error loading vertex: permission denied in project demo; check --project and the account (`gcloud auth list`), or ask for a viewer's role");
    state.toasts.push(Severity::Warning, None, "\u{1b}]0;a title\u{7}");
    state.toasts.push(Severity::Information, None, "Auto-refresh is off; r refreshes");
    insta::assert_snapshot!(picture(&state, 100, 30));
}

#[test]
fn a_row_with_all_its_texts() {
    let mut state = loaded();
    for action in [Action::Last, Action::Open] {
        let _tables = state.apply(action);
    }
    insta::assert_snapshot!(picture(&state, 90, 26));
}

#[test]
fn a_long_row_scrolls_to_its_last_page_and_no_further() {
    let mut state = state();
    let mut row = build("aaaaaaaa", "WORKING", 3);
    row.cells[6] = Cell::Text("0123456789".repeat(1000));
    load(&mut state, Table::Builds, vec![row]);
    for action in [Action::Open, Action::Last] {
        let _tables = state.apply(action);
    }
    insta::assert_snapshot!(picture(&state, 60, 14));
}

#[test]
fn the_keys() {
    let mut state = loaded();
    let _tables = state.apply(Action::Help);
    insta::assert_snapshot!(picture(&state, 80, 24));
}

#[test]
fn names_of_ten_thousand_wide_characters_break_no_line() {
    let mut state = state();
    load(
        &mut state,
        Table::Vertex,
        vec![job(&"長".repeat(10_000), Some(&"x".repeat(10_000))), job("e\u{301}\u{200d}👩\u{200d}🔬", None)],
    );
    for (width, height) in [(40, 10), (80, 24), (161, 30), (300, 100)] {
        let picture = picture(&state, width, height);
        assert_eq!(picture.lines().count(), usize::from(height));
    }
}

#[test]
fn no_control_character_reaches_the_screen() {
    let mut state = loaded();
    let hostile = "\u{1b}[2J\u{9b}31m\u{202e}\u{7}\r\n\t";
    state.settings.source = hostile.to_owned();
    load(&mut state, Table::Vertex, vec![job(hostile, Some(hostile))]);
    fail(&mut state, Table::Runner, hostile);
    state.toasts.push(Severity::Error, None, hostile);
    state.focus = Table::Vertex;
    let _tables = state.apply(Action::Open);
    let buffer = terminal(&state, 120, 40).backend().buffer().clone();
    for cell in buffer.content() {
        assert!(!cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", cell.symbol());
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut state = loaded();
    state.toasts.push(
        Severity::Error,
        None,
        "an error that takes some room on the screen, whatever size it has",
    );
    for overlay in [
        None,
        Some(Action::Help),
        Some(Action::Open),
        Some(Action::ShowError),
        Some(Action::ShowLog),
        Some(Action::ShowWorkers),
    ] {
        let _tables = state.apply(Action::Close);
        let _tables = overlay.map(|overlay| state.apply(overlay));
        for width in [1, 2, 39, 40, 41, 63, 80, 159, 160, 161, 230] {
            for height in (1..12).chain([20, 23, 24, 40, 70]) {
                picture(&state, width, height);
            }
        }
    }
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a terminal");
    terminal.draw(|frame| render(frame, &loaded(), Theme::plain())).expect("drawn");
    let buffer = terminal.backend().buffer();
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let reversed = |y: u16| buffer[(5, y)].modifier.contains(Modifier::REVERSED);
    assert_eq!((0..24).filter(|&y| reversed(y)).collect::<Vec<_>>(), [0, 3], "the header's name and the row");
}

/// The text of the screen.
fn on_screen(state: &State, width: u16, height: u16) -> String {
    picture(state, width, height)
}

#[test]
fn visible_counts_what_is_drawn() {
    let mut state = loaded();
    for number in 0..12 {
        let long = "a reason that takes a line or two on any screen there is, be it wide or narrow. "
            .repeat(number % 4);
        state.toasts.push(Severity::Error, Some(Table::Vertex), format!("no.{number}. {long}"));
    }
    for (width, height) in [(40, 10), (60, 12), (80, 24), (120, 40), (200, 70)] {
        let visible = visible(Rect::new(0, 0, width, height), &state);
        let picture = on_screen(&state, width, height);
        let drawn = (0..12).filter(|number| picture.contains(&format!("no.{number}."))).count();
        assert_eq!(visible.toasts, drawn, "{picture}");
        assert!(drawn >= 1);
        let covered = picture.lines().filter(|line| line.contains('│') || line.contains('┌')).count();
        assert!(covered <= usize::from(height / 3).max(4), "{picture}");
    }
    assert_eq!(visible(Rect::new(0, 0, 20, 5), &state).toasts, 0, "nothing is drawn there");
}

#[test]
fn five_failures_at_once_leave_most_of_a_small_screen() {
    let mut state = state();
    for table in Table::ALL {
        let reason = "gcloud is not logged in; run `gcloud auth login`, then try again, and so on and on and on and on";
        fail(&mut state, table, reason);
        state.toasts.push(Severity::Error, Some(table), format!("Error loading {table}: {reason}"));
    }
    insta::assert_snapshot!(picture(&state, 80, 24));
}

#[test]
fn the_toast_of_an_error_that_its_table_shows_is_one_line() {
    let mut state = loaded();
    let reason = "gcloud is not logged in; run `gcloud auth login`, then try again, and so on and on";
    fail(&mut state, Table::Vertex, reason);
    state.toasts.push(Severity::Error, Some(Table::Vertex), format!("Error loading vertex: {reason}"));
    let covered = |state: &State| {
        let picture = picture(state, 100, 30);
        picture.lines().filter(|line| line.contains(['│', '┌', '└'])).map(str::to_owned).collect::<Vec<_>>()
    };
    let short = covered(&state);
    assert_eq!(short.len(), 3, "{short:?}");
    assert!(short[1].contains("Error loading vertex: gcloud is not logged in; run…"), "{short:?}");
    load(&mut state, Table::Vertex, Vec::new());
    assert_eq!(covered(&state).len(), 4, "now nothing else shows it");

    state.toasts = crate::app::Toasts::default();
    state.toasts.push(Severity::Information, None, "short");
    let small = covered(&state);
    assert!(small[1].ends_with("│ · short         │\""), "{small:?}");
}

#[test]
fn the_footer_shows_what_the_keys_do_here() {
    let mut state = loaded();
    let footer = |state: &State| picture(state, 80, 24).lines().last().map(str::to_owned).expect("a footer");
    assert!(footer(&state).contains("q quit   ? help   r refresh   a auto   Tab table"));
    fail(&mut state, Table::Builds, "no network");
    assert!(footer(&state).contains(" e error   q quit"));
    let _tables = state.apply(Action::ShowError);
    assert!(footer(&state).contains(" Esc close   ↑↓ scroll  "));
    let _tables = [Action::Close, Action::Open].map(|action| state.apply(action));
    assert!(footer(&state).contains(" Esc close   ↑↓ scroll   n/p next/previous row"));
}
