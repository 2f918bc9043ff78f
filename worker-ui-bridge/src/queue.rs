//! The queue to the UI thread: what it holds, how calls are answered, and the queue itself.
//!
//! Names [`sync`](crate::sync), [`error`](crate::error) and [`time`](crate::time). Lowest first,
//! each file naming only those before it: `callback`, `reply`, `entry`, `request`, `padding`,
//! `flags`, `state`, `ui_queue`, `posting`. Only there for speed: `padding`, `flags`.

pub(crate) mod callback;
pub(crate) mod entry;
pub(crate) mod flags;
pub(crate) mod padding;
pub(crate) mod posting;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod state;
pub(crate) mod ui_queue;
