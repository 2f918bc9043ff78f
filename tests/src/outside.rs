//! Runs a program and sees to it that it exits.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::Output;

/// Runs a program without a terminal to its end.
///
/// # Panics
///
/// If it cannot be started, or is not gone when `limit` is over; it is killed then.
pub fn run_within(limit: Duration, command: &mut Command) -> Output {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let status = wait_within(limit, &mut child);
    let text = |thread: JoinHandle<String>| thread.join().expect("it prints UTF-8");
    let (stdout, stderr) = (text(stdout), text(stderr));
    let Some(status) = status else { panic!("it is still there after {limit:?}\n{stdout}\n{stderr}") };
    Output { code: status.code(), stdout, stderr }
}

/// `None` if it had to be killed.
fn wait_within(limit: Duration, child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return Some(status);
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.expect("it is piped").read_to_string(&mut text).expect("it prints UTF-8");
        text
    })
}
