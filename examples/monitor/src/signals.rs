//! [`watch`]: the signals that ask the process to terminate, and the one that follows a stop.

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

/// A signal that asked the process to terminate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(i32);

impl Signal {
    /// The exit status by the convention of shells: 128 plus the signal's number.
    pub fn exit_code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }

    /// The name, such as `SIGTERM`.
    pub fn name(self) -> &'static str {
        signal_name(self.0).unwrap_or("a signal")
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalEvent {
    /// Terminate: the terminal has hung up, Ctrl-C, `kill`.
    Terminate(Signal),
    /// The process was stopped and continues.
    Continue,
}

/// How the process is ended if it does not end by itself.
#[derive(Debug)]
pub struct ForcedExit<F> {
    /// How long to wait after the signal.
    pub after: Duration,
    /// Called before the process is ended. It must not block.
    pub cleanup: F,
}

/// Starts a thread that handles signals from now on.
///
/// Each signal is passed to `on_event`, which must not block. If the process has not ended by
/// itself in time, for example because the UI thread hangs, this thread ends it: it cancels the
/// workers, so that their child processes are killed, waits for them for [`GRACE`] at most, and
/// exits.
///
/// # Errors
///
/// If the signal handlers or the thread cannot be created.
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
