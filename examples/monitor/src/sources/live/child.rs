//! [`run`]: runs a child process until it exits, its time limit passes, or its worker is cancelled.
//!
//! *Waiting:* one `poll` covers the child's stdout, its stderr and the pipe of the [`KillSwitch`].
//! Nothing else blocks, so neither a full pipe nor a grandchild that keeps one open can hang a
//! fetch.
//!
//! *Killing:* only the thread that runs the child kills it, and only before reaping it. So the
//! process group id cannot have been reused.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::guardian::Guardian;

/// How often a child whose pipes are open is checked. Usually its pipes close first.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// How often a child whose pipes are closed is checked.
const POLL_INTERVAL_CLOSED: Duration = Duration::from_millis(5);

/// How long a child may go on after it has closed its stdout.
const LINGER: Duration = Duration::from_secs(3);

/// How much of stderr is kept: the end of it, where the error stands. The rest is read and dropped.
const MAX_STDERR: usize = 64 * 1024;

/// Kills any number of child processes from another thread. It can be triggered once.
///
/// It is a pipe. Closing the write end wakes every `poll` on the read end.
#[derive(Debug)]
pub(super) struct KillSwitch {
    reader: PipeReader,
    /// Until it is given to what triggers the switch.
    writer: Option<PipeWriter>,
}

impl KillSwitch {
    pub(super) fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self { reader, writer: Some(writer) })
    }

    /// The function that triggers the switch, also when it is dropped without being called. It
    /// never blocks and may run on any thread.
    pub(super) fn trigger(&mut self) -> impl FnOnce() + Send + 'static {
        let writer = self.writer.take();
        move || drop(writer)
    }
}

/// The limits of a child process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long it may run.
    pub(super) time: Duration,
    /// How many bytes it may write to stdout.
    pub(super) stdout: usize,
}

/// The output of a child process.
#[derive(Debug)]
pub(super) struct ChildOutput {
    /// `None` if it closed its stdout, went on for [`LINGER`] without an exit, and was killed.
    pub(super) status: Option<ExitStatus>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why a child process gave no [`ChildOutput`].
#[derive(Debug)]
pub(super) enum ChildError {
    /// The program could not be started.
    Spawn(io::Error),
    /// The switch was triggered; the process group was killed.
    Killed,
    /// The time limit passed; the process group was killed.
    TimedOut,
    /// Stdout exceeded its limit; the process group was killed.
    OutputLimit,
    /// The child could not be polled or reaped.
    Io(io::Error),
}

/// Runs a command until it exits, in a process group of its own, with an empty stdin.
///
/// What has come of stdout is given to `take`, which may take some of it away. Only what it leaves
/// counts for the limit.
pub(super) fn run(
    command: &mut Command,
    limits: Limits,
    switch: &KillSwitch,
    mut take: impl FnMut(&mut Vec<u8>),
) -> Result<ChildOutput, ChildError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut group = ProcessGroup(command.spawn().map_err(ChildError::Spawn)?);
    let mut stdout = Stream::new(group.0.stdout.take(), limits.stdout, Keep::All);
    let mut stderr = Stream::new(group.0.stderr.take(), MAX_STDERR, Keep::End);
    let guardian = Guardian::of(group.0.id());
    let end = drain(&group, &mut stdout, &mut stderr, limits.time, switch, &mut take);
    drop(guardian);
    let end = end?;
    let status = group.reap().map_err(ChildError::Io)?;
    let status = matches!(end, End::Exit).then_some(status);
    Ok(ChildOutput { status, stdout: stdout.bytes, stderr: stderr.bytes })
}

/// How a child ended whose output was read.
#[derive(Clone, Copy)]
enum End {
    Exit,
    Linger,
}

/// Reads both streams until the child has exited, or lingers.
fn drain(
    group: &ProcessGroup,
    stdout: &mut Stream<ChildStdout>,
    stderr: &mut Stream<ChildStderr>,
    time: Duration,
    switch: &KillSwitch,
    take: &mut dyn FnMut(&mut Vec<u8>),
) -> Result<End, ChildError> {
    let mut deadline = Instant::now() + time;
    let mut ended = false;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // After the exit, what is left in the pipes is read without waiting: a grandchild may keep
        // them open.
        let wait = if ended { Duration::ZERO } else { left.min(POLL_INTERVAL) };
        let ready = wait_for(stdout, stderr, switch, wait).map_err(ChildError::Io)?;
        if ready.killed {
            return Err(ChildError::Killed);
        }
        if ready.stdout {
            let fits = stdout.read().map_err(ChildError::Io)?;
            take(&mut stdout.bytes);
            if !fits {
                return Err(ChildError::OutputLimit);
            }
            if stdout.open.is_none() {
                deadline = deadline.min(Instant::now() + LINGER);
            }
        }
        if ready.stderr {
            stderr.read().map_err(ChildError::Io)?;
        }
        let is_over = !ready.stdout && !ready.stderr;
        if ended && (is_over || left.is_zero()) {
            return Ok(End::Exit);
        }
        if !ended && (is_over || left.is_zero()) && group.has_ended() {
            // It may have ended while this process was stopped: its output is read nevertheless.
            ended = true;
            deadline = Instant::now() + LINGER;
        } else if !ended && left.is_zero() {
            return if stdout.open.is_none() { Ok(End::Linger) } else { Err(ChildError::TimedOut) };
        }
    }
}

/// What a `poll` reported.
#[derive(Clone, Copy)]
struct Ready {
    killed: bool,
    stdout: bool,
    stderr: bool,
}

fn wait_for(
    stdout: &Stream<ChildStdout>,
    stderr: &Stream<ChildStderr>,
    switch: &KillSwitch,
    wait: Duration,
) -> io::Result<Ready> {
    // Once both pipes are closed, the child is about to exit, and no event announces that.
    let closed = stdout.open.is_none() && stderr.open.is_none();
    let wait = if closed { wait.min(POLL_INTERVAL_CLOSED) } else { wait };
    let timeout = Timespec::try_from(wait).map_err(io::Error::other)?;
    let mut watched = vec![PollFd::new(&switch.reader, PollFlags::IN)];
    watched.extend(stdout.open.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    watched.extend(stderr.open.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    match poll(&mut watched, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let mut ready = watched.iter().map(|fd| !fd.revents().is_empty());
    let killed = ready.next().unwrap_or(false);
    let stdout = stdout.open.is_some() && ready.next().unwrap_or(false);
    let stderr = stderr.open.is_some() && ready.next().unwrap_or(false);
    Ok(Ready { killed, stdout, stderr })
}

/// One of the child's pipes and the bytes read from it.
struct Stream<R> {
    open: Option<R>,
    bytes: Vec<u8>,
    limit: usize,
    keep: Keep,
}

/// What is kept of a stream that exceeds its limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// All, so it must not exceed it.
    All,
    /// Its end.
    End,
}

impl<R: Read> Stream<R> {
    fn new(open: Option<R>, limit: usize, keep: Keep) -> Self {
        Self { open, bytes: Vec::new(), limit, keep }
    }

    /// Reads what is available; `false` if that is more than may be kept.
    fn read(&mut self) -> io::Result<bool> {
        let Some(pipe) = &mut self.open else { return Ok(true) };
        let mut buffer = [0; 16 * 1024];
        let count = match pipe.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(true),
            Err(error) => return Err(error),
        };
        if count == 0 {
            self.open = None;
        }
        self.bytes.extend_from_slice(&buffer[..count]);
        let excess = self.bytes.len().saturating_sub(self.limit);
        if self.keep == Keep::End {
            self.bytes.drain(..excess);
            return Ok(true);
        }
        Ok(excess == 0)
    }
}

/// A child process and its process group. Dropping it kills the group and reaps the child.
struct ProcessGroup(Child);

impl ProcessGroup {
    fn reap(mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.0.wait()
    }

    /// Kills the rest of the group. The child is not reaped yet, so the group id is still its own.
    fn kill(&self) {
        if let Some(pid) = pid(&self.0) {
            // Fails only if the group is empty.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    fn has_ended(&self) -> bool {
        let Some(pid) = pid(&self.0) else { return true };
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(pid), look), Ok(None))
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.kill();
            let _ = self.0.wait();
        }
    }
}

fn pid(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}

#[cfg(test)]
mod tests;
