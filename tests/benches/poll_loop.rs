//! From a worker's post to its callback in a plain loop around crossterm, which waits for the
//! terminal or a wake (`examples/src/input_wait.rs`).
//!
//! ```sh
//! cargo bench -p tests --bench poll_loop              # `-- --check` fails if a target is missed
//! ```
//!
//! The program runs itself on a pseudo-terminal, where a thread posts after a rest, again and
//! again.

use std::io::Read;
use std::process::ExitCode;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const IN_TERMINAL: &str = "--in-terminal";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    if has(IN_TERMINAL) {
        #[cfg(unix)]
        in_terminal::run();
        return ExitCode::SUCCESS;
    }
    let pair = native_pty_system().openpty(PtySize::default()).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
    command.arg(IN_TERMINAL);
    let mut child = pair.slave.spawn_command(command).expect("started");
    drop(pair.slave);
    let mut output = String::new();
    // On Linux the end of a pseudo-terminal is an error.
    let _ = pair.master.try_clone_reader().expect("a reader").read_to_string(&mut output);
    child.wait().expect("ended");
    let figures: Vec<f64> = output.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[p50, p99] = &figures[..] else {
        println!("no figures: {output}");
        return ExitCode::FAILURE;
    };
    let verdict = if p99 <= 2_000.0 { "ok" } else { "MISSED" };
    println!("post to callback in a loop around crossterm, p50  {p50:.0} µs");
    println!("post to callback in a loop around crossterm, p99  {p99:.0} µs  ≤ 2000 µs  {verdict}");
    if has("--check") && verdict != "ok" { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[cfg(unix)]
mod in_terminal {
    use std::time::{Duration, Instant};

    use crossterm::event;
    use examples::InputWait;
    use worker_core::WorkerManager;
    use worker_ui_bridge::UiBridge;

    const POSTS: usize = 1_000;

    /// Prints the median and the 99th percentile, in microseconds.
    pub(crate) fn run() {
        crossterm::terminal::enable_raw_mode().expect("a terminal");
        let (wait, waker) = InputWait::new().expect("a pair of sockets");
        let mut bridge = UiBridge::builder().waker(move || waker.wake()).build();
        let (ui, workers) = (bridge.handle(), WorkerManager::new());
        workers.worker("posts").thread(move |cx| {
            for _ in 0..POSTS {
                cx.sleep(Duration::from_millis(2))?; // the loop is at rest
                let posted = Instant::now();
                ui.post(move |taken: &mut Vec<Duration>| taken.push(posted.elapsed()))?;
            }
            Ok(())
        });
        let mut taken = Vec::with_capacity(POSTS);
        loop {
            while bridge.pump(&mut taken).expect("no worker fails here").more() {}
            if taken.len() == POSTS {
                break;
            }
            wait.wait(None).expect("a terminal");
            while event::poll(Duration::ZERO).expect("a terminal") {
                event::read().expect("a terminal");
            }
        }
        crossterm::terminal::disable_raw_mode().expect("a terminal");
        taken.sort_unstable();
        let microseconds = |share: usize| taken[POSTS * share / 100].as_secs_f64() * 1e6;
        println!("{} {}", microseconds(50), microseconds(99));
    }
}
