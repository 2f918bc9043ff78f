//! [`Guardian`]: kills a child with all it started if this process is killed.
//!
//! A process that is killed by `SIGKILL` can do nothing for its children any more. So a shell waits
//! at the other end of a pipe. If the pipe is closed and the child was not said to have ended, in
//! whatever way this process has gone, it kills the child's process group.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

const SCRIPT: &str = r#"trap '' HUP INT QUIT TERM; read -r ended || kill -9 "-$1""#;

/// Kills a process group if this process is killed before it is dropped. It must be dropped before
/// the group's first process is reaped, because then the number may be used again.
pub(super) struct Guardian {
    shell: Child,
    pipe: ChildStdin,
}

impl Guardian {
    /// Guards this process group; `None` if no shell can be started.
    pub(super) fn of(group: u32) -> Option<Self> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "sh", &group.to_string()]);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = shell.env_clear().process_group(0).spawn().ok()?;
        let pipe = shell.stdin.take()?;
        Some(Self { shell, pipe })
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        // Fails only if the shell has gone; then there is nothing to tell it.
        let _ = self.pipe.write_all(b"ended\n");
        let _ = self.shell.wait();
    }
}
