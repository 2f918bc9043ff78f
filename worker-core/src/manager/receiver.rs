//! [`Receiver`]: the events of a manager, as a subscriber takes them; its iterators and errors.

use std::fmt;
use std::time::Duration;

/// The receiving end of [`subscribe`](crate::WorkerManager::subscribe): every event from the
/// subscription on, in order, without bound.
///
/// It disconnects when no further event can come: every handle of the manager is gone and its
/// workers have ended. Events that are there already are received first. Dropping it ends the
/// subscription.
///
/// The waits are the operating system's, not the manager's clock's, and refuse no thread: they are
/// for logs and tests, not for a UI thread. Under a
#[cfg_attr(feature = "testing", doc = "[`TestScheduler`](crate::testing::TestScheduler)")]
#[cfg_attr(not(feature = "testing"), doc = "`TestScheduler`")]
/// take [`try_recv`](Self::try_recv) and [`try_iter`](Self::try_iter), which do not wait.
///
/// ```
/// use worker_core::{WorkerManager, WorkerState};
///
/// let workers = WorkerManager::new();
/// let events = workers.subscribe();
/// workers.worker("hello").thread(|_| Ok(()));
/// drop(workers);
/// let states: Vec<WorkerState> = events.iter().map(|event| event.state).collect();
/// assert_eq!(states, [WorkerState::Pending, WorkerState::Running, WorkerState::Success]);
/// ```
pub struct Receiver<T> {
    channel: crossbeam_channel::Receiver<T>,
}

impl<T> Receiver<T> {
    pub(crate) fn new(channel: crossbeam_channel::Receiver<T>) -> Self {
        Self { channel }
    }

    /// Blocks until there is an event, and takes it.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if none is there and none can come.
    pub fn recv(&self) -> Result<T, RecvError> {
        self.channel.recv().map_err(|_| RecvError)
    }

    /// As [`recv`](Self::recv), for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError::Timeout`] when the time is up; [`RecvTimeoutError::Disconnected`] if
    /// none can come.
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        self.channel.recv_timeout(limit).map_err(|error| match error {
            crossbeam_channel::RecvTimeoutError::Timeout => RecvTimeoutError::Timeout,
            crossbeam_channel::RecvTimeoutError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }

    /// Takes an event if one is there.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] if none is there now; [`TryRecvError::Disconnected`] if none can
    /// come.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.channel.try_recv().map_err(|error| match error {
            crossbeam_channel::TryRecvError::Empty => TryRecvError::Empty,
            crossbeam_channel::TryRecvError::Disconnected => TryRecvError::Disconnected,
        })
    }

    /// The events, each waited for, until none can come.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// The events that are there now, without waiting for more.
    pub fn try_iter(&self) -> impl Iterator<Item = T> {
        self.channel.try_iter()
    }
}

/// As [`Receiver::iter`].
impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

/// As [`Receiver::iter`].
impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// `Receiver { waiting: 3 }`
impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("waiting", &self.channel.len()).finish()
    }
}

/// The events of a [`Receiver`], each waited for, until none can come.
#[derive(Debug)]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

/// The events of a [`Receiver`], which it owns, each waited for, until none can come.
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

/// No event is there, and none can come: the manager and its workers are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event is left: the manager and its workers are gone")]
#[non_exhaustive]
pub struct RecvError;

/// Why [`Receiver::recv_timeout`] gave no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecvTimeoutError {
    /// None came in the given time.
    #[error("no event came in the given time")]
    Timeout,
    /// None can come.
    #[error("no event is left: the manager and its workers are gone")]
    Disconnected,
}

/// Why [`Receiver::try_recv`] gave no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TryRecvError {
    /// None is there now.
    #[error("no event is there now")]
    Empty,
    /// None can come.
    #[error("no event is left: the manager and its workers are gone")]
    Disconnected,
}
