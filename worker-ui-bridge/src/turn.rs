//! The UI thread's side: the bridge, its turns, its tasks and its waits.
//!
//! Names all folders below: [`sync`](crate::sync), [`error`](crate::error), [`time`](crate::time),
//! [`queue`](crate::queue) and [`handle`](crate::handle). Lowest first, each file naming only those
//! before it: `flood_pacing`, `tasks`, `bridge`, `timers`, `pump`, `closing`, `waiting`,
//! `waiting_for_workers`, `builder`. Only there for speed: `flood_pacing`.

pub(crate) mod bridge;
pub(crate) mod builder;
pub(crate) mod closing;
pub(crate) mod flood_pacing;
pub(crate) mod pump;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod waiting;
pub(crate) mod waiting_for_workers;
