//! What errors say: in one line, and as a chain of sources.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;
use std::time::Duration;

use worker_core::{Cancelled, WaitError, Worker, WorkerError, WorkerManager};

/// An error with a cause, which it does not show.
#[derive(Debug)]
struct Unreadable(io::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot read builds.toml")
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// What a report prints: the error, and each source.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    successors(Some(error), |&error| error.source()).map(ToString::to_string).collect()
}

/// A worker that fails with [`Unreadable`].
fn unreadable() -> WaitError {
    let missing = || Unreadable(io::Error::other("no such file"));
    let worker: Worker<()> = WorkerManager::new().worker("w").thread(move |_| Err(missing().into()));
    worker.wait().expect_err("it fails")
}

#[test]
fn p18_a_chain_of_errors_says_each_thing_once() {
    let expected = ["cannot read builds.toml", "no such file"];
    let waited = unreadable();
    assert_eq!(chain(&waited), expected);
    let WaitError::Worker(failed) = &waited else { panic!("{waited:?}") };
    assert_eq!(chain(failed), expected);
    assert!(failed.downcast_ref::<Unreadable>().is_some());

    // Passed on by a second worker, as `?` does.
    let passed: Worker<()> = WorkerManager::new().worker("w").thread(|_| Err(unreadable().into()));
    assert_eq!(chain(&passed.wait().unwrap_err()), expected);

    let workers = WorkerManager::builder().stack_size(1 << 46).build();
    let unstarted: Worker<()> = workers.worker("w").thread(|_| Ok(()));
    let waited = unstarted.wait().unwrap_err();
    let WaitError::Worker(WorkerError::NoThread(cause)) = &waited else { panic!("{waited:?}") };
    let [said] = &chain(&waited)[..] else { panic!("one sentence: {:?}", chain(&waited)) };
    assert_eq!(said.matches(&cause.to_string()).count(), 1, "{said}");
}

#[test]
fn p14_a_wait_says_whose_cancel_and_whose_time_limit_ended_it() {
    let workers = WorkerManager::new();
    let slow = || workers.worker("slow").thread(|cx| Ok(cx.sleep(Duration::MAX)?));

    let cancelled: Worker<()> = slow();
    cancelled.cancel();
    let of_awaited = cancelled.wait().unwrap_err();
    assert!(matches!(of_awaited, WaitError::Worker(WorkerError::Cancelled(_))));
    let of_waiter = WaitError::from(Cancelled::default());
    assert!(matches!(of_waiter, WaitError::WaiterCancelled));
    assert!(of_awaited.is_cancelled() && of_waiter.is_cancelled());

    let endless: Worker<()> = slow();
    let of_wait = endless.wait_timeout(Duration::from_millis(1)).unwrap_err();
    assert!(matches!(of_wait, WaitError::Timeout) && !endless.is_finished());
    endless.cancel();
    let limited = workers.worker("limited").timeout(Duration::from_millis(1));
    let limited: Worker<()> = limited.thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    let of_worker = limited.wait().unwrap_err();
    assert!(matches!(of_worker, WaitError::Worker(WorkerError::TimedOut)));
    assert!(of_wait.is_timeout() && of_worker.is_timeout());
}
