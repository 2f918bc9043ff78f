//! [`ConcurrencyLimit`]: how many workers run at once, wherever they were started.

use std::fmt;
use std::sync::Arc;

use crate::worker::record::Record;
use crate::worker::slots::Slots;

/// At most so many workers run at once: those that were given this limit, or a clone of it, whatever
/// their kinds, groups, scopes and managers.
///
/// The others are pending and hold no thread. First come, first served; a cancel frees a place in
/// the line at once. A limit of 1 is a queue whose workers run one after another.
///
/// A worker that [waits](crate::Worker::wait) for another, or pauses in a
/// [retry](crate::WorkerContext::retry), gives its slot back until it goes on; then it stands before
/// those that have not begun. So a worker may wait for others of its own limit. One that is
/// cancelled goes on without a slot, so that it can stop.
///
/// ```
/// use worker_core::{ConcurrencyLimit, WorkerManager};
///
/// let workers = WorkerManager::new();
/// let limit = ConcurrencyLimit::new(3); // the server allows three connections
/// let downloads: Vec<_> = (1..=20)
///     .map(|page| workers.worker("download").limit(&limit).thread(move |_cx| Ok(page * 100)))
///     .collect();
/// for download in &downloads {
///     download.wait()?;
/// }
/// # Ok::<(), worker_core::WaitError>(())
/// ```
#[derive(Clone)]
pub struct ConcurrencyLimit(Arc<Slots<Arc<Record>>>);

impl ConcurrencyLimit {
    /// A limit of `at_once` workers; 0 counts as 1.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Slots::new(at_once.max(1))))
    }

    /// How many workers stand in line now.
    pub fn waiting(&self) -> usize {
        self.0.waiting()
    }

    pub(crate) fn into_slots(self) -> Arc<Slots<Arc<Record>>> {
        self.0
    }
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConcurrencyLimit").field(&self.0).finish()
    }
}
