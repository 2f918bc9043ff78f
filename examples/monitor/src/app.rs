//! The monitor's state and everything that changes it, all on the UI thread.
//!
//! [`State`] is what is drawn: plain data with named changes, no workers, no widgets. [`App`] owns it together with
//! the means to start workers, and is what the callbacks of workers, timers and the terminal are given.
//!
//! The golden flow of a fetch, here as a whole: [`App::refresh_all`] starts a worker; on its own thread the worker
//! fetches and hands the *rows* over with `call_from_thread`; [`App::update`] puts them in their table. It gets a
//! [`Batch`](crate::source::Batch) and no `WorkerContext`, so it could not fetch if it tried.

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
