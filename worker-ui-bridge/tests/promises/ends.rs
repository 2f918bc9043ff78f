//! P40: what is told of the end of a worker, and errors of the app that end the loop.

use std::sync::Arc;
use std::time::Duration;

use worker_core::{AnyWorker, Worker, WorkerManager};
use worker_ui_bridge::testing::{self, TestBridge};
use worker_ui_bridge::{PumpError, UiBridge};

use crate::support::{App, fixture};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn p40_on_finish_runs_once_after_the_terminal_event() {
    testing::many(50, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let ui = bridge.handle();
        let events = ui.state_changes(App::on_worker_state_changed);
        let workers = WorkerManager::builder().clock(scheduler.clock()).events(events).build();
        let mut app = App::default();
        let told = |app: &mut App, worker: &Worker<u32>| app.record(format!("told {:?}", worker.result()));
        let paused = workers.worker("w").paused().thread(|_| Ok(7));
        ui.on_finish(&paused, told);
        paused.start();
        ui.on_finish(&paused, told);
        bridge.run_until_idle(&mut app).unwrap();
        assert_eq!(app.log, ["w PENDING", "w RUNNING", "w SUCCESS", "told Some(7)", "told Some(7)"]);
        ui.on_finish(&paused, told);
        ui.on_finish(&AnyWorker::from(paused), |app: &mut App, worker| {
            app.record(worker.state().to_string());
        });
        bridge.run_until_idle(&mut app).unwrap();
        assert_eq!(app.log[5..], ["told Some(7)", "SUCCESS"], "at once: it has ended");
    });
}

#[test]
fn p40_on_finish_tells_of_errors_and_time_limits_and_not_of_cancels() {
    testing::many(50, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let (ui, mut app) = (bridge.handle(), App::default());
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let told = |app: &mut App, worker: &Worker<()>| app.record(worker.error().unwrap().to_string());
        let sleeps = |worker: worker_core::WorkerBuilder| -> Worker<()> {
            worker.thread(|cx| Ok(cx.sleep(SECOND * 10)?))
        };
        ui.on_finish(&workers.worker("fails").thread(|_| Err("no route".into())), told);
        ui.on_finish(&sleeps(workers.worker("late").timeout(SECOND)), told);
        let cancelled = sleeps(workers.worker("cancelled"));
        ui.on_finish(&cancelled, told);
        let scope = workers.scope("screen");
        ui.on_finish(&scope.worker("of the screen").thread(|_| Err("not shown".into())), told);
        scheduler.run_until_parked();
        cancelled.cancel();
        drop(scope); // the callback about its worker is queued, and must not run
        bridge.advance(&mut app, SECOND * 2).unwrap();
        app.log.sort();
        assert_eq!(app.log.len(), 2, "{:?}", app.log);
        assert_eq!(app.log[0], "no route");
    });
}

#[test]
fn p40_on_finish_of_a_closed_bridge_is_dropped() {
    let captured = Arc::new(());
    let mut fixture = fixture();
    let worker = fixture.workers.worker("w").paused().thread(|_| Ok(()));
    let kept = captured.clone();
    fixture.ui.on_finish(&worker, move |_, _| drop(kept));
    fixture.bridge.close();
    worker.start();
    drop(fixture);
    worker.wait().unwrap();
    while Arc::strong_count(&captured) > 1 {
        std::thread::yield_now();
    }
}

#[test]
fn p40_a_callback_a_tick_and_a_handler_can_end_the_loop_with_an_error() {
    let mut fixture = fixture();
    let fails = fixture.ui.clone();
    fixture.ui.post(move |_| fails.fail("a callback")).unwrap();
    fixture.ui.post(|app| app.record("behind it")).unwrap();
    let error = fixture.bridge.pump(&mut fixture.app).unwrap_err();
    assert_eq!((error.to_string(), fixture.app.log.len()), ("a callback".into(), 0));
    assert_eq!(format!("{error:?}"), "a callback");
    fixture.turn();
    assert_eq!(fixture.app.log, ["behind it"], "what was queued behind is kept");

    let fails = fixture.ui.clone();
    fixture.bridge.set_timeout(Duration::ZERO, move |_| fails.fail(std::io::Error::other("a tick")));
    let error = fixture.bridge.wait(&mut fixture.app).unwrap_err();
    let PumpError::App { error, .. } = error else { panic!("{error}") };
    assert!(error.downcast_ref::<std::io::Error>().is_some());

    let mut bridge: UiBridge<()> = UiBridge::new();
    let fails = bridge.handle();
    let events = bridge.handle().state_changes(move |(), _| fails.fail("a handler"));
    let workers = WorkerManager::builder().events(events).build();
    workers.worker("w").thread(|_| Ok(()));
    assert_eq!(bridge.next_frame(&mut ()).unwrap_err().to_string(), "a handler");
    // Of several, the first; from another thread it ends a wait.
    bridge.close();
}

#[test]
fn p40_the_first_of_several_errors_comes_out_and_a_wait_ends() {
    let mut bridge: UiBridge<()> = UiBridge::new();
    let fails = bridge.handle();
    let thread = std::thread::spawn(move || {
        fails.fail("first");
        fails.fail("second");
    });
    assert_eq!(bridge.wait(&mut ()).unwrap_err().to_string(), "first");
    thread.join().unwrap();
    bridge.handle().fail("third");
    bridge.close();
    bridge.handle().fail("logged: there is no loop to end");
    assert!(matches!(bridge.pump(&mut ()), Err(PumpError::Closed)));
}

#[test]
fn p15_wait_for_takes_any_worker() {
    let mut fixture = fixture();
    let worker = fixture.workers.worker("w").thread(|_| Ok(7));
    let any = AnyWorker::from(worker.clone());
    fixture.bridge.wait_for(&mut fixture.app, &any).unwrap();
    let guard = worker.cancel_on_drop();
    assert_eq!(fixture.bridge.wait_for(&mut fixture.app, &guard).ok(), Some(&7));
    let failed: Worker<()> = fixture.workers.worker("f").exit_on_error(false).thread(|_| Err("no".into()));
    assert!(fixture.bridge.wait_for(&mut fixture.app, &AnyWorker::from(failed)).is_err());
}

#[test]
fn p40_a_worker_that_was_cancelled_after_its_end_is_not_told_of() {
    testing::many(20, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        let (ui, mut app) = (bridge.handle(), App::default());
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let worker = workers.worker("w").thread(|_| Ok(7));
        ui.on_finish(&worker, |app: &mut App, _| app.record("told"));
        scheduler.run_until_parked();
        assert!(worker.is_finished());
        worker.cancel(); // what is queued of it must not run
        bridge.run_until_idle(&mut app).unwrap();
        assert!(app.log.is_empty());
    });
}
