//! P1–P4: states, events, results.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::unbounded;
use worker_core::WorkerState::{Cancelled, Error, Pending, Running, Success};
use worker_core::{AnyWorker, Progress, StateChanged, Worker, WorkerManager, current_worker};

use crate::support::{hold, recorded};

#[test]
fn p01_a_worker_is_pending_then_running_then_success() {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (first, held) = hold();
    let blocker = workers.worker("blocker").thread(move |_| Ok(held.wait()));
    first.entered();
    let queued = workers.worker("queued").thread(|_| Ok(7));
    assert!(blocker.is_running());
    assert!(queued.is_pending(), "no thread is free: it is queued, not running");
    assert_eq!(queued.result(), None);
    first.release();
    assert_eq!(*queued.wait().unwrap(), 7);
    assert_eq!(queued.state(), Success);
}

#[test]
fn p01_a_failed_worker_keeps_its_error() {
    let worker: Worker<()> =
        WorkerManager::new().worker("fails").thread(|_| Err(std::io::Error::other("no route"))?);
    let error = worker.wait().unwrap_err();
    assert_eq!(error.to_string(), "no route");
    assert_eq!(worker.state(), Error);
    assert!(worker.error().unwrap().downcast_ref::<std::io::Error>().is_some());
    assert_eq!(worker.result(), None);
}

#[test]
fn p01_cancelled_before_it_began_the_body_never_runs() {
    let workers = WorkerManager::builder().max_threads(1).build();
    let (first, held) = hold();
    let _blocker = workers.worker("blocker").thread(move |_| Ok(held.wait()));
    first.entered();
    let ran = Arc::new(AtomicUsize::new(0));
    let queued = workers.worker("queued").thread({
        let ran = ran.clone();
        move |_| Ok(ran.fetch_add(1, Ordering::SeqCst))
    });
    queued.cancel();
    assert_eq!(queued.state(), Cancelled, "at once: it was only queued");
    first.release();
    assert_eq!(workers.worker("after").thread(|_| Ok(())).wait().ok(), Some(&()));
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[test]
fn p01_a_terminal_state_never_changes() {
    let worker = WorkerManager::new().worker("done").thread(|_| Ok(1));
    worker.wait().unwrap();
    worker.cancel();
    worker.start();
    assert_eq!(worker.state(), Success);
    assert_eq!(worker.result(), Some(&1));
}

#[test]
fn p02_each_transition_is_one_event_with_the_state_of_its_moment() {
    let (workers, log) = recorded(WorkerManager::builder());
    let ok = workers.worker("ok").thread(|_| Ok(()));
    ok.wait().unwrap();
    assert_eq!(log.states_of(&ok), [Pending, Running, Success]);

    let fails: Worker<()> = workers.worker("fails").thread(|_| Err("no")?);
    fails.wait().unwrap_err();
    assert_eq!(log.states_of(&fails), [Pending, Running, Error]);

    let paused = workers.worker("paused").paused().thread(|_| Ok(()));
    paused.cancel();
    paused.cancel();
    paused.start();
    assert_eq!(log.states_of(&paused), [Pending, Cancelled]);
}

#[test]
fn p02_a_sink_that_cancels_at_the_pending_event_sees_cancelled_next() {
    let (events, seen) = unbounded();
    let sink = move |event: StateChanged| {
        events.send(event.state).unwrap();
        if event.state == Pending {
            event.worker.cancel();
            assert!(event.worker.is_cancelled());
            assert!(event.worker.is_pending(), "nothing more is emitted before this event is");
        }
    };
    let worker = WorkerManager::builder().events(sink).build().worker("w").thread(|_| Ok(()));
    assert_eq!(worker.state(), Cancelled);
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [Pending, Cancelled]);
}

#[test]
fn p02_a_sink_that_starts_a_paused_worker_at_its_pending_event() {
    let (events, seen) = unbounded();
    let sink = move |event: StateChanged| {
        events.send(event.state).unwrap();
        event.worker.start();
    };
    let worker = WorkerManager::builder().events(sink).build().worker("w").paused().thread(|_| Ok(()));
    worker.wait().unwrap();
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [Pending, Running, Success]);
}

#[test]
fn p02_a_sink_may_call_back_into_the_manager() {
    let workers = Arc::new(std::sync::OnceLock::<WorkerManager>::new());
    let (events, seen) = unbounded();
    let sink = {
        let workers = workers.clone();
        move |event: StateChanged| {
            let manager = workers.get().unwrap();
            events.send((manager.len(), manager.contains(event.worker.id()))).unwrap();
            if event.worker.name() == "first" && event.state == Success {
                manager.worker("second").thread(|_| Ok(()));
                // In the sink of the terminal event the result is there and a wait does not wait
                // for the event itself.
                assert_eq!(event.worker.downcast::<i32>().unwrap().wait().ok(), Some(&5));
            }
        }
    };
    workers.set(WorkerManager::builder().events(sink).build()).unwrap();
    let manager = workers.get().unwrap();
    manager.worker("first").thread(|_| Ok(5)).wait().unwrap();
    let seen: Vec<_> = seen.iter().take(6).collect(); // three events each
    assert_eq!(seen[..3], [(1, true), (1, true), (0, false)], "it leaves the list before its terminal event");
}

#[test]
fn p03_a_workers_events_come_in_order_even_among_many() {
    let (workers, log) = recorded(WorkerManager::builder().max_threads(8));
    let started: Vec<_> = (0..500).map(|n| workers.worker("w").thread(move |_| Ok(n))).collect();
    for worker in &started {
        worker.wait().unwrap();
    }
    let events = log.take();
    for worker in &started {
        let states: Vec<_> =
            events.iter().filter(|event| event.worker == **worker).map(|event| event.state).collect();
        assert_eq!(states, [Pending, Running, Success]);
    }
    assert_eq!(events.len(), 1500);
}

#[test]
fn p04_the_result_is_there_whenever_success_is_seen() {
    let (events, seen) = unbounded();
    let sink = move |event: StateChanged| {
        let result = event.worker.downcast::<String>().unwrap().result().cloned();
        events.send((event.state, result)).unwrap();
    };
    let worker = WorkerManager::builder().events(sink).build().worker("w").thread(|_| Ok("value".to_owned()));
    worker.wait().unwrap();
    let seen: Vec<_> = seen.try_iter().collect();
    assert_eq!(seen, [(Pending, None), (Running, None), (Success, Some("value".to_owned()))]);
}

#[test]
fn p04_the_result_lives_as_long_as_a_handle() {
    let workers = WorkerManager::new();
    let worker = workers.worker("w").thread(|_| Ok(vec![1, 2, 3]));
    worker.wait().unwrap();
    let any: AnyWorker = worker.into();
    drop(workers);
    assert_eq!(any.downcast::<Vec<i32>>().unwrap().result(), Some(&vec![1, 2, 3]));
    assert!(any.downcast::<String>().is_none(), "a wrong type gives no handle");
}

#[test]
fn a_worker_knows_itself_inside_and_only_there() {
    let workers = WorkerManager::new();
    let outer = workers.worker("outer").thread({
        let workers = workers.clone();
        move |cx| {
            let before = current_worker()?.id();
            let inner = workers.worker("inner").thread(|cx| Ok((current_worker()?.id(), cx.worker().id())));
            let (seen, own) = *inner.wait()?;
            Ok(before == cx.worker().id() && current_worker()?.id() == before && seen == own && own != before)
        }
    });
    assert!(*outer.wait().unwrap());
    assert!(current_worker().is_err());
}

#[test]
fn the_manager_lists_live_workers_oldest_first() {
    let workers = WorkerManager::new();
    let (a, held_a) = hold();
    let scope = workers.scope("screen");
    let first = scope.worker("first").group("g").thread(move |_| Ok(held_a.wait()));
    let second = workers.worker("second").paused().thread(|_| Ok(()));
    a.entered();
    assert_eq!(workers.len(), 2);
    let names: Vec<_> = workers.workers().iter().map(|worker| worker.name().to_owned()).collect();
    assert_eq!(names, ["first", "second"]);
    assert!(workers.contains(first.id()));
    assert_eq!(workers.get(second.id()).as_ref(), Some(&*second));
    a.release();
    first.wait().unwrap();
    assert!(!workers.contains(first.id()));
    workers.start_all();
    second.wait().unwrap();
    assert!(workers.is_empty());
}

#[test]
fn starting_twice_runs_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    let worker = WorkerManager::new().worker("w").paused().thread({
        let runs = runs.clone();
        move |_| Ok(runs.fetch_add(1, Ordering::SeqCst))
    });
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| worker.start());
        }
    });
    worker.wait().unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[test]
fn a_long_description_is_cut_at_a_thousand_characters() {
    let workers = WorkerManager::new();
    let worker = workers.worker("w").description("ä".repeat(1001)).thread(|_| Ok(()));
    assert_eq!(worker.description(), "ä".repeat(1000));
}

#[test]
fn progress_is_seen_from_outside_while_it_runs() {
    let (half, held) = hold();
    let worker = WorkerManager::new().worker("copy").thread(move |cx| {
        cx.set_total(8);
        cx.advance(2);
        held.wait();
        cx.update(8, 8);
        Ok(())
    });
    assert_eq!(Progress::default().percent().to_bits(), 0.0_f64.to_bits());
    half.entered();
    assert_eq!((worker.progress().completed(), worker.progress().total()), (2, Some(8)));
    assert_eq!(worker.progress().percent().to_bits(), 25.0_f64.to_bits());
    half.release();
    worker.wait().unwrap();
    assert_eq!(worker.progress().percent().to_bits(), 100.0_f64.to_bits());
}
