//! The UI threads that are measured: ours, and the plainest loop that runs closures from a channel.

use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, bounded};
use worker_ui_bridge::{UiBridge, UiHandle};

/// The UI's state.
#[derive(Debug, Default)]
pub(crate) struct App {
    pub(crate) sum: u64,
    pub(crate) seen: u32,
    quit: bool,
}

impl App {
    /// What every callback does.
    pub(crate) fn add(&mut self, value: u64) {
        self.sum += value;
        self.seen += 1;
    }
}

/// A thread that waits and turns as an app does, until this is dropped.
pub(crate) struct UiThread {
    pub(crate) ui: UiHandle<App>,
    thread: Option<JoinHandle<()>>,
}

impl UiThread {
    pub(crate) fn start() -> Self {
        let (give, take) = bounded(1);
        let thread = thread::spawn(move || {
            let mut bridge = UiBridge::new();
            give.send(bridge.handle()).expect("whoever started this waits for it");
            let mut app = App::default();
            while !app.quit {
                bridge.wait(&mut app).expect("no worker fails here");
            }
        });
        Self { ui: take.recv().expect("it gives its handle first"), thread: Some(thread) }
    }
}

impl Drop for UiThread {
    fn drop(&mut self) {
        self.ui.post(|app| app.quit = true).expect("it is there until told");
        self.thread.take().map(JoinHandle::join);
    }
}

/// What goes to a plain loop.
pub(crate) type Job = Box<dyn FnOnce(&mut App) + Send>;

/// As many as a bridge's queue has room for by default.
pub(crate) const ROOM: usize = 65_536;

/// The plainest loop on a thread of its own, until this is dropped: it receives a boxed closure from a crossbeam channel and
/// runs it.
pub(crate) struct PlainThread {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl PlainThread {
    pub(crate) fn start() -> Self {
        let (sender, jobs) = bounded::<Job>(ROOM);
        let thread = thread::spawn(move || {
            let mut app = App::default();
            for job in jobs {
                job(&mut app);
            }
        });
        Self { jobs: Some(sender), thread: Some(thread) }
    }

    pub(crate) fn send(&self, job: impl FnOnce(&mut App) + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("there until dropped");
        jobs.send(Box::new(job)).expect("the loop is there until this is dropped");
    }
}

impl Drop for PlainThread {
    fn drop(&mut self) {
        drop(self.jobs.take());
        self.thread.take().map(JoinHandle::join);
    }
}
