//! [`Fixture`]: a bridge, a manager that reports to it, and an app whose state is a log.

use std::sync::Arc;

use worker_core::{ManualClock, StateChanged, Worker, WorkerManager};
use worker_ui_bridge::{UiBridge, UiHandle};

/// The UI's state: a log of what ran. Not `Send`, to show that it need not be.
#[derive(Debug, Default)]
pub(crate) struct App {
    pub(crate) log: Vec<String>,
    _not_send: std::rc::Rc<()>,
}

impl App {
    pub(crate) fn record(&mut self, item: impl Into<String>) {
        self.log.push(item.into());
    }

    pub(crate) fn on_worker_state_changed(&mut self, event: &StateChanged) {
        self.record(format!("{} {}", event.worker.name(), event.state));
    }
}

/// A bridge, its app and a manager that reports to it.
pub(crate) struct Fixture {
    pub(crate) bridge: UiBridge<App>,
    pub(crate) ui: UiHandle<App>,
    pub(crate) workers: WorkerManager,
    pub(crate) app: App,
}

pub(crate) fn fixture() -> Fixture {
    let bridge = UiBridge::new();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(App::on_worker_state_changed)).build();
    Fixture { bridge, ui, workers, app: App::default() }
}

/// A bridge with a manual clock.
pub(crate) fn manual_clock_fixture() -> (UiBridge<App>, Arc<ManualClock>, App) {
    let clock = Arc::new(ManualClock::new());
    (UiBridge::builder().clock(clock.clone()).build(), clock, App::default())
}

impl Fixture {
    /// One turn, without waiting.
    pub(crate) fn turn(&mut self) {
        self.bridge.pump(&mut self.app).expect("no worker fails here");
    }

    /// Pumps until the worker's terminal event has been handled.
    pub(crate) fn pump_until_finished<T: Send + Sync + 'static>(&mut self, worker: &Worker<T>) {
        while !self.app.log.iter().any(|item| {
            item.strip_prefix(worker.name())
                .is_some_and(|state| matches!(state, " SUCCESS" | " ERROR" | " CANCELLED"))
        }) {
            let _ = self.bridge.wait(&mut self.app).expect("no worker fails here");
        }
    }
}
