//! P39: turns and shutdowns that are awaited.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use worker_core::blocking::{block_until, thread_waker};
use worker_core::{AnyWorker, Clock, Worker, WorkerManager};
use worker_ui_bridge::testing::{self, TestScheduler};
use worker_ui_bridge::{PumpError, UiBridge};

use crate::support::App;

const SECOND: Duration = Duration::from_secs(1);

/// Counts its wakes.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// An executor by hand, on the scheduler's clock.
fn block_on<F: Future>(clock: &Arc<dyn Clock>, future: F) -> F::Output {
    let (mut future, waker) = (pin!(future), thread_waker(clock));
    let ready = || match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    };
    block_until(&**clock, None, ready).expect("there is no deadline")
}

fn paused_app(scheduler: &TestScheduler) -> (UiBridge<App>, WorkerManager, App) {
    let bridge = UiBridge::builder().clock(scheduler.clock()).build();
    let events = bridge.handle().state_changes(App::on_worker_state_changed);
    let workers = WorkerManager::builder().clock(scheduler.clock()).events(events).build();
    (bridge, workers, App::default())
}

#[test]
fn p39_a_turn_is_pending_until_something_is_posted_and_woken_once() {
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let (ui, woken) = (bridge.handle(), Arc::new(Wakes::default()));
    let waker = Waker::from(woken.clone());
    {
        let mut turn = pin!(bridge.turn(&mut app));
        assert!(poll(turn.as_mut(), &waker).is_pending());
        assert!(poll(turn.as_mut(), &waker).is_pending(), "polled for nothing");
        for n in 0..3 {
            ui.post(move |app: &mut App| app.record(n.to_string())).unwrap();
        }
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
        let Poll::Ready(turned) = poll(turn.as_mut(), &waker) else { panic!("it was woken") };
        assert_eq!(turned.unwrap().ran(), 3);
    }
    assert_eq!(app.log, ["0", "1", "2"]);
}

#[test]
fn p39_a_turn_that_is_dropped_loses_nothing_and_runs_nothing_twice() {
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let (ui, woken) = (bridge.handle(), Arc::new(Wakes::default()));
    let waker = Waker::from(woken.clone());
    for n in 0..3 {
        assert!(poll(pin!(bridge.turn(&mut app)), &waker).is_pending());
        ui.post(move |app: &mut App| app.record(n.to_string())).unwrap(); // wakes the dropped turn
        assert_eq!(app.log.len(), n);
        assert!(poll(pin!(bridge.turn(&mut app)), &waker).is_ready());
    }
    // The other waits go on where a dropped turn has been.
    assert!(poll(pin!(bridge.turn(&mut app)), &waker).is_pending());
    ui.post(|app: &mut App| app.record("by wait")).unwrap();
    assert_eq!(bridge.wait(&mut app).unwrap().ran(), 1);
    assert_eq!(app.log, ["0", "1", "2", "by wait"]);
    assert_eq!(Arc::strong_count(&woken), 2, "no waker is left behind");
}

#[test]
fn p39_a_turn_is_woken_for_timers_requests_and_the_close() {
    testing::many(30, |scheduler| {
        let (mut bridge, workers, mut app) = paused_app(scheduler);
        let (ui, clock) = (bridge.handle(), scheduler.clock());
        bridge.set_timeout(SECOND, |app| app.record("timer"));
        assert_eq!(block_on(&clock, bridge.turn(&mut app)).unwrap().ran(), 1);
        assert_eq!(scheduler.elapsed(), SECOND);
        // A nearer timer, set while the turn is awaited.
        bridge.set_timeout(SECOND * 100, |app| app.record("far"));
        workers.worker("sets").thread(move |cx| {
            cx.sleep(SECOND)?;
            ui.set_timeout(SECOND, |app: &mut App| app.record("near"));
            Ok(cx.sleep(SECOND * 2)?)
        });
        while app.log.last().is_none_or(|last| last != "near") {
            block_on(&clock, bridge.turn(&mut app)).unwrap();
        }
        assert_eq!(scheduler.elapsed(), SECOND * 3);
        bridge.close();
        assert!(matches!(block_on(&clock, bridge.turn(&mut app)), Err(PumpError::Closed)));
        workers.shutdown(Duration::ZERO);
    });
}

#[test]
fn p39_calls_and_tasks_are_served_by_awaited_turns() {
    testing::many(50, |scheduler| {
        let (mut bridge, workers, mut app) = paused_app(scheduler);
        let (ui, clock) = (bridge.handle(), scheduler.clock());
        let calls = ui.clone();
        let caller = workers.worker("calls").thread(move |cx| {
            cx.sleep(SECOND)?;
            Ok(calls.call_from_thread(|app| app.log.len())?)
        });
        let task = workers.worker("task").task(&ui, async |cx| {
            cx.sleep(SECOND * 2).await?;
            Ok("done")
        });
        while !(caller.is_finished() && task.is_finished()) {
            block_on(&clock, bridge.turn(&mut app)).unwrap();
        }
        assert_eq!(scheduler.elapsed(), SECOND * 2);
        assert!(caller.result().is_some() && task.result() == Some(&"done"));
    });
}

#[test]
fn p39_an_awaited_shutdown_pumps_and_reports() {
    testing::many(30, |scheduler| {
        let (mut bridge, workers, mut app) = paused_app(scheduler);
        let (ui, clock, server) = (bridge.handle(), scheduler.clock(), scheduler.clone());
        workers.worker("ends").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
        let _task: Worker<()> = workers.worker("task").task(&ui, async |_| std::future::pending().await);
        workers.worker("deaf").thread(move |_| {
            server.block(SECOND * 10);
            Ok(())
        });
        while !workers.workers().iter().all(AnyWorker::is_running) {
            block_on(&clock, bridge.turn(&mut app)).unwrap();
        }
        let report = block_on(&clock, bridge.shutdown_async(&mut app, &workers, SECOND * 2));
        assert_eq!(scheduler.elapsed(), SECOND * 2);
        let names: Vec<_> = report.abandoned.iter().map(|abandoned| abandoned.worker.name()).collect();
        assert_eq!(names, ["deaf"]);
        for name in ["ends", "task"] {
            assert!(app.log.contains(&format!("{name} CANCELLED")), "{:?}", app.log);
        }
        assert_eq!(bridge.next_deadline(), None, "the grace's timer is gone");
        scheduler.advance(SECOND * 10);
    });
}

#[test]
fn p39_a_clean_shutdown_ends_at_once_and_a_closed_bridge_reports_too() {
    testing::many(30, |scheduler| {
        for closed in [false, true] {
            let (mut bridge, workers, mut app) = paused_app(scheduler);
            let before = scheduler.elapsed();
            workers.worker("ends").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
            if closed {
                bridge.close();
            }
            let shutdown = bridge.shutdown_async(&mut app, &workers, SECOND * 2);
            assert!(block_on(&scheduler.clock(), shutdown).is_clean());
            assert_eq!(scheduler.elapsed(), before);
        }
    });
}

#[test]
fn p39_a_waker_that_panics_or_posts_is_harmless() {
    struct Foreign(worker_ui_bridge::UiHandle<App>);
    impl Wake for Foreign {
        fn wake(self: Arc<Self>) {
            self.0.post(|app: &mut App| app.record("by the waker")).unwrap();
            panic!("a foreign waker");
        }
    }
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let ui = bridge.handle();
    let waker = Waker::from(Arc::new(Foreign(ui.clone())));
    assert!(poll(pin!(bridge.turn(&mut app)), &waker).is_pending());
    std::thread::spawn(move || ui.post(|app| app.record("posted")).unwrap()).join().unwrap();
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log, ["posted", "by the waker"]);
}

#[test]
fn p39_a_turn_is_one_branch_of_a_select() {
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let (ui, waker) = (bridge.handle(), Waker::noop());
    let mut keys = 3;
    // The other branch wins three times; nothing that was posted meanwhile is lost.
    let mut select = Box::pin(async {
        loop {
            let mut turn = pin!(bridge.turn(&mut app));
            let key = poll_fn(|cx| {
                if keys == 0 {
                    return turn.as_mut().poll(cx).map(|_| None);
                }
                keys -= 1;
                ui.post(|app: &mut App| app.record("posted")).unwrap();
                Poll::Ready(Some(keys))
            });
            if key.await.is_none() {
                break;
            }
        }
    });
    assert!(poll(select.as_mut(), waker).is_ready());
    drop(select);
    assert_eq!(bridge.pump(&mut app).unwrap().ran() + app.log.len(), 3);
}
