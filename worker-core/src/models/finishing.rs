//! Models of `Record`: a worker's end against its waiters and its cancel.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use loom::thread;

use super::support::{Alone, check};
use crate::sync::blocking::block_on;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::handle::AnyWorker;
use crate::worker::record::Record;
use crate::worker::state::WorkerState::{self, Cancelled, Running, Success};
use crate::worker::when_finished::when_finished;

/// Blocks as a wait does.
fn wait(record: &Arc<Record>) {
    block_on(record.clock(), None, record.finished());
}

/// Runs the body on another thread.
fn run_elsewhere(record: &Arc<Record>) -> thread::JoinHandle<()> {
    let record = record.clone();
    thread::spawn(move || record.run())
}

fn value(record: &Arc<Record>) -> Option<u32> {
    let worker = AnyWorker(record.clone());
    worker.body_cell::<u32>().and_then(|cell| cell.value().copied())
}

#[test]
fn p14_a_wait_is_not_missed_by_the_end() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.worker();
        let runs = run_elsewhere(&record);
        wait(&record);
        assert_eq!(record.state(), Success);
        assert_eq!(value(&record), Some(7), "P4: the value is there");
        assert_eq!(alone.states(), [Running, Success], "P2: and the event is out");
        runs.join().unwrap();
    });
}

#[test]
fn p02_one_terminal_event_when_a_cancel_meets_the_start() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.worker();
        let runs = run_elsewhere(&record);
        record.cancel(CancelReason::Requested);
        runs.join().unwrap();
        let states = alone.states();
        assert!(record.is_cancelled());
        let legal: [&[WorkerState]; 3] = [&[Cancelled], &[Running, Cancelled], &[Running, Success]];
        assert!(legal.contains(&&states[..]), "{states:?}");
        assert_eq!(value(&record).is_some(), states.ends_with(&[Success]));
    });
}

#[test]
fn p08_a_wait_that_is_dropped_harms_no_other() {
    check(3, || {
        let record = Alone::new().worker();
        let runs = run_elsewhere(&record);
        let drops = thread::spawn({
            let record = record.clone();
            move || {
                let mut finished = Box::pin(record.finished());
                let _ = finished.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
        });
        wait(&record);
        drops.join().unwrap();
        runs.join().unwrap();
    });
}

#[test]
fn p40_what_is_called_when_a_worker_has_finished_is_called_once() {
    check(None, || {
        let alone = Alone::new();
        let record = alone.worker();
        let runs = run_elsewhere(&record);
        let calls = Arc::new(AtomicUsize::new(0));
        let called = calls.clone();
        when_finished(&AnyWorker(record.clone()), move || _ = called.fetch_add(1, Ordering::SeqCst));
        runs.join().unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert_eq!(alone.states(), [Running, Success]);
    });
}
