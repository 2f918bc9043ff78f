//! A search box under ratatui: each key asks the server, after a rest, and only the newest answer
//! is shown.
//!
//! ```text
//! cargo run --example search
//! ```
//!
//! The box itself, and its test, are in `src/lib.rs`: a `Resource` that an exclusive worker fills
//! after a delay. Here is the loop of a ratatui app: keys are read on a thread of their own,
//! `next_frame` waits until there is something new to draw, and the spinner's timer ticks only
//! while there is something to wait for. Esc leaves.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event};
use examples::{SPIN, SearchBox};
use ratatui::DefaultTerminal;
use worker_core::{Result, WorkerManager, install_panic_hook};
use worker_ui_bridge::UiBridge;

struct App {
    search: SearchBox,
    left: Option<io::Result<()>>,
}

impl App {
    fn on_input(&mut self, reading: io::Result<Event>) {
        match reading {
            Ok(Event::Key(key)) if !self.search.on_key(key.code) => self.left = Some(Ok(())),
            Ok(_) => {}
            Err(error) => self.left = Some(Err(error)),
        }
    }
}

fn main() -> Result<()> {
    ratatui::run(|terminal| {
        install_panic_hook(); // a worker's panic must not touch the terminal
        run(terminal)
    })
}

fn run(terminal: &mut DefaultTerminal) -> Result<()> {
    let mut bridge = UiBridge::new();
    let (ui, workers) = (bridge.handle(), WorkerManager::new());
    ui.source("terminal", event::read, App::on_input)?;
    let search = SearchBox::new(workers.scope("search"), ui.focus(|app: &mut App| &mut app.search));
    let mut app = App { search, left: None };
    bridge.set_interval_while(SPIN, |app: &App| app.search.is_spinning(), |app| app.search.spin());
    while app.left.is_none() {
        terminal.draw(|frame| app.search.draw(frame))?;
        bridge.next_frame(&mut app)?;
    }
    bridge.shutdown(&mut app, &workers, Duration::from_secs(2));
    app.left.map_or(Ok(()), |left| Ok(left?))
}
