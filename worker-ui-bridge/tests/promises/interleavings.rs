//! P28: bridges under a test scheduler, and promises kept in many orders of the threads.

mod closing;
mod tasks;

use std::cell::RefCell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use worker_core::blocking::checkpoint;
use worker_core::{BoxError, ConcurrencyLimit, Retry, Worker, WorkerManager, WorkerState};
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};
use worker_ui_bridge::{CallError, PumpError, UiBridge, UiHandle};

use crate::support::App;

const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(125);

/// A bridge and a manager on the scheduler's clock. Events are recorded as `name STATE`.
fn fixture(scheduler: &TestScheduler) -> (TestBridge<App>, UiHandle<App>, WorkerManager) {
    let bridge = TestBridge::new(scheduler);
    let ui = bridge.handle();
    let events = ui.state_changes(App::on_worker_state_changed);
    let workers = WorkerManager::builder().clock(scheduler.clock()).events(events).build();
    (bridge, ui, workers)
}

#[test]
fn p28_advance_draws_a_frame_at_each_deadline() {
    testing::many(20, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let (mut app, frames) = (App::default(), Rc::new(RefCell::new(Vec::new())));
        bridge.set_interval(TICK, |app: &mut App| app.record("tick"));
        let drawn = frames.clone();
        bridge.on_frame(move |_, app, at| drawn.borrow_mut().push((at.as_millis(), app.log.last().cloned())));
        workers.worker("fetch").thread(move |cx| {
            cx.sleep(TICK * 3 / 2)?;
            Ok(ui.post(|app| app.record("data"))?)
        });
        bridge.advance(&mut app, TICK * 2).unwrap();
        // There may be several turns at a deadline, but none between two deadlines.
        let times: Vec<u128> = frames.borrow().iter().map(|(at, _)| *at).collect();
        assert_eq!(times.iter().copied().collect::<HashSet<_>>(), HashSet::from([0, 125, 187, 250]));
        assert!(times.is_sorted());
        let last_of =
            |time| frames.borrow().iter().rev().find(|(at, _)| *at == time).unwrap().1.clone().unwrap();
        assert_eq!(last_of(0), "fetch RUNNING");
        assert_eq!(last_of(125), "tick");
        assert_eq!(last_of(187), "fetch SUCCESS");
        assert_eq!(last_of(250), "tick");
        assert_eq!(scheduler.elapsed(), TICK * 2);
    });
}

#[test]
fn p28_an_apps_own_loop_runs_on_the_scheduler() {
    testing::many(20, |scheduler| {
        let mut bridge = UiBridge::builder().clock(scheduler.clock()).build();
        let (ui, workers) = (bridge.handle(), WorkerManager::builder().clock(scheduler.clock()).build());
        bridge.set_interval(SECOND * 30, move |_: &mut u32| {
            let ui = ui.clone();
            workers.worker("fetch").thread(move |cx| {
                cx.sleep(SECOND)?;
                Ok(ui.call_from_thread(|fetched| *fetched += 1)?)
            });
        });
        let mut fetched = 0;
        while fetched < 10 {
            bridge.wait(&mut fetched).unwrap();
        }
        assert_eq!(scheduler.elapsed(), SECOND * 301);
    });
}

#[test]
fn p28_a_loop_that_nothing_can_wake_panics() {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        testing::run(6, |scheduler| {
            let mut bridge = UiBridge::builder().clock(scheduler.clock()).build();
            let _ = bridge.wait(&mut ());
        });
    }));
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("everything is parked, and no deadline will come (seed 6)"), "{message}");
}

#[test]
fn p28_run_until_idle_and_advance_return_the_errors_of_pump() {
    testing::run(0, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let mut app = App::default();
        workers.worker("fails").thread(|_| Err::<(), _>("no network".into()));
        assert!(matches!(bridge.run_until_idle(&mut app), Err(PumpError::Worker { .. })));
        bridge.close();
        assert!(matches!(bridge.advance(&mut app, SECOND), Err(PumpError::Closed)));
        assert!(ui.post(|_| ()).is_err());
    });
}

#[test]
fn p03_a_workers_events_and_callbacks_are_in_order_among_others() {
    testing::many(200, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        for name in ["a", "b", "c"] {
            let ui = ui.clone();
            workers.worker(name).thread(move |_| {
                ui.post(move |app| app.record(format!("{name} posts")))?;
                Ok(ui.call_from_thread(move |app| app.record(format!("{name} calls")))?)
            });
        }
        let mut app = App::default();
        bridge.run_until_idle(&mut app).unwrap();
        for name in ["a ", "b ", "c "] {
            let own: Vec<_> = app.log.iter().filter_map(|item| item.strip_prefix(name)).collect();
            assert_eq!(own, ["PENDING", "RUNNING", "posts", "calls", "SUCCESS"]);
        }
    });
}

#[test]
fn p06_after_a_cancel_no_callback_of_the_worker_runs_in_any_order() {
    let (some_ran, none_ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
    testing::many(400, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let screen = workers.scope("screen");
        let worker: Worker<()> = screen.worker("fetch").thread(move |_| {
            ui.post(|app| app.record("posted"))?;
            ui.post_latest("key", |app| app.record("latest"))?;
            ui.call_from_thread(|app| app.record("called"))?;
            let _ = ui.try_post(|app| app.record("tried"));
            Ok(())
        });
        let mut app = App::default();
        // Some turns, then a cancel on the UI thread, in one of three ways.
        for _ in 0..scheduler.seed() % 7 {
            bridge.pump(&mut app).unwrap();
            scheduler.let_others_run();
        }
        match scheduler.seed() % 3 {
            0 => worker.cancel(),
            1 => drop(screen.cancel()),
            _ => drop(screen),
        }
        app.record("cancelled");
        bridge.run_until_idle(&mut app).unwrap();
        let cancelled = app.log.iter().position(|item| item == "cancelled").unwrap();
        let (before, after) = app.log.split_at(cancelled);
        let callbacks = ["posted", "latest", "called", "tried"];
        let late = after.iter().filter(|item| callbacks.contains(&item.as_str())).count();
        assert_eq!(late, 0, "{:?}", app.log);
        let early = before.iter().any(|item| callbacks.contains(&item.as_str()));
        if early { &some_ran } else { &none_ran }.fetch_add(1, Ordering::Relaxed);
        // The `Cancelled` error that its call returned does not make it fail.
        assert!(
            matches!(worker.state(), WorkerState::Cancelled | WorkerState::Success),
            "{:?}",
            worker.error()
        );
    });
    assert!(some_ran.into_inner() > 20 && none_ran.into_inner() > 20, "both orders were tried");
}

#[test]
fn p10_the_result_of_the_superseded_query_is_never_shown() {
    testing::many(300, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let search = |query: &'static str| {
            let ui = ui.clone();
            workers.worker(query).group("search").exclusive().thread(move |cx| {
                cx.sleep(SECOND)?;
                Ok(ui.call_from_thread(move |app| app.record(format!("answer to {query}")))?)
            });
        };
        let mut app = App::default();
        search("old");
        bridge.advance(&mut app, Duration::from_millis(998 + scheduler.seed() % 3)).unwrap();
        search("new");
        app.log.retain(|item| item != "answer to old"); // It may have run before the new query.
        bridge.advance(&mut app, SECOND * 3).unwrap();
        let answers: Vec<_> = app.log.iter().filter(|item| item.starts_with("answer")).collect();
        assert_eq!(answers, ["answer to new"]);
    });
}

#[test]
fn p19_a_bridge_closed_at_any_time_answers_every_call() {
    let ran_in_all = AtomicUsize::new(0);
    testing::many(300, |scheduler| {
        let (mut bridge, ui, _) = fixture(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let answered = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..3)
            .map(|_| {
                let (ui, answered) = (ui.clone(), answered.clone());
                workers.worker("caller").thread(move |_| {
                    let mut ran = 0;
                    for _ in 0..3 {
                        match ui.call_from_thread(|app| app.record("ran")) {
                            Ok(()) => ran += 1,
                            Err(error) => assert!(matches!(error, CallError::Closed), "{error}"),
                        }
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(ran)
                })
            })
            .collect();
        let mut app = App::default();
        for _ in 0..scheduler.seed() % 6 {
            bridge.pump(&mut app).unwrap();
            scheduler.let_others_run();
        }
        drop(bridge);
        let succeeded: usize = callers.iter().map(|caller| *caller.wait().unwrap()).sum();
        assert_eq!(answered.load(Ordering::Relaxed), 9);
        assert_eq!(succeeded, app.log.len(), "the calls that returned `Ok`, and the callbacks that ran");
        ran_in_all.fetch_add(succeeded, Ordering::Relaxed);
    });
    assert!(ran_in_all.into_inner() > 100, "some calls were answered by the loop");
}

#[test]
fn p23_a_blocked_post_succeeds_or_returns_why_not() {
    testing::many(200, |scheduler| {
        let mut bridge = TestBridge::build(scheduler, UiBridge::<App>::builder().capacity(2));
        let (ui, workers) = (bridge.handle(), WorkerManager::builder().clock(scheduler.clock()).build());
        let posters: Vec<_> = (0..4)
            .map(|_| {
                let ui = ui.clone();
                let body =
                    move |_: &_| (0..3).try_for_each(|_| Ok(ui.post(|app: &mut App| app.record("posted"))?));
                workers.worker("poster").exit_on_error(false).thread(body)
            })
            .collect();
        let mut app = App::default();
        if scheduler.seed() % 2 == 0 {
            scheduler.run_until_parked();
            posters[0].cancel();
        }
        bridge.run_until_idle(&mut app).unwrap();
        let done = posters.iter().filter(|poster| poster.result().is_some()).count();
        assert!(posters.iter().all(|poster| poster.is_finished()));
        assert!(app.log.len() >= done * 3 && done >= 3, "{done} and {:?}", app.log);
    });
}

#[test]
fn p05_a_task_cancelled_at_any_time_ends_once() {
    testing::many(200, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let handle = ui.clone();
        let task: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
            handle.call(|app| app.record("called")).await?;
            cx.sleep(SECOND).await?;
            Ok(handle.post(|app| app.record("posted"))?)
        });
        let target = task.clone();
        workers.worker("canceller").thread(move |cx| {
            cx.sleep(SECOND)?;
            target.cancel();
            Ok(())
        });
        let mut app = App::default();
        bridge.advance(&mut app, SECOND * 2).unwrap();
        assert!(task.is_finished());
        let ends = app.log.iter().filter(|item| ["task CANCELLED", "task SUCCESS"].contains(&item.as_str()));
        assert_eq!(ends.count(), 1, "{:?}", app.log);
        let posted = app.log.iter().any(|item| item == "posted");
        assert!(posted || task.is_cancelled());
    });
}

/// A task that tries three times, a second apart.
fn retrying_task(workers: &WorkerManager, ui: &UiHandle<App>, limit: &ConcurrencyLimit) -> Worker<u32> {
    workers.worker("task").limit(limit).task(ui, async |cx| {
        cx.retry(&Retry::after([SECOND; 2]), async |attempt| match attempt {
            3 => Ok(attempt),
            _ => Err(BoxError::from("not yet")),
        })
        .await
    })
}

#[test]
fn p35_a_task_retries_without_holding_its_slot_and_says_so() {
    testing::many(50, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let (mut app, limit) = (App::default(), ConcurrencyLimit::new(1));
        let task = retrying_task(&workers, &ui, &limit);
        bridge.run_until_idle(&mut app).unwrap();
        let other = workers.worker("other").limit(&limit).thread(|_| Ok(()));
        bridge.run_until_idle(&mut app).unwrap();
        assert!(other.is_finished());
        let progress = task.progress();
        let pause = progress.retry_pause().unwrap();
        assert_eq!((pause.attempt(), pause.of(), pause.left(scheduler.now())), (1, Some(3), SECOND));
        bridge.advance(&mut app, SECOND * 2).unwrap();
        assert_eq!((task.result(), task.progress().retry_pause()), (Some(&3), None));
    });
}

#[test]
fn p35_a_cancel_ends_the_pause_of_a_task_at_once() {
    testing::many(50, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let (mut app, limit) = (App::default(), ConcurrencyLimit::new(1));
        let task = retrying_task(&workers, &ui, &limit);
        bridge.run_until_idle(&mut app).unwrap();
        task.cancel();
        assert!(task.is_finished(), "on the UI thread, a suspended task ends at once");
        assert_eq!(task.progress().retry_pause(), None);
        assert_eq!(limit.waiting(), 0);
    });
}

#[test]
fn p24_ten_thousand_timers_run_in_the_order_of_their_deadlines() {
    testing::run(0, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        for number in 0..10_000_u32 {
            let delay = Duration::from_millis(u64::from(number % 100) * 10 + 10);
            bridge.set_timeout(delay, move |ran: &mut Vec<(Duration, u32)>| ran.push((delay, number)));
        }
        // These are cleared before they are due.
        let cleared: Vec<_> =
            (0..10_000).map(|_| bridge.set_interval(SECOND, |_| panic!("cleared"))).collect();
        assert!(cleared.into_iter().all(|timer| bridge.clear(timer)));

        let mut ran = Vec::new();
        bridge.advance(&mut ran, SECOND / 2).unwrap();
        assert_eq!(ran.len(), 5_000);
        bridge.advance(&mut ran, SECOND / 2).unwrap();
        assert_eq!(ran.len(), 10_000);
        assert!(ran.is_sorted(), "by time, and those of one time in the order in which they were set");
        assert_eq!(bridge.next_deadline(), None);
    });
}

#[test]
fn p21_the_waker_is_called_exactly_once_in_every_order() {
    testing::many(200, |scheduler| {
        let (woken, extra_wakes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let builder = UiBridge::<App>::builder().waker({
            let (woken, extra_wakes) = (woken.clone(), extra_wakes.clone());
            move || {
                _ = extra_wakes.fetch_add(usize::from(woken.swap(true, Ordering::SeqCst)), Ordering::SeqCst);
            }
        });
        let mut bridge = TestBridge::build(scheduler, builder);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        for _ in 0..3 {
            let ui = bridge.handle();
            let body = move |_: &_| (0..3).try_for_each(|_| Ok(ui.post(|app| app.record("posted"))?));
            workers.worker("poster").thread(body);
        }
        // A loop that pumps once for each wake. A turn takes all entries, so the next post is the
        // first.
        let (mut app, clock) = (App::default(), scheduler.clock());
        while !workers.is_empty() || woken.load(Ordering::SeqCst) {
            checkpoint(&*clock);
            if woken.swap(false, Ordering::SeqCst) {
                let more = bridge.pump(&mut app).unwrap().more();
                assert_eq!(more, woken.load(Ordering::SeqCst));
            }
        }
        assert_eq!(app.log.len(), 9, "a wake is missing");
        assert_eq!(extra_wakes.load(Ordering::SeqCst), 0, "a wake came while one was pending");
    });
}
