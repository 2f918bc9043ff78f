//! A `UiBridge` inside an event loop of `mio`, which does the sleeping.
//!
//! ```text
//! cargo run --example foreign_mio
//! ```
//!
//! Two calls connect them. The bridge's `waker` wakes the poll when a worker has something for the
//! UI thread, and `next_deadline` limits how long the poll sleeps. An app's own sockets would be
//! registered beside the waker under other tokens. A list fills step by step while a spinner turns;
//! once it is full there are no more wake-ups. `q` quits.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode};
use mio::{Events, Poll, Token, Waker};
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::List;
use ratatui::{DefaultTerminal, Frame};
use worker_core::{WorkerManager, install_panic_hook};
use worker_ui_bridge::UiBridge;

const WORK: Token = Token(0);

const NAMES: [&str; 5] = ["ant", "bee", "cat", "dog", "eel"];

const SPINNER: [&str; 4] = ["◐", "◓", "◑", "◒"];

enum Fetch {
    UnderWay { turns: usize },
    Done,
}

struct App {
    rows: Vec<&'static str>,
    fetch: Fetch,
    left: Option<io::Result<()>>,
}

impl App {
    fn on_input(&mut self, reading: io::Result<Event>) {
        match reading {
            Ok(Event::Key(key)) if key.code == KeyCode::Char('q') => self.left = Some(Ok(())),
            Ok(_) => {} // a new size too: the next picture has it
            Err(error) => self.left = Some(Err(error)),
        }
    }

    fn turn_spinner(&mut self) {
        if let Fetch::UnderWay { turns } = &mut self.fetch {
            *turns += 1;
        }
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let [title, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(frame.area());
        let state = match self.fetch {
            Fetch::UnderWay { turns } => SPINNER[turns % SPINNER.len()],
            Fetch::Done => "all there",
        };
        frame.render_widget(format!("Animals {} {state} (q leaves)", self.rows.len()), title);
        frame.render_widget(List::new(self.rows.iter().copied()), list);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    ratatui::run(|terminal| {
        install_panic_hook(); // after ratatui's hook: a worker's panic must not touch the terminal
        run(terminal)
    })
}

fn run(terminal: &mut DefaultTerminal) -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);
    let wake = Waker::new(poll.registry(), WORK)?;
    let mut bridge = UiBridge::builder().waker(move || wake.wake().expect("the poll can be woken")).build();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(|_: &mut App, _event| {})).build();
    ui.source("terminal", event::read, App::on_input)?;
    workers.worker("fetch").thread(move |cx| {
        for name in NAMES {
            cx.sleep(Duration::from_millis(400))?; // a slow server
            ui.call_from_thread(move |app| app.rows.push(name))?;
        }
        Ok(ui.post(|app| app.fetch = Fetch::Done)?)
    });

    let mut app = App { rows: Vec::new(), fetch: Fetch::UnderWay { turns: 0 }, left: None };
    let spinner = bridge.set_interval(Duration::from_millis(125), App::turn_spinner);
    let mut more = false;
    while app.left.is_none() {
        if matches!(app.fetch, Fetch::Done) {
            bridge.clear(spinner);
        }
        terminal.draw(|frame| app.draw(frame))?;
        // If the turn left work behind, the poll only checks for readiness, so that drawing and the
        // app's sockets are not starved.
        let next = if more { Some(Instant::now()) } else { bridge.next_deadline() };
        let timeout = next.map(|next| next.saturating_duration_since(Instant::now()));
        match poll.poll(&mut events, timeout) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error.into()),
            _ => more = bridge.pump(&mut app)?.more(),
        }
    }
    bridge.shutdown(&mut app, &workers, Duration::from_secs(2));
    app.left.map_or(Ok(()), |left| Ok(left?))
}
