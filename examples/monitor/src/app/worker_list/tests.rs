use std::sync::Arc;

use worker_ui_bridge::testing;

use super::*;
use crate::app::{Action, Overlay};
use crate::model::Table;
use crate::tests::{ScriptedReply, ScriptedSource, TestMonitor};

/// How each worker is shown: `name(depth)`.
fn tree(lines: &[WorkerLine]) -> Vec<String> {
    lines.iter().map(|line| format!("{}({})", line.name, line.depth)).collect()
}

#[test]
fn m10_children_stand_below_their_parents() {
    testing::many(5, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let manager = workers.clone();
        workers.worker("first").thread(move |cx| {
            for name in ["one", "two"] {
                manager.worker(name).child().thread(|cx| Ok(cx.sleep(Duration::MAX)?));
            }
            Ok(cx.sleep(Duration::MAX)?)
        });
        workers.worker("second").group("others").thread(|cx| {
            cx.update(3, 18);
            cx.set_message("reading");
            Ok(cx.sleep(Duration::MAX)?)
        });
        scheduler.run_until_parked();
        scheduler.advance(Duration::from_secs(7));
        let shown = lines(&workers);
        assert_eq!(tree(&shown), ["first(0)", "one(1)", "two(1)", "second(0)"]);
        let second = &shown[3];
        assert_eq!((second.state, second.age), (WorkerState::Running, Duration::from_secs(7)));
        assert_eq!((second.progress.completed(), second.progress.total()), (3, Some(18)));
        assert_eq!((second.progress.message(), &*second.group), (Some("reading"), "others"));
        assert!(second.place.contains("worker_list/tests.rs:"), "{}", second.place);
        workers.shutdown(Duration::ZERO);
    });
}

#[test]
fn m10_the_list_is_live_while_it_is_open() {
    testing::many(5, |scheduler| {
        let source = ScriptedSource::default().with(Table::Builds, ScriptedReply::Never);
        let mut monitor = TestMonitor::new(scheduler, Arc::new(source));
        monitor.press(Action::RefreshFocused);
        monitor.press(Action::ShowWorkers);
        let place = lines(&monitor.workers).remove(0).place;
        assert!(place.contains("app/effects.rs:"), "not where the library starts it: {place}");
        let mut shown = |after| {
            monitor.advance(Duration::from_secs(after));
            monitor.app.prepare_frame();
            match &monitor.app.state().overlay {
                Overlay::Workers(view) => {
                    view.workers.iter().map(|line| (line.name.clone(), line.age.as_secs())).collect()
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(shown(3), [("builds".to_owned(), 3)]);
        assert_eq!(shown(1), [("builds".to_owned(), 4)]);
        let _: Vec<(String, u64)> = shown(0);
        monitor.press(Action::ShowWorkers);
        assert!(matches!(monitor.app.state().overlay, Overlay::None));
    });
}
