//! Groups, scopes, families and time limits, in any order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use worker_core::blocking::checkpoint;
use worker_core::testing::{self, TestScheduler};
use worker_core::{Restart, Worker, WorkerError, WorkerManager, WorkerState};

use super::{SECOND, logged};

/// Starts workers of one group from three threads, two from each, and gives them in the order of
/// their making.
fn from_three_threads(
    scheduler: &TestScheduler,
    workers: &WorkerManager,
    restart: Restart,
    most_at_once: usize,
) -> Vec<Worker<()>> {
    let (running, started) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    for _ in 0..3 {
        let (own, running, started) = (workers.clone(), running.clone(), started.clone());
        workers.worker("starter").thread(move |cx| {
            for _ in 0..2 {
                let running = running.clone();
                let one: Worker<()> = own.worker("one").group("one").restart(restart).thread(move |cx| {
                    assert!(running.fetch_add(1, Ordering::SeqCst) < most_at_once, "side by side");
                    let slept = cx.sleep(SECOND);
                    running.fetch_sub(1, Ordering::SeqCst);
                    Ok(slept?)
                });
                started.lock().push(one);
                cx.sleep(SECOND / 3)?;
            }
            Ok(())
        });
    }
    scheduler.advance(SECOND * 10);
    let mut started = std::mem::take(&mut *started.lock());
    started.sort_by_key(|one| one.id());
    started
}

#[test]
fn p11_after_previous_runs_one_at_a_time_and_the_newest_to_its_end() {
    testing::many(150, |scheduler| {
        let (workers, _) = logged(scheduler);
        let started = from_three_threads(scheduler, &workers, Restart::AfterPrevious, 1);
        assert!(workers.is_empty());
        let (newest, others) = started.split_last().unwrap();
        assert!(newest.result().is_some(), "{:?}", newest.error());
        for other in others {
            assert_eq!(other.state(), WorkerState::Cancelled, "{:?}", other.error());
        }
    });
}

#[test]
fn p11_keep_previous_never_runs_two_and_cancels_only_workers_that_never_ran() {
    testing::many(150, |scheduler| {
        let (workers, log) = logged(scheduler);
        let started = from_three_threads(scheduler, &workers, Restart::KeepPrevious, 1);
        assert!(workers.is_empty());
        let done = started.iter().filter(|one| one.result().is_some()).count();
        assert!(started.iter().all(|one| one.result().is_some() || one.is_cancelled()));
        let ran = log.of("one").iter().filter(|state| *state == "RUNNING").count();
        assert_eq!(ran, done, "{:?}", log.lines());
        assert!(started[0].result().is_some(), "the first finds no other");
    });
}

#[test]
fn p12_a_dropped_scope_leaves_no_worker_whatever_its_workers_start() {
    testing::many(200, |scheduler| {
        let (workers, log) = logged(scheduler);
        let screen = workers.scope("screen");
        let (own, slept) = (workers.clone(), Arc::new(AtomicUsize::new(0)));
        let widget = screen.scope("widget");
        let nap = slept.clone();
        screen.worker("parent").thread(move |cx| {
            let children: Vec<Worker<()>> = (0..3)
                .map(|number| {
                    let nap = nap.clone();
                    let place =
                        if number == 0 { widget.worker("child") } else { own.worker("child").child() };
                    place.thread(move |cx| {
                        cx.sleep(SECOND)?;
                        Ok(_ = nap.fetch_add(1, Ordering::SeqCst))
                    })
                })
                .collect();
            cx.sleep(SECOND * 2)?;
            Ok(children.len())
        });
        for _ in 0..scheduler.seed() % 40 {
            checkpoint(&*scheduler.clock());
        }
        drop(screen);
        scheduler.advance(SECOND * 3);
        assert!(workers.is_empty(), "{:?}", workers.workers());
        assert_eq!(slept.load(Ordering::SeqCst), 0, "{:?}", log.lines());
    });
}

#[test]
fn p09_a_limit_and_an_end_at_the_same_moment_agree() {
    let (ended, limited) = (AtomicUsize::new(0), AtomicUsize::new(0));
    testing::many(200, |scheduler| {
        let (workers, log) = logged(scheduler);
        let one: Worker<()> = workers.worker("one").timeout(SECOND).thread(|cx| {
            let _ = cx.sleep(SECOND);
            Ok(())
        });
        let target = one.clone();
        let cancels = scheduler.seed() % 2 == 0;
        workers.worker("other").thread(move |cx| {
            cx.sleep(SECOND)?;
            if cancels {
                target.cancel();
            }
            Ok(())
        });
        scheduler.advance(SECOND);
        let last = log.of("one").last().unwrap().clone();
        match one.error() {
            None => assert_eq!((last.as_str(), one.result()), ("SUCCESS", Some(&()))),
            Some(WorkerError::TimedOut) => assert_eq!(last, "ERROR"),
            Some(error) => assert!(cancels && last == "CANCELLED", "{error}"),
        }
        let which = if one.error().is_some() { &limited } else { &ended };
        which.fetch_add(1, Ordering::SeqCst);
    });
    assert!(ended.into_inner() > 10 && limited.into_inner() > 10, "both orders were tried");
}

#[test]
fn p09_of_many_limits_each_ends_its_worker_in_time() {
    testing::many(60, |scheduler| {
        let (workers, _) = logged(scheduler);
        for limit in [3_u64, 1, 2, 1] {
            let (own, time) = (workers.clone(), scheduler.clone());
            workers.worker("starter").thread(move |_| {
                let begun = time.now();
                let stubborn: Worker<()> = own
                    .worker("limited")
                    .exit_on_error(false)
                    .timeout(Duration::from_secs(limit))
                    .thread(|cx| Ok(cx.sleep(Duration::MAX)?));
                assert!(stubborn.wait().is_err());
                assert!(matches!(stubborn.error(), Some(WorkerError::TimedOut)));
                Ok(assert_eq!(time.now(), begun + Duration::from_secs(limit)))
            });
        }
        scheduler.advance(SECOND * 3);
        assert!(workers.is_empty(), "{:?}", workers.workers());
    });
}

#[test]
fn p16_several_threads_wait_for_each_others_children_with_few_of_them() {
    testing::many(100, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).max_threads(2).build();
        let running = Arc::new(AtomicUsize::new(0));
        let outer: Vec<Worker<()>> = (0..4)
            .map(|_| {
                let (own, running) = (workers.clone(), running.clone());
                workers.worker("outer").thread(move |_| {
                    let busy = move |cx: &worker_core::WorkerContext| {
                        assert!(running.fetch_add(1, Ordering::SeqCst) < 2, "more than two at once");
                        let slept = cx.sleep(SECOND);
                        running.fetch_sub(1, Ordering::SeqCst);
                        Ok(slept?)
                    };
                    let inner = [own.worker("inner").thread(busy.clone()), own.worker("inner").thread(busy)];
                    inner.iter().try_for_each(|inner| Ok(inner.wait().map(drop)?))
                })
            })
            .collect();
        scheduler.advance(SECOND * 8);
        for one in outer {
            assert!(one.result().is_some(), "{:?} {:?}", one.error(), workers);
        }
    });
}

#[test]
fn p11_keep_previous_is_never_skipped_for_a_start_that_is_itself_skipped() {
    testing::many(400, |scheduler| {
        let (workers, log) = logged(scheduler);
        let keep = |workers: &WorkerManager| -> Worker<()> {
            let one = workers.worker("one").group("one").restart(Restart::KeepPrevious);
            one.thread(|cx| Ok(cx.sleep(SECOND)?))
        };
        let first = keep(&workers);
        let started = Arc::new(Mutex::new(Vec::new()));
        for _ in 0..2 {
            let (own, first, started) = (workers.clone(), first.clone(), started.clone());
            workers.worker("starter").thread(move |cx| {
                cx.sleep(SECOND)?;
                let is_free = first.is_finished();
                let one = keep(&own);
                Ok(started.lock().push((is_free, one)))
            });
        }
        scheduler.advance(SECOND * 5);
        let started = std::mem::take(&mut *started.lock());
        let all_skipped = started.iter().all(|(_, one)| one.is_cancelled());
        let one_was_free = started.iter().any(|(is_free, _)| *is_free);
        assert!(!(all_skipped && one_was_free), "{:?}", log.lines());
    });
}

#[test]
fn p11_a_paused_worker_that_is_started_later_keeps_to_its_policy() {
    for restart in [Restart::KeepPrevious, Restart::KeepLatest, Restart::AfterPrevious] {
        testing::many(60, |scheduler| {
            let (workers, log) = logged(scheduler);
            let running = Arc::new(AtomicUsize::new(0));
            let one = |name: &'static str, paused: bool| -> Worker<()> {
                let builder = workers.worker(name).group("one").restart(restart);
                let running = running.clone();
                let body = move |cx: &worker_core::WorkerContext| {
                    assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "side by side");
                    let slept = cx.sleep(SECOND);
                    running.fetch_sub(1, Ordering::SeqCst);
                    Ok(slept?)
                };
                if paused { builder.paused().thread(body) } else { builder.thread(body) }
            };
            let (paused, other) = (one("paused", true), one("other", true));
            // Both at once, from two threads; or one after the other.
            if scheduler.seed() % 2 == 0 {
                let target = paused.clone();
                workers.worker("starter").thread(move |_| Ok(target.start()));
            } else {
                paused.start();
            }
            other.start();
            other.start();
            scheduler.advance(SECOND * 5);
            let states = [paused.state(), other.state()];
            let expected = match restart {
                Restart::KeepLatest => 2,
                _ => 1,
            };
            let done = states.iter().filter(|state| **state == WorkerState::Success).count();
            assert!(workers.is_empty(), "{restart:?}: {:?}", workers.workers());
            assert_eq!(done, expected, "{restart:?}: {states:?} {:?}", log.lines());
        });
    }
}

#[test]
fn p11_by_their_events_too_no_two_of_after_previous_run_at_once() {
    testing::many(400, |scheduler| {
        let events: Arc<Mutex<Vec<worker_core::StateChanged>>> = Arc::default();
        let (seen, clock) = (events.clone(), scheduler.clock());
        let workers = WorkerManager::builder()
            .clock(scheduler.clock())
            .events(move |event| {
                checkpoint(&*clock);
                seen.lock().push(event);
            })
            .build();
        let start = |restart| -> Worker<()> {
            workers
                .worker("one")
                .group("one")
                .restart(restart)
                .thread(|cx| Ok(cx.sleep(SECOND).unwrap_or_default()))
        };
        let before = [start(Restart::Parallel), start(Restart::Parallel)];
        scheduler.run_until_parked();
        let after = start(Restart::AfterPrevious);
        scheduler.advance(SECOND * 3);
        assert!(after.result().is_some());
        let mut running: Vec<_> = Vec::new();
        for event in std::mem::take(&mut *events.lock()) {
            if event.state == WorkerState::Running {
                running.push(event.worker.clone());
                assert!(*after != event.worker || running.len() == 1, "{running:?}");
            } else if event.state.is_finished() {
                running.retain(|worker| *worker != event.worker);
            }
        }
        drop(before);
    });
}

#[test]
fn p09_a_nearer_limit_wakes_the_thread_that_sleeps_until_a_later_one() {
    testing::many(20, |scheduler| {
        let (workers, log) = logged(scheduler);
        let start = |limit| -> Worker<()> {
            workers.worker("one").timeout(limit).thread(|cx| Ok(cx.sleep(Duration::MAX)?))
        };
        let later = start(SECOND * 10);
        scheduler.run_until_parked();
        let nearer = start(SECOND);
        scheduler.advance(SECOND);
        let ended = nearer.is_finished();
        workers.cancel_all();
        assert!(ended && !later.error().is_some_and(WorkerError::is_timeout), "{:?}", log.lines());
    });
}

#[test]
fn p10_an_exclusive_start_against_the_start_of_a_paused_one_leaves_exactly_one() {
    testing::many(300, |scheduler| {
        let (workers, _) = logged(scheduler);
        let one = || workers.worker("one").exclusive();
        let paused: Worker<()> = one().paused().thread(|cx| Ok(cx.sleep(SECOND)?));
        let starter = workers.worker("starter").thread({
            let paused = paused.clone();
            move |_| Ok(paused.start())
        });
        let new: Worker<()> = one().thread(|cx| Ok(cx.sleep(SECOND)?));
        scheduler.advance(SECOND * 2);
        assert!(starter.is_finished());
        let left = [&paused, &new].iter().filter(|worker| worker.result().is_some()).count();
        assert_eq!(left, 1, "{paused:?} {new:?}");
    });
}
