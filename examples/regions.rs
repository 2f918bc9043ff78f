//! Forty regions, six asked at a time. Rows are shown as they come, and a region that fails costs
//! the others nothing.
//!
//! ```text
//! cargo run --example regions
//! ```
//!
//! `cx.map` runs the parts of one worker side by side, each with a context of its own. A cancel
//! stops all of them; the worker goes on when all have stopped. `r` asks again, `c` cancels, `q`
//! leaves.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::List;
use ratatui::{DefaultTerminal, Frame};
use worker_core::{
    BoxError, ManagerBuilder, Result, Worker, WorkerContext, WorkerManager, install_panic_hook,
};
use worker_ui_bridge::{UiBridge, UiHandle};

const REGIONS: u32 = 40;
const AT_ONCE: usize = 6;

/// A region's server: slow, and each seventh refuses.
fn ask(cx: &WorkerContext, region: u32) -> Result<Vec<String>> {
    cx.sleep(Duration::from_millis(u64::from(200 + region * 37 % 400)))?;
    if region % 7 == 3 {
        return Err("permission denied".into());
    }
    Ok((0..=region % 3).map(|job| format!("region-{region:02}: job {job}")).collect())
}

fn ask_all(cx: &WorkerContext, ui: &UiHandle<App>) -> Result<()> {
    let answers = cx.map(0..REGIONS, AT_ONCE, |cx, region| {
        let rows = ask(cx, region)?;
        Ok::<_, BoxError>(ui.post(move |app| app.rows.extend(rows))?)
    });
    let failure =
        |(region, answer): (usize, Result<()>)| Some(format!("region-{region:02}: {}", answer.err()?));
    let failures: Vec<_> = answers.into_iter().enumerate().filter_map(failure).collect();
    Ok(ui.call_from_thread(move |app| app.failures = failures)?)
}

struct App {
    rows: Vec<String>,
    failures: Vec<String>,
    asking: Worker<()>,
    left: Option<io::Result<()>>,
    workers: WorkerManager,
    ui: UiHandle<App>,
}

impl App {
    fn new(ui: UiHandle<App>, workers: ManagerBuilder) -> Self {
        let events = ui.state_changes(|_: &mut App, _| {}); // a turn for each, then a picture
        let progress = ui.progress_changes(|_: &mut App, _| {});
        let workers = workers.exit_on_error(false).events(events).progress(progress).build();
        let asking = start(&workers, &ui);
        Self { rows: Vec::new(), failures: Vec::new(), asking, left: None, workers, ui }
    }

    fn ask_again(&mut self) {
        (self.rows, self.failures) = (Vec::new(), Vec::new());
        self.asking = start(&self.workers, &self.ui);
    }

    fn on_input(&mut self, reading: io::Result<Event>) {
        match reading {
            Ok(Event::Key(key)) => match key.code {
                KeyCode::Char('q') => self.left = Some(Ok(())),
                KeyCode::Char('c') => self.asking.cancel(),
                KeyCode::Char('r') => self.ask_again(),
                _ => {}
            },
            Ok(_) => {}
            Err(error) => self.left = Some(Err(error)),
        }
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let [title, list] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(frame.area());
        let progress = self.asking.progress();
        let (asked, failed) = (progress.completed(), self.failures.len());
        let state = self.asking.state();
        frame.render_widget(format!("Jobs  {asked}/{REGIONS} regions, {failed} failed  {state}"), title);
        let failures = self.failures.iter().map(|failure| Line::from(failure.as_str()).red());
        let rows = self.rows.iter().map(|row| Line::from(row.as_str()));
        frame.render_widget(List::new(failures.chain(rows)), list);
    }
}

/// A newer one cancels the older, and what that has still in the UI's queue is dropped.
fn start(workers: &WorkerManager, ui: &UiHandle<App>) -> Worker<()> {
    let ui = ui.clone();
    workers.worker("regions").exclusive().thread(move |cx| ask_all(cx, &ui))
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
    use worker_core::AnyWorker;
    use worker_ui_bridge::testing::{TestBridge, many};

    #[test]
    fn rows_come_as_regions_answer_and_failures_cost_the_others_nothing() {
        many(20, |scheduler| {
            let mut bridge = TestBridge::new(scheduler);
            let mut app = App::new(bridge.handle(), WorkerManager::builder().clock(scheduler.clock()));
            let at_once = |app: &App| {
                let is_part = |worker: &AnyWorker| worker.parent().is_some() && worker.is_running();
                app.workers.workers().iter().filter(|worker| is_part(worker)).count()
            };
            bridge.advance(&mut app, Duration::from_millis(700)).unwrap();
            assert_eq!(at_once(&app), AT_ONCE);
            assert!(!app.rows.is_empty() && app.asking.is_running());
            app.on_input(Ok(Event::Key(KeyCode::Char('r').into())));
            bridge.advance(&mut app, Duration::from_secs(4)).unwrap();
            assert!(app.asking.result().is_some());
            assert_eq!((app.failures.len(), app.asking.progress().completed()), (6, 40));
            let answered = (0..REGIONS).filter(|region| region % 7 != 3);
            let rows: u32 = answered.map(|region| region % 3 + 1).sum();
            assert_eq!(u32::try_from(app.rows.len()), Ok(rows));

            app.on_input(Ok(Event::Key(KeyCode::Char('r').into())));
            bridge.advance(&mut app, Duration::from_millis(300)).unwrap();
            app.on_input(Ok(Event::Key(KeyCode::Char('c').into())));
            let rows = app.rows.len();
            bridge.run_until_idle(&mut app).unwrap();
            assert!(app.asking.is_cancelled() && app.rows.len() == rows && app.failures.is_empty());
        });
    }
}
