//! [`Progress`] and [`ProgressCell`]: two counters that the body moves and any thread reads, and
//! what it says in words.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::primitives::Mutex;
use crate::sync::primitives::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a worker has come, at one moment.
///
/// ```
/// use worker_core::WorkerManager;
///
/// let copy = WorkerManager::new().worker("copy").thread(|cx| {
///     cx.set_total(4);
///     cx.advance(3);
///     Ok(())
/// });
/// copy.wait()?;
/// assert_eq!(copy.progress().percent(), 75.0);
/// # Ok::<(), worker_core::WaitError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    completed: u64,
    total: Option<u64>,
    words: Words,
}

impl Progress {
    /// Steps done so far. May exceed the total if the body counted wrong.
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// All steps, once the body has said how many there are.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// What the body has said last, by [`set_message`](crate::BodyContext::set_message).
    pub fn message(&self) -> Option<&str> {
        self.words.message.as_deref()
    }

    /// The pause that the worker is in, if it is about to [retry](crate::WorkerContext::retry).
    pub fn retry_pause(&self) -> Option<&RetryPause> {
        self.words.retry_pause.as_deref()
    }

    pub(crate) fn with_words(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// The share done, clamped to `0.0..=100.0`; `0.0` while the total is unknown or zero, as in
    /// Textual.
    #[expect(clippy::cast_precision_loss, reason = "a percentage needs no more than 52 bits")]
    pub fn percent(&self) -> f64 {
        match self.total {
            None | Some(0) => 0.0,
            Some(total) => (self.completed as f64 / total as f64 * 100.0).clamp(0.0, 100.0),
        }
    }
}

/// What a worker says of itself in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) message: Option<Arc<str>>,
    pub(crate) retry_pause: Option<Arc<RetryPause>>,
}

/// [`Words`] that change.
#[derive(Debug, Default)]
pub(crate) struct WordsCell(Mutex<Words>);

impl WordsCell {
    pub(crate) fn get(&self) -> Words {
        self.0.lock().clone()
    }

    pub(crate) fn set_message(&self, message: Option<Arc<str>>) {
        let former = std::mem::replace(&mut self.0.lock().message, message);
        drop(former);
    }

    pub(crate) fn set_retry_pause(&self, pause: Option<Arc<RetryPause>>) {
        let former = std::mem::replace(&mut self.0.lock().retry_pause, pause);
        drop(former);
    }
}

/// A worker's pause before it tries again: what a UI counts down.
///
/// Its `Display` says it in a line: `attempt 2 of 5 failed: connection refused`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPause {
    pub(crate) attempt: u32,
    pub(crate) of: Option<u32>,
    pub(crate) until: Option<Instant>,
    pub(crate) reason: Box<str>,
}

impl RetryPause {
    /// Which attempt has failed, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How many attempts there are at most, if that is known.
    pub fn of(&self) -> Option<u32> {
        self.of
    }

    /// When the next attempt begins, by the worker's clock; `None`: later than it can tell.
    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// How long that is from `now`.
    pub fn left(&self, now: Instant) -> Duration {
        self.until.map_or(Duration::MAX, |until| until.saturating_duration_since(now))
    }

    /// The error of the failed attempt, at most 1000 characters of it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for RetryPause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt {}", self.attempt)?;
        if let Some(of) = self.of {
            write!(f, " of {of}")?;
        }
        write!(f, " failed: {}", self.reason.escape_debug())
    }
}

const UNKNOWN: u64 = u64::MAX;

/// The counters behind [`Progress`].
#[derive(Debug)]
pub(crate) struct ProgressCell {
    completed: AtomicU64,
    total: AtomicU64,
    /// Whether a notice is under way that has not been read. Until it is, no other is needed.
    notice_pending: AtomicBool,
    /// Whether the body counts itself: then the parts of its fan-outs are not counted.
    body_counts: AtomicBool,
}

impl ProgressCell {
    pub(crate) fn new() -> Self {
        let (completed, total) = (AtomicU64::new(0), AtomicU64::new(UNKNOWN));
        Self { completed, total, notice_pending: AtomicBool::new(false), body_counts: AtomicBool::new(false) }
    }

    /// Whether a notice must be sent, which then counts as under way.
    pub(crate) fn claim_notice(&self) -> bool {
        !self.notice_pending.swap(true, Ordering::AcqRel)
    }

    /// What the notice was about is read next. A later change needs another notice.
    pub(crate) fn take_notice(&self) {
        // A swap, not a store: what is read next must not be older than what the worker had done
        // when it found the flag set.
        self.notice_pending.swap(false, Ordering::AcqRel);
    }

    pub(crate) fn get(&self) -> Progress {
        let total = self.total.load(Ordering::Relaxed);
        Progress {
            completed: self.completed.load(Ordering::Relaxed),
            total: (total != UNKNOWN).then_some(total),
            words: Words::default(),
        }
    }

    /// There are so many more parts. False if they are not counted.
    pub(crate) fn counts_parts(&self, parts: usize) -> bool {
        let counts = !self.body_counts.load(Ordering::Relaxed);
        if counts {
            let known = self.get().total.unwrap_or(0);
            self.total.store(known.saturating_add(parts as u64).min(UNKNOWN - 1), Ordering::Relaxed);
        }
        counts
    }

    /// A part has ended. False if parts are not counted.
    pub(crate) fn part_done(&self) -> bool {
        let counts = !self.body_counts.load(Ordering::Relaxed);
        if counts {
            self.add(1);
        }
        counts
    }

    pub(crate) fn set_total(&self, total: Option<u64>) {
        self.body_counts.store(true, Ordering::Relaxed);
        self.total.store(total.map_or(UNKNOWN, |total| total.min(UNKNOWN - 1)), Ordering::Relaxed);
    }

    pub(crate) fn set_completed(&self, completed: u64) {
        self.body_counts.store(true, Ordering::Relaxed);
        self.completed.store(completed, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, steps: u64) {
        self.body_counts.store(true, Ordering::Relaxed);
        self.add(steps);
    }

    fn add(&self, steps: u64) {
        let add = |completed: u64| Some(completed.saturating_add(steps));
        let _ = self.completed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_clamped_and_zero_without_a_total() {
        let cell = ProgressCell::new();
        cell.advance(5);
        assert_eq!((cell.get().completed(), cell.get().total()), (5, None));
        assert!(cell.get().percent().abs() < f64::EPSILON);
        cell.set_total(Some(0));
        assert!(cell.get().percent().abs() < f64::EPSILON);
        cell.set_total(Some(4));
        assert!((cell.get().percent() - 100.0).abs() < f64::EPSILON, "5 of 4 is all of it");
        cell.set_total(None);
        assert_eq!(cell.get().total(), None);
    }

    #[test]
    fn advancing_saturates() {
        let cell = ProgressCell::new();
        cell.advance(u64::MAX);
        cell.advance(1);
        assert_eq!(cell.get().completed(), u64::MAX);
    }
}
