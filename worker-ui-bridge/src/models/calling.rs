//! Models of `call_from_thread`: the caller gets the one right answer, whatever ends its wait.

use std::sync::Arc;

use loom::thread;
use worker_core::__bridge::primitives::process::Mutex;

use super::support::{body, bridge, check, manager};
use crate::error::CallError;
use crate::handle::ui_handle::UiHandle;

type Answer = Result<usize, CallError>;

/// Brings a value and returns how many there are.
fn call(ui: &UiHandle<Vec<u32>>) -> Answer {
    ui.call_from_thread(|values| {
        values.push(1);
        values.len()
    })
}

#[test]
fn p19_a_call_that_meets_the_close_has_one_answer() {
    check(None, || {
        let mut bridge = bridge();
        let calls = thread::spawn({
            let ui = bridge.handle();
            move || call(&ui)
        });
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        bridge.close();
        let answer = calls.join().unwrap();
        match values.len() {
            0 => assert!(matches!(answer, Err(CallError::Closed)), "{answer:?}"),
            ran => assert_eq!((ran, answer.ok()), (1, Some(1))),
        }
    });
}

#[test]
fn p19_a_call_is_answered_when_the_bridge_is_dropped() {
    check(None, || {
        let bridge = bridge();
        let calls = thread::spawn({
            let ui = bridge.handle();
            move || call(&ui)
        });
        drop(bridge);
        let answer = calls.join().unwrap();
        assert!(matches!(answer, Err(CallError::Closed)), "{answer:?}");
    });
}

#[test]
fn p06_a_call_that_meets_the_cancel_of_its_worker_has_one_answer() {
    check(3, || {
        let (mut bridge, workers) = (bridge(), manager());
        let answer = Arc::new(Mutex::new(None));
        let (worker, run) = body(&workers, "calls", {
            let (ui, answer) = (bridge.handle(), answer.clone());
            move || _ = answer.lock().replace(call(&ui))
        });
        let calls = thread::spawn(run);
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        worker.cancel();
        let ran = values.len();
        bridge.pump(&mut values).unwrap();
        assert_eq!(values.len(), ran, "P6: it ran after the cancel");
        calls.join().unwrap();
        match answer.lock().take() {
            None => assert_eq!(ran, 0, "the body never ran"),
            Some(Ok(value)) => assert_eq!((value, ran), (1, 1)),
            Some(Err(CallError::Cancelled)) => assert_eq!(ran, 0),
            Some(Err(error)) => panic!("{error:?}"),
        }
        assert!(worker.is_finished());
    });
}

#[test]
fn p06_a_call_that_was_answered_before_the_cancel_gives_the_value() {
    check(3, || {
        let (mut bridge, workers) = (bridge(), manager());
        let answer = Arc::new(Mutex::new(None));
        let (worker, run) = body(&workers, "calls", {
            let (ui, answer) = (bridge.handle(), answer.clone());
            move || _ = answer.lock().replace(call(&ui))
        });
        let calls = thread::spawn(run);
        let mut values = Vec::new();
        bridge.wait(&mut values).unwrap();
        worker.cancel();
        calls.join().unwrap();
        let answer = answer.lock().take();
        assert!(matches!(answer, Some(Ok(1))), "{answer:?}");
    });
}

#[test]
fn p17_a_call_whose_callback_panics_is_answered() {
    check(None, || {
        let mut bridge = bridge();
        let calls = thread::spawn({
            let ui = bridge.handle();
            move || ui.call_from_thread(|_| panic!("in the callback")).map(|(): ()| ())
        });
        let mut values = Vec::new();
        let panicked = worker_core::__bridge::catch(|| bridge.wait(&mut values)).is_err();
        assert!(panicked);
        let answer = calls.join().unwrap();
        assert!(matches!(answer, Err(CallError::Panicked)), "{answer:?}");
    });
}
