//! A search field: each key asks the server, after a rest, and only the newest answer is shown.
//!
//! ```text
//! cargo run --example search
//! ```
//!
//! `exclusive` cancels the search before: its answer is never shown, even if it is in the UI's queue
//! already. `delay` keeps a search waiting until the typist rests; a newer one takes its place. The
//! old hits stay until there are new ones. Esc leaves.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode};
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::List;
use ratatui::{DefaultTerminal, Frame};
use worker_core::{
    ManagerBuilder, Result, StateChanged, WorkerContext, WorkerManager, WorkerState, install_panic_hook,
};
use worker_ui_bridge::{UiBridge, UiHandle};

const REST: Duration = Duration::from_millis(150);

const CRATES: [&str; 9] =
    ["crossbeam", "crossterm", "cursive", "rand", "ratatui", "ratatui-image", "rayon", "tokio", "tracing"];

/// The server: slow, and it blocks. Because it takes a context it can be asked in a worker only.
fn ask(cx: &WorkerContext, query: &str) -> Result<Vec<&'static str>> {
    cx.sleep(Duration::from_millis(400))?;
    if query.contains(' ') {
        return Err("a name has no spaces".into());
    }
    Ok(CRATES.into_iter().filter(|name| name.contains(query)).collect())
}

struct App {
    query: String,
    hits: Vec<&'static str>,
    error: Option<String>,
    left: Option<io::Result<()>>,
    workers: WorkerManager,
    ui: UiHandle<App>,
}

impl App {
    fn new(ui: UiHandle<App>, workers: ManagerBuilder) -> Self {
        let events = ui.state_changes(App::on_worker_state_changed);
        let workers = workers.exit_on_error(false).events(events).build();
        Self { query: String::new(), hits: Vec::new(), error: None, left: None, workers, ui }
    }

    fn search(&self) {
        let (query, ui) = (self.query.clone(), self.ui.clone());
        self.workers.worker("search").exclusive().delay(REST).thread(move |cx| {
            let hits = ask(cx, &query)?;
            Ok(ui.call_from_thread(move |app| (app.hits, app.error) = (hits, None))?)
        });
    }

    fn on_worker_state_changed(&mut self, event: &StateChanged) {
        if event.state == WorkerState::Error {
            self.error = event.worker.error().map(ToString::to_string);
        } // a superseded search is no news
    }

    fn on_input(&mut self, reading: io::Result<Event>) {
        let key = match reading {
            Ok(Event::Key(key)) => key.code,
            Ok(_) => return,
            Err(error) => return self.left = Some(Err(error)),
        };
        match key {
            KeyCode::Esc => return self.left = Some(Ok(())),
            KeyCode::Char(letter) => self.query.push(letter),
            KeyCode::Backspace => drop(self.query.pop()),
            _ => return,
        }
        self.search();
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let [field, status, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1)])
                .areas(frame.area());
        let busy = if self.workers.is_busy("search") { "searching …" } else { "" };
        frame.render_widget(format!("Search: {}▏", self.query), field);
        frame.render_widget(self.error.as_deref().unwrap_or(busy), status);
        frame.render_widget(List::new(self.hits.iter().copied()), list);
    }
}

fn main() -> Result<()> {
    ratatui::run(|terminal| {
        install_panic_hook(); // after ratatui's hook: a worker's panic must not touch the terminal
        run(terminal)
    })
}

fn run(terminal: &mut DefaultTerminal) -> Result<()> {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    ui.source("terminal", event::read, App::on_input)?;
    let mut app = App::new(ui, WorkerManager::builder());
    while app.left.is_none() {
        terminal.draw(|frame| app.draw(frame))?;
        bridge.wait(&mut app)?;
    }
    let workers = app.workers.clone();
    bridge.shutdown(&mut app, &workers, Duration::from_secs(2));
    app.left.map_or(Ok(()), |left| Ok(left?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use worker_ui_bridge::testing::{TestBridge, many};

    const ANSWER: [&str; 2] = ["ratatui", "ratatui-image"];

    fn press(app: &mut App, keys: impl IntoIterator<Item = KeyCode>) {
        for key in keys {
            app.on_input(Ok(Event::Key(key.into())));
        }
    }

    #[test]
    fn only_the_newest_answer_is_shown_and_a_burst_of_keys_asks_once() {
        many(50, |scheduler| {
            let mut bridge = TestBridge::new(scheduler);
            let mut app = App::new(bridge.handle(), WorkerManager::builder().clock(scheduler.clock()));
            let events = app.workers.subscribe();
            bridge.on_frame(|_, app, _| assert!(app.hits.is_empty() || app.hits == ANSWER));

            press(&mut app, "cur".chars().map(KeyCode::Char)); // a burst
            bridge.advance(&mut app, REST + Duration::from_millis(300)).unwrap();
            press(&mut app, [KeyCode::Backspace; 3]);
            press(&mut app, "ra".chars().map(KeyCode::Char));
            bridge.advance(&mut app, REST + Duration::from_millis(399)).unwrap();
            press(&mut app, [KeyCode::Char('t')]); // just before the answer to "ra"
            assert!(app.workers.is_busy("search"));
            bridge.advance(&mut app, REST + Duration::from_millis(400)).unwrap();
            assert_eq!(app.hits, ANSWER);
            assert!(!app.workers.is_busy("search"));
            let asked = events.try_iter().filter(|event| event.state == WorkerState::Running);
            assert_eq!(asked.count(), 3);
        });
    }
}
