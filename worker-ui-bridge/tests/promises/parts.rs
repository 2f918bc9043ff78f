//! P43: handles on a part of the state.

use std::time::Duration;

use worker_core::{StateChanged, WorkerManager};
use worker_ui_bridge::testing::{self, TestBridge};
use worker_ui_bridge::{PostError, Resource, UiBridge, UiHandle};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Log {
    lines: Vec<String>,
}

#[derive(Default)]
struct App {
    left: Log,
    right: Log,
}

struct Search {
    hits: Resource<Search, Vec<u32>>,
    ui: UiHandle<Search>,
}

impl Search {
    fn search(&mut self, workers: &WorkerManager) {
        let worker = workers.worker("search").exclusive();
        self.hits.fetch(worker, &self.ui, |cx| {
            cx.sleep(SECOND)?;
            Ok(vec![1, 2])
        });
    }
}

fn write(text: &'static str) -> impl FnOnce(&mut Log) + Send {
    move |log| log.lines.push(text.to_owned())
}

#[test]
fn p43_a_part_and_the_whole_share_one_queue_in_order() {
    let (mut bridge, mut app) = (UiBridge::<App>::new(), App::default());
    let whole = bridge.handle();
    let left = whole.focus(|app: &mut App| &mut app.left);
    let lines = left.focus(|log: &mut Log| &mut log.lines);
    left.post(write("one")).unwrap();
    whole.post(|app| app.left.lines.push("two".into())).unwrap();
    lines.post(|lines| lines.push("three".into())).unwrap();
    left.clone().try_post(write("four")).unwrap();
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 4);
    assert_eq!(app.left.lines, ["one", "two", "three", "four"]);
    bridge.close();
    assert_eq!(left.post(write("five")), Err(PostError::Closed));
    assert!(!lines.try_post(|_| {}).unwrap_err().is_full());
}

#[test]
fn p43_a_part_calls_sets_timers_starts_tasks_and_hears_events() {
    testing::many(30, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let left = bridge.handle().focus(|app: &mut App| &mut app.left);
        let on_change = |log: &mut Log, event: &StateChanged| log.lines.push(event.state.to_string());
        let workers = WorkerManager::builder()
            .clock(scheduler.clock())
            .events(left.state_changes(on_change))
            .progress(left.progress_changes(|log: &mut Log, event| {
                log.lines.push(event.progress.completed().to_string());
            }))
            .build();
        let ui = left.clone();
        workers
            .worker("calls")
            .thread(move |_| Ok(ui.call_from_thread(|log| log.lines.push("call".into()))?));
        let mut app = App::default();
        bridge.run_until_idle(&mut app).unwrap();
        assert_eq!(app.left.lines, ["PENDING", "RUNNING", "call", "SUCCESS"]);

        app.left.lines.clear();
        let ticks = left.set_interval(SECOND, |log| log.lines.push("tick".into()));
        let ui = left.clone();
        let task = workers.worker("task").task(&left, async move |cx| {
            cx.sleep(SECOND * 3 / 2).await?;
            Ok(ui.call(|log| log.lines.push("task".into())).await?)
        });
        bridge.advance(&mut app, SECOND * 2).unwrap();
        left.clear(ticks);
        bridge.advance(&mut app, SECOND * 2).unwrap();
        assert!(task.is_finished());
        let log = app.left.lines.join(" ");
        assert_eq!(log, "PENDING RUNNING tick task SUCCESS tick");
    });
}

#[test]
fn p43_the_keys_of_two_parts_are_apart() {
    let (mut bridge, mut app) = (UiBridge::<App>::new(), App::default());
    let (left, right) =
        (bridge.handle().focus(|app: &mut App| &mut app.left), bridge.handle().focus(|app| &mut app.right));
    for _ in 0..2 {
        left.post_latest("log", write("left")).unwrap();
        right.post_latest("log", write("right")).unwrap();
        left.clone().post_latest("log", write("left, last")).unwrap();
    }
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 2);
    assert_eq!(
        (&app.left.lines[..], &app.right.lines[..]),
        (&["left, last".to_owned()][..], &["right".to_owned()][..])
    );
}

#[test]
fn p43_a_cancel_revokes_what_was_sent_through_a_part() {
    testing::many(50, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let left = bridge.handle().focus(|app: &mut App| &mut app.left);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let (ui, mut app) = (left.clone(), App::default());
        let worker = workers.worker("w").thread(move |cx| {
            ui.post(write("revoked"))?;
            ui.set_timeout(SECOND, write("revoked"));
            ui.set_interval(SECOND, |log| log.lines.push("revoked".into()));
            Ok(cx.sleep(Duration::MAX)?)
        });
        scheduler.run_until_parked();
        worker.cancel();
        bridge.advance(&mut app, SECOND * 3).unwrap();
        assert!(app.left.lines.is_empty(), "{:?}", app.left.lines);
        assert_eq!(bridge.next_deadline(), None);
    });
}

#[test]
fn p43_a_resource_lives_behind_a_part() {
    struct Whole {
        search: Search,
    }
    testing::many(20, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let ui = bridge.handle().focus(|app: &mut Whole| &mut app.search);
        let mut app =
            Whole { search: Search { hits: Resource::new(|search: &mut Search| &mut search.hits), ui } };
        app.search.search(&workers);
        bridge.advance(&mut app, SECOND / 2).unwrap();
        app.search.search(&workers);
        bridge.advance(&mut app, SECOND).unwrap();
        assert_eq!(app.search.hits.data().unwrap(), &[1, 2]);
    });
}

#[test]
fn p43_the_keys_of_the_first_part_and_of_the_whole_are_apart() {
    let (mut bridge, mut app) = (UiBridge::<App>::new(), App::default());
    let whole = bridge.handle();
    let left = whole.focus(|app: &mut App| &mut app.left);
    let lines = left.focus(|log: &mut Log| &mut log.lines);
    whole.post_latest("log", |app| app.left.lines.push("whole".into())).unwrap();
    left.post_latest("log", write("left")).unwrap();
    lines.post_latest("log", |lines| lines.push("lines".into())).unwrap();
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.left.lines, ["whole", "left", "lines"]);
}
