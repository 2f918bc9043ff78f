//! The UI threads that are measured: [`BenchUi`], ours, and [`ChannelLoop`], a loop that runs
//! closures from a channel.

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
    /// The work of every callback.
    pub(crate) fn add(&mut self, value: u64) {
        self.sum += value;
        self.seen += 1;
    }
}

/// A thread that runs a bridge as an app does, until this is dropped.
pub(crate) struct BenchUi {
    pub(crate) ui: UiHandle<App>,
    thread: Option<JoinHandle<()>>,
}

impl BenchUi {
    pub(crate) fn start() -> Self {
        let (sender, receiver) = bounded(1);
        let thread = thread::spawn(move || {
            let mut bridge = UiBridge::new();
            sender.send(bridge.handle()).expect("`start` waits for it");
            let mut app = App::default();
            while !app.quit {
                bridge.wait(&mut app).expect("no worker fails here");
            }
        });
        Self { ui: receiver.recv().expect("the thread sends its handle first"), thread: Some(thread) }
    }
}

impl Drop for BenchUi {
    fn drop(&mut self) {
        self.ui.post(|app| app.quit = true).expect("the bridge is open until `quit` is set");
        self.thread.take().map(JoinHandle::join);
    }
}

/// What a [`ChannelLoop`] runs.
pub(crate) type Job = Box<dyn FnOnce(&mut App) + Send>;

/// The default capacity of a bridge's queue.
pub(crate) const CAPACITY: usize = 65_536;

/// A thread that receives boxed closures from a crossbeam channel and runs them, until this is
/// dropped.
pub(crate) struct ChannelLoop {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl ChannelLoop {
    pub(crate) fn start() -> Self {
        let (sender, jobs) = bounded::<Job>(CAPACITY);
        let thread = thread::spawn(move || {
            let mut app = App::default();
            for job in jobs {
                job(&mut app);
            }
        });
        Self { jobs: Some(sender), thread: Some(thread) }
    }

    pub(crate) fn send(&self, job: impl FnOnce(&mut App) + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("taken by `drop` only");
        jobs.send(Box::new(job)).expect("the loop runs until this is dropped");
    }
}

impl Drop for ChannelLoop {
    fn drop(&mut self) {
        drop(self.jobs.take());
        self.thread.take().map(JoinHandle::join);
    }
}
