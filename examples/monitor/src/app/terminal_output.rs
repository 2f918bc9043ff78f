//! [`TerminalOutput`]: what is written to the terminal beside the frames.

/// What the next frame writes to the terminal beside what it draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalOutput {
    /// Put a text into the clipboard.
    Copy(String),
    /// Ring the bell.
    Bell,
}
