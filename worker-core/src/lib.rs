//! Textual-style workers for terminal UIs.
//!
//! (front page follows)

pub mod blocking;
mod builder;
mod cancellation;
mod clock;
mod context;
mod current;
mod deadlock;
mod engine;
mod error;
mod event;
mod local;
mod manager;
mod panics;
mod pool;
mod progress;
mod record;
mod registry;
mod restart;
mod scope;
mod shutdown;
mod slot;
mod state;
mod task;
mod wait;
mod worker;

pub use builder::WorkerBuilder;
pub use clock::{Clock, ManualClock, SystemClock};
pub use context::{BodyContext, CancelHook, TaskContext, WorkerContext};
pub use current::current_worker;
pub use error::{BoxError, Cancelled, Location, NoActiveWorker, Panic, Result, WaitError, WorkerError};
pub use event::{EventSink, StateChanged};
pub use local::{LocalFuture, LocalSpawn};
pub use manager::{ManagerBuilder, WorkerManager};
pub use panics::install_panic_hook;
pub use progress::Progress;
pub use record::WorkerId;
pub use restart::Restart;
pub use scope::Scope;
pub use shutdown::{Abandoned, ShutdownReport};
pub use state::WorkerState;
pub use worker::{AnyWorker, CancelOnDrop, Worker};
