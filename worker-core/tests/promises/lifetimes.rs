//! What ends with what: threads with their manager, scopes with their parents.

use std::cell::RefCell;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use worker_core::receiver::{RecvTimeoutError as NoEvent, TryRecvError};
use worker_core::{AnyWorker, Scope, Worker, WorkerManager, WorkerState};

use crate::support::hold;

thread_local! {
    static END: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

#[test]
fn p27_a_body_that_returns_its_own_handle_keeps_no_thread_alive() {
    let (gone, end) = bounded::<()>(0);
    let workers = WorkerManager::builder().idle_timeout(None).build();
    let hour = Duration::from_hours(1);
    let worker: Worker<AnyWorker> = workers.worker("self").timeout(hour).thread(move |cx| {
        END.set(Some(gone));
        Ok(cx.worker().clone())
    });
    worker.wait().unwrap();
    drop((workers, worker));
    let ended = end.recv_timeout(Duration::from_secs(20));
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "its thread lives on");
}

#[test]
fn p12_a_tree_of_scopes_may_be_deeper_than_the_stack() {
    let test = || {
        let workers = WorkerManager::new();
        let mut scopes: Vec<Scope> = vec![workers.scope("s")];
        for depth in 0..3_000 {
            scopes.push(scopes[depth].scope("s"));
        }
        let (inside, held) = hold();
        let worker = scopes.last().unwrap().worker("w").thread(move |_| Ok(held.wait()));
        inside.entered();
        drop(scopes[0].cancel());
        assert!(worker.is_cancelled() && worker.is_revoked());
        inside.release();
        worker.wait().unwrap_err();
        // The worker alone keeps the last scope, and that all those above it.
        drop(scopes);
        drop(worker);
    };
    std::thread::Builder::new().stack_size(96 * 1024).spawn(test).unwrap().join().unwrap();
}

#[test]
fn p26_two_workers_that_shut_their_manager_down_at_once_do_not_wait_for_each_other() {
    worker_core::testing::many(50, |scheduler| {
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let closers: Vec<Worker<bool>> = (0..3)
            .map(|_| {
                let own = workers.clone();
                workers.worker("closer").thread(move |_| {
                    let report = own.shutdown(Duration::from_secs(100));
                    assert!(report.is_clean(), "{report:?}");
                    Ok(true)
                })
            })
            .collect();
        let start = scheduler.now();
        for closer in closers {
            drop(closer.wait());
            assert!(
                closer.error().is_none_or(worker_core::WorkerError::is_cancelled),
                "{:?}",
                closer.error()
            );
        }
        assert!(scheduler.now() - start < Duration::from_secs(100), "the whole grace is over");
    });
}

#[test]
fn p02_a_subscription_ends_when_no_further_event_can_come() {
    let workers = WorkerManager::new();
    let events = workers.subscribe();
    assert_eq!(events.try_recv().unwrap_err(), TryRecvError::Empty);
    assert_eq!(events.recv_timeout(Duration::ZERO).unwrap_err(), NoEvent::Timeout);
    let (inside, held) = hold();
    let worker = workers.worker("w").thread(move |_| Ok(held.wait()));
    drop(workers);
    inside.entered();
    assert_eq!(format!("{events:?}"), "Receiver { waiting: 2 }");
    assert_eq!(events.try_iter().count(), 2);
    inside.release();
    let last = events.recv().unwrap();
    assert_eq!((&last.worker, last.state), (&*worker, WorkerState::Success));
    // Handles of the worker are still there, also in the event.
    let end = events.recv_timeout(Duration::from_secs(20));
    assert_eq!(end.unwrap_err(), NoEvent::Disconnected);
    assert_eq!(events.try_recv().unwrap_err(), TryRecvError::Disconnected);
    assert!(events.recv().is_err());
    assert_eq!(((&events).into_iter().count(), events.into_iter().count()), (0, 0));
}
