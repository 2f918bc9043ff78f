//! Short messages that come and go in a corner.
//!
//! *Invariant:* a toast's time runs only while it can be seen. Those that wait behind the newest ones are counted on
//! the screen and come forward when there is room, so no error passes unseen.

use std::collections::VecDeque;
use std::time::Duration;

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
    /// How long a toast of this severity is shown.
    pub const fn lifetime(self) -> Duration {
        Duration::from_secs(match self {
            Self::Information => 3,
            Self::Warning => 5,
            Self::Error => 8,
        })
    }
}

/// Tells toasts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ToastId(u64);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Which one it is.
    pub id: ToastId,
    /// How much it matters.
    pub severity: Severity,
    /// What it says. Not escaped.
    pub text: String,
    timer: Timer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// Not yet seen: its time has not begun.
    Waiting,
    /// Its time runs.
    Running,
}

/// All messages there are, newest first.
#[derive(Debug, Default)]
pub struct Toasts {
    toasts: VecDeque<Toast>,
    last_id: u64,
}

impl Toasts {
    /// So many are shown at once.
    pub const VISIBLE: usize = 3;

    /// So many are kept; beyond that the oldest of the least severe go.
    const KEPT: usize = 50;

    /// Adds a message in front of the others. One that says the same is replaced: it starts anew.
    pub fn push(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        self.toasts.retain(|toast| (toast.severity, &toast.text) != (severity, &text));
        self.last_id += 1;
        let id = ToastId(self.last_id);
        self.toasts.push_front(Toast { id, severity, text, timer: Timer::Waiting });
        if self.toasts.len() > Self::KEPT {
            // The last of the least severe ones is the oldest of them.
            let least = self.toasts.iter().enumerate().rev().min_by_key(|(_, toast)| toast.severity);
            if let Some(index) = least.map(|(index, _)| index) {
                self.toasts.remove(index);
            }
        }
    }

    /// Removes one whose time is over.
    pub fn dismiss(&mut self, id: ToastId) {
        self.toasts.retain(|toast| toast.id != id);
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.toasts.clear();
    }

    /// Those that are shown, newest first.
    pub fn visible(&self) -> impl Iterator<Item = &Toast> {
        self.toasts.iter().take(Self::VISIBLE)
    }

    /// How many there are, in view or not.
    pub fn len(&self) -> usize {
        self.toasts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.toasts.is_empty()
    }

    /// The toasts that have just come into view, each with the time it stays. Every toast is given once.
    pub fn take_new(&mut self) -> Vec<(ToastId, Duration)> {
        let mut new = Vec::new();
        for toast in self.toasts.iter_mut().take(Self::VISIBLE) {
            if toast.timer == Timer::Waiting {
                toast.timer = Timer::Running;
                new.push((toast.id, toast.severity.lifetime()));
            }
        }
        new
    }
}

#[cfg(test)]
mod tests;
