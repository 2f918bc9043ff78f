//! [`UiThreadMark`]: marks a thread as one that must not block.

use std::cell::Cell;
use std::marker::PhantomData;

use crate::sync::primitives::thread_local;

thread_local! {
    static MARKS: Cell<usize> = const { Cell::new(0) };
}

/// Marks the calling thread as one that must never block, until the mark is dropped.
///
/// A UI bridge holds one for its thread. While a mark exists, [`Worker::wait`](crate::Worker::wait)
/// and every other blocking wait refuse with [`WaitError::UiThread`](crate::WaitError::UiThread) on
/// that thread instead of freezing the UI.
///
/// ```
/// use worker_core::{WaitError, WorkerManager, blocking::UiThreadMark};
///
/// let workers = WorkerManager::new();
/// let (go, gate) = std::sync::mpsc::channel::<()>();
/// let worker = workers.worker("fetch").thread(move |_| Ok(gate.recv()?));
///
/// let mark = UiThreadMark::new();
/// assert!(matches!(worker.wait(), Err(WaitError::UiThread)));
/// drop(mark);
/// # go.send(()).unwrap();
/// # worker.wait().unwrap();
/// ```
#[derive(Debug)]
#[must_use = "the thread is marked only while the mark lives"]
pub struct UiThreadMark {
    _confined: PhantomData<dyn OnlyOnTheUiThread>,
}

/// Makes a mark, and what holds one, neither `Send` nor `Sync`. The compiler's message names it.
trait OnlyOnTheUiThread {}

impl UiThreadMark {
    /// Marks the calling thread. Marks may overlap; the thread may block again when the last one is
    /// gone.
    pub fn new() -> Self {
        MARKS.with(|marks| marks.set(marks.get() + 1));
        Self { _confined: PhantomData }
    }
}

impl Default for UiThreadMark {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for UiThreadMark {
    fn drop(&mut self) {
        // A thread that is ending has no thread-locals left.
        let _ = MARKS.try_with(|marks| marks.set(marks.get() - 1));
    }
}

/// Whether the calling thread is marked by a [`UiThreadMark`].
pub fn is_ui_thread() -> bool {
    MARKS.try_with(|marks| marks.get() > 0).unwrap_or(false)
}
