//! P18: errors that end the loop, and errors that do not.

use worker_core::{Worker, WorkerState};
use worker_ui_bridge::PumpError;

use crate::support::stage;

#[test]
fn p18_an_error_comes_out_of_the_loop_after_its_event_was_handled() {
    let mut stage = stage();
    let _worker: Worker<()> = stage.workers.worker("bad").thread(|_| Err("no route")?);
    let error = loop {
        match stage.bridge.wait(&mut stage.app) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(stage.app.seen, ["bad PENDING", "bad RUNNING", "bad ERROR"]);
    let PumpError::Worker { worker, .. } = &error else { panic!("{error:?}") };
    assert_eq!(worker.state(), WorkerState::Error);
    assert!(error.to_string().starts_with("worker \"bad\" (#"), "{error}");
    assert!(error.to_string().ends_with("): no route"), "{error}");
}

#[test]
fn p18_the_loop_goes_on_after_an_error_that_must_not_end_the_app() {
    let mut stage = stage();
    let worker: Worker<()> = stage.workers.worker("bad").exit_on_error(false).thread(|_| Err("no route")?);
    stage.pump_until_finished(&worker);
    assert_eq!(worker.error().unwrap().to_string(), "no route");
}

#[test]
fn p18_what_is_behind_the_error_can_still_be_pumped() {
    let mut stage = stage();
    let worker: Worker<()> = stage.workers.worker("bad").thread(|_| Err("no route")?);
    while !worker.is_finished() {
        std::thread::yield_now();
    }
    stage.ui.post(|app| app.see("behind")).unwrap();
    let mut errors = 0;
    while stage.app.seen.last().is_none_or(|seen| seen != "behind") {
        errors += usize::from(stage.bridge.wait(&mut stage.app).is_err());
    }
    assert_eq!(errors, 1);
}

#[test]
fn p14_a_handler_may_ask_for_the_result_by_waiting() {
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
    assert!(!refused.contains(&true), "it has ended, so there is nothing to block on");
}
