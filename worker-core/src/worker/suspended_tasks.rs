//! The suspended tasks of the calling thread, so that a cancel on the UI thread drops their futures
//! at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::sync::primitives::thread_local;
use crate::worker::id::WorkerId;

/// A task whose future is suspended on this thread.
pub(crate) trait Suspended {
    /// Drops the future and settles the worker, unless the future is being polled or has ended.
    fn drop_future(&self);
}

thread_local! {
    static SUSPENDED: RefCell<HashMap<WorkerId, Rc<dyn Suspended>>> = RefCell::default();
}

pub(crate) fn insert(id: WorkerId, task: Rc<dyn Suspended>) {
    let former = SUSPENDED.with(|tasks| tasks.borrow_mut().insert(id, task));
    drop(former);
}

pub(crate) fn remove(id: WorkerId) {
    // A thread that is ending has no thread-locals left.
    let task = SUSPENDED.try_with(|tasks| tasks.borrow_mut().remove(&id));
    drop(task);
}

/// Drops the future of the task, if it is suspended on this thread. False if it is not.
pub(crate) fn drop_future(id: WorkerId) -> bool {
    let here = SUSPENDED.try_with(|tasks| tasks.borrow().get(&id).cloned()).ok().flatten();
    if let Some(task) = &here {
        task.drop_future();
    }
    here.is_some()
}
