//! Tasks, and whoever cancels them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use worker_core::Worker;
use worker_core::blocking::checkpoint;
use worker_ui_bridge::testing::{self, TestBridge, TestScheduler};

use super::{SECOND, stage};
use crate::support::Ui;

/// So many turns as the seed says, others running in between, and then all that is left.
fn run_in_turns(scheduler: &TestScheduler, bridge: &mut TestBridge<Ui>, app: &mut Ui) {
    for _ in 0..scheduler.seed() % 8 {
        bridge.pump(app).expect("no worker fails here");
        checkpoint(&*scheduler.clock());
    }
    bridge.run_until_idle(app).expect("no worker fails here");
}

#[test]
fn p05_tasks_cancelled_by_other_threads_at_any_moment_end_once() {
    let (never_ran, ran, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    testing::many(300, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let tasks: Vec<Worker<()>> = (0..3)
            .map(|number| {
                let own = ui.clone();
                workers.worker(format!("task {number}")).task(&ui, async move |cx| {
                    for _ in 0..number {
                        own.call(|app| app.see("called")).await?;
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
        let mut app = Ui::default();
        run_in_turns(scheduler, &mut bridge, &mut app);
        for task in &tasks {
            assert!(task.is_finished(), "{task:?}");
            let name = task.name();
            let states: Vec<_> = app.seen.iter().filter_map(|seen| seen.strip_prefix(name)).collect();
            let counted = match *states {
                [" PENDING", " CANCELLED"] => &never_ran,
                [" PENDING", " RUNNING", " CANCELLED"] => &ran,
                [" PENDING", " RUNNING", " SUCCESS"] => &done,
                _ => panic!("{states:?}"),
            };
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    for seen in [never_ran, ran, done] {
        assert!(seen.into_inner() > 20, "all endings were tried");
    }
}

#[test]
fn p05_a_task_that_cancels_itself_in_any_poll_ends_at_its_next_await() {
    testing::many(10, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let polls_before = scheduler.seed() % 3;
        let task: Worker<()> = workers.worker("task").task(&ui, async move |cx| {
            for _ in 0..polls_before {
                cx.sleep(SECOND).await?;
            }
            cx.worker().cancel();
            std::future::pending().await
        });
        let mut app = Ui::default();
        bridge.advance(&mut app, SECOND * 3).unwrap();
        assert!(task.is_finished() && task.is_cancelled());
        assert_eq!(app.seen, ["task PENDING", "task RUNNING", "task CANCELLED"]);
    });
}

#[test]
fn p14_a_task_woken_by_several_threads_misses_none_of_them() {
    testing::many(200, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
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
        let mut app = Ui::default();
        bridge.run_until_idle(&mut app).unwrap();
        assert_eq!(sum.result(), Some(&10), "{app:?}");
    });
}

#[test]
fn p22_of_each_key_the_newest_that_is_not_cancelled_is_seen_last() {
    testing::many(300, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        let posters: Vec<Worker<()>> = (0..3)
            .map(|poster| {
                let ui = ui.clone();
                workers.worker("poster").thread(move |_| {
                    for round in 0..3 {
                        ui.post_latest("key", move |app| app.see(format!("seen {poster}.{round}")))?;
                    }
                    Ok(())
                })
            })
            .collect();
        let doomed = posters[0].clone();
        workers.worker("canceller").thread(move |_| {
            doomed.cancel();
            Ok(())
        });
        let mut app = Ui::default();
        run_in_turns(scheduler, &mut bridge, &mut app);
        let seen: Vec<_> = app.seen.iter().filter_map(|seen| seen.strip_prefix("seen ")).collect();
        for poster in ["0", "1", "2"] {
            assert!(seen.iter().filter(|seen| seen.starts_with(poster)).is_sorted(), "{seen:?}");
        }
        // The one that was cancelled may have been the last, and taken the others' place with it.
        assert!(
            seen.last().is_some_and(|last| last.ends_with(".2")) || posters[0].is_cancelled(),
            "{seen:?}"
        );
        assert!(posters[1..].iter().all(|poster| poster.result().is_some()));
    });
}

#[test]
fn p26_a_shutdown_that_pumps_hears_everybody_in_every_order() {
    testing::many(150, |scheduler| {
        let (mut bridge, ui, workers) = stage(scheduler);
        for name in ["a", "b"] {
            let ui = ui.clone();
            workers.worker(name).exit_on_error(false).thread(move |cx| {
                ui.call_from_thread(move |app| app.see(format!("{name} calls")))?;
                Ok(cx.sleep(SECOND * 60)?)
            });
        }
        let _: Worker<()> = workers.worker("c").task(&ui, async |cx| Ok(cx.sleep(SECOND * 60).await?));
        let mut app = Ui::default();
        for _ in 0..scheduler.seed() % 6 {
            bridge.pump(&mut app).unwrap();
            scheduler.let_others_run();
        }
        let report = bridge.shutdown(&mut app, &workers, SECOND);
        assert!(report.is_clean(), "{report:?}");
        for name in ["a", "b", "c"] {
            let last = app.seen.iter().rev().find_map(|seen| seen.strip_prefix(name));
            assert_eq!(last, Some(" CANCELLED"), "{:?}", app.seen);
        }
    });
}

#[test]
fn p28_the_same_seed_gives_the_same_run_of_a_whole_app() {
    let run = |seed| {
        testing::run(seed, |scheduler| {
            let (mut bridge, ui, workers) = stage(scheduler);
            let frames = Rc::new(RefCell::new(Vec::new()));
            let drawn = frames.clone();
            bridge.on_frame(move |_, app: &mut Ui, at| drawn.borrow_mut().push((at, app.seen.len())));
            let own = workers.clone();
            let screen = workers.scope("screen");
            bridge.set_interval(SECOND, move |app: &mut Ui| {
                app.see("tick");
                for name in ["a", "b", "c"] {
                    let (other, ui, late) = (own.clone(), ui.clone(), ui.clone());
                    screen.worker(name).timeout(SECOND * 2).exit_on_error(false).thread(move |cx| {
                        let part = other.worker("part").child().thread(|cx| Ok(cx.sleep(SECOND / 2)?));
                        ui.post_latest("key", move |app| app.see(format!("{name} posts")))?;
                        part.wait()?;
                        ui.call_from_thread(move |app| app.see(format!("{name} calls")))?;
                        Ok(cx.sleep(SECOND)?)
                    });
                    let _: Worker<()> = screen.worker("task").task(&late.clone(), async move |cx| {
                        cx.sleep(SECOND / 3).await?;
                        Ok(late.call(move |app| app.see(format!("{name} awaits"))).await?)
                    });
                }
            });
            let mut app = Ui::default();
            bridge.advance(&mut app, SECOND * 4).unwrap();
            drop(bridge);
            let frames = frames.take();
            (app.seen, frames, format!("{:?}", scheduler.elapsed()))
        })
    };
    for seed in 0..6 {
        assert_eq!(run(seed), run(seed));
    }
    assert_ne!(run(0), run(1));
}
