//! P17: a worker's panic stays off the terminal, in whatever order panic hooks are set. A hook is
//! the process's own, so each order is tried in a process of its own.

use std::panic;
use std::process::Command;

use worker_core::{Worker, WorkerError, WorkerManager, install_panic_hook};

const ORDER: &str = "PANIC_HOOK_ORDER";

/// What a terminal library does: its hook restores the terminal and calls the one before.
fn set_foreign_hook() {
    let former = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        eprintln!("the foreign hook ran");
        former(info);
    }));
}

fn panic_in_a_worker(workers: &WorkerManager) {
    let worker: Worker<()> = workers.worker("bad").thread(|_| panic!("contained"));
    assert!(worker.wait().is_err());
    let panic = worker.error().and_then(WorkerError::panic).expect("it panicked");
    assert!(panic.location().is_some());
}

/// The steps: `m` makes a manager, `f` sets a foreign hook, `i` installs ours, `w` lets a worker
/// panic, `p` panics outside a worker.
fn run(order: &str) {
    let mut workers = None;
    for step in order.chars() {
        match step {
            'm' => workers = Some(WorkerManager::builder().idle_timeout(std::time::Duration::ZERO).build()),
            'f' => set_foreign_hook(),
            'i' => install_panic_hook(),
            'w' => panic_in_a_worker(workers.as_ref().expect("a manager was made")),
            'p' => drop(panic::catch_unwind(|| panic!("outside a worker"))),
            other => panic!("no such step: {other}"),
        }
    }
}

#[test]
fn hooks_in_the_order_of_the_environment() {
    if let Ok(order) = std::env::var(ORDER) {
        run(&order);
    }
}

#[test]
fn p17_a_workers_panic_reaches_no_other_hook_in_any_order() {
    for order in ["mfiw", "fmiw", "fimw", "mifiw", "imfiw", "miwfiw", "imiwfimiw", "mfiwmfiw"] {
        let output = in_a_process(order);
        assert!(!output.contains("foreign") && !output.contains("contained"), "{order}: {output}");
    }
}

#[test]
fn p17_a_hook_set_after_ours_is_noticed_when_the_next_thread_is_made() {
    for order in ["imfw", "mifw", "imwfw"] {
        let output = in_a_process(order);
        assert!(!output.contains("foreign") && !output.contains("contained"), "{order}: {output}");
    }
}

#[test]
fn p17_a_panic_outside_a_worker_runs_every_other_hook_once() {
    for order in ["mfip", "fmip", "imfiwp", "miiip", "mfiwmimip"] {
        let output = in_a_process(order);
        assert_eq!(
            output.matches("the foreign hook ran").count(),
            order.matches('f').count(),
            "{order}: {output}"
        );
        assert_eq!(output.matches("outside a worker").count(), 1, "{order}: {output}");
    }
}

fn in_a_process(order: &str) -> String {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "--nocapture", "panic_hook::hooks_in_the_order_of_the_environment"])
        .env(ORDER, order)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{order}: {text}");
    text
}
