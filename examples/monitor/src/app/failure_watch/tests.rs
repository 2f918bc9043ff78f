use std::sync::Arc;

use worker_ui_bridge::testing;

use super::*;
use crate::app::{Action, TerminalOutput};
use crate::model::Status;
use crate::source::Batch;
use crate::tests::{ScriptedReply, ScriptedSource, TestMonitor, rows};

fn row(key: &str, status: Status, phase: Phase) -> Row {
    let mut batch = rows(&[key]);
    let mut row = batch.rows.remove(0);
    row.cells[1] = Cell::Status(status);
    Row { phase, ..row }
}

fn build(key: &str, status: &str) -> Row {
    let phase = if status == "WORKING" { Phase::Active } else { Phase::Ended };
    row(key, Status::of_build(status), phase)
}

fn run(key: &str, status: &str) -> Row {
    let phase = if status == "running" { Phase::Active } else { Phase::Ended };
    row(key, Status::of_run(status), phase)
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[test]
fn m15_only_what_was_seen_active_is_told_and_only_once() {
    let mut watch = FailureWatch::default();
    let mut see = |rows: &[Row]| {
        watch.start_refresh();
        watch.newly_failed(Table::Builds, rows, NOW)
    };
    let nothing: &[&str] = &[];
    assert_eq!(see(&[build("a", "WORKING"), build("b", "WORKING"), build("old", "FAILURE")]), nothing);
    assert_eq!(see(&[build("a", "FAILURE"), build("b", "SUCCESS"), build("old", "FAILURE")]), ["a"]);
    assert_eq!(see(&[build("a", "FAILURE")]), nothing);
    assert_eq!(see(&[build("c", "WORKING")]), nothing);
    assert_eq!(see(&[]), nothing, "out of view for a while");
    assert_eq!(see(&[build("c", "TIMEOUT")]), ["c"]);
}

#[test]
fn m15_a_run_fails_in_another_table() {
    let mut watch = FailureWatch::default();
    let nothing: &[&str] = &[];
    assert_eq!(watch.newly_failed(Table::Active, &[run("a", "running")], NOW), nothing);
    watch.start_refresh();
    assert_eq!(watch.newly_failed(Table::Completed, &[run("a", "crashed")], NOW), ["a"]);
    assert_eq!(watch.newly_failed(Table::Active, &[run("a", "running")], NOW), nothing, "asked before");
    watch.start_refresh();
    assert_eq!(watch.newly_failed(Table::Completed, &[run("a", "crashed")], NOW), nothing);
    assert_eq!(watch.newly_failed(Table::Active, &[run("a", "running")], NOW), nothing, "it was resumed");
    assert_eq!(watch.newly_failed(Table::Completed, &[run("a", "failed")], NOW), ["a"]);
}

#[test]
fn m15_what_is_not_seen_for_a_day_is_forgotten() {
    let mut watch = FailureWatch::default();
    watch.newly_failed(Table::Builds, &[build("a", "WORKING")], NOW);
    watch.newly_failed(Table::Builds, &[], NOW + SignedDuration::from_hours(25));
    assert!(watch.active.is_empty());
}

#[test]
fn m15_the_bell_rings_once_for_a_refresh_if_it_is_on() {
    for bell in [true, false] {
        testing::many(5, |scheduler| {
            let now = |row| ScriptedReply::Now(Ok(Batch::complete(vec![row], NOW)));
            let source = ScriptedSource::default()
                .with(Table::Builds, now(build("a", "WORKING")))
                .with(Table::Builds, now(build("a", "FAILURE")))
                .with(Table::Runner, now(build("b", "WORKING")))
                .with(Table::Runner, now(build("b", "FAILURE")));
            let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
            monitor.app.state.settings.bell = bell;
            monitor.press(Action::RefreshAll);
            assert_eq!(monitor.app.take_terminal_output(), []);
            monitor.press(Action::RefreshAll);
            let rings: &[TerminalOutput] = if bell { &[TerminalOutput::Bell] } else { &[] };
            assert_eq!(monitor.app.take_terminal_output(), rings);
            let mut texts = monitor.toast_texts();
            texts.sort();
            assert_eq!(texts, ["Failed in builds: a", "Failed in runner: b"][..if bell { 2 } else { 0 }]);
            monitor.press(Action::RefreshAll);
            assert_eq!(monitor.app.take_terminal_output(), []);
        });
    }
}
