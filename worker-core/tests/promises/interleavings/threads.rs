//! Threads that are short: every job is taken or refused, in every order.

use std::time::Duration;

use worker_core::testing::{self, TestScheduler};
use worker_core::{Worker, WorkerError, WorkerManager};

use super::SECOND;

/// The system has room for so many threads and no more, and takes a second to say so.
fn limit_threads(scheduler: &TestScheduler, room: usize) {
    scheduler.refuse_threads(move |number| (number >= room).then_some(SECOND));
}

#[test]
fn p27_a_job_that_came_while_a_thread_could_not_be_made_is_taken_by_another() {
    testing::many(300, |scheduler| {
        limit_threads(scheduler, 2);
        let workers =
            WorkerManager::builder().clock(scheduler.clock()).max_threads(3).idle_timeout(None).build();
        let own = workers.clone();
        let outer: Worker<()> = workers.worker("outer").thread(move |_| {
            let inner = own.worker("inner").thread(|_| Ok(()));
            Ok(inner.wait().map(drop)?)
        });
        let quick: Vec<Worker<()>> = (0..2).map(|_| workers.worker("quick").thread(|_| Ok(()))).collect();
        scheduler.advance(SECOND * 9);
        assert!(workers.is_empty(), "{:?}", workers.workers());
        assert!(outer.result().is_some() && quick.iter().all(|quick| quick.result().is_some()));
    });
}

#[test]
fn p27_while_a_thread_is_left_nothing_is_refused() {
    testing::many(100, |scheduler| {
        limit_threads(scheduler, 1);
        let workers = WorkerManager::builder().clock(scheduler.clock()).max_threads(4).build();
        let sleepers: Vec<Worker<()>> =
            (0..5).map(|_| workers.worker("nap").thread(|cx| Ok(cx.sleep(SECOND)?))).collect();
        scheduler.advance(SECOND * 30);
        for nap in sleepers {
            assert!(nap.result().is_some(), "{:?}", nap.error());
        }
    });
}

#[test]
fn p27_where_no_thread_can_be_made_every_worker_ends_in_error() {
    testing::many(50, |scheduler| {
        limit_threads(scheduler, 0);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let naps: Vec<Worker<()>> =
            (0..3).map(|_| workers.worker("nap").thread(|cx| Ok(cx.sleep(SECOND)?))).collect();
        scheduler.run_until_parked();
        assert!(naps.iter().all(|nap| matches!(nap.error(), Some(WorkerError::NoThread(_)))));
    });
}

#[test]
fn p27_threads_that_come_back_go_idle_and_end_leave_no_job_behind() {
    testing::many(300, |scheduler| {
        let seed = usize::try_from(scheduler.seed()).unwrap();
        let idle = [Duration::ZERO, SECOND / 2, SECOND][seed % 3];
        let threads = 1 + seed / 3 % 3;
        let workers =
            WorkerManager::builder().clock(scheduler.clock()).max_threads(threads).idle_timeout(idle).build();
        let outer: Vec<Worker<()>> = (0..4)
            .map(|number| {
                let own = workers.clone();
                workers.worker("outer").thread(move |cx| {
                    cx.sleep(SECOND / 2 * number)?;
                    let inner: [Worker<()>; 2] = [0, 1]
                        .map(|step| own.worker("inner").thread(move |cx| Ok(cx.sleep(SECOND / 2 * step)?)));
                    inner[0].wait()?;
                    let _ = inner[1].wait_timeout(SECOND / 2);
                    own.worker("left behind").thread(|_| Ok(()));
                    Ok(())
                })
            })
            .collect();
        for one in &outer {
            assert!(one.wait().is_ok());
        }
        scheduler.advance(SECOND);
        assert!(workers.is_empty(), "{:?}", workers.workers());
    });
}

#[test]
fn p27_a_worker_whose_time_cannot_be_kept_ends_in_error_and_says_so() {
    testing::run(0, |scheduler| {
        scheduler.refuse_threads(|_| Some(Duration::ZERO));
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let events = workers.subscribe();
        let second = Duration::from_secs(1);
        let limited: Worker<()> = workers.worker("limited").timeout(second).thread(|_| Ok(()));
        let delayed: Worker<()> = workers.worker("delayed").delay(second).thread(|_| Ok(()));
        for worker in [limited, delayed] {
            assert!(worker.error().unwrap().to_string().starts_with("could not be started"));
            let states: Vec<_> =
                events.try_iter().take(2).map(|event| (event.worker.id(), event.state)).collect();
            let expected = [worker_core::WorkerState::Pending, worker_core::WorkerState::Error];
            assert_eq!(states, expected.map(|state| (worker.id(), state)));
        }
    });
}
