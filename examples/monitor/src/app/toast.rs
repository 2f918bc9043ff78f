//! [`Toasts`]: short messages in the corner of the screen, which expire.
//!
//! *Invariant:* the lifetime of a message runs only while the message is visible. After each frame
//! [`Toasts::set_visible`] stores how many fit; the others keep their lifetime until there is room.
//! So every error is shown for its full lifetime.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::log::Log;
use super::severity::Severity;
use crate::model::Table;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Its severity.
    pub severity: Severity,
    /// The table it concerns.
    pub table: Option<Table>,
    /// Its text, not escaped.
    pub text: String,
    /// How long it is still to be visible.
    remaining: Duration,
}

/// All messages, in the order in which they are shown.
#[derive(Debug, Default)]
pub struct Toasts {
    queue: VecDeque<Toast>,
    visible: usize,
    log: Log,
}

impl Toasts {
    /// How often the lifetime of visible toasts is reduced.
    pub const TICK: Duration = Duration::from_millis(250);

    /// How many toasts are kept. Beyond that, the oldest hidden toast of the lowest severity is
    /// dropped.
    const CAPACITY: usize = 50;

    /// Adds a message, also to the log: information in front of the others, warnings and errors
    /// behind them.
    ///
    /// A message equal to another is not added. The other's lifetime restarts, unless a hidden
    /// toast waits for its place.
    pub fn push(&mut self, severity: Severity, table: Option<Table>, text: impl Into<String>) {
        let text = text.into();
        self.log.push(severity, text.clone());
        // One tick more, because it may become visible just before the next tick.
        let remaining = severity.lifetime() + Self::TICK;
        let has_hidden = self.queue.len() > self.visible;
        let same = self.queue.iter_mut().find(|toast| (toast.severity, &toast.text) == (severity, &text));
        if let Some(same) = same {
            if !has_hidden {
                same.remaining = remaining;
            }
            return;
        }
        let toast = Toast { severity, table, text, remaining };
        match severity {
            Severity::Information => self.queue.push_front(toast),
            Severity::Warning | Severity::Error => self.queue.push_back(toast),
        }
        if self.queue.len() > Self::CAPACITY {
            let waiting = self.queue.iter().enumerate().skip(self.visible.max(1));
            if let Some((index, _)) = waiting.min_by_key(|(_, toast)| toast.severity) {
                self.queue.remove(index);
            }
        }
    }

    /// Stores the time of the messages that came since the last frame.
    pub fn stamp(&mut self, now: Timestamp) {
        self.log.stamp(now);
    }

    /// The latest messages, also those that are no longer shown.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Stores how many toasts, counted from the first, are visible.
    pub fn set_visible(&mut self, count: usize) {
        self.visible = count.min(self.queue.len());
    }

    /// Reduces the lifetime of visible toasts by one [`Toasts::TICK`] and removes the expired ones.
    pub fn age(&mut self) {
        for toast in self.queue.iter_mut().take(self.visible) {
            toast.remaining = toast.remaining.saturating_sub(Self::TICK);
        }
        let before = self.queue.len();
        self.queue.retain(|toast| !toast.remaining.is_zero());
        self.visible -= before - self.queue.len();
    }

    /// Removes the visible toasts.
    pub fn dismiss(&mut self) {
        self.queue.drain(..self.visible);
        self.visible = 0;
    }

    /// All toasts, the first to be shown first.
    pub fn iter(&self) -> impl Iterator<Item = &Toast> {
        self.queue.iter()
    }

    /// How many toasts are visible.
    pub fn visible(&self) -> usize {
        self.visible
    }

    /// How many toasts there are, visible or hidden.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests;
