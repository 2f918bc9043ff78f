//! P28: bridges driven by hand, and promises kept in many orders of the threads.

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
use worker_core::{Worker, WorkerManager, WorkerState};
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};
use worker_ui_bridge::{CallError, PumpError, UiBridge, UiHandle};

use crate::support::Ui;

const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(125);

/// A bridge and a manager on the scheduler's time; events are seen as `name STATE`.
fn stage(scheduler: &TestScheduler) -> (TestBridge<Ui>, UiHandle<Ui>, WorkerManager) {
    let bridge = TestBridge::new(scheduler);
    let ui = bridge.handle();
    let events = ui.state_changes(Ui::on_worker_state_changed);
    let workers = WorkerManager::builder().clock(scheduler.clock()).events(events).build();
    (bridge, ui, workers)
}

#[test]
fn p28_frames_are_drawn_one_by_one_as_the_time_is_moved() {
    testing::many(20, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let (mut app, frames) = (Ui::default(), Rc::new(RefCell::new(Vec::new())));
        bridge.set_interval(TICK, |app: &mut Ui| app.see("tick"));
        let drawn = frames.clone();
        bridge
            .on_frame(move |_, app, at| drawn.borrow_mut().push((at.as_millis(), app.seen.last().cloned())));
        workers.worker("fetch").thread(move |cx| {
            cx.sleep(TICK * 3 / 2)?;
            Ok(ui.post(|app| app.see("data"))?)
        });
        bridge.advance(&mut app, TICK * 2).unwrap();
        // Between two deadlines there may be more than one turn, but never a moment that is not one.
        let moments: Vec<u128> = frames.borrow().iter().map(|(at, _)| *at).collect();
        assert_eq!(moments.iter().copied().collect::<HashSet<_>>(), HashSet::from([0, 125, 187, 250]));
        assert!(moments.is_sorted());
        let last_of =
            |moment| frames.borrow().iter().rev().find(|(at, _)| *at == moment).unwrap().1.clone().unwrap();
        assert_eq!(last_of(0), "fetch RUNNING");
        assert_eq!(last_of(125), "tick");
        assert_eq!(last_of(187), "fetch SUCCESS");
        assert_eq!(last_of(250), "tick");
        assert_eq!(scheduler.elapsed(), TICK * 2);
    });
}

#[test]
fn p28_an_apps_own_loop_runs_as_it_is() {
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
fn p28_a_loop_that_nothing_will_ever_wake_is_told_so() {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        testing::run(6, |scheduler| {
            let mut bridge = UiBridge::builder().clock(scheduler.clock()).build();
            let _ = bridge.wait(&mut ());
        });
    }));
    let said = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(said.contains("everything is parked, and no deadline will come (seed 6)"), "{said}");
}

#[test]
fn p28_the_end_of_a_bridge_ends_the_driving() {
    testing::run(0, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let mut app = Ui::default();
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
        let (mut bridge, ui, workers) = stage(scheduler);
        for name in ["a", "b", "c"] {
            let ui = ui.clone();
            workers.worker(name).thread(move |_| {
                ui.post(move |app| app.see(format!("{name} posts")))?;
                Ok(ui.call_from_thread(move |app| app.see(format!("{name} calls")))?)
            });
        }
        let mut app = Ui::default();
        bridge.run_until_idle(&mut app).unwrap();
        for name in ["a ", "b ", "c "] {
            let own: Vec<_> = app.seen.iter().filter_map(|seen| seen.strip_prefix(name)).collect();
            assert_eq!(own, ["PENDING", "RUNNING", "posts", "calls", "SUCCESS"]);
        }
    });
}

#[test]
fn p06_after_a_cancel_nothing_of_the_worker_runs_whatever_it_was_about_to_do() {
    let (seen_early, seen_late) = (AtomicUsize::new(0), AtomicUsize::new(0));
    testing::many(400, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let screen = workers.scope("screen");
        let worker: Worker<()> = screen.worker("fetch").thread(move |_| {
            ui.post(|app| app.see("posted"))?;
            ui.post_latest("key", |app| app.see("latest"))?;
            ui.call_from_thread(|app| app.see("called"))?;
            let _ = ui.try_post(|app| app.see("tried"));
            Ok(())
        });
        let mut app = Ui::default();
        // Some turns, of one entry each, then the cancel, on the UI thread and in different ways.
        for _ in 0..scheduler.seed() % 7 {
            bridge.pump(&mut app).unwrap();
            scheduler.let_others_run();
        }
        match scheduler.seed() % 3 {
            0 => worker.cancel(),
            1 => drop(screen.cancel()),
            _ => drop(screen),
        }
        app.see("cancelled");
        bridge.run_until_idle(&mut app).unwrap();
        let cancelled = app.seen.iter().position(|seen| seen == "cancelled").unwrap();
        let (before, after) = app.seen.split_at(cancelled);
        let callbacks = ["posted", "latest", "called", "tried"];
        let late = after.iter().filter(|seen| callbacks.contains(&seen.as_str())).count();
        assert_eq!(late, 0, "{:?}", app.seen);
        let early = before.iter().any(|seen| callbacks.contains(&seen.as_str()));
        if early { &seen_early } else { &seen_late }.fetch_add(1, Ordering::Relaxed);
        // An error that it made of being told is not its own.
        assert!(
            matches!(worker.state(), WorkerState::Cancelled | WorkerState::Success),
            "{:?}",
            worker.error()
        );
    });
    assert!(seen_early.into_inner() > 20 && seen_late.into_inner() > 20, "both orders were tried");
}

#[test]
fn p10_the_answer_to_the_old_query_is_never_seen() {
    testing::many(300, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let search = |query: &'static str| {
            let ui = ui.clone();
            workers.worker(query).group("search").exclusive().thread(move |cx| {
                cx.sleep(SECOND)?;
                Ok(ui.call_from_thread(move |app| app.see(format!("answer to {query}")))?)
            });
        };
        let mut app = Ui::default();
        search("old");
        bridge.advance(&mut app, Duration::from_millis(998 + scheduler.seed() % 3)).unwrap();
        search("new");
        app.seen.retain(|seen| seen != "answer to old"); // what came before the new query, it may have seen
        bridge.advance(&mut app, SECOND * 3).unwrap();
        let answers: Vec<_> = app.seen.iter().filter(|seen| seen.starts_with("answer")).collect();
        assert_eq!(answers, ["answer to new"]);
    });
}

#[test]
fn p19_a_bridge_closed_in_any_moment_answers_every_call() {
    let ran_in_all = AtomicUsize::new(0);
    testing::many(300, |scheduler| {
        let (mut bridge, ui, _) = stage(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let answered = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..3)
            .map(|_| {
                let (ui, answered) = (ui.clone(), answered.clone());
                workers.worker("caller").thread(move |_| {
                    let mut ran = 0;
                    for _ in 0..3 {
                        match ui.call_from_thread(|app| app.see("ran")) {
                            Ok(()) => ran += 1,
                            Err(error) => assert!(matches!(error, CallError::Closed), "{error}"),
                        }
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(ran)
                })
            })
            .collect();
        let mut app = Ui::default();
        for _ in 0..scheduler.seed() % 6 {
            bridge.pump(&mut app).unwrap();
            scheduler.let_others_run();
        }
        drop(bridge);
        let told: usize = callers.iter().map(|caller| *caller.wait().unwrap()).sum();
        assert_eq!(answered.load(Ordering::Relaxed), 9);
        assert_eq!(told, app.seen.len(), "who was told that it ran, and what ran");
        ran_in_all.fetch_add(told, Ordering::Relaxed);
    });
    assert!(ran_in_all.into_inner() > 100, "some calls were answered by the loop");
}

#[test]
fn p23_who_waits_for_room_finds_it_or_is_told_why_not() {
    testing::many(200, |scheduler| {
        let mut bridge = TestBridge::build(scheduler, UiBridge::<Ui>::builder().capacity(2));
        let (ui, workers) = (bridge.handle(), WorkerManager::builder().clock(scheduler.clock()).build());
        let posters: Vec<_> = (0..4)
            .map(|_| {
                let ui = ui.clone();
                let body =
                    move |_: &_| (0..3).try_for_each(|_| Ok(ui.post(|app: &mut Ui| app.see("posted"))?));
                workers.worker("poster").exit_on_error(false).thread(body)
            })
            .collect();
        let mut app = Ui::default();
        if scheduler.seed() % 2 == 0 {
            scheduler.run_until_parked();
            posters[0].cancel();
        }
        bridge.run_until_idle(&mut app).unwrap();
        let done = posters.iter().filter(|poster| poster.result().is_some()).count();
        assert!(posters.iter().all(|poster| poster.is_finished()));
        assert!(app.seen.len() >= done * 3 && done >= 3, "{done} and {:?}", app.seen);
    });
}

#[test]
fn p05_a_task_and_a_canceller_meet_in_any_moment() {
    testing::many(200, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let own = ui.clone();
        let task: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
            own.call(|app| app.see("called")).await?;
            cx.sleep(SECOND).await?;
            Ok(own.post(|app| app.see("posted"))?)
        });
        let target = task.clone();
        workers.worker("canceller").thread(move |cx| {
            cx.sleep(SECOND)?;
            target.cancel();
            Ok(())
        });
        let mut app = Ui::default();
        bridge.advance(&mut app, SECOND * 2).unwrap();
        assert!(task.is_finished());
        let ends = app.seen.iter().filter(|seen| ["task CANCELLED", "task SUCCESS"].contains(&seen.as_str()));
        assert_eq!(ends.count(), 1, "{:?}", app.seen);
        let posted = app.seen.iter().any(|seen| seen == "posted");
        assert!(posted || task.is_cancelled());
    });
}

#[test]
fn p24_ten_thousand_timers_each_tick_in_their_time() {
    testing::run(0, |scheduler| {
        let mut bridge = TestBridge::new(scheduler);
        for number in 0..10_000_u32 {
            let delay = Duration::from_millis(u64::from(number % 100) * 10 + 10);
            bridge.set_timeout(delay, move |ran: &mut Vec<(Duration, u32)>| ran.push((delay, number)));
        }
        // Half of them never come to it.
        let doomed: Vec<_> =
            (0..10_000).map(|_| bridge.set_interval(SECOND, |_| panic!("cleared"))).collect();
        assert!(doomed.into_iter().all(|timer| bridge.clear(timer)));

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
fn p21_a_foreign_loop_is_woken_exactly_once_in_every_order() {
    testing::many(200, |scheduler| {
        let (woken, too_often) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let builder = UiBridge::<Ui>::builder().waker({
            let (woken, too_often) = (woken.clone(), too_often.clone());
            move || _ = too_often.fetch_add(usize::from(woken.swap(true, Ordering::SeqCst)), Ordering::SeqCst)
        });
        let mut bridge = TestBridge::build(scheduler, builder);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        for _ in 0..3 {
            let ui = bridge.handle();
            let body = move |_: &_| (0..3).try_for_each(|_| Ok(ui.post(|app| app.see("posted"))?));
            workers.worker("poster").thread(body);
        }
        // A loop that pumps once when it was woken, and never else. The turn takes all there is, so the next post is the first.
        let (mut app, clock) = (Ui::default(), scheduler.clock());
        while !workers.is_empty() || woken.load(Ordering::SeqCst) {
            checkpoint(&*clock);
            if woken.swap(false, Ordering::SeqCst) {
                let more = bridge.pump(&mut app).unwrap().more();
                assert_eq!(more, woken.load(Ordering::SeqCst));
            }
        }
        assert_eq!(app.seen.len(), 9, "woken too seldom");
        assert_eq!(too_often.load(Ordering::SeqCst), 0, "woken while it had been woken");
    });
}
