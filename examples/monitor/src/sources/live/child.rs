//! A child process that ends: by itself, at its time limit, or when its worker is cancelled.
//!
//! *How it waits:* one `poll` over the child's stdout and stderr and over the [`KillSwitch`]'s pipe. Nothing else can
//! block, so neither a full pipe nor a grandchild that holds one open can hang a fetch.
//!
//! *Who kills:* only the thread that runs the child, and only while it has not collected the child's exit status. So
//! the process group's number cannot meanwhile belong to somebody else.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// How often a child that keeps its pipes open is looked at. Its end usually shows at once, by the pipes' closing.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// How often it is looked at between the closing of its pipes and its end.
const POLL_INTERVAL_CLOSED: Duration = Duration::from_millis(5);

/// More of what a child says on stderr than this is read, but not kept.
const MAX_STDERR: usize = 64 * 1024;

/// Ends any number of children from another thread, once and for all.
///
/// It is a pipe whose writing end goes away: every `poll` that watches the reading end wakes.
#[derive(Debug)]
pub(super) struct KillSwitch {
    reader: PipeReader,
    writer: Arc<Mutex<Option<PipeWriter>>>,
}

impl KillSwitch {
    pub(super) fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self { reader, writer: Arc::new(Mutex::new(Some(writer))) })
    }

    /// What pulls the switch: never blocks, may run on any thread.
    pub(super) fn trigger(&self) -> impl FnOnce() + Send + 'static {
        let writer = self.writer.clone();
        move || drop(writer.lock().unwrap_or_else(PoisonError::into_inner).take())
    }
}

/// What a child may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long it may take.
    pub(super) time: Duration,
    /// How many bytes it may write to stdout.
    pub(super) stdout: usize,
}

/// A child that came to its own end.
#[derive(Debug)]
pub(super) struct ChildOutput {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why there is no [`ChildOutput`].
#[derive(Debug)]
pub(super) enum ChildError {
    /// The program could not be started.
    Spawn(io::Error),
    /// The switch was pulled; the child and all it started are dead.
    Killed,
    /// The time was over; the child and all it started are dead.
    TimedOut,
    /// It wrote too much; the child and all it started are dead.
    OutputLimit,
    /// The operating system would not let us watch it.
    Io(io::Error),
}

/// Runs a command to its end, in a process group of its own, with nothing on its stdin.
pub(super) fn run(
    command: &mut Command,
    limits: Limits,
    switch: &KillSwitch,
) -> Result<ChildOutput, ChildError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut group = ProcessGroup(command.spawn().map_err(ChildError::Spawn)?);
    let mut stdout = Stream::new(group.0.stdout.take(), limits.stdout);
    let mut stderr = Stream::new(group.0.stderr.take(), MAX_STDERR);
    drain(&group, &mut stdout, &mut stderr, limits.time, switch)?;
    let status = group.reap().map_err(ChildError::Io)?;
    Ok(ChildOutput { status, stdout: stdout.bytes, stderr: stderr.bytes })
}

/// Reads both streams until the child has ended.
fn drain(
    group: &ProcessGroup,
    stdout: &mut Stream<ChildStdout>,
    stderr: &mut Stream<ChildStderr>,
    time: Duration,
    switch: &KillSwitch,
) -> Result<(), ChildError> {
    let deadline = Instant::now() + time;
    let mut ended = false;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // Once the child has ended, what it left in its pipes is taken without waiting: somebody else may hold them
        // open.
        let wait = if ended { Duration::ZERO } else { left.min(POLL_INTERVAL) };
        let ready = wait_for(stdout, stderr, switch, wait).map_err(ChildError::Io)?;
        if ready.killed {
            return Err(ChildError::Killed);
        }
        if ready.stdout && !stdout.read().map_err(ChildError::Io)? {
            return Err(ChildError::OutputLimit);
        }
        if ready.stderr {
            stderr.read().map_err(ChildError::Io)?;
        }
        if !ready.stdout && !ready.stderr {
            if ended {
                return Ok(());
            }
            ended = group.has_ended();
        }
        if left.is_zero() {
            return if ended { Ok(()) } else { Err(ChildError::TimedOut) };
        }
    }
}

/// What a wait found.
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
    // Once both pipes are closed the child is about to end: a look every few milliseconds is near enough.
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

/// One of the child's pipes and what came out of it.
struct Stream<R> {
    open: Option<R>,
    bytes: Vec<u8>,
    limit: usize,
}

impl<R: Read> Stream<R> {
    fn new(open: Option<R>, limit: usize) -> Self {
        Self { open, bytes: Vec::new(), limit }
    }

    /// Reads what is there; false if it was more than may be kept.
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
        let room = self.limit - self.bytes.len();
        self.bytes.extend_from_slice(&buffer[..count.min(room)]);
        Ok(count <= room)
    }
}

/// A child and its process group. Dropping it kills the group and collects the child.
struct ProcessGroup(Child);

impl ProcessGroup {
    fn reap(mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.0.wait()
    }

    /// Kills what is left of the group. The child is not collected yet, so the group is still its own.
    fn kill(&self) {
        if let Some(pid) = pid(&self.0) {
            // It fails only if nobody is left.
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
