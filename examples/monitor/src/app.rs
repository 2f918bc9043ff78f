//! [`App`] and [`State`]: the monitor's state and the functions that change it. All of it lives on
//! the UI thread.
//!
//! [`State`] is plain data: what is drawn, with no workers and no widgets. [`App`] owns a `State`,
//! a `worker_core::Scope` to start workers in and a `UiHandle` for the workers to reach it.
//! Callbacks of workers, timers and terminal input receive it as `&mut App`.
//!
//! A fetch, step by step: [`App::refresh_all`] starts a worker; the worker fetches on its own
//! thread; what comes from a region lands in the [`Rows`](crate::source::Rows) of the table's [`Panel`], on the UI
//! thread. Nothing there has a `WorkerContext`, so fetching is a compile error.

mod action;
mod effects;
mod overlay;
mod panel;
mod screen_request;
mod settings;
mod state;
mod toast;

pub use action::Action;
pub use effects::App;
pub use overlay::{Overlay, RowView, Scroll};
pub use panel::{Land, Panel, Switch};
pub use screen_request::ScreenRequest;
pub use settings::Settings;
pub use state::{Exit, State, Visible};
pub use toast::{Severity, Toast, Toasts};
