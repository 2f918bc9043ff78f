//! What other threads hold: [`UiHandle`](crate::UiHandle), and the sources that read on threads of
//! their own.
//!
//! Names [`sync`](crate::sync), [`error`](crate::error), [`time`](crate::time) and
//! [`queue`](crate::queue). Lowest first, each file naming only those before it: `ui_handle`,
//! `event_sinks`, `local_spawn`, `source`.

pub(crate) mod event_sinks;
pub(crate) mod local_spawn;
pub(crate) mod source;
pub(crate) mod ui_handle;
