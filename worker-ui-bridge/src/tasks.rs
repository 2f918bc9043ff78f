//! Futures that live on the UI thread.
//!
//! A future is polled only from the queue: once when it comes, then each time it was woken. A waker holds the queue and the
//! task's number, never the future, so waking and dropping wakers is safe on any thread, at any time.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use worker_core::LocalFuture;

use crate::entry::{Entry, TaskId};
use crate::queue::Queue;

/// The tasks of one bridge.
pub(crate) struct Tasks<A> {
    suspended: HashMap<TaskId, Task<A>>,
    next: u64,
}

struct Task<A> {
    future: LocalFuture,
    wakeup: Arc<Wakeup<A>>,
}

struct Wakeup<A> {
    queue: Arc<Queue<A>>,
    id: TaskId,
    /// Whether the task is in the queue already.
    woken: AtomicBool,
}

impl<A: 'static> Wake for Wakeup<A> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            // When the bridge has closed, the task has gone with it.
            let _ = self.queue.push(Entry::Task(self.id));
        }
    }
}

impl<A: 'static> Tasks<A> {
    /// Takes a new future and polls it once.
    pub(crate) fn add(&mut self, future: LocalFuture, queue: &Arc<Queue<A>>) {
        let id = TaskId(self.next);
        self.next += 1;
        let wakeup = Arc::new(Wakeup { queue: queue.clone(), id, woken: AtomicBool::new(false) });
        self.poll(Task { future, wakeup });
    }

    /// Polls a task that was woken, if it is still there.
    pub(crate) fn wake(&mut self, id: TaskId) {
        if let Some(task) = self.suspended.remove(&id) {
            self.poll(task);
        }
    }

    fn poll(&mut self, mut task: Task<A>) {
        // A wake that comes from now on, also during the poll, queues the task again. A swap, not a store: it acquires what
        // the wakers that found the flag set have written.
        task.wakeup.woken.swap(false, Ordering::AcqRel);
        let waker = Waker::from(task.wakeup.clone());
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_pending() {
            self.suspended.insert(task.wakeup.id, task);
        }
    }
}

impl<A> Tasks<A> {
    /// All the futures, to be dropped, oldest first: what a test's seed decides must not depend on the order of a hash map.
    pub(crate) fn into_futures(self) -> impl Iterator<Item = LocalFuture> {
        let mut suspended: Vec<_> = self.suspended.into_iter().collect();
        suspended.sort_unstable_by_key(|(id, _)| *id);
        suspended.into_iter().map(|(_, task)| task.future)
    }
}

impl<A> Default for Tasks<A> {
    fn default() -> Self {
        Self { suspended: HashMap::new(), next: 0 }
    }
}

impl<A> fmt::Debug for Tasks<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("suspended", &self.suspended.len()).finish_non_exhaustive()
    }
}
