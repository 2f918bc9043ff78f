use std::sync::Arc;
use std::time::Duration;

use worker_ui_bridge::testing;

use super::*;
use crate::app::{Action, Toasts};
use crate::model::Cell;
use crate::model::Phase;
use crate::tests::{ScriptedReply, ScriptedSource, TestMonitor, rows};

fn tail(monitor: &TestMonitor) -> Vec<String> {
    monitor.app.state().tail.data().into_iter().flat_map(Tail::lines).map(str::to_owned).collect()
}

#[test]
fn m09_a_log_is_followed_while_its_popup_is_open() {
    testing::many(5, |scheduler| {
        let mut monitor = TestMonitor::demo(scheduler);
        monitor.app.refresh_all();
        monitor.advance(Duration::from_secs(3));
        monitor.press(Action::FollowLog);
        let first = tail(&monitor);
        assert_eq!(first.len(), 30);
        monitor.advance(Duration::from_secs(5));
        let later = tail(&monitor);
        assert_eq!((&later[..30], later.len()), (&first[..], 35), "the first build is running");
        monitor.press(Action::Close);
        assert!(tail(&monitor).is_empty() && !monitor.app.state().tail.is_fetching());
        assert!(monitor.workers.workers().iter().all(|worker| worker.name() != "log"));
    });
}

#[test]
fn m09_what_has_no_log_says_so() {
    testing::run(0, |scheduler| {
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Now(Ok(rows(&["a"]))));
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        monitor.app.refresh_all();
        monitor.settle();
        monitor.press(Action::FollowLog);
        let error = monitor.app.state().tail.error().map(ToString::to_string);
        assert_eq!(error.as_deref(), Some("builds have no log that can be read from here"));
        monitor.press(Action::Close);
        monitor.press(Action::NextTable);
        monitor.press(Action::FollowLog);
        assert!(matches!(monitor.app.state().overlay, Overlay::None), "there is no row");
    });
}

#[test]
fn m08_a_row_is_stopped_only_after_a_yes() {
    testing::run(0, |scheduler| {
        let mut batch = rows(&["a", "ended"]);
        batch.rows[0].phase = Phase::Active;
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Now(Ok(batch)));
        let source = Arc::new(source);
        let mut monitor = TestMonitor::new(scheduler, source.clone());
        monitor.app.refresh_all();
        monitor.settle();
        monitor.press(Action::Last);
        monitor.press(Action::AskToStop);
        assert_eq!(monitor.toast_texts(), ["It has ended already"]);
        monitor.app.state.toasts = Toasts::default();
        monitor.press(Action::First);
        monitor.press(Action::AskToStop);
        monitor.press(Action::Close);
        assert!(monitor.toast_texts().is_empty());
        monitor.press(Action::AskToStop);
        monitor.press(Action::Open);
        assert!(matches!(monitor.app.state().overlay, Overlay::None));
        assert_eq!(monitor.toast_texts(), ["Error stopping a: builds cannot be stopped from here"]);
        assert_eq!(source.fetch_count(Table::Builds), 2, "the table shows what came of it");
        monitor.press(Action::AskToStop);
        assert!(matches!(monitor.app.state().overlay, Overlay::None), "there is no row any more");
    });
}

fn copied(monitor: &mut TestMonitor) -> Vec<TerminalOutput> {
    monitor.app.take_terminal_output()
}

#[test]
fn m04_the_id_and_the_url_of_the_selected_row_are_copied() {
    testing::run(0, |scheduler| {
        let mut monitor = TestMonitor::demo(scheduler);
        monitor.press(Action::CopyKey);
        assert_eq!(monitor.toast_texts(), ["No row of builds is selected"]);
        monitor.app.refresh_all();
        monitor.advance(Duration::from_secs(3));
        assert_eq!(copied(&mut monitor), []);
        monitor.press(Action::Move(2));
        let row = monitor.panel(Table::Builds).rows()[2].clone();
        let url = row.url(Table::Builds).expect("a URL").to_owned();
        monitor.press(Action::CopyKey);
        assert_eq!(monitor.toast_texts()[0], format!("Copied the id {}", row.key));
        monitor.press(Action::CopyUrl);
        assert_eq!(monitor.toast_texts()[0], format!("Copied the URL {url}"));
        assert_eq!(copied(&mut monitor), [TerminalOutput::Copy(row.key.clone()), TerminalOutput::Copy(url)]);
        assert_eq!(copied(&mut monitor), [], "once");

        monitor.press(Action::Open);
        monitor.press(Action::StepRow(-1));
        monitor.press(Action::CopyKey);
        let key = monitor.panel(Table::Builds).rows()[1].key.clone();
        assert_eq!(copied(&mut monitor), [TerminalOutput::Copy(key)], "of the row that is open");
        monitor.press(Action::Close);
        monitor.press(Action::NextTable);
        monitor.press(Action::NextTable);
        monitor.press(Action::CopyUrl);
        assert_eq!(monitor.toast_texts()[0], "This row of vertex has no URL");
        assert_eq!(copied(&mut monitor), []);
    });
}

#[test]
fn m04_a_url_that_cannot_be_opened_says_so() {
    testing::many(5, |scheduler| {
        let mut batch = rows(&["a"]);
        batch.rows[0].details.push(("url", Cell::Text("https://example.com/a".to_owned())));
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Now(Ok(batch)));
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        monitor.app.refresh_all();
        monitor.settle();
        monitor.press(Action::OpenUrl);
        assert_eq!(
            monitor.toast_texts(),
            ["Opening https://example.com/a", "Error opening the URL: URLs cannot be opened from here"]
        );
    });
}
