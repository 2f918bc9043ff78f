//! [`current_worker`]: the worker whose body the calling code is a part of.

use std::cell::RefCell;

use crate::error::NoActiveWorker;
use crate::sync::primitives::thread_local;
use crate::worker::handle::AnyWorker;

thread_local! {
    static CURRENT: RefCell<Option<AnyWorker>> = const { RefCell::new(None) };
}

/// The worker whose body is running here. Textual's `get_current_worker()`.
///
/// # Errors
///
/// [`NoActiveWorker`] outside a worker's body.
///
/// ```
/// use worker_core::{WorkerManager, current_worker};
///
/// let outer = WorkerManager::new().worker("me").thread(|_| Ok(current_worker()?.name().to_owned()));
/// assert_eq!(outer.wait()?, "me");
/// assert!(current_worker().is_err());
/// # Ok::<(), worker_core::WaitError>(())
/// ```
pub fn current_worker() -> Result<AnyWorker, NoActiveWorker> {
    // A thread that is ending has no thread-locals left, and no worker.
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten().ok_or(NoActiveWorker)
}

/// Runs `f` as a part of `worker`'s body.
pub(crate) fn enter<R>(worker: AnyWorker, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<AnyWorker>);
    impl Drop for Restore {
        fn drop(&mut self) {
            let left = exchange(self.0.take());
            drop(left);
        }
    }
    let _restore = Restore(exchange(Some(worker)));
    f()
}

fn exchange(worker: Option<AnyWorker>) -> Option<AnyWorker> {
    CURRENT.try_with(|current| current.replace(worker)).ok().flatten()
}
