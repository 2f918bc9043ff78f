//! P12: scopes.

use std::time::Duration;

use worker_core::WorkerState::Cancelled;
use worker_core::{Scope, Worker, WorkerManager};

use crate::support::hold;

fn sleeper(scope: &Scope) -> Worker<()> {
    scope.worker("sleeper").thread(|cx| Ok(cx.sleep(Duration::MAX)?))
}

#[test]
fn p12_dropping_a_scope_cancels_its_workers_and_no_others() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let other = workers.scope("other");
    let (ours, theirs) = (sleeper(&screen), sleeper(&other));
    drop(screen);
    assert!(ours.wait().unwrap_err().is_cancelled());
    assert!(!theirs.is_cancelled());
}

#[test]
fn p12_scopes_nest() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let widget = screen.scope("widget");
    let deep = widget.scope("popup");
    let (in_widget, in_popup, in_screen) = (sleeper(&widget), sleeper(&deep), sleeper(&screen));
    drop(widget);
    assert!(in_widget.is_cancelled() && in_popup.is_cancelled());
    assert!(!in_screen.is_cancelled());
    assert_eq!(sleeper(&deep).state(), Cancelled, "a scope within a closed one takes no workers");
    assert_eq!(deep.scope("later").worker("w").thread(|_| Ok(())).state(), Cancelled);
    drop(screen);
    assert!(in_screen.is_cancelled());
}

#[test]
fn p12_cancelling_a_scope_leaves_it_usable() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let old = sleeper(&screen);
    assert_eq!(screen.cancel(), [old.clone().into()]);
    assert!(old.wait().unwrap_err().is_cancelled());
    screen.worker("new").thread(|_| Ok(())).wait().unwrap();
}

#[test]
fn p12_a_finished_worker_is_revoked_with_its_scope() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let widget = screen.scope("widget");
    let finished = widget.worker("w").thread(|_| Ok(()));
    finished.wait().unwrap();
    assert!(!finished.is_revoked());
    drop(screen);
    assert!(finished.is_revoked());
}

#[test]
fn p12_a_worker_that_outlives_its_scope_stays_listed_until_it_stops() {
    let workers = WorkerManager::new();
    let screen = workers.scope("screen");
    let (inside, held) = hold();
    let stubborn = screen.worker("stubborn").thread(move |_| Ok(held.wait()));
    inside.entered();
    drop(screen);
    assert!(workers.contains(stubborn.id()));
    assert_eq!(stubborn.scope(), "screen");
    inside.release();
    stubborn.wait().unwrap_err();
    assert!(workers.is_empty());
}

#[test]
fn p12_a_scope_nested_during_the_shutdown_takes_no_workers_afterwards() {
    for _ in 0..200 {
        let workers = WorkerManager::new();
        let screen = workers.scope("screen");
        let _siblings: Vec<_> = (0..20).map(|_| workers.scope("sibling")).collect();
        let barrier = std::sync::Barrier::new(2);
        let nested = std::thread::scope(|threads| {
            let nesting = threads.spawn(|| {
                barrier.wait();
                (0..20).map(|_| screen.scope("widget")).collect::<Vec<_>>()
            });
            barrier.wait();
            workers.shutdown(Duration::ZERO);
            nesting.join().unwrap()
        });
        for widget in &nested {
            assert_eq!(widget.worker("late").thread(|_| Ok(())).state(), Cancelled);
        }
    }
}

#[test]
fn p18_the_manager_and_the_scope_say_whose_errors_end_the_app_and_a_worker_says_it_last() {
    let exits = |builder: worker_core::WorkerBuilder| builder.paused().thread(|_| Ok(())).exit_on_error();
    let loud = WorkerManager::new();
    assert!(exits(loud.worker("w")) && exits(loud.scope("s").worker("w")), "on by default");

    let quiet = WorkerManager::builder().exit_on_error(false).build();
    assert!(!exits(quiet.worker("w")) && !exits(quiet.clone().worker("w")));
    assert!(exits(quiet.worker("w").exit_on_error(true)), "the worker's own word counts");
    let inherits = quiet.scope("inherits");
    assert!(!exits(inherits.worker("w")) && !exits(inherits.scope("inner").worker("w")));

    let screen = quiet.scope("screen").exit_on_error(true);
    let nested = screen.scope("nested");
    assert!(exits(screen.worker("w")) && exits(nested.worker("w")));
    assert!(!exits(screen.worker("w").exit_on_error(false)));
    let own = nested.scope("own").exit_on_error(false);
    assert!(!exits(own.worker("w")) && exits(nested.worker("w")), "only what is within it");
}
