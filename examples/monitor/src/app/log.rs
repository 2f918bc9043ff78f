//! [`Log`]: the messages that were shown as toasts, to be read later.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::severity::Severity;

/// One message of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it came; `None` until the next frame.
    pub at: Option<Timestamp>,
    /// Its severity.
    pub severity: Severity,
    /// Its text, not escaped.
    pub text: String,
}

/// The latest messages.
#[derive(Debug, Default)]
pub struct Log {
    /// Oldest first.
    messages: VecDeque<Message>,
}

impl Log {
    /// How many messages are kept.
    pub const CAPACITY: usize = 200;

    pub(super) fn push(&mut self, severity: Severity, text: String) {
        if self.messages.len() == Self::CAPACITY {
            self.messages.pop_front();
        }
        self.messages.push_back(Message { at: None, severity, text });
    }

    /// Stores the time of the messages that came since the last frame.
    pub(super) fn stamp(&mut self, now: Timestamp) {
        for message in self.messages.iter_mut().rev().take_while(|message| message.at.is_none()) {
            message.at = Some(now);
        }
    }

    /// The messages, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().rev()
    }
}

#[cfg(test)]
mod tests;
