//! The time from a key that filters or sorts to the drawn frame, with far more rows than the
//! monitor fetches: the monitor in this process, without a terminal. What it does after the frame,
//! such as making the texts that a filter looks in, is not in that time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use monitor::app::{Action, App, Settings};
use monitor::model::{Caps, Table};
use monitor::source::Fetcher;
use monitor::sources::{Demo, demo};
use monitor::ui::{self, Theme};
use monitor::wall_clock::WallClock;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use worker_core::{SystemClock, WorkerManager};
use worker_ui_bridge::UiBridge;

use crate::SIZE;
use crate::measurement::{Measurement, percentile};

/// The rows of each of the five tables.
const ROWS: usize = 10_000;

const FILTERS: [&str; 4] = ["train us-east4 running", "e", "created:3 9m", "no row matches this"];

struct Monitor {
    app: App,
    terminal: Terminal<TestBackend>,
}

impl Monitor {
    fn loaded() -> Self {
        let wall_clock = WallClock::starting_at(demo::EPOCH, Arc::new(SystemClock));
        let source = Arc::new(Demo::new(9, Some(ROWS), wall_clock.clone()));
        let (mut bridge, workers) = (UiBridge::new(), WorkerManager::new());
        let fetcher = Fetcher::new(source, workers.clone());
        let refresh = Duration::from_secs(30);
        let caps = Caps::all(ROWS);
        let settings = Settings { source: "demo".to_owned(), refresh, caps, ..Settings::default() };
        let mut app = App::new(settings, fetcher, wall_clock, workers.scope("monitor"), bridge.handle());
        app.refresh_all();
        while app.state().is_loading() {
            bridge.wait(&mut app).expect("the loop goes on");
        }
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal");
        let mut monitor = Self { app, terminal };
        monitor.draw();
        monitor
    }

    /// How long it takes until a key is drawn.
    fn press(&mut self, key: impl FnOnce(&mut App)) -> Duration {
        let pressed = Instant::now();
        key(&mut self.app);
        self.draw();
        let drawn = pressed.elapsed();
        let visible = ui::visible(Rect::new(0, 0, SIZE.0, SIZE.1), self.app.state());
        self.app.set_visible(visible);
        drawn
    }

    fn draw(&mut self) {
        self.app.prepare_frame();
        self.terminal.draw(|frame| ui::render(frame, self.app.state(), Theme::colored())).expect("drawn");
    }
}

pub(crate) fn measurements() -> Vec<Measurement> {
    let mut monitor = Monitor::loaded();
    let (mut filtering, mut sorting) = (Vec::new(), Vec::new());
    for table in Table::ALL {
        monitor.press(|app| app.dispatch(Action::GoTo(table)));
        assert!(monitor.app.state().panels[table].rows().len() >= ROWS, "{table}");
        for filter in FILTERS {
            filtering.push(monitor.press(|app| app.dispatch(Action::OpenFilter)));
            for c in filter.chars() {
                filtering.push(monitor.press(|app| app.paste(c.encode_utf8(&mut [0; 4]))));
            }
            filtering.push(monitor.press(|app| app.dispatch(Action::ClearFilter)));
        }
        for _ in 0..=table.columns().len() {
            sorting.push(monitor.press(|app| app.dispatch(Action::SortByNext)));
        }
    }
    let rows = format!("5 × {ROWS} rows");
    vec![
        Measurement::milliseconds(
            format!("key of a filter to its frame, {rows}, p50"),
            percentile(&filtering, 50),
            16.0,
        ),
        Measurement::milliseconds(
            format!("key of a filter to its frame, {rows}, p99"),
            percentile(&filtering, 99),
            16.0,
        ),
        Measurement::milliseconds(
            format!("key that sorts to its frame, {rows}, p99"),
            percentile(&sorting, 99),
            16.0,
        ),
    ]
}
