//! The search box of `search` in a plain loop around crossterm's `event::poll`, which waits for keys
//! and, because a post wakes it, for the bridge.
//!
//! ```text
//! cargo run --example plain_crossterm
//! ```
//!
//! On Unix `poll` also returns when the window's size may have changed, which a process tells itself
//! by a signal: so the bridge's waker raises it, and the next event that is read is a resize, to be
//! ignored. Elsewhere the loop polls every 10 ms. Either way it waits at most until the bridge's next
//! timer. Esc leaves.

use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use examples::{SPIN, SearchBox};
use ratatui::DefaultTerminal;
use worker_core::{Result, WorkerManager, install_panic_hook};
use worker_ui_bridge::UiBridge;

/// How long `poll` may wait if there is no timer.
const LONGEST_POLL: Duration = if cfg!(unix) { Duration::from_secs(3600) } else { Duration::from_millis(10) };

/// Lets a `poll` return that waits, or the next one. On any thread.
fn wake_poll() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        // Fails only if there is no such process.
        let _ = kill_process(getpid(), Signal::WINCH);
    }
}

fn main() -> Result<()> {
    ratatui::run(|terminal| {
        install_panic_hook(); // a worker's panic must not touch the terminal
        run(terminal)
    })
}

fn run(terminal: &mut DefaultTerminal) -> Result<()> {
    event::poll(Duration::ZERO)?; // from here on crossterm hears the signal
    let mut bridge = UiBridge::builder().waker(wake_poll).build();
    let workers = WorkerManager::new();
    let mut search = SearchBox::new(workers.scope("search"), bridge.handle());
    bridge.set_interval_while(SPIN, SearchBox::is_spinning, SearchBox::spin);
    loop {
        while bridge.pump(&mut search)?.more() {}
        terminal.draw(|frame| search.draw(frame))?;
        let now = Instant::now();
        let until_timer = bridge.next_deadline().map(|next| next.saturating_duration_since(now));
        if event::poll(until_timer.map_or(LONGEST_POLL, |left| left.min(LONGEST_POLL)))?
            && let Event::Key(key) = event::read()?
            && !search.on_key(key.code)
        {
            break;
        }
    }
    bridge.shutdown(&mut search, &workers, Duration::from_secs(2));
    Ok(())
}
