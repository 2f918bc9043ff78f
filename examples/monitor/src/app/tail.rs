//! [`Tail`]: the last lines of a log that is followed.

use std::collections::VecDeque;

/// The last lines of a log.
#[derive(Debug, Default)]
pub struct Tail {
    lines: VecDeque<String>,
    /// How many lines were dropped at the front.
    dropped: usize,
}

impl Tail {
    /// How many lines are kept.
    pub const CAPACITY: usize = 1000;

    /// Adds lines at the end, and drops as many as are too many at the front.
    pub fn extend(&mut self, lines: Vec<String>) {
        self.lines.extend(lines);
        let excess = self.lines.len().saturating_sub(Self::CAPACITY);
        self.lines.drain(..excess);
        self.dropped += excess;
    }

    /// The lines, oldest first, not escaped.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// How many lines before them were dropped.
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}

#[cfg(test)]
mod tests;
