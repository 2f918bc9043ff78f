//! What errors say: in one line, as a chain of sources, and to `main`.

use std::cell::Cell;
use std::error::Error;
use std::iter::successors;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use worker_core::{Result, StateChanged, Worker, WorkerManager};
use worker_ui_bridge::{PumpError, UiHandle, WaitForError};

use crate::support::{App, fixture};

/// What a report prints: the error, and each source.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    successors(Some(error), |&error| error.source()).map(ToString::to_string).collect()
}

/// An error with a cause: the first shows nothing of the second.
fn broken() -> Result<()> {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot read builds.toml")]
    struct Unreadable(#[source] std::io::Error);
    Err(Unreadable(std::io::Error::other("no such file")).into())
}

#[test]
fn p18_a_chain_of_errors_says_each_thing_once() {
    let mut fixture = fixture();
    let worker: Worker<()> = fixture.workers.worker("builds").thread(|_| broken());
    let ended = loop {
        if let Err(error) = fixture.bridge.wait(&mut fixture.app) {
            break error;
        }
    };
    let expected = [format!("{worker}: cannot read builds.toml"), "no such file".to_owned()];
    assert_eq!(chain(&ended), expected);
    assert_eq!(chain(&WaitForError::from(ended.clone())), expected);
    assert_eq!(format!("{ended:?}"), expected.join(": "), "what `main` prints");
    assert_eq!(format!("{:?}", WaitForError::from(ended)), expected.join(": "));

    let worker = fixture.workers.worker("builds").exit_on_error(false).thread(|_| broken());
    let waited = fixture.bridge.wait_for(&mut fixture.app, &worker).unwrap_err();
    assert_eq!(chain(&waited), ["cannot read builds.toml", "no such file"]);
}

#[test]
fn p18_a_panic_in_a_source_is_shown_once_and_closed_is_a_sentence() {
    worker_core::install_panic_hook();
    let mut fixture = fixture();
    let read = || -> Option<()> { panic!("bad key") };
    fixture.ui.source("terminal", read, |_, _: Option<()>| {}).unwrap();
    let ended = loop {
        if let Err(error) = fixture.bridge.wait(&mut fixture.app) {
            break error;
        }
    };
    assert!(matches!(ended, PumpError::SourcePanicked { .. }));
    let [said] = &chain(&ended)[..] else { panic!("one sentence: {:?}", chain(&ended)) };
    assert!(said.starts_with("the source \"terminal\" has ended: bad key (at "), "{said}");
    assert_eq!(format!("{ended:?}"), *said);
    fixture.bridge.close();
    let closed = fixture.bridge.pump(&mut fixture.app).unwrap_err();
    assert_eq!(format!("{closed:?}"), "the turn was not run: the UI bridge is closed");
}

#[test]
fn p17_a_ui_handle_may_be_used_across_a_caught_panic() {
    fn may_cross<T: UnwindSafe + RefUnwindSafe>() {}
    may_cross::<UiHandle<App>>();
    may_cross::<UiHandle<Rc<Cell<u8>>>>();
}

#[test]
fn p18_a_manager_that_is_told_so_ends_the_loop_for_no_worker_but_one_that_insists() {
    let mut fixture = fixture();
    let events =
        fixture.ui.state_changes(|app: &mut App, event: &StateChanged| app.record(event.worker.name()));
    let workers = WorkerManager::builder().events(events).exit_on_error(false).build();
    let quiet: Worker<()> = workers.worker("quiet").thread(|_| broken());
    while !quiet.is_finished() || fixture.app.log.len() < 3 {
        fixture.bridge.wait(&mut fixture.app).unwrap();
    }
    let _insists: Worker<()> = workers.worker("insists").exit_on_error(true).thread(|_| broken());
    let ended = loop {
        if let Err(error) = fixture.bridge.wait(&mut fixture.app) {
            break error;
        }
    };
    assert!(matches!(&ended, PumpError::Worker { worker, .. } if worker.name() == "insists"), "{ended:?}");
}
