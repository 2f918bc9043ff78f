//! [`Tasks`]: the futures that live on the UI thread.
//!
//! *Invariant.* A future is polled only by an entry of the queue: once when it is added, then once
//! for each wake. A waker holds the queue and the task's id, never the future, so it may be called
//! and dropped on any thread at any time.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use worker_core::LocalFuture;

use crate::queue::entry::{Entry, TaskId};
use crate::queue::ui_queue::UiQueue;
use crate::sync::atomic::{AtomicBool, Ordering};

/// The tasks of one bridge.
pub(crate) struct Tasks<A> {
    suspended: HashMap<TaskId, Task<A>>,
    next_id: u64,
}

struct Task<A> {
    future: LocalFuture,
    waker: Arc<TaskWaker<A>>,
}

struct TaskWaker<A> {
    queue: Arc<UiQueue<A>>,
    id: TaskId,
    /// Whether the queue has an entry for the task.
    queued: AtomicBool,
}

impl<A: 'static> Wake for TaskWaker<A> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            // A closed queue refuses it; the task has been dropped with the bridge.
            let _ = self.queue.push(Entry::Task(self.id));
        }
    }
}

impl<A: 'static> Tasks<A> {
    /// Adds a future and polls it once.
    pub(super) fn spawn(&mut self, future: LocalFuture, queue: &Arc<UiQueue<A>>) {
        let id = TaskId(self.next_id);
        self.next_id += 1;
        let waker = Arc::new(TaskWaker { queue: queue.clone(), id, queued: AtomicBool::new(false) });
        self.poll(Task { future, waker });
    }

    /// Polls a task that was woken, unless it has ended.
    pub(super) fn poll_woken(&mut self, id: TaskId) {
        if let Some(task) = self.suspended.remove(&id) {
            self.poll(task);
        }
    }

    fn poll(&mut self, mut task: Task<A>) {
        // From here on a wake queues the task again, also during the poll. A swap, not a store: it
        // acquires what the wakers that found the flag set have written.
        task.waker.queued.swap(false, Ordering::AcqRel);
        let waker = Waker::from(task.waker.clone());
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_pending() {
            self.suspended.insert(task.waker.id, task);
        }
    }
}

impl<A> Tasks<A> {
    /// All futures, to be dropped, oldest first. In order, because a test's seed must give the same
    /// run each time.
    pub(super) fn into_futures(self) -> impl Iterator<Item = LocalFuture> {
        let mut suspended: Vec<_> = self.suspended.into_iter().collect();
        suspended.sort_unstable_by_key(|(id, _)| *id);
        suspended.into_iter().map(|(_, task)| task.future)
    }
}

impl<A> Default for Tasks<A> {
    fn default() -> Self {
        Self { suspended: HashMap::new(), next_id: 0 }
    }
}

impl<A> fmt::Debug for Tasks<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("suspended", &self.suspended.len()).finish_non_exhaustive()
    }
}
