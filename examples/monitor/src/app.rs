//! [`App`] and [`State`]: the monitor's state and the functions that change it. All of it lives on
//! the UI thread.
//!
//! [`State`] is plain data: what is drawn, with no workers and no widgets. [`App`] owns a `State`,
//! a `worker_core::Scope` to start workers in and a `UiHandle` for the workers to reach it.
//! Callbacks of workers, timers and terminal input receive it as `&mut App`.
//!
//! A fetch, step by step: [`App::refresh_all`] starts a worker; the worker fetches on its own
//! thread and passes the *rows* to the UI thread with `call_from_thread`; [`App::update`] stores
//! them in their table. The update function receives a [`Batch`](crate::source::Batch) and no
//! `WorkerContext`, so fetching inside it is a compile error.

mod action;
mod effects;
mod overlay;
mod panel;
mod screen_request;
mod settings;
mod state;
mod toast;
mod update;

pub use action::Action;
pub use effects::App;
pub use overlay::{Overlay, RowView, Scroll};
pub use panel::{Activity, FetchStart, Outcome, Panel, Switch};
pub use screen_request::ScreenRequest;
pub use settings::Settings;
pub use state::{Exit, State, Visible};
pub use toast::{Severity, Toast, Toasts};
