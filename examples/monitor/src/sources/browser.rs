//! [`open`]: hands a URL to the desktop's browser.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use worker_core::WorkerContext;

use super::environment::without_secrets;
use crate::source::{ErrorKind, SourceError};

/// The program that opens a URL in the browser.
const PROGRAM: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// How long a failure is waited for. A browser that was started by it may run for days.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether the program has ended.
const POLL: Duration = Duration::from_millis(100);

const ADVICE: &str = "copy the URL with Y and open it yourself";

/// Hands a URL to the browser. Blocks the worker that calls it.
///
/// # Errors
///
/// If there is no such program, or it ends with an error.
pub fn open(url: &str, cx: &WorkerContext) -> Result<(), SourceError> {
    open_with(PROGRAM, url, cx)
}

fn open_with(program: &str, url: &str, cx: &WorkerContext) -> Result<(), SourceError> {
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    without_secrets(&mut command);
    // In a group of its own, so that a browser outlives the monitor and its Ctrl-C.
    let mut child = command.process_group(0).spawn().map_err(|error| not_started(program, &error))?;
    for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
        match child.try_wait() {
            Ok(None) => cx.sleep(POLL)?,
            Ok(Some(status)) if !status.success() => {
                let what = format!("{program} could not open the URL ({status})");
                return Err(SourceError::new(ErrorKind::Unavailable, what).with_advice(ADVICE));
            }
            Ok(Some(_)) | Err(_) => break,
        }
    }
    Ok(())
}

fn not_started(program: &str, error: &io::Error) -> SourceError {
    let error = match error.kind() {
        io::ErrorKind::NotFound => {
            SourceError::new(ErrorKind::NotInstalled, format!("{program} is not installed"))
        }
        _ => SourceError::new(ErrorKind::Unavailable, format!("{program} could not be started: {error}")),
    };
    error.with_advice(ADVICE)
}

#[cfg(test)]
mod tests;
