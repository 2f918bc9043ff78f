//! Notes, saved one after another in the order in which they were written; none is lost at the end.
//!
//! ```text
//! cargo run --example save_queue -- notes.txt
//! ```
//!
//! A `ConcurrencyLimit` of one is a queue: first come, first served. Leaving waits for it, and
//! shows it meanwhile; what could not be saved is printed at the end. Enter saves, Esc leaves.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode};
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::List;
use ratatui::{DefaultTerminal, Frame};
use worker_core::{
    ConcurrencyLimit, ManagerBuilder, Result, Worker, WorkerContext, WorkerManager, WorkerState,
    install_panic_hook,
};
use worker_ui_bridge::{UiBridge, UiHandle};

/// The disk: slow. It looks at no cancel: a note is saved whole or not at all.
fn append(cx: &WorkerContext, path: &Path, note: &str) -> Result<()> {
    _ = cx.sleep(Duration::from_millis(700));
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    Ok(writeln!(file, "{note}")?)
}

struct App {
    draft: String,
    saves: Vec<(String, Worker<()>)>,
    one_by_one: ConcurrencyLimit,
    path: Arc<Path>,
    leaving: bool,
    input_error: Option<io::Error>,
    workers: WorkerManager,
}

impl App {
    fn new(ui: &UiHandle<App>, workers: ManagerBuilder, path: PathBuf) -> Self {
        let events = ui.state_changes(|_: &mut App, _| {}); // a turn for each, then a picture
        Self {
            draft: String::new(),
            saves: Vec::new(),
            one_by_one: ConcurrencyLimit::new(1),
            path: path.into(),
            leaving: false,
            input_error: None,
            workers: workers.exit_on_error(false).events(events).build(),
        }
    }

    fn save(&mut self) {
        let note = std::mem::take(&mut self.draft);
        let (path, text) = (self.path.clone(), note.clone());
        let worker = self.workers.worker("save").limit(&self.one_by_one);
        self.saves.push((note, worker.thread(move |cx| append(cx, &path, &text))));
    }

    /// Whether the app may end: nothing is left to be saved.
    fn is_over(&self) -> bool {
        self.leaving && !self.workers.is_busy("save")
    }

    fn on_input(&mut self, reading: io::Result<Event>) {
        match reading {
            Ok(Event::Key(key)) => match key.code {
                KeyCode::Enter if !self.draft.is_empty() => self.save(),
                KeyCode::Char(letter) => self.draft.push(letter),
                KeyCode::Backspace => drop(self.draft.pop()),
                KeyCode::Esc => self.leaving = true,
                _ => {}
            },
            Ok(_) => {}
            Err(error) => (self.input_error, self.leaving) = (Some(error), true),
        }
        if self.leaving && !self.draft.is_empty() {
            self.save();
        }
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let [field, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(frame.area());
        let field_text = if self.leaving { "Saving …".into() } else { format!("Note: {}▏", self.draft) };
        frame.render_widget(field_text, field);
        let row = |(note, save): &(String, Worker<()>)| match save.state() {
            WorkerState::Success => format!("✓ {note}"),
            WorkerState::Error => format!("✗ {note}"),
            _ => format!("… {note}"),
        };
        frame.render_widget(List::new(self.saves.iter().rev().map(row)), list);
    }
}

fn main() -> Result<()> {
    let path =
        std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("notes.txt"), PathBuf::from);
    let app = ratatui::run(|terminal| {
        install_panic_hook(); // after ratatui's hook: a worker's panic must not touch the terminal
        run(terminal, path)
    })?;
    for (note, save) in app.saves.iter().filter(|(_, save)| save.result().is_none()) {
        eprintln!("not saved: {note} ({})", save.error().map_or_else(String::new, ToString::to_string));
    }
    app.input_error.map_or(Ok(()), |error| Err(error.into()))
}

fn run(terminal: &mut DefaultTerminal, path: PathBuf) -> Result<App> {
    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    ui.source("terminal", event::read, App::on_input)?;
    let mut app = App::new(&ui, WorkerManager::builder(), path);
    while !app.is_over() {
        terminal.draw(|frame| app.draw(frame))?;
        bridge.wait(&mut app)?;
    }
    Ok(app)
}

#[cfg(test)]
mod tests {
    use super::*;
    use worker_ui_bridge::testing::{TestBridge, many};

    #[test]
    fn notes_are_saved_in_order_and_leaving_waits_for_the_last() {
        many(20, |scheduler| {
            let path =
                std::env::temp_dir().join(format!("save_queue-{}-{}", std::process::id(), scheduler.seed()));
            let mut bridge = TestBridge::new(scheduler);
            let builder = WorkerManager::builder().clock(scheduler.clock());
            let mut app = App::new(&bridge.handle(), builder, path.clone());
            let press = |app: &mut App, code: KeyCode| app.on_input(Ok(Event::Key(code.into())));
            for note in ["one", "two", "three"] {
                note.chars().for_each(|letter| press(&mut app, KeyCode::Char(letter)));
                press(&mut app, KeyCode::Enter);
            }
            press(&mut app, KeyCode::Char('4')); // never entered
            press(&mut app, KeyCode::Esc);
            assert!(!app.is_over());
            bridge.advance(&mut app, Duration::from_millis(4 * 700 - 1)).unwrap();
            assert!(!app.is_over());
            bridge.advance(&mut app, Duration::from_millis(1)).unwrap();
            assert!(app.is_over());
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n4\n");
            std::fs::remove_file(path).unwrap();
        });
    }
}
