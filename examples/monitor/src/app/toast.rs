//! Short messages that come and go in a corner.
//!
//! *Invariant:* a message's time runs only while it can be seen. How many fit is said by whoever has drawn them
//! ([`Toasts::show`]); those behind wait, with all the time they have left, until there is room. So no error passes
//! unseen.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Table;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Information,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

impl Severity {
    /// How long a toast of this severity is shown, at least.
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
    /// How much it matters.
    pub severity: Severity,
    /// The table that it concerns.
    pub table: Option<Table>,
    /// What it says. Not escaped.
    pub text: String,
    /// For how long it is still to be seen.
    remaining: Duration,
}

/// All messages there are, in the order in which they are seen.
#[derive(Debug, Default)]
pub struct Toasts {
    toasts: VecDeque<Toast>,
    visible: usize,
}

impl Toasts {
    /// How often those in view grow older.
    pub const TICK: Duration = Duration::from_millis(250);

    /// So many are kept; beyond that the oldest waiting ones of the least severe go.
    const CAPACITY: usize = 50;

    /// Adds a message: the answer to a key in front of the others, all else behind them.
    ///
    /// One that says the same as another is not shown twice. The other's time starts anew, unless somebody waits for
    /// its place.
    pub fn push(&mut self, severity: Severity, table: Option<Table>, text: impl Into<String>) {
        let text = text.into();
        // It may come into view just before the next tick.
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

    /// So many of the first ones are in view now.
    pub fn set_visible(&mut self, count: usize) {
        self.visible = count.min(self.toasts.len());
    }

    /// Those in view have been seen for one more [`Toasts::TICK`]; those whose time is over go.
    pub fn age(&mut self) {
        for toast in self.toasts.iter_mut().take(self.visible) {
            toast.remaining = toast.remaining.saturating_sub(Self::TICK);
        }
        let before = self.toasts.len();
        self.toasts.retain(|toast| !toast.remaining.is_zero());
        self.visible -= before - self.toasts.len();
    }

    /// Removes those in view: a person has seen them.
    pub fn dismiss(&mut self) {
        self.toasts.drain(..self.visible);
        self.visible = 0;
    }

    /// All of them, the next to be seen first.
    pub fn iter(&self) -> impl Iterator<Item = &Toast> {
        self.toasts.iter()
    }

    /// How many are in view.
    pub fn visible(&self) -> usize {
        self.visible
    }

    /// How many there are, in view or not.
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
