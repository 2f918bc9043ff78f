//! Workers for terminal UIs: Textual's workers, in Rust, with the UI thread kept free by the
//! compiler.
//!
//! A *worker* is a piece of work with a name, a state, a result and a way to stop it. Its body runs
//! where it may block; the UI thread is told of every state change and is sent the data. This crate
//! knows no UI; `worker-ui-bridge` brings its events and callbacks to the UI thread.
//!
//! # A first worker
//!
//! A [`WorkerManager`] starts workers. `.thread(…)` returns at once; the body runs on a thread of
//! the manager's:
//!
//! ```
//! use worker_core::{WorkerManager, WorkerState};
//!
//! let workers = WorkerManager::new();
//! let lines = workers.worker("count lines").thread(|_cx| {
//!     let text = std::fs::read_to_string("Cargo.toml")?; // blocking is fine here
//!     Ok(text.lines().count())
//! });
//!
//! assert!(*lines.wait()? > 0);
//! assert_eq!(lines.state(), WorkerState::Success);
//! # Ok::<(), worker_core::WaitError>(())
//! ```
//!
//! The body returns [`Result<T>`](Result), so `?` takes any error; the handle is a
//! [`Worker<T>`](Worker), and [`result`](Worker::result) gives a `&T` for as long as a handle
//! lives.
//!
//! # Showing what happens
//!
//! A worker is [`Pending`](WorkerState::Pending) until a thread takes it up,
//! [`Running`](WorkerState::Running) while its body runs, and ends as
//! [`Success`](WorkerState::Success), [`Error`](WorkerState::Error) or
//! [`Cancelled`](WorkerState::Cancelled). Each change is one [`StateChanged`], sent to the
//! manager's [`EventSink`]: the bridge's, or for a test any function.
//!
//! ```
//! use std::sync::mpsc;
//! use worker_core::{StateChanged, WorkerManager, WorkerState};
//!
//! let (events, seen) = mpsc::channel();
//! let workers = WorkerManager::builder().events(move |event: StateChanged| drop(events.send(event))).build();
//! workers.worker("broken").thread(|_| Err::<(), _>("no route to host".into()));
//!
//! let last = seen.iter().find(|event| event.state.is_finished()).unwrap();
//! assert_eq!(last.state, WorkerState::Error);
//! assert_eq!(last.worker.error().unwrap().to_string(), "no route to host");
//! ```
//!
//! # Stopping
//!
//! A body is asked to stop, never killed: [`cancel`](AnyWorker::cancel) sets a flag that it looks
//! at, wakes it from [`cx.sleep`](WorkerContext::sleep) and from every wait, and calls its
//! [hooks](BodyContext::on_cancel). The worker is `Cancelled` when the body has really stopped.
//!
//! ```
//! use std::time::Duration;
//! use worker_core::{Worker, WorkerManager};
//!
//! let workers = WorkerManager::new();
//! let poll: Worker<()> = workers.worker("poll").thread(|cx| loop {
//!     cx.sleep(Duration::from_secs(3600))?; // ends with an error when cancelled, and `?` ends the body
//! });
//! poll.cancel();
//! assert!(poll.wait().unwrap_err().is_cancelled());
//! ```
//!
//! # Three kinds of workers, one handle
//!
//! | the work | write | it is given |
//! |---|---|---|
//! | blocks: files, processes, requests, long computations | [`.thread(\|cx\| …)`](WorkerBuilder::thread) | [`&WorkerContext`](WorkerContext) |
//! | async, and may block too; wants an event loop of its own | [`.thread_async(async \|cx\| …)`](WorkerBuilder::thread_async) | [`&WorkerContext`](WorkerContext) |
//! | async, never blocks, works closely with the UI | [`.task(&ui, async \|cx\| …)`](WorkerBuilder::task) | [`&TaskContext`](TaskContext) |
//!
//! States, events, groups and scopes are the same for all; each may start each. A worker is waited
//! for by blocking ([`wait`](Worker::wait)) or in async code ([`finished`](Worker::finished)). And
//! a function becomes a worker by an attribute:
//!
//! ```
//! use worker_core::{Result, WorkerContext, WorkerManager, work};
//!
//! #[work(thread, group = "files")]
//! fn count_lines(cx: &WorkerContext, path: String) -> Result<usize> {
//!     cx.check()?;
//!     Ok(std::fs::read_to_string(path)?.lines().count())
//! }
//!
//! let workers = WorkerManager::new();
//! let lines = count_lines(&workers, "Cargo.toml".to_owned());
//! assert!(*lines.wait()? > 0);
//! # Ok::<(), worker_core::WaitError>(())
//! ```
//!
//! # Restart policies
//!
//! Workers belong to groups. An [`exclusive`](WorkerBuilder::exclusive) start cancels the others of
//! its group, so a search field shows the answer to the newest query and never an older one; a
//! refresh timer takes [`Restart::KeepPrevious`], so that nothing is fetched twice at the same
//! time:
//!
//! ```
//! use worker_core::{Restart, WorkerManager};
//! # let (go, gate) = std::sync::mpsc::channel::<()>();
//!
//! let workers = WorkerManager::new();
//! let refresh = || workers.worker("refresh").group("builds").restart(Restart::KeepPrevious);
//! let first = refresh().thread(move |_| {
//!     # gate.recv()?;
//!     Ok("rows")
//! });
//! let second = refresh().thread(|_| Ok("rows"));
//! assert!(second.is_cancelled()); // the first is still under way
//! # go.send(()).unwrap();
//! assert_eq!(first.wait()?, &"rows");
//! # Ok::<(), worker_core::WaitError>(())
//! ```
//!
//! # Scopes and shutdown
//!
//! Workers belong to [scopes](Scope): a screen, a widget. Dropping a scope cancels its workers. At
//! the end, [`shutdown`](WorkerManager::shutdown) cancels all, waits a while, and names those that
//! would not stop:
//!
//! ```
//! use std::time::Duration;
//! use worker_core::WorkerManager;
//!
//! let workers = WorkerManager::new();
//! let screen = workers.scope("details");
//! screen.worker("fetch").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
//! drop(screen); // the user goes back
//! for worker in &workers.shutdown(Duration::from_secs(2)).abandoned {
//!     eprintln!("still running: {worker}");
//! }
//! ```
//!
//! # Inspecting
//!
//! [`workers`](WorkerManager::workers) lists the live workers, each with its name, group, scope,
//! state, age, [progress](AnyWorker::progress) and the place that started it: an inspector's table.
//! With a tracing subscriber, each worker has a span (target `worker_core::worker`, level DEBUG,
//! fields `id`, `name`, `scope`, `group`) in which its body runs and each state change is an event
//! with the field `state`. What goes wrong outside a body (a sink or a hook that panics, an error
//! without a sink or subscriber) is an event of the target `worker_core`, level ERROR.
//!
//! # What the compiler enforces
//!
//! Let every function of yours that blocks take a [`&WorkerContext`](WorkerContext). There is one
//! only inside a thread worker's body, and it can be neither sent nor shared, so no such function
//! can be called from a callback on the UI thread. A [task](WorkerBuilder::task) on the UI's own
//! loop is given a [`TaskContext`], which they do not accept. What blocks but takes no context,
//! like another crate's client, is locked away in a [`Blocking`]. No code of this crate is
//! `unsafe`.
//!
//! # Features
//!
//! - `macros`, on by default: the attribute `#[work]`.
//! - `tokio`: async bodies on threads run in a current-thread tokio runtime with I/O and time.
//! - `testing`: the module `testing`, deterministic tests with manual time and in many orders of
//!   their threads, each by a seed.

#![doc(test(attr(deny(warnings))))]
// The fan-out, which borrows, has no model.
#![cfg_attr(worker_loom, allow(dead_code))]

mod body;
mod bounded_text;
mod error;
mod manager;
#[cfg(all(test, worker_loom))]
mod models;
mod panics;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod threads;
mod worker;

pub use body::blocking_value::Blocking;
pub use body::context::{BodyContext, CancelHook, TaskContext, WorkerContext};
pub use body::event_loop::{BlockOn, EventLoop};
pub use body::local_spawn::{LocalFuture, LocalSpawn, WakeupGuard};
pub use body::retry::Retry;
#[cfg(feature = "tokio")]
pub use body::tokio_loop::TokioLoop;
pub use error::{BoxError, Cancelled, Location, NoActiveWorker, Panic, Result};
pub use manager::limit::ConcurrencyLimit;
pub use manager::manager_builder::ManagerBuilder;
pub use manager::receiver::{self, Receiver};
pub use manager::restart::Restart;
pub use manager::scope::Scope;
pub use manager::shutdown::{Abandoned, ShutdownReport};
pub use manager::start_workers::StartWorkers;
#[doc(hidden)]
#[cfg(feature = "macros")]
pub use manager::work_attribute as __private;
pub use manager::worker_builder::WorkerBuilder;
pub use manager::worker_manager::WorkerManager;
pub use panics::install_panic_hook;
pub use sync::blocking;
pub use sync::clock::{Clock, SystemClock};
pub use sync::manual_clock::ManualClock;
/// For `worker-ui-bridge` only: no stability is promised.
#[doc(hidden)]
pub mod __bridge {
    pub use crate::manager::worker_builder::{requested_at, restart_of};
    pub use crate::panics::{catch, drop_quietly, guard, keep_hook_in_front};
    pub use crate::sync::primitives;
    pub use crate::worker::handle::clock_of;
    pub use crate::worker::sink_scope::is_inside_sink;
    pub use crate::worker::when_finished::when_finished;
}
pub use worker::cancel_reason::{CancelReason, WorkerLabel};
pub use worker::current::current_worker;
pub use worker::error::{WaitError, WorkerError};
pub use worker::event::{EventSink, ProgressChanged, ProgressNotice, ProgressSink, StateChanged};
pub use worker::handle::{AnyWorker, CancelOnDrop, Worker};
pub use worker::id::WorkerId;
pub use worker::progress::{Progress, RetryPause};
pub use worker::state::WorkerState;
/// Turns a function into one that starts a worker and returns its handle at once. Textual's
/// `@work`.
///
/// ```
/// use worker_core::{Result, WorkerContext, WorkerManager, work};
///
/// /// Finds what the user looks for.
/// #[work(thread, group = "search", exclusive, exit_on_error = false)]
/// fn search(cx: &WorkerContext, query: String) -> Result<Vec<String>> {
///     cx.check()?;
///     Ok(vec![format!("all about {query}")])
/// }
///
/// let workers = WorkerManager::new();
/// let hits = search(&workers, "ratatui".to_owned()); // a Worker<Vec<String>>
/// assert_eq!(hits.wait()?, &["all about ratatui"]);
/// assert_eq!((hits.name(), hits.description()), ("search", "search(query: \"ratatui\")"));
/// # Ok::<(), worker_core::WaitError>(())
/// ```
///
/// The function that is called takes, in place of the context, what the worker is started in:
/// `&impl` [`StartWorkers`], a manager or a scope. Its other arguments move into the body. Docs,
/// visibility, generics and bounds stay.
///
/// | the function | runs | and then takes |
/// |---|---|---|
/// | `#[work(thread)] fn f(cx: &WorkerContext, …)` | on a [thread](WorkerBuilder::thread) | `(workers, …)` |
/// | `#[work(thread)] async fn f(cx: &WorkerContext, …)` | on a thread, in a [loop of its own](WorkerBuilder::thread_async) | `(workers, …)` |
/// | `#[work] async fn f(cx: &TaskContext, …)` | as a [task](WorkerBuilder::task) on the UI's loop | `(workers, ui, …)` |
///
/// A function that is neither async nor marked `thread` is refused: it would block the UI. A method
/// takes `self` by value, best as `self: Arc<Self>`, because a worker outlives the call.
///
/// | option | default | |
/// |---|---|---|
/// | `thread` | | runs on a thread |
/// | `name = "…"` | the function's | [`worker`](WorkerManager::worker) |
/// | `group = "…"` | `"default"` | [`group`](WorkerBuilder::group) |
/// | `description = "…"` | the call, with the arguments' `Debug` where they have it | [`description`](WorkerBuilder::description) |
/// | `exclusive` | | [`exclusive`](WorkerBuilder::exclusive) |
/// | `restart = Restart::…` | `Parallel` | [`restart`](WorkerBuilder::restart) |
/// | `exit_on_error = false` | the scope's, `true` | [`exit_on_error`](WorkerBuilder::exit_on_error) |
/// | `timeout = Duration::…` | none | [`timeout`](WorkerBuilder::timeout) |
/// | `delay = Duration::…` | none | [`delay`](WorkerBuilder::delay) |
/// | `limit = …` | none | [`limit`](WorkerBuilder::limit), by reference |
///
/// The values are expressions and may use the arguments: `group = format!("host {host}")`. An
/// argument that must not be seen in a list of workers, like a password, wants a `description` of
/// its own.
#[cfg(feature = "macros")]
pub use worker_core_macros::work;
