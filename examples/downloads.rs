//! Twenty downloads, three at a time, each with a bar, a cancel, and retries that count down.
//!
//! ```text
//! cargo run --example downloads
//! ```
//!
//! A `ConcurrencyLimit` admits three; the others wait without a thread. `cx.retry` pauses after an
//! error, and gives its place to the next meanwhile. What the UI shows is read from the handles:
//! the app keeps no state of its own for a download. Up and down choose one, `c` cancels it, `q`
//! leaves.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode};
use ratatui::style::Style;
use ratatui::widgets::{List, ListState};
use ratatui::{DefaultTerminal, Frame};
use worker_core::{
    AnyWorker, ConcurrencyLimit, ManagerBuilder, Result, Retry, Worker, WorkerContext, WorkerManager,
    WorkerState, install_panic_hook,
};
use worker_ui_bridge::{UiBridge, UiHandle};

const BAR: usize = 20;

fn download(cx: &WorkerContext, number: u64) -> Result<()> {
    let patience = Retry::after([1, 2, 4].map(Duration::from_secs));
    cx.retry(&patience, |attempt| fetch(cx, number, attempt))
}

/// The network: every fifth connection breaks twice, the thirteenth always.
fn fetch(cx: &WorkerContext, number: u64, attempt: u32) -> Result<()> {
    let size = 20 + number * 7 % 30;
    cx.update(0, size);
    for block in 0..size {
        cx.sleep(Duration::from_millis(50))?;
        if block == 10 && (number == 13 || number % 5 == 2 && attempt < 3) {
            return Err("connection reset".into());
        }
        cx.advance(1);
    }
    Ok(())
}

struct App {
    downloads: Vec<Worker<()>>,
    selected: ListState,
    left: Option<io::Result<()>>,
    workers: WorkerManager,
}

impl App {
    fn new(ui: &UiHandle<App>, workers: ManagerBuilder) -> Self {
        let events = ui.state_changes(|_: &mut App, _| {}); // a turn for each, then a picture
        let progress = ui.progress_changes(|_: &mut App, _| {});
        let workers = workers.exit_on_error(false).events(events).progress(progress).build();
        let three = ConcurrencyLimit::new(3);
        let start = |number| {
            let worker = workers.worker(format!("file-{number:02}.tar")).limit(&three);
            worker.thread(move |cx| download(cx, number))
        };
        let downloads = (1..=20).map(start).collect();
        Self { downloads, selected: ListState::default().with_selected(Some(0)), left: None, workers }
    }

    fn on_input(&mut self, reading: io::Result<Event>) {
        match reading {
            Ok(Event::Key(key)) => match key.code {
                KeyCode::Char('q') => self.left = Some(Ok(())),
                KeyCode::Up => self.selected.select_previous(),
                KeyCode::Down => self.selected.select_next(),
                KeyCode::Char('c') => {
                    let chosen = self.selected.selected().and_then(|row| self.downloads.get(row));
                    _ = chosen.map(|download| download.cancel());
                }
                _ => {}
            },
            Ok(_) => {}
            Err(error) => self.left = Some(Err(error)),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, now: Instant) {
        let rows = self.downloads.iter().map(|download| row(download, now));
        let list = List::new(rows).highlight_style(Style::new().reversed());
        frame.render_stateful_widget(list, frame.area(), &mut self.selected);
    }
}

fn row(download: &AnyWorker, now: Instant) -> String {
    let progress = download.progress();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "percent is 0 to 100")]
    let full = progress.percent() as usize * BAR / 100;
    let status = match (download.state(), progress.retry_pause()) {
        (WorkerState::Pending, _) => "waiting".to_owned(),
        (WorkerState::Running, Some(pause)) if pause.left(now).is_zero() => {
            format!("{pause}; again when one of the three is done")
        }
        (WorkerState::Running, Some(pause)) => {
            format!("{pause}; again in {} s", pause.left(now).as_secs_f64().ceil())
        }
        (WorkerState::Running, None) => format!("{:.0} %", progress.percent()),
        (WorkerState::Success, _) => "done".to_owned(),
        (WorkerState::Error, _) => download.error().map_or_else(String::new, ToString::to_string),
        (WorkerState::Cancelled, _) => "cancelled".to_owned(),
    };
    format!("{} {}{} {status}", download.name(), "█".repeat(full), "░".repeat(BAR - full))
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
    bridge.set_interval(Duration::from_secs(1), |_: &mut App| {}); // for the countdowns
    let mut app = App::new(&ui, WorkerManager::builder());
    while app.left.is_none() {
        terminal.draw(|frame| app.draw(frame, Instant::now()))?;
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

    #[test]
    fn three_run_at_a_time_and_an_error_is_tried_again_after_a_countdown() {
        many(10, |scheduler| {
            let mut bridge = TestBridge::new(scheduler);
            let mut app = App::new(&bridge.handle(), WorkerManager::builder().clock(scheduler.clock()));
            app.selected.select(Some(6));
            app.on_input(Ok(Event::Key(KeyCode::Char('c').into()))); // file-07 is still waiting
            let mut seen = Vec::new();
            while app.downloads.iter().any(|download| !download.is_finished()) {
                let loads = |download: &&Worker<()>| {
                    download.is_running() && download.progress().retry_pause().is_none()
                };
                assert!(app.downloads.iter().filter(loads).count() <= 3);
                seen.extend(app.downloads.iter().map(|download| row(download, scheduler.now())));
                bridge.advance(&mut app, Duration::from_millis(50)).unwrap();
            }
            let was_seen = |part: &str| seen.iter().any(|row| row.contains(part));
            assert!(was_seen("attempt 1 of 4 failed: connection reset; again in 1 s"));
            assert!(was_seen("attempt 2 of 4 failed: connection reset; again in 2 s"));
            assert!(was_seen("again when one of the three is done"));
            let ended: Vec<_> = app.downloads.iter().map(|download| download.state()).collect();
            let all_but = |number| match number {
                7 => WorkerState::Cancelled,
                13 => WorkerState::Error,
                _ => WorkerState::Success,
            };
            assert_eq!(ended, (1..=20).map(all_but).collect::<Vec<_>>());
        });
    }
}
