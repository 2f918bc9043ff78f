//! The bridge from worker threads to the UI thread: Textual's `call_from_thread`, for any UI loop.
//!
//! Workers ([`worker-core`](worker_core)) do what takes time. The UI thread only updates the UI.
//! Data goes one way, from workers to the UI, through one queue: callbacks that carry data, state
//! changes, terminal input, polls of tasks. A [`UiBridge`] runs them on the UI thread, in order, a
//! bounded turn at a time.
//!
//! # A whole app
//!
//! The loop of a ratatui app, without the drawing. `App` is the UI's state; it never leaves the UI
//! thread. What is fetched is a [`Resource`]: old data stays beside a spinner and beside an error.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use worker_core::{Scope, WorkerContext, WorkerManager};
//! use worker_ui_bridge::{Resource, UiBridge, UiHandle};
//!
//! struct Source;
//!
//! impl Source {
//!     /// Blocks, so it takes a context: it can be called in a worker only.
//!     fn builds(&self, cx: &WorkerContext) -> worker_core::Result<Vec<String>> {
//!         cx.sleep(Duration::from_millis(5))?;
//!         Ok(vec!["trainer:latest".to_owned()])
//!     }
//! }
//!
//! struct App {
//!     builds: Resource<App, Vec<String>>,
//!     spinner: usize,
//!     screen: Scope, // dropping it cancels the screen's workers
//!     source: Arc<Source>,
//!     ui: UiHandle<App>,
//! }
//!
//! impl App {
//!     fn refresh_builds(&mut self) {
//!         let source = self.source.clone();
//!         let worker = self.screen.worker("builds");
//!         self.builds.fetch(worker, &self.ui, move |cx| source.builds(cx)); // only data can cross
//!     }
//! }
//!
//! let mut bridge = UiBridge::new();
//! let workers = WorkerManager::new();
//! let builds = Resource::new(|app: &mut App| &mut app.builds);
//! let (screen, source) = (workers.scope("monitor"), Arc::new(Source));
//! let mut app = App { builds, spinner: 0, screen, source, ui: bridge.handle() };
//!
//! let is_fetching = |app: &App| app.builds.is_fetching();
//! bridge.set_interval_while(Duration::from_millis(125), is_fetching, |app| app.spinner += 1);
//! bridge.set_interval(Duration::from_secs(30), App::refresh_builds);
//! app.refresh_builds();
//! # let mut frames = 0;
//! loop {
//!     // terminal.draw(|frame| app.draw(frame))?;
//!     bridge.next_frame(&mut app)?; // sleeps until there is something new to draw
//!     # frames += 1;
//!     # if frames > 0 && !app.builds.is_fetching() { break }
//! }
//! for worker in &workers.shutdown(Duration::from_secs(2)).abandoned {
//!     eprintln!("still running: {worker}");
//! }
//! assert_eq!(app.builds.data().unwrap(), &["trainer:latest"]);
//! # Ok::<(), worker_ui_bridge::PumpError>(())
//! ```
//!
//! # In a terminal
//!
//! The whole program with ratatui. Keys arrive through [`UiHandle::source`], which reads them on a
//! thread of its own, so the UI thread waits in one place only. `ratatui::run` restores the
//! terminal on every way out. Start it and press `q`, or any other key:
//!
//! ```no_run
//! use std::io;
//! use std::time::Duration;
//!
//! use crossterm::event::{self, Event, KeyCode};
//! use ratatui::{DefaultTerminal, Frame};
//! use worker_core::{Result, WorkerManager, install_panic_hook};
//! use worker_ui_bridge::UiBridge;
//!
//! #[derive(Default)]
//! struct App {
//!     text: String,
//!     left: Option<io::Result<()>>,
//! }
//!
//! impl App {
//!     fn on_input(&mut self, reading: io::Result<Event>) {
//!         match reading {
//!             Ok(Event::Key(key)) if key.code == KeyCode::Char('q') => self.left = Some(Ok(())),
//!             Ok(_) => self.text = "loading …".to_owned(),
//!             Err(error) => self.left = Some(Err(error)),
//!         }
//!     }
//!
//!     fn draw(&self, frame: &mut Frame) {
//!         frame.render_widget(self.text.as_str(), frame.area());
//!     }
//! }
//!
//! fn main() -> Result<()> {
//!     ratatui::run(|terminal| {
//!         install_panic_hook(); // a worker's panic must not touch the terminal
//!         run(terminal)
//!     })
//! }
//!
//! fn run(terminal: &mut DefaultTerminal) -> Result<()> {
//!     let mut bridge = UiBridge::new();
//!     let (ui, workers) = (bridge.handle(), WorkerManager::new());
//!     ui.source("terminal", event::read, App::on_input)?;
//!     workers.worker("fetch").thread(move |cx| {
//!         cx.sleep(Duration::from_secs(2))?; // a slow server
//!         Ok(ui.post(|app: &mut App| app.text = "loaded".to_owned())?)
//!     });
//!     let mut app = App::default();
//!     while app.left.is_none() {
//!         terminal.draw(|frame| app.draw(frame))?;
//!         bridge.next_frame(&mut app)?;
//!     }
//!     bridge.shutdown(&mut app, &workers, Duration::from_secs(2));
//!     app.left.map_or(Ok(()), |left| Ok(left?))
//! }
//! ```
//!
//! # What it promises
//!
//! - The events and callbacks of a worker arrive in the order in which it made them.
//! - After [`cancel`](worker_core::AnyWorker::cancel) has returned on the UI thread, no callback of
//!   that worker runs, and a worker blocked in [`call_from_thread`](UiHandle::call_from_thread)
//!   returns at once.
//! - A turn is bounded by what was queued when it began and by a time budget: a flood of posts does
//!   not delay drawing.
//! - Closing or dropping the bridge, at any time, answers every pending and later call with
//!   `Closed`.
//! - An idle app makes no wake-ups.
//!
//! # In a test
//!
//! With the feature `testing` a test advances the time itself and runs in many orders of its
//! threads; see the module `testing`. This is a whole app that refreshes every 30 seconds from a
//! server that takes two:
//!
//! ```
//! use std::time::Duration;
//! use worker_core::{Scope, WorkerManager};
//! use worker_ui_bridge::UiHandle;
//! use worker_ui_bridge::testing::{self, TestBridge};
//!
//! struct App {
//!     fetched: u32,
//!     screen: Scope,
//!     ui: UiHandle<App>,
//! }
//!
//! impl App {
//!     fn refresh(&self) {
//!         let ui = self.ui.clone();
//!         self.screen.worker("fetch").exclusive().thread(move |cx| {
//!             cx.sleep(Duration::from_secs(2))?; // the server
//!             Ok(ui.call_from_thread(|app| app.fetched += 1)?)
//!         });
//!     }
//! }
//!
//! testing::many(10, |scheduler| {
//!     let mut bridge = TestBridge::new(scheduler);
//!     let workers = WorkerManager::builder().clock(scheduler.clock()).build();
//!     let (screen, ui) = (workers.scope("monitor"), bridge.handle());
//!     let mut app = App { fetched: 0, screen, ui };
//!     bridge.set_interval(Duration::from_secs(30), |app: &mut App| app.refresh());
//!
//!     bridge.advance(&mut app, Duration::from_secs(31)).unwrap(); // returns at once
//!     assert_eq!(app.fetched, 0);
//!     bridge.advance(&mut app, Duration::from_secs(31)).unwrap();
//!     assert_eq!(app.fetched, 2);
//! });
//! ```
//!
//! # A foreign loop
//!
//! In an async app, [`turn`](UiBridge::turn) is one branch of its `select!`, in any executor. If
//! another library owns the loop, the builder's [`waker`](BridgeBuilder::waker) tells that loop to
//! [`pump`](UiBridge::pump), and [`wake_for_timers`](BridgeBuilder::wake_for_timers) does so for
//! timers, too. The examples `tokio_app`, `plain_crossterm`, `foreign_mio` and `foreign_cursive` of
//! the repository are whole programs. The principle:
//!
//! ```
//! use std::sync::mpsc;
//! use worker_ui_bridge::UiBridge;
//!
//! enum Event {
//!     Quit,
//!     Work,
//! }
//!
//! let (sender, events) = mpsc::channel(); // the foreign loop's own queue
//! let wake = sender.clone();
//! let mut bridge = UiBridge::builder().waker(move || drop(wake.send(Event::Work))).build();
//!
//! let ui = bridge.handle();
//! let worker = std::thread::spawn(move || ui.post(|rows: &mut Vec<u8>| rows.push(1)).unwrap());
//! # worker.join().unwrap();
//! sender.send(Event::Quit).unwrap();
//!
//! let mut rows = Vec::new();
//! for event in events {
//!     match event {
//!         Event::Quit => break,
//!         Event::Work => while bridge.pump(&mut rows)?.more() { /* draw */ },
//!     }
//! }
//! assert_eq!(rows, [1]);
//! # Ok::<(), worker_ui_bridge::PumpError>(())
//! ```

#![doc(test(attr(deny(warnings))))]

mod error;
mod handle;
#[cfg(all(test, worker_loom))]
mod models;
mod queue;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod turn;

pub use error::{CallError, PauseError, PostError, PumpError, TryPostError, WaitForError};
pub use handle::resource::{Landing, Resource};
pub use handle::source::{Reading, Source};
pub use handle::ui_handle::UiHandle;
pub use time::stall::Stall;
pub use time::timers::TimerId;
pub use turn::bridge::UiBridge;
pub use turn::builder::BridgeBuilder;
pub use turn::pump::Pumped;
pub use turn::waiting_for_workers::Waitable;
