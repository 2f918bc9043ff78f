//! P15, P26: `wait_for` and `shutdown`, which pump.

use std::time::Duration;

use crossbeam_channel::bounded;
use worker_core::{WaitError, Worker, WorkerManager};
use worker_ui_bridge::{PumpError, UiBridge, WaitForError};

use crate::support::{App, fixture, manual_clock_fixture};

#[test]
fn p15_wait_for_pumps_until_the_worker_has_ended() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let worker = fixture.workers.worker("w").thread(move |_| {
        for n in 0..3 {
            ui.call_from_thread(move |app| app.record(n.to_string()))?;
        }
        Ok("done")
    });
    assert_eq!(fixture.bridge.wait_for(&mut fixture.app, &worker).ok(), Some(&"done"));
    assert_eq!(fixture.app.log[..5], ["w PENDING", "w RUNNING", "0", "1", "2"]);
    assert_eq!(
        fixture.bridge.wait_for(&mut fixture.app, &worker).ok(),
        Some(&"done"),
        "at once: it has ended"
    );
}

#[test]
fn p15_wait_for_gives_the_workers_own_error() {
    let mut fixture = fixture();
    let worker: Worker<()> = fixture.workers.worker("w").thread(|_| Err("no route")?);
    let error = fixture.bridge.wait_for(&mut fixture.app, &worker).unwrap_err();
    assert!(matches!(error, WaitForError::Wait(WaitError::Worker(_))), "{error:?}");
    let paused = fixture.workers.worker("p").paused().thread(|_| Ok(()));
    let refused = fixture.bridge.wait_for(&mut fixture.app, &paused);
    assert!(matches!(refused, Err(WaitForError::Wait(WaitError::NotStarted))));
}

#[test]
fn p15_wait_for_ends_with_another_workers_error() {
    let mut fixture = fixture();
    let (_keep, released) = bounded::<()>(0);
    let endless = fixture.workers.worker("endless").thread(move |_| Ok(released.recv()?));
    let _bad: Worker<()> = fixture.workers.worker("bad").thread(|_| Err("no route")?);
    let error = fixture.bridge.wait_for(&mut fixture.app, &endless).unwrap_err();
    assert!(matches!(error, WaitForError::Pump(PumpError::Worker { .. })), "{error:?}");
}

#[test]
fn p26_a_shutdown_on_the_ui_thread_pumps_meanwhile() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let (inside, is_inside) = bounded(1);
    let worker: Worker<()> = fixture.workers.worker("w").thread(move |cx| {
        inside.send(())?;
        while cx.sleep(Duration::MAX).is_ok() {}
        // A cancelled worker's terminal event is delivered; its callbacks are not.
        assert!(ui.post(|app| app.record("must not run")).unwrap_err().is_cancelled());
        Ok(())
    });
    is_inside.recv().unwrap();
    let report = fixture.bridge.shutdown(&mut fixture.app, &fixture.workers, Duration::MAX);
    assert!(report.is_clean() && worker.is_finished());
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "w CANCELLED"], "all events were handled");
}

#[test]
fn p26_a_shutdown_on_the_ui_thread_ends_when_its_grace_has_passed() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let (inside, is_inside) = bounded(1);
    let (release, released) = bounded::<()>(0);
    let blocked = workers.worker("blocked").thread(move |_| {
        inside.send(())?;
        Ok(released.recv()?)
    });
    is_inside.recv().unwrap();
    let report = std::thread::scope(|threads| {
        threads.spawn(|| {
            clock.wait_for_sleepers(1);
            clock.advance(Duration::from_secs(2));
        });
        bridge.shutdown(&mut app, &workers, Duration::from_secs(2))
    });
    assert_eq!(report.abandoned.len(), 1);
    assert_eq!(report.abandoned[0].worker, *blocked);
    release.send(()).unwrap();
}

#[test]
fn p26_a_shutdown_after_the_bridge_was_closed_still_waits_for_the_workers() {
    let mut bridge: UiBridge<App> = UiBridge::new();
    let workers = WorkerManager::new();
    let worker: Worker<()> = workers.worker("w").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    bridge.close();
    assert!(bridge.shutdown(&mut App::default(), &workers, Duration::MAX).is_clean());
    assert!(worker.is_finished());
}

#[test]
fn p15_an_error_that_wait_for_returned_ends_no_later_turn() {
    for _ in 0..100 {
        let mut fixture = fixture();
        let worker: Worker<()> = fixture.workers.worker("w").thread(|_| Err("no route")?);
        fixture.bridge.wait_for(&mut fixture.app, &worker).unwrap_err();
        assert_eq!(fixture.app.log.last().unwrap(), "w ERROR", "its events have been handled");
        fixture.turn();
    }
}

#[test]
fn p26_a_shutdown_runs_all_that_is_queued_although_timers_use_up_the_budget() {
    let (mut bridge, clock, mut app) = manual_clock_fixture();
    for _ in 0..10 {
        bridge.set_interval(Duration::from_millis(1), |_| {});
    }
    let ui = bridge.handle();
    for _ in 0..50 {
        let slow = clock.clone();
        ui.post(move |app: &mut App| {
            app.record("ran");
            slow.advance(Duration::from_millis(10));
        })
        .unwrap();
    }
    bridge.shutdown(&mut app, &WorkerManager::new(), Duration::from_mins(1));
    assert_eq!(app.log.len(), 50);
}

#[test]
fn p21_a_loop_that_cannot_wait_until_a_deadline_is_woken_for_its_timers() {
    let (call, calls) = bounded(64);
    let waker = move || call.send(()).unwrap_or_default();
    let mut bridge = UiBridge::builder().waker(waker).wake_for_timers().build();
    let mut app = App::default();
    let workers = WorkerManager::new();
    bridge.set_interval(Duration::from_millis(2), |app: &mut App| app.record("tick"));
    let ui = bridge.handle();
    workers.worker("task").task(&ui, async move |cx| {
        cx.sleep(Duration::from_millis(3)).await?;
        Ok(())
    });
    // The foreign loop does nothing but pump when it is woken.
    while app.log.len() < 5 || workers.workers().iter().any(|worker| !worker.is_finished()) {
        calls.recv().unwrap();
        while bridge.pump(&mut app).unwrap().more() {}
    }
    ui.set_timeout(Duration::from_millis(1), |app| app.record("set by a handle"));
    while !app.log.iter().any(|item| item == "set by a handle") {
        calls.recv().unwrap();
        while bridge.pump(&mut app).unwrap().more() {}
    }
}

#[test]
#[should_panic(expected = "build the manager with `.clock(scheduler.clock())`")]
fn p28_a_manager_on_another_clock_than_its_test_is_told_so() {
    worker_ui_bridge::testing::run(0, |scheduler| {
        let mut bridge = worker_ui_bridge::testing::TestBridge::new(scheduler);
        let events = bridge.handle().state_changes(App::on_worker_state_changed);
        let workers = WorkerManager::builder().events(events).build(); // the system's clock
        workers.worker("fetch").paused().thread(|_| Ok(()));
        bridge.run_until_idle(&mut App::default()).unwrap();
    });
}

/// Sends the texts of the library's warnings.
struct Warnings(crossbeam_channel::Sender<String>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN && metadata.target() == "worker_ui_bridge"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 = format!("{value:?}");
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.send(text.0).unwrap_or_default();
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
#[cfg(debug_assertions)]
fn p40_a_foreign_loop_that_lets_its_timers_wait_is_told_so_once() {
    let (warn, warnings) = bounded(64);
    tracing::subscriber::set_global_default(Warnings(warn)).unwrap(); // the alarm has its own thread
    let mut bridge = UiBridge::builder().waker(|| {}).build();
    bridge.set_interval(Duration::from_millis(100), |app: &mut App| app.record("tick"));
    let is_overdue = |text: &String| text.contains("a timer is overdue");
    let warning = warnings.iter().find(is_overdue).unwrap();
    assert!(warning.contains("next_deadline") && warning.contains("wake_for_timers"), "{warning}");
    bridge.pump(&mut App::default()).unwrap();
    assert!(!warnings.try_iter().any(|text| is_overdue(&text)), "once");
}

#[test]
fn p40_a_spinner_turns_in_a_wait_for_a_worker_and_in_a_shutdown() {
    worker_ui_bridge::testing::many(20, |scheduler| {
        let mut bridge = UiBridge::builder().clock(scheduler.clock()).build();
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let (second, server) = (Duration::from_secs(1), scheduler.clone());
        bridge.set_interval_while(second, |ticks: &u32| *ticks < 10, |ticks| *ticks += 1);
        let mut ticks = 10;
        bridge.pump(&mut ticks).unwrap();
        ticks = 0; // outside of a turn
        let worker = workers.worker("w").thread(move |cx| Ok(cx.sleep(second * 7 / 2)?));
        bridge.wait_for(&mut ticks, &worker).unwrap();
        assert_eq!(ticks, 3);
        workers.worker("deaf").thread(move |_| {
            server.block(second * 3);
            Ok(())
        });
        scheduler.run_until_parked();
        ticks = 10;
        bridge.pump(&mut ticks).unwrap();
        ticks = 0;
        bridge.shutdown(&mut ticks, &workers, second * 10);
        assert!(ticks >= 2, "{ticks}");
    });
}
