//! [`InputWait`]: waits for the terminal's input, and can be woken from any thread. On Unix.
//!
//! crossterm's `event::poll` waits for the terminal only. What waits here instead is the system's
//! `poll`, for the terminal and for one end of a pair of sockets; a wake writes to the other end,
//! and so does a change of the window's size. What is there to be read is then crossterm's to say:
//! `event::poll(Duration::ZERO)`.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Waits for the terminal's input, and can be woken from any thread.
#[derive(Debug)]
pub struct InputWait {
    wakes: UnixStream,
}

/// Ends a wait that is under way, or else the next one.
#[derive(Clone, Debug)]
pub struct InputWaker(Arc<UnixStream>);

impl InputWait {
    /// A wait for standard input, and what wakes it.
    ///
    /// # Errors
    ///
    /// If the process may open no more files.
    pub fn new() -> io::Result<(Self, InputWaker)> {
        let (wakes, other_end) = UnixStream::pair()?;
        wakes.set_nonblocking(true)?;
        other_end.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(signal_hook::consts::SIGWINCH, other_end.try_clone()?)?;
        Ok((Self { wakes }, InputWaker(Arc::new(other_end))))
    }

    /// Returns when there is input, a wake, a change of the window's size, or after `timeout`. May
    /// return for nothing.
    ///
    /// # Errors
    ///
    /// If standard input cannot be waited for.
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let stdin = io::stdin();
        let mut sources = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.wakes, PollFlags::IN)];
        match poll(&mut sources, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut taken = [0; 64];
        while (&self.wakes).read(&mut taken).is_ok_and(|count| count == taken.len()) {}
        Ok(())
    }
}

impl InputWaker {
    /// Wakes. On any thread.
    pub fn wake(&self) {
        // If there is no room, wakes enough are on their way.
        let _ = (&*self.0).write(&[0]);
    }
}
