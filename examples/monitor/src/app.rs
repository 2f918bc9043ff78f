//! [`App`] and [`State`]: the monitor's state and the functions that change it. All of it lives on
//! the UI thread.
//!
//! [`State`] is plain data: what is drawn, with no workers and no widgets. [`App`] owns a `State`,
//! a `worker_core::Scope` to start workers in and a `UiHandle` for the workers to reach it.
//! Callbacks of workers, timers and terminal input receive it as `&mut App`.
//!
//! A fetch, step by step: [`App::refresh_all`] starts a worker; the worker fetches on its own
//! thread; what comes from a region lands in the [`Rows`](crate::source::Rows) of the table's
//! [`Panel`], on the UI thread. Nothing there has a `WorkerContext`, so fetching is a compile
//! error.

mod action;
mod backoff;
mod browse;
mod effects;
mod failure_watch;
mod filter;
mod filter_line;
mod log;
mod overlay;
mod panel;
mod problem;
mod row_actions;
mod screen_request;
mod settings;
mod severity;
mod state;
mod tail;
mod terminal_output;
mod toast;
mod view;
mod worker_list;

pub use action::Action;
pub use backoff::Backoffs;
pub use effects::App;
pub use filter::Filter;
pub use filter_line::FilterLine;
pub use log::{Log, Message};
pub use overlay::{ErrorView, Overlay, RowView, Scroll, WorkersView};
pub use panel::{Land, Panel, Switch};
pub use problem::Problem;
pub use screen_request::ScreenRequest;
pub use settings::Settings;
pub use severity::Severity;
pub use state::{Exit, State, Visible};
pub use tail::Tail;
pub use terminal_output::TerminalOutput;
pub use toast::{Toast, Toasts};
pub use view::{Direction, Sort, View};
pub use worker_list::WorkerLine;
