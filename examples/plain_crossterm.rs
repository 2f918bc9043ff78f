//! The search box of `search` in a plain loop around crossterm's `event::poll`, which waits for
//! keys and, because a post wakes it, for the bridge.
//!
//! ```text
//! cargo run --example plain_crossterm
//! ```
//!
//! `event::poll` hears of the terminal only. So the loop first waits for the terminal *or* a wake
//! (`src/input_wait.rs`), and then asks crossterm what there is to read. It waits at most until the
//! bridge's next timer. Where there is no such wait, it polls every 10 ms. Esc leaves.

use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
#[cfg(unix)]
use examples::InputWait;
use examples::{SPIN, SearchBox};
#[cfg(not(unix))]
use polling::InputWait;
use ratatui::DefaultTerminal;
use worker_core::{Result, WorkerManager, install_panic_hook};
use worker_ui_bridge::UiBridge;

fn main() -> Result<()> {
    ratatui::run(|terminal| {
        install_panic_hook(); // a worker's panic must not touch the terminal
        run(terminal)
    })
}

fn run(terminal: &mut DefaultTerminal) -> Result<()> {
    let (wait, waker) = InputWait::new()?;
    let mut bridge = UiBridge::builder().waker(move || waker.wake()).build();
    let workers = WorkerManager::new();
    let mut search = SearchBox::new(workers.scope("search"), bridge.handle());
    bridge.set_interval_while(SPIN, SearchBox::is_spinning, SearchBox::spin);
    let mut left = false;
    while !left {
        while bridge.pump(&mut search)?.more() {}
        terminal.draw(|frame| search.draw(frame))?;
        let now = Instant::now();
        wait.wait(bridge.next_deadline().map(|next| next.saturating_duration_since(now)))?;
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()? {
                left |= !search.on_key(key.code);
            }
        }
    }
    bridge.shutdown(&mut search, &workers, Duration::from_secs(2));
    Ok(())
}

/// For systems without such a wait.
#[cfg(not(unix))]
mod polling {
    use std::io;
    use std::time::Duration;

    use crossterm::event;

    pub struct InputWait;
    pub struct InputWaker;

    impl InputWait {
        pub fn new() -> io::Result<(Self, InputWaker)> {
            Ok((Self, InputWaker))
        }

        pub fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
            const STEP: Duration = Duration::from_millis(10);
            event::poll(timeout.map_or(STEP, |timeout| timeout.min(STEP))).map(drop)
        }
    }

    impl InputWaker {
        pub fn wake(&self) {}
    }
}
