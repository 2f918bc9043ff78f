//! What other threads hold: [`UiHandle`](crate::UiHandle), and the sources that read on threads of
//! their own.
//!
//! Names [`sync`](crate::sync), [`error`](crate::error), [`time`](crate::time) and
//! [`queue`](crate::queue). Lowest first, each file naming only those before it: `target`,
//! `ui_handle`, `timers`, `event_sinks`, `local_spawn`, `source`, `resource`.

pub(crate) mod event_sinks;
pub(crate) mod local_spawn;
pub(crate) mod resource;
pub(crate) mod source;
pub(crate) mod target;
pub(crate) mod timers;
pub(crate) mod ui_handle;
