//! Signals that ask the process to end.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

/// A signal that asked the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(i32);

impl Signal {
    /// The exit status that tells of it: 128 and its number, as shells do.
    pub fn exit_code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }

    /// `SIGTERM` and the like.
    pub fn name(self) -> &'static str {
        signal_name(self.0).unwrap_or("a signal")
    }
}

/// Waits for the signals that ask the process to end: the terminal's hanging up, Ctrl-C, `kill`.
#[derive(Debug)]
pub struct EndSignals(Signals);

impl EndSignals {
    /// Catches them from now on.
    ///
    /// # Errors
    ///
    /// If the operating system refuses.
    pub fn catch() -> io::Result<Self> {
        Signals::new([SIGHUP, SIGINT, SIGTERM]).map(Self)
    }

    /// Blocks until one comes; `None` if none can come any more.
    pub fn wait(&mut self) -> Option<Signal> {
        self.0.forever().next().map(Signal)
    }
}
