//! The search box of `search` in an app whose loop is tokio's: `bridge.turn(…)` is one branch of
//! its `select!`.
//!
//! ```text
//! cargo run --example tokio_app
//! ```
//!
//! Keys come from crossterm's `EventStream`, so no thread reads them. A turn that is dropped,
//! because another branch was first, has lost nothing. The bridge brings its own wake-ups for
//! timers; it works in any executor. Esc leaves.

use std::time::Duration;

use crossterm::event::{Event, EventStream};
use examples::{SPIN, SearchBox};
use futures_lite::StreamExt;
use ratatui::DefaultTerminal;
use worker_core::{Result, WorkerManager, install_panic_hook};
use worker_ui_bridge::UiBridge;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut terminal = ratatui::init();
    install_panic_hook(); // a worker's panic must not touch the terminal
    let ended = run(&mut terminal).await;
    ratatui::restore(); // on every way out: `run` returns its errors
    ended
}

async fn run(terminal: &mut DefaultTerminal) -> Result<()> {
    let mut bridge = UiBridge::new();
    let workers = WorkerManager::new();
    let mut search = SearchBox::new(workers.scope("search"), bridge.handle());
    bridge.set_interval_while(SPIN, SearchBox::is_spinning, SearchBox::spin);
    let mut keys = EventStream::new();
    loop {
        terminal.draw(|frame| search.draw(frame))?;
        tokio::select! {
            turned = bridge.turn(&mut search) => drop(turned?),
            event = keys.next() => match event.transpose()? {
                Some(Event::Key(key)) if search.on_key(key.code) => {}
                Some(Event::Key(_)) | None => break, // Esc, or the end of the input
                Some(_) => {}
            },
        }
    }
    bridge.shutdown_async(&mut search, &workers, Duration::from_secs(2)).await;
    Ok(())
}
