//! Limits, delays and the hold of exclusive starts, in any order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use worker_core::WorkerState::{Pending, Running};
use worker_core::blocking::block_until;
use worker_core::testing::{self, TestScheduler};
use worker_core::{
    BlockOn, BoxError, ConcurrencyLimit, Restart, Retry, Worker, WorkerContext, WorkerManager,
};

use super::{SECOND, logged};

/// An exclusive start is held for 250 ms at most.
const ALMOST: Duration = Duration::from_millis(249);
const REST: Duration = Duration::from_millis(1);

/// How many bodies run now, and how many ever did at once.
#[derive(Clone, Default)]
struct AtOnce(Arc<(AtomicUsize, AtomicUsize)>);

impl AtOnce {
    fn during<R>(&self, f: impl FnOnce() -> R) -> R {
        let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(now, Ordering::SeqCst);
        let done = f();
        self.0.0.fetch_sub(1, Ordering::SeqCst);
        done
    }

    fn now(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

/// Work that does not notice a cancel.
fn works(scheduler: &TestScheduler) -> impl Fn(Duration) + Clone + Send + 'static {
    let clock = scheduler.clock();
    move |time| _ = block_until(&*clock, clock.now().checked_add(time), || None::<()>)
}

/// All slots of the limit can still be used at the same time.
fn assert_all_slots_are_free(
    scheduler: &TestScheduler,
    workers: &WorkerManager,
    limit: &ConcurrencyLimit,
    slots: usize,
) {
    assert_eq!(limit.waiting(), 0);
    let at_once = AtOnce::default();
    for _ in 0..slots {
        let at_once = at_once.clone();
        workers.worker("all").limit(limit).thread(move |cx| at_once.during(|| Ok(cx.sleep(SECOND)?)));
    }
    scheduler.advance(SECOND);
    assert_eq!(at_once.most(), slots);
}

#[test]
fn p33_at_most_two_run_and_no_slot_is_ever_lost() {
    testing::many(300, |scheduler| {
        let (workers, _) = logged(scheduler);
        let limit = ConcurrencyLimit::new(2);
        let at_once = AtOnce::default();
        for _ in 0..3 {
            let (own, limit, at_once) = (workers.clone(), limit.clone(), at_once.clone());
            workers.worker("starter").thread(move |cx| {
                let one = |start: worker_core::WorkerBuilder| -> Worker<()> {
                    let at_once = at_once.clone();
                    start.limit(&limit).thread(move |cx| at_once.during(|| Ok(cx.sleep(SECOND / 4)?)))
                };
                let delayed = one(own.worker("delayed").delay(SECOND / 8));
                let cancelled = one(own.worker("cancelled"));
                let parent = {
                    let (own, limit, at_once) = (own.clone(), limit.clone(), at_once.clone());
                    own.clone().worker("parent").limit(&limit).thread(move |cx| {
                        let child = own.worker("child").limit(&limit).thread({
                            let at_once = at_once.clone();
                            move |cx| at_once.during(|| Ok(cx.sleep(SECOND / 8)?))
                        });
                        child.wait()?;
                        at_once.during(|| Ok(cx.sleep(SECOND / 8)?))
                    })
                };
                let other = one(own.worker("other").timeout(SECOND / 5));
                cx.sleep(SECOND / 8)?;
                cancelled.cancel();
                other.cancel();
                delayed.start();
                parent.wait()?;
                Ok(())
            });
        }
        scheduler.advance(SECOND * 10);
        assert!(workers.is_empty(), "{:?}", workers.workers());
        assert!(at_once.most() <= 2, "{}", at_once.most());
        assert_all_slots_are_free(scheduler, &workers, &limit, 2);
    });
}

#[test]
fn p33_a_cancelled_parent_that_waits_loses_no_slot() {
    testing::many(300, |scheduler| {
        let (workers, _) = logged(scheduler);
        let limit = ConcurrencyLimit::new(1);
        let parents: Vec<Worker<()>> = (0..3)
            .map(|_| {
                let (own, limit) = (workers.clone(), limit.clone());
                workers.worker("parent").limit(&limit.clone()).thread(move |_| {
                    let child = own.worker("child").child().limit(&limit);
                    Ok(child.thread(|cx| Ok(cx.sleep(SECOND)?)).wait().copied()?)
                })
            })
            .collect();
        let canceller = workers.worker("canceller").thread({
            let parents = parents.clone();
            move |_| Ok(parents.iter().for_each(|parent| parent.cancel()))
        });
        scheduler.advance(SECOND);
        assert!(canceller.is_finished() && workers.is_empty());
        assert_all_slots_are_free(scheduler, &workers, &limit, 1);
    });
}

#[test]
fn p34_start_against_the_end_of_the_delay_runs_it_once() {
    testing::many(200, |scheduler| {
        let (workers, log) = logged(scheduler);
        let delayed = workers.worker("delayed").delay(SECOND).thread(|_| Ok(()));
        for action in [|worker: &Worker<()>| worker.start(), |worker: &Worker<()>| worker.cancel()] {
            let delayed = delayed.clone();
            workers.worker("other").thread(move |cx| {
                cx.sleep(SECOND)?;
                Ok(action(&delayed))
            });
        }
        scheduler.advance(SECOND);
        assert!(delayed.is_finished());
        assert!(log.of("delayed").len() <= 3, "{:?}", log.of("delayed"));
    });
}

#[test]
fn p10_of_exclusive_bodies_that_do_not_stop_two_run_and_the_newest_is_held_for_a_moment() {
    testing::many(50, |scheduler| {
        let (workers, _) = logged(scheduler);
        let works = works(scheduler);
        let search = |time: Duration| {
            let works = works.clone();
            workers.worker("search").exclusive().thread(move |_| Ok(works(time)))
        };
        let first = search(SECOND * 9);
        scheduler.run_until_parked();
        let second = search(SECOND * 9);
        scheduler.run_until_parked();
        let third = search(SECOND);
        let fourth = search(SECOND);
        scheduler.run_until_parked();
        assert!(first.is_cancelled() && second.is_cancelled() && third.is_finished());
        assert_eq!([first.state(), second.state(), fourth.state()], [Running, Running, Pending]);
        scheduler.advance(ALMOST);
        assert_eq!(fourth.state(), Pending);
        scheduler.advance(REST);
        assert_eq!(fourth.state(), Running, "those that never stop hold it up no longer");
        scheduler.advance(SECOND * 9);
        fourth.wait().unwrap();
    });
}

#[test]
fn p10_a_held_start_begins_as_soon_as_one_has_stopped() {
    testing::many(50, |scheduler| {
        let (workers, _) = logged(scheduler);
        let works = works(scheduler);
        let search = |time: Duration| {
            let works = works.clone();
            workers.worker("search").exclusive().thread(move |_| Ok(works(time)))
        };
        let _first = search(SECOND / 8);
        scheduler.run_until_parked();
        let _second = search(SECOND * 9);
        scheduler.run_until_parked();
        let newest = search(SECOND / 8);
        scheduler.advance(SECOND / 8);
        assert_eq!(newest.state(), Running);
        scheduler.advance(SECOND / 8);
        newest.wait().unwrap();
        assert!(newest.cancel_reason().is_none());
        scheduler.advance(SECOND * 9);
    });
}

#[test]
fn p10_a_fast_typist_burns_at_most_two_cores() {
    testing::many(20, |scheduler| {
        let (workers, _) = logged(scheduler);
        let (works, at_once) = (works(scheduler), AtOnce::default());
        let mut newest = None;
        for _ in 0..90 {
            let (works, at_once) = (works.clone(), at_once.clone());
            let search = move |cx: &WorkerContext| {
                at_once.during(|| works(Duration::from_millis(60)));
                Ok(cx.check()?)
            };
            newest = Some(workers.worker("search").exclusive().thread(search));
            scheduler.advance(Duration::from_millis(7));
        }
        scheduler.advance(SECOND);
        newest.unwrap().wait().unwrap();
        assert_eq!((at_once.most(), at_once.now()), (2, 0));
    });
}

#[test]
fn p11_keep_latest_queues_behind_a_held_start_and_does_not_supersede_it() {
    testing::many(50, |scheduler| {
        let (workers, _) = logged(scheduler);
        let works = works(scheduler);
        let search = |restart: Restart| {
            let works = works.clone();
            workers.worker("search").restart(restart).thread(move |_| Ok(works(SECOND)))
        };
        for _ in 0..2 {
            search(Restart::CancelPrevious);
            scheduler.run_until_parked();
        }
        let held = search(Restart::CancelPrevious);
        let latest = search(Restart::KeepLatest);
        assert_eq!([held.state(), latest.state()], [Pending, Pending]);
        scheduler.advance(ALMOST + REST);
        assert_eq!([held.state(), latest.state()], [Running, Pending]);
        scheduler.advance(SECOND * 3);
        held.wait().unwrap();
        latest.wait().unwrap();
    });
}

#[test]
fn p33_p35_one_that_comes_back_from_a_retry_leaves_the_only_thread_to_the_one_that_has_its_slot() {
    testing::many(100, |scheduler| {
        let builder = WorkerManager::builder().clock(scheduler.clock()).event_loop(BlockOn);
        let workers = builder.max_threads(1).build();
        let limit = ConcurrencyLimit::new(1);
        let patience = || Retry::<BoxError>::after([REST]);
        let fails_once = |attempt| if attempt == 1 { Err("not yet".into()) } else { Ok(()) };
        let worker = |name| workers.worker(name).limit(&limit);
        let pausing = [
            worker("blocking").thread(move |cx| cx.retry(&patience(), fails_once)),
            worker("async").thread_async(async move |cx| {
                cx.retry_async(&patience(), async |attempt| fails_once(attempt)).await
            }),
        ];
        let next = worker("next").thread(move |cx| Ok(cx.sleep(REST)?));
        scheduler.advance(SECOND);
        assert!(pausing.iter().chain([&next]).all(|worker| worker.result().is_some()));
        assert_eq!(limit.waiting(), 0);
    });
}

#[test]
fn p33_an_async_body_has_its_slot_again_before_it_goes_on_and_leaves_the_line_if_it_is_cancelled() {
    testing::many(100, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).event_loop(BlockOn).build();
        let (limit, now) = (ConcurrencyLimit::new(1), Arc::new(AtomicUsize::new(0)));
        let hold = |name, seconds| {
            let now = now.clone();
            workers.worker(name).limit(&limit).thread(move |cx| {
                assert_eq!(now.fetch_add(1, Ordering::SeqCst), 0, "two have the only slot");
                let slept = cx.sleep(SECOND * seconds);
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(slept?)
            })
        };
        let awaits = |name: &'static str, child: Worker<()>| {
            let now = now.clone();
            workers.worker(name).limit(&limit).thread_async(async move |_| {
                child.finished().await?;
                assert_eq!(now.load(Ordering::SeqCst), 0, "another has the slot");
                Ok(())
            })
        };
        // Of no limit: it ends while another has the slot of those that await it.
        let child = workers.worker("child").thread(|cx| Ok(cx.sleep(SECOND)?));
        let (goes_on, is_cancelled) = (awaits("goes on", child.clone()), awaits("is cancelled", child));
        let holders: Vec<Worker<()>> = vec![hold("first", 2), hold("second", 2)];
        scheduler.advance(SECOND * 3 / 2);
        // It waits for its slot now, or has ended before.
        is_cancelled.cancel();
        scheduler.advance(SECOND * 10);
        assert!(goes_on.result().is_some(), "{:?}", goes_on.error());
        assert!(holders.iter().all(|holder| holder.result().is_some()));
        let last = hold("last", 1);
        scheduler.advance(SECOND * 2);
        assert!(last.result().is_some(), "one that has gone keeps no slot");
        assert_eq!((limit.waiting(), now.load(Ordering::SeqCst)), (0, 0));
    });
}
