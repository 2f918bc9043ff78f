//! Signals: those that ask the process to end, and the one that tells it that it goes on after a stop.

use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;
use worker_core::WorkerManager;

/// How long workers are waited for when the process ends.
pub const GRACE: Duration = Duration::from_secs(2);

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

/// What a signal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalEvent {
    /// The process is to end: the terminal has hung up, Ctrl-C, `kill`.
    Terminate(Signal),
    /// The process had been stopped, and goes on.
    Continue,
}

/// What becomes of the process when it is asked to end.
#[derive(Debug)]
pub struct ForcedExit<F> {
    /// How long it has to end by itself, after it has heard of the signal.
    pub after: Duration,
    /// Done before it is ended by force. It must not wait for anything.
    pub cleanup: F,
}

/// Catches signals from now on, on a thread of its own.
///
/// Each is told to `on_event`, which must not wait. A process that was asked to end and has not ended in time, because
/// somebody hangs, is ended: its workers are cancelled, so that nothing they started outlives it, and waited for
/// [`GRACE`] at most.
///
/// # Errors
///
/// If the operating system refuses.
pub fn watch<F: FnOnce() + Send + 'static>(
    workers: WorkerManager,
    forced_exit: ForcedExit<F>,
    mut on_event: impl FnMut(SignalEvent) + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGCONT])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if signal == SIGCONT {
                on_event(SignalEvent::Continue);
                continue;
            }
            let signal = Signal(signal);
            on_event(SignalEvent::Terminate(signal));
            thread::sleep(forced_exit.after);
            workers.shutdown(GRACE);
            (forced_exit.cleanup)();
            process::exit(i32::from(signal.exit_code()));
        }
    })?;
    Ok(())
}
