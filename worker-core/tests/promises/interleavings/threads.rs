//! Threads that are short: every job is taken or refused, in every order.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use worker_core::blocking::block_until;
use worker_core::testing::{self, TestScheduler};
use worker_core::{Clock, Worker, WorkerError, WorkerManager};

use super::SECOND;

/// A scheduler's clock on a system that has room for so many threads and no more, and takes a second to say so.
#[derive(Debug)]
struct Scarce {
    clock: Arc<dyn Clock>,
    room: u64,
    asked: AtomicU64,
}

impl Scarce {
    fn new(scheduler: &TestScheduler, room: u64) -> Arc<Self> {
        Arc::new(Self { clock: scheduler.clock(), room, asked: AtomicU64::new(0) })
    }
}

impl Clock for Scarce {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn park_until(&self, deadline: Option<Instant>) {
        self.clock.park_until(deadline);
    }

    fn unpark(&self, thread: &Thread) {
        self.clock.unpark(thread);
    }

    fn spawn(&self, thread: thread::Builder, main: Box<dyn FnOnce() + Send>) -> io::Result<Thread> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        if number < self.room {
            return self.clock.spawn(thread, main);
        }
        block_until(self, Some(self.now() + SECOND), || None::<()>);
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn yields(&self) -> bool {
        self.clock.yields()
    }

    fn checkpoint(&self) {
        self.clock.checkpoint();
    }
}

#[test]
fn p27_a_job_that_came_while_a_thread_could_not_be_made_is_taken_by_another() {
    testing::many(300, |scheduler| {
        let clock = Scarce::new(scheduler, 2);
        let workers = WorkerManager::builder().clock(clock).max_threads(3).idle_timeout(None).build();
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
        let workers = WorkerManager::builder().clock(Scarce::new(scheduler, 1)).max_threads(4).build();
        let sleepers: Vec<Worker<()>> =
            (0..5).map(|_| workers.worker("nap").thread(|cx| Ok(cx.sleep(SECOND)?))).collect();
        scheduler.advance(SECOND * 30);
        for nap in sleepers {
            assert!(nap.result().is_some(), "{:?}", nap.error());
        }
    });
}

#[test]
fn p27_where_no_thread_can_be_made_every_worker_is_told() {
    testing::many(50, |scheduler| {
        let workers = WorkerManager::builder().clock(Scarce::new(scheduler, 0)).build();
        let naps: Vec<Worker<()>> =
            (0..3).map(|_| workers.worker("nap").thread(|cx| Ok(cx.sleep(SECOND)?))).collect();
        scheduler.run_until_parked();
        assert!(naps.iter().all(|nap| matches!(nap.error(), Some(WorkerError::NotStarted(_)))));
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
