//! P18: errors that end the loop, and errors that do not.

use worker_core::{Worker, WorkerState};
use worker_ui_bridge::PumpError;

use crate::support::fixture;

#[test]
fn p18_the_loop_returns_an_error_after_its_event_was_handled() {
    let mut fixture = fixture();
    let _worker: Worker<()> = fixture.workers.worker("bad").thread(|_| Err("no route")?);
    let error = loop {
        match fixture.bridge.wait(&mut fixture.app) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(fixture.app.log, ["bad PENDING", "bad RUNNING", "bad ERROR"]);
    let PumpError::Worker { worker, .. } = &error else { panic!("{error:?}") };
    assert_eq!(worker.state(), WorkerState::Error);
    assert!(error.to_string().starts_with("worker \"bad\" (#"), "{error}");
    assert!(error.to_string().ends_with("): no route"), "{error}");
}

#[test]
fn p18_the_loop_goes_on_after_an_error_that_must_not_end_the_app() {
    let mut fixture = fixture();
    let worker: Worker<()> = fixture.workers.worker("bad").exit_on_error(false).thread(|_| Err("no route")?);
    fixture.pump_until_finished(&worker);
    assert_eq!(worker.error().unwrap().to_string(), "no route");
}

#[test]
fn p18_what_is_queued_behind_the_error_can_still_be_pumped() {
    let mut fixture = fixture();
    let worker: Worker<()> = fixture.workers.worker("bad").thread(|_| Err("no route")?);
    while !worker.is_finished() {
        std::thread::yield_now();
    }
    fixture.ui.post(|app| app.record("behind")).unwrap();
    let mut errors = 0;
    while fixture.app.log.last().is_none_or(|item| item != "behind") {
        errors += usize::from(fixture.bridge.wait(&mut fixture.app).is_err());
    }
    assert_eq!(errors, 1);
}

#[test]
fn p14_a_wait_for_a_finished_worker_in_a_handler_is_not_refused() {
    let bridge = worker_ui_bridge::UiBridge::new();
    let on_change = |refused: &mut Vec<bool>, event: &worker_core::StateChanged| {
        if event.state == WorkerState::Success {
            refused.push(event.worker.wait().is_err());
        }
    };
    let workers =
        worker_core::WorkerManager::builder().events(bridge.handle().state_changes(on_change)).build();
    let (mut bridge, mut refused) = (bridge, Vec::new());
    for started in 1..=300 {
        workers.worker("w").thread(|_| Ok(()));
        while refused.len() < started {
            bridge.wait(&mut refused).unwrap();
        }
    }
    assert!(!refused.contains(&true), "the worker has ended, so the wait does not block");
}
