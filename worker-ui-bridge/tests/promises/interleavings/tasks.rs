//! P5, P14, P22, P26, P28: tasks and the threads that cancel and wake them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use worker_core::Worker;
use worker_core::blocking::checkpoint;
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};

use super::{SECOND, fixture};
use crate::support::App;

/// Runs a number of turns given by the seed, with other threads in between, then until idle.
fn run_in_turns(scheduler: &TestScheduler, bridge: &mut TestBridge<App>, app: &mut App) {
    for _ in 0..scheduler.seed() % 8 {
        bridge.pump(app).expect("no worker fails here");
        checkpoint(&*scheduler.clock());
    }
    bridge.run_until_idle(app).expect("no worker fails here");
}

#[test]
fn p05_tasks_cancelled_by_other_threads_at_any_time_end_once() {
    let (never_ran, ran, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    testing::many(300, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let tasks: Vec<Worker<()>> = (0..3)
            .map(|number| {
                let own = ui.clone();
                workers.worker(format!("task {number}")).task(&ui, async move |cx| {
                    for _ in 0..number {
                        own.call(|app| app.record("called")).await?;
                        cx.sleep(SECOND).await?;
                    }
                    Ok(())
                })
            })
            .collect();
        for _ in 0..2 {
            let tasks = tasks.clone();
            workers.worker("canceller").thread(move |_| {
                for task in &tasks {
                    task.cancel();
                }
                Ok(())
            });
        }
        let mut app = App::default();
        run_in_turns(scheduler, &mut bridge, &mut app);
        for task in &tasks {
            assert!(task.is_finished(), "{task:?}");
            let name = task.name();
            let states: Vec<_> = app.log.iter().filter_map(|item| item.strip_prefix(name)).collect();
            let ending = match *states {
                [" PENDING", " CANCELLED"] => &never_ran,
                [" PENDING", " RUNNING", " CANCELLED"] => &ran,
                [" PENDING", " RUNNING", " SUCCESS"] => &done,
                _ => panic!("{states:?}"),
            };
            ending.fetch_add(1, Ordering::Relaxed);
        }
    });
    for count in [never_ran, ran, done] {
        assert!(count.into_inner() > 20, "all endings were tried");
    }
}

#[test]
fn p05_a_task_that_cancels_itself_in_any_poll_ends_at_its_next_await() {
    testing::many(10, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let polls_before = scheduler.seed() % 3;
        let task: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
            for _ in 0..polls_before {
                cx.sleep(SECOND).await?;
            }
            cx.worker().cancel();
            std::future::pending().await
        });
        let mut app = App::default();
        bridge.advance(&mut app, SECOND * 3).unwrap();
        assert!(task.is_finished() && task.is_cancelled());
        assert_eq!(app.log, ["task PENDING", "task RUNNING", "task CANCELLED"]);
    });
}

#[test]
fn p14_a_task_woken_by_several_threads_misses_no_wake() {
    testing::many(200, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let sum: Worker<u32> = {
            let own = workers.clone();
            workers.worker("sum").task(&ui, async move |_| {
                let parts: Vec<_> =
                    (1..=4).map(|part| own.worker("part").thread(move |_| Ok(part))).collect();
                let mut sum = 0;
                for part in &parts {
                    sum += part.finished().await?;
                }
                Ok(sum)
            })
        };
        let mut app = App::default();
        bridge.run_until_idle(&mut app).unwrap();
        assert_eq!(sum.result(), Some(&10), "{app:?}");
    });
}

#[test]
fn p22_the_newest_callback_of_a_key_that_is_not_cancelled_runs_last() {
    testing::many(300, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        let posters: Vec<Worker<()>> = (0..3)
            .map(|poster| {
                let ui = ui.clone();
                workers.worker("poster").thread(move |_| {
                    for round in 0..3 {
                        ui.post_latest("key", move |app| app.record(format!("posted {poster}.{round}")))?;
                    }
                    Ok(())
                })
            })
            .collect();
        let cancelled = posters[0].clone();
        workers.worker("canceller").thread(move |_| {
            cancelled.cancel();
            Ok(())
        });
        let mut app = App::default();
        run_in_turns(scheduler, &mut bridge, &mut app);
        let posted: Vec<_> = app.log.iter().filter_map(|item| item.strip_prefix("posted ")).collect();
        for poster in ["0", "1", "2"] {
            assert!(posted.iter().filter(|item| item.starts_with(poster)).is_sorted(), "{posted:?}");
        }
        // The cancelled worker's callback may have been the last, and have replaced the others.
        assert!(
            posted.last().is_some_and(|last| last.ends_with(".2")) || posters[0].is_cancelled(),
            "{posted:?}"
        );
        assert!(posters[1..].iter().all(|poster| poster.result().is_some()));
    });
}

#[test]
fn p26_a_shutdown_that_pumps_handles_every_terminal_event_in_every_order() {
    testing::many(150, |scheduler| {
        let (mut bridge, ui, workers) = fixture(scheduler);
        for name in ["a", "b"] {
            let ui = ui.clone();
            workers.worker(name).exit_on_error(false).thread(move |cx| {
                ui.call_from_thread(move |app| app.record(format!("{name} calls")))?;
                Ok(cx.sleep(SECOND * 60)?)
            });
        }
        let _: Worker<()> = workers.worker("c").task(&ui, async |cx| Ok(cx.sleep(SECOND * 60).await?));
        let mut app = App::default();
        for _ in 0..scheduler.seed() % 6 {
            bridge.pump(&mut app).unwrap();
            scheduler.let_others_run();
        }
        let report = bridge.shutdown(&mut app, &workers, SECOND);
        assert!(report.is_clean(), "{report:?}");
        for name in ["a", "b", "c"] {
            let last = app.log.iter().rev().find_map(|item| item.strip_prefix(name));
            assert_eq!(last, Some(" CANCELLED"), "{:?}", app.log);
        }
    });
}

#[test]
fn p28_the_same_seed_gives_the_same_run_of_a_whole_app() {
    let run = |seed| {
        testing::run(seed, |scheduler| {
            let (mut bridge, ui, workers) = fixture(scheduler);
            let frames = Rc::new(RefCell::new(Vec::new()));
            let drawn = frames.clone();
            bridge.on_frame(move |_, app: &mut App, at| drawn.borrow_mut().push((at, app.log.len())));
            let own = workers.clone();
            let screen = workers.scope("screen");
            bridge.set_interval(SECOND, move |app: &mut App| {
                app.record("tick");
                for name in ["a", "b", "c"] {
                    let (other, ui, late) = (own.clone(), ui.clone(), ui.clone());
                    screen.worker(name).timeout(SECOND * 2).exit_on_error(false).thread(move |cx| {
                        let part = other.worker("part").child().thread(|cx| Ok(cx.sleep(SECOND / 2)?));
                        ui.post_latest("key", move |app| app.record(format!("{name} posts")))?;
                        part.wait()?;
                        ui.call_from_thread(move |app| app.record(format!("{name} calls")))?;
                        Ok(cx.sleep(SECOND)?)
                    });
                    let _: Worker<()> = screen.worker("task").task(&late.clone(), async move |cx| {
                        cx.sleep(SECOND / 3).await?;
                        Ok(late.call(move |app| app.record(format!("{name} awaits"))).await?)
                    });
                }
            });
            let mut app = App::default();
            bridge.advance(&mut app, SECOND * 4).unwrap();
            drop(bridge);
            let frames = frames.take();
            (app.log, frames, format!("{:?}", scheduler.elapsed()))
        })
    };
    for seed in 0..6 {
        assert_eq!(run(seed), run(seed));
    }
    assert_ne!(run(0), run(1));
}
