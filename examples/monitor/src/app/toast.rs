//! [`Toasts`]: short messages in the corner of the screen, which expire.
//!
//! *Invariant:* the lifetime of a message runs only while the message is visible. After each frame
//! [`Toasts::set_visible`] stores how many fit; the others keep their lifetime until there is room.
//! So every error is shown for its full lifetime.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Table;

/// How severe a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Information, such as the answer to a key.
    Information,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

impl Severity {
    /// How long a toast of this severity is visible, at least.
    pub const fn lifetime(self) -> Duration {
        Duration::from_secs(match self {
            Self::Information => 3,
            Self::Warning => 5,
            Self::Error => 8,
        })
    }
}

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
    toasts: VecDeque<Toast>,
    visible: usize,
}

impl Toasts {
    /// How often the lifetime of visible toasts is reduced.
    pub const TICK: Duration = Duration::from_millis(250);

    /// How many toasts are kept. Beyond that, the oldest hidden toast of the lowest severity is
    /// dropped.
    const CAPACITY: usize = 50;

    /// Adds a message: information in front of the others, warnings and errors behind them.
    ///
    /// A message equal to another is not added. The other's lifetime restarts, unless a hidden
    /// toast waits for its place.
    pub fn push(&mut self, severity: Severity, table: Option<Table>, text: impl Into<String>) {
        let text = text.into();
        // One tick more, because it may become visible just before the next tick.
        let remaining = severity.lifetime() + Self::TICK;
        let has_hidden = self.toasts.len() > self.visible;
        let same = self.toasts.iter_mut().find(|toast| (toast.severity, &toast.text) == (severity, &text));
        if let Some(same) = same {
            if !has_hidden {
                same.remaining = remaining;
            }
            return;
        }
        let toast = Toast { severity, table, text, remaining };
        match severity {
            Severity::Information => self.toasts.push_front(toast),
            Severity::Warning | Severity::Error => self.toasts.push_back(toast),
        }
        if self.toasts.len() > Self::CAPACITY {
            let waiting = self.toasts.iter().enumerate().skip(self.visible.max(1));
            if let Some((index, _)) = waiting.min_by_key(|(_, toast)| toast.severity) {
                self.toasts.remove(index);
            }
        }
    }

    /// Stores how many toasts, counted from the first, are visible.
    pub fn set_visible(&mut self, count: usize) {
        self.visible = count.min(self.toasts.len());
    }

    /// Reduces the lifetime of visible toasts by one [`Toasts::TICK`] and removes the expired ones.
    pub fn age(&mut self) {
        for toast in self.toasts.iter_mut().take(self.visible) {
            toast.remaining = toast.remaining.saturating_sub(Self::TICK);
        }
        let before = self.toasts.len();
        self.toasts.retain(|toast| !toast.remaining.is_zero());
        self.visible -= before - self.toasts.len();
    }

    /// Removes the visible toasts.
    pub fn dismiss(&mut self) {
        self.toasts.drain(..self.visible);
        self.visible = 0;
    }

    /// All toasts, the first to be shown first.
    pub fn iter(&self) -> impl Iterator<Item = &Toast> {
        self.toasts.iter()
    }

    /// How many toasts are visible.
    pub fn visible(&self) -> usize {
        self.visible
    }

    /// How many toasts there are, visible or hidden.
    pub fn len(&self) -> usize {
        self.toasts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.toasts.is_empty()
    }
}

#[cfg(test)]
mod tests;
