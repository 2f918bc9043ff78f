//! P36: fan-out inside a body.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use worker_core::testing::{self, TestScheduler};
use worker_core::{
    AnyWorker, BlockOn, BoxError, CancelReason, Cancelled, ConcurrencyLimit, Worker, WorkerError,
    WorkerManager, current_worker,
};

use crate::support::{hold, with_time_limit};

const SECOND: Duration = Duration::from_secs(1);

fn manager(scheduler: &TestScheduler) -> WorkerManager {
    WorkerManager::builder().clock(scheduler.clock()).event_loop(BlockOn).build()
}

#[test]
fn p36_results_are_in_order_and_at_most_so_many_run_at_once() {
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let counts = Arc::new((now, most));
        let worker = workers.worker("w").thread({
            let counts = counts.clone();
            move |cx| {
                let squares = cx.map(0..20_u32, 3, |cx, n| {
                    counts.1.fetch_max(counts.0.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    cx.sleep(SECOND * (n % 3))?;
                    counts.0.fetch_sub(1, Ordering::SeqCst);
                    if n == 7 { Err(BoxError::from("seven")) } else { Ok(n * n) }
                });
                Ok(squares
                    .into_iter()
                    .map(|square| square.map_err(|error| error.to_string()))
                    .collect::<Vec<_>>())
            }
        });
        scheduler.advance(SECOND * 40);
        let expected: Vec<_> =
            (0..20).map(|n| if n == 7 { Err("seven".to_owned()) } else { Ok(n * n) }).collect();
        assert_eq!(worker.result(), Some(&expected));
        assert_eq!(counts.1.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn p36_parts_borrow_from_the_body_and_run_on_its_thread_too() {
    let worker = WorkerManager::new().worker("w").thread(|cx| {
        let names = vec!["a".to_owned(), "b".to_owned()];
        let seen = Mutex::new(Vec::new());
        cx.map(&names, 1, |_, name| {
            seen.lock().push((name.as_str(), std::thread::current().id()));
            Ok::<_, BoxError>(())
        });
        let me = std::thread::current().id();
        Ok(seen.into_inner() == [("a", me), ("b", me)])
    });
    assert!(*worker.wait().unwrap());
}

#[test]
fn p36_a_cancel_reaches_all_parts_and_the_body_goes_on_when_all_have_stopped() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let running = Arc::new(AtomicUsize::new(0));
        let returned = Arc::new(Mutex::new(Vec::new()));
        let worker: Worker<()> = workers.worker("w").thread({
            let (running, returned) = (running.clone(), returned.clone());
            move |cx| {
                *returned.lock() = cx.map(0..10, 3, |cx, _| {
                    running.fetch_add(1, Ordering::SeqCst);
                    let slept = cx.sleep(SECOND);
                    running.fetch_sub(1, Ordering::SeqCst);
                    slept
                });
                assert_eq!(running.load(Ordering::SeqCst), 0);
                Ok(cx.check()?)
            }
        });
        scheduler.advance(SECOND + SECOND / 2);
        worker.cancel();
        scheduler.run_until_parked();
        assert!(worker.is_finished());
        let returned = returned.lock();
        assert_eq!(returned.len(), 10);
        assert_eq!(returned.iter().filter(|part| part.is_ok()).count(), 3);
    });
}

#[test]
fn p36_a_cancel_that_came_before_begins_no_part() {
    let (inside, body) = hold();
    let worker: Worker<()> = WorkerManager::new().worker("w").thread(move |cx| {
        body.wait();
        let parts = cx.map([1, 2], 2, |_, _| Ok::<_, Cancelled>(()));
        assert_eq!(parts, [Err(Cancelled::default()); 2]);
        assert!(cx.try_map([1], 2, |_, _| Ok::<_, Cancelled>(())).is_err());
        Ok(cx.check()?)
    });
    inside.entered();
    worker.cancel();
    inside.release();
    assert!(worker.wait().unwrap_err().is_cancelled());
}

#[test]
fn p36_try_map_gives_the_first_error_and_cancels_the_rest() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let reasons = Arc::new(Mutex::new(BTreeSet::new()));
        let begun = Arc::new(AtomicUsize::new(0));
        let worker = workers.worker("w").thread({
            let (reasons, begun) = (reasons.clone(), begun.clone());
            move |cx| {
                let summed = cx.try_map(0..10_u64, 3, |cx, n| -> Result<u64, BoxError> {
                    begun.fetch_add(1, Ordering::SeqCst);
                    if n == 1 {
                        cx.sleep(SECOND)?;
                        return Err("one".into());
                    }
                    let slept = cx.sleep(SECOND * 9);
                    if let Some(reason) = cx.worker().cancel_reason() {
                        reasons.lock().insert(reason.to_string());
                    }
                    Ok(slept.map(|()| n)?)
                });
                cx.check()?;
                Ok(summed.unwrap_err().to_string())
            }
        });
        scheduler.advance(SECOND);
        assert_eq!(worker.result().map(String::as_str), Some("one"));
        assert_eq!(*reasons.lock(), BTreeSet::from([CancelReason::PartFailed.to_string()]));
        assert_eq!(begun.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn p36_an_error_also_reaches_a_part_that_is_just_about_to_begin() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let worker = workers.worker("w").thread(|cx| {
            let failed = cx.try_map(0..3, 3, |cx, n| -> Result<(), BoxError> {
                if n == 0 { Err("zero".into()) } else { Ok(cx.sleep(Duration::MAX)?) }
            });
            Ok(failed.is_err())
        });
        scheduler.run_until_parked();
        assert!(worker.is_finished(), "{:?}", workers.workers());
    });
}

#[test]
fn p36_a_panic_in_a_part_is_the_workers_panic() {
    worker_core::install_panic_hook();
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let worker: Worker<()> = workers.worker("w").exit_on_error(false).thread(|cx| {
            cx.map(0..9, 3, |cx, n| {
                cx.sleep(SECOND)?;
                assert!(n != 1, "part {n} is broken");
                cx.sleep(SECOND * 9)
            });
            unreachable!("the panic goes on in the body")
        });
        scheduler.advance(SECOND);
        let Some(WorkerError::Panicked(panic)) = worker.error() else { panic!("{:?}", worker.state()) };
        assert_eq!(panic.message(), "part 1 is broken");
        assert!(panic.location().unwrap().file.ends_with("fan_out.rs"));
    });
}

#[test]
fn p36_parts_are_listed_under_their_parent_while_they_run() {
    testing::run(3, |scheduler| {
        let workers = manager(scheduler);
        let worker = workers.worker("regions").group("g").thread(|cx| {
            cx.map(["a", "b", "c"], 2, |cx, region| {
                assert_eq!(current_worker().unwrap(), *cx.worker());
                cx.set_message(region);
                cx.sleep(SECOND)
            });
            Ok(())
        });
        scheduler.run_until_parked();
        let listed = workers.workers();
        // Oldest first: which of two threads made its part first is the scheduler's choice.
        let mut names: Vec<_> = listed.iter().map(|worker| worker.name().to_owned()).collect();
        assert!(listed.is_sorted_by_key(AnyWorker::id));
        names.sort();
        assert_eq!(names, ["regions", "regions[0]", "regions[1]"]);
        for part in &listed[1..] {
            assert_eq!(part.parent(), Some((*worker).clone()));
            assert!(part.is_running() && part.group() == "g");
            assert!(part.progress().message().is_some());
        }
        scheduler.advance(SECOND * 2);
        assert!(worker.is_finished() && workers.workers().is_empty());
        assert!(listed.iter().all(AnyWorker::is_finished));
    });
}

#[test]
fn p36_the_parents_progress_counts_the_parts_unless_it_counts_itself() {
    testing::run(3, |scheduler| {
        let workers = manager(scheduler);
        let counted = workers.worker("counted").thread(|cx| {
            cx.map(0..4, 2, |cx, _| cx.sleep(SECOND));
            cx.map(0..2, 2, |cx, _| cx.sleep(SECOND));
            Ok(())
        });
        let itself = workers.worker("itself").thread(|cx| {
            cx.set_total(100);
            cx.map(0..4, 2, |cx, _| cx.sleep(SECOND));
            Ok(cx.advance(1))
        });
        scheduler.advance(SECOND);
        assert_eq!((counted.progress().completed(), counted.progress().total()), (2, Some(4)));
        scheduler.advance(SECOND * 2);
        assert_eq!((counted.progress().completed(), counted.progress().total()), (6, Some(6)));
        assert_eq!((itself.progress().completed(), itself.progress().total()), (1, Some(100)));
    });
}

#[test]
fn p36_parts_may_wait_for_children_of_their_workers_limit() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let limit = ConcurrencyLimit::new(1);
        let at_once = Arc::new(AtomicUsize::new(0));
        let parents: Vec<_> = (0..2)
            .map(|_| {
                let (own, limit, at_once) = (workers.clone(), limit.clone(), at_once.clone());
                workers.worker("parent").limit(&limit.clone()).thread(move |cx| {
                    cx.try_map(0..4_u64, 3, |_, n| -> Result<u64, BoxError> {
                        let at_once = at_once.clone();
                        let child = own.worker("child").limit(&limit).thread(move |cx| {
                            assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "side by side");
                            let slept = cx.sleep(SECOND);
                            at_once.fetch_sub(1, Ordering::SeqCst);
                            Ok(slept.map(|()| n)?)
                        });
                        Ok(*child.wait()?)
                    })
                })
            })
            .collect();
        scheduler.advance(SECOND * 20);
        for parent in parents {
            assert_eq!(parent.result(), Some(&vec![0, 1, 2, 3]), "{:?}", parent.error());
        }
        assert_eq!(limit.waiting(), 0);
        let after = workers.worker("after").limit(&limit).thread(|_| Ok(()));
        scheduler.run_until_parked();
        assert!(after.is_finished(), "the slot is free again");
    });
}

#[test]
fn p36_a_part_that_waits_for_its_own_worker_is_refused() {
    with_time_limit(|| {
        let workers = WorkerManager::new();
        let worker = workers.worker("w").thread(|cx| {
            let me = cx.worker().clone();
            let refused = cx.map([1, 2, 3], 2, |_, _| Ok::<_, Cancelled>(me.wait().unwrap_err().to_string()));
            Ok(refused.into_iter().map(Result::unwrap).collect::<Vec<_>>())
        });
        for refused in worker.wait().unwrap() {
            assert!(refused.contains("would never end"), "{refused}");
        }
    });
}

#[test]
fn p36_a_circle_through_parts_is_refused() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let (to_first, second_of) = crossbeam_channel::bounded::<Worker<usize>>(2);
        let waits_for = move |cx: &worker_core::WorkerContext, other: Worker<usize>| {
            let waited = cx.map([(), ()], 2, |_, ()| Ok::<_, Cancelled>(other.wait().is_err()));
            Ok(waited.into_iter().filter(|refused| *refused == Ok(true)).count())
        };
        let first = workers.worker("first").paused().thread(move |cx| waits_for(cx, second_of.recv()?));
        let second = workers.worker("second").paused().thread({
            let first = first.clone();
            move |cx| waits_for(cx, first)
        });
        to_first.send(second.clone()).unwrap();
        first.start();
        second.start();
        scheduler.run_until_parked();
        assert!(first.result().unwrap() + second.result().unwrap() > 0);
    });
}

#[test]
fn p36_maps_nest() {
    testing::many(50, |scheduler| {
        let workers = manager(scheduler);
        let worker = workers.worker("w").limit(&ConcurrencyLimit::new(1)).thread(|cx| {
            let rows = cx.try_map(0..3_u32, 2, |cx, row| {
                cx.try_map(0..3_u32, 2, |cx, column| {
                    cx.sleep(SECOND)?;
                    Ok::<_, BoxError>(row * 3 + column)
                })
            })?;
            Ok(rows.concat())
        });
        scheduler.advance(SECOND * 10);
        assert_eq!(worker.result(), Some(&(0..9).collect::<Vec<_>>()));
    });
}

#[test]
fn p36_without_a_thread_to_be_had_the_body_does_it_all() {
    testing::run(1, |scheduler| {
        scheduler.refuse_threads(|number| (number > 0).then_some(Duration::ZERO));
        let workers = manager(scheduler);
        let worker = workers.worker("w").thread(|cx| {
            Ok(cx.map(0..5, 4, |_, n| Ok::<_, Cancelled>(n)).into_iter().map(Result::unwrap).sum::<i32>())
        });
        scheduler.run_until_parked();
        assert_eq!(worker.result(), Some(&10));
    });
}

#[test]
fn p36_nothing_at_all_gives_nothing() {
    let worker = WorkerManager::new().worker("w").thread(|cx| {
        let none = cx.map(Vec::<u8>::new(), 0, |_, n| Ok::<_, Cancelled>(n));
        Ok(none.len() + cx.try_map([1], 0, |_, n| Ok::<_, Cancelled>(n))?.len())
    });
    assert_eq!(*worker.wait().unwrap(), 1);
}

/// Counts those that use the only slot now.
#[derive(Clone, Default)]
struct Slot(Arc<AtomicUsize>);

impl Slot {
    /// For a second, during which no other may have the slot.
    fn hold(&self, cx: &worker_core::WorkerContext) -> Result<(), Cancelled> {
        assert_eq!(self.0.fetch_add(1, Ordering::SeqCst), 0, "two have the only slot");
        let slept = cx.sleep(SECOND);
        self.0.fetch_sub(1, Ordering::SeqCst);
        slept
    }
}

#[test]
fn p36_the_body_that_goes_on_after_its_parts_has_its_slot() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let (limit, slot) = (ConcurrencyLimit::new(1), Slot::default());
        let has_ended = Arc::new(AtomicBool::new(false));
        let fans_out = workers.worker("fans out").limit(&limit).thread({
            let (slot, has_ended) = (slot.clone(), has_ended.clone());
            move |cx| {
                cx.map(0..3, 2, |cx, _| cx.sleep(SECOND));
                slot.hold(cx)?;
                Ok(has_ended.store(true, Ordering::SeqCst))
            }
        });
        let others: Vec<_> = (0..3)
            .map(|_| {
                let (slot, has_ended) = (slot.clone(), has_ended.clone());
                workers.worker("other").limit(&limit).thread(move |cx| {
                    assert!(has_ended.load(Ordering::SeqCst), "no part had waited in between");
                    Ok(slot.hold(cx)?)
                })
            })
            .collect();
        scheduler.advance(SECOND * 20);
        assert!(fans_out.result().is_some());
        assert!(others.iter().all(|other| other.result().is_some()));
    });
}

#[test]
fn p36_parts_that_wait_give_the_slot_back_and_have_it_again() {
    testing::many(100, |scheduler| {
        let workers = manager(scheduler);
        let (limit, slot) = (ConcurrencyLimit::new(1), Slot::default());
        let fans_out = workers.worker("fans out").limit(&limit).thread({
            let (workers, limit, slot) = (workers.clone(), limit.clone(), slot.clone());
            move |cx| {
                let waited = cx.map(0..3, 3, |cx, _| {
                    let (limit, inner) = (limit.clone(), slot.clone());
                    let child = workers.worker("child").limit(&limit).thread(move |cx| Ok(inner.hold(cx)?));
                    child.wait().map_err(|error| BoxError::from(error.to_string()))?;
                    // Parts share the slot: one of them at least has it again.
                    assert_eq!(slot.0.load(Ordering::SeqCst), 0, "another has the slot");
                    cx.check()?;
                    Ok::<_, BoxError>(())
                });
                assert!(waited.iter().all(Result::is_ok), "{waited:?}");
                Ok(slot.hold(cx)?)
            }
        });
        let others: Vec<_> = (0..2)
            .map(|_| {
                let slot = slot.clone();
                workers.worker("other").limit(&limit).thread(move |cx| Ok(slot.hold(cx)?))
            })
            .collect();
        scheduler.advance(SECOND * 30);
        assert!(fans_out.result().is_some(), "{:?}", fans_out.error());
        assert!(others.iter().all(|other| other.result().is_some()));
        assert_eq!(limit.waiting(), 0);
    });
}

#[test]
fn p36_a_part_is_where_its_parent_is_and_gone_when_it_has_ended() {
    let workers = WorkerManager::new();
    let scope = workers.scope("screen");
    let worker = scope.worker("fetch").group("g").thread({
        let workers = workers.clone();
        move |cx| {
            let parts = cx.map(0..2, 2, |cx, _| {
                let part = cx.worker();
                assert_eq!((part.scope(), part.group()), ("screen", "g"));
                assert!(!part.is_revoked());
                Ok::<_, BoxError>(part.clone())
            });
            let listed = workers.workers();
            assert_eq!(listed, [cx.worker().clone()], "the parts have left the list");
            cx.worker().cancel();
            Ok(assert!(parts.iter().flatten().all(AnyWorker::is_revoked)))
        }
    });
    with_time_limit(move || assert!(worker.wait().unwrap_err().is_cancelled()));
}

#[test]
fn p36_the_progress_of_a_part_is_told_of() {
    let told = Arc::new(Mutex::new(BTreeSet::new()));
    let names = told.clone();
    let progress = move |notice: worker_core::ProgressNotice| {
        let changed = notice.read();
        names.lock().insert((changed.worker.name().to_owned(), changed.progress.completed()));
    };
    let workers = WorkerManager::builder().progress(progress).build();
    let worker = workers.worker("w").thread(|cx| {
        cx.map(0..2, 1, |cx, _| Ok::<_, BoxError>(cx.advance(7)));
        Ok(())
    });
    worker.wait().unwrap();
    let told = told.lock();
    for part in ["w[0]", "w[1]"] {
        assert!(told.contains(&(part.to_owned(), 7)), "{told:?}");
    }
}

#[test]
fn p36_parts_of_parts_have_stacks_of_the_managers_size() {
    /// Uses some kilobytes of stack for each level.
    fn deep(level: u32) -> u32 {
        let frame = std::hint::black_box([level; 1024]);
        if level == 0 { frame[0] } else { deep(level - 1) + frame[7].min(1) }
    }
    let workers = WorkerManager::builder().stack_size(64 << 20).build();
    let worker = workers.worker("w").thread(|cx| {
        let levels = cx
            .map(0..2, 2, |cx, _| Ok::<_, BoxError>(cx.map(0..2, 2, |_, _| Ok::<_, BoxError>(deep(2_000)))));
        Ok(levels.into_iter().flatten().flatten().flatten().collect::<Vec<_>>())
    });
    assert_eq!(worker.wait().unwrap(), &[2_000; 4]);
}
