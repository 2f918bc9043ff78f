//! A UI whose state is a list of what happened to it, and a bridge driven by hand.

use std::sync::Arc;

use worker_core::{ManualClock, StateChanged, Worker, WorkerManager};
use worker_ui_bridge::{UiBridge, UiHandle};

/// The UI's state in these tests: what was done to it, in order. Not `Send`, to show that it need not be.
#[derive(Debug, Default)]
pub(crate) struct Ui {
    pub(crate) seen: Vec<String>,
    _not_send: std::rc::Rc<()>,
}

impl Ui {
    pub(crate) fn see(&mut self, what: impl Into<String>) {
        self.seen.push(what.into());
    }

    pub(crate) fn on_worker_state_changed(&mut self, event: &StateChanged) {
        self.see(format!("{} {}", event.worker.name(), event.state));
    }
}

/// A bridge with its UI and a manager that reports to it.
pub(crate) struct Stage {
    pub(crate) bridge: UiBridge<Ui>,
    pub(crate) ui: UiHandle<Ui>,
    pub(crate) workers: WorkerManager,
    pub(crate) app: Ui,
}

pub(crate) fn stage() -> Stage {
    let bridge = UiBridge::new();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(Ui::on_worker_state_changed)).build();
    Stage { bridge, ui, workers, app: Ui::default() }
}

/// A bridge whose time is in the test's hand.
pub(crate) fn timed() -> (UiBridge<Ui>, Arc<ManualClock>, Ui) {
    let clock = Arc::new(ManualClock::new());
    (UiBridge::builder().clock(clock.clone()).build(), clock, Ui::default())
}

impl Stage {
    /// One turn, whether there is something to do or not.
    pub(crate) fn turn(&mut self) {
        self.bridge.pump(&mut self.app).expect("no worker fails here");
    }

    /// Pumps until the worker's terminal event has been handled.
    pub(crate) fn pump_until_finished<T: Send + Sync + 'static>(&mut self, worker: &Worker<T>) {
        while !self.app.seen.iter().any(|seen| {
            seen.strip_prefix(worker.name())
                .is_some_and(|state| matches!(state, " SUCCESS" | " ERROR" | " CANCELLED"))
        }) {
            let _ = self.bridge.wait(&mut self.app).expect("no worker fails here");
        }
    }
}
