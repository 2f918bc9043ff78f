//! The UI thread's side: the bridge, its turns, its tasks and its waits.
//!
//! Names all folders below: [`sync`](crate::sync), [`error`](crate::error), [`time`](crate::time),
//! [`queue`](crate::queue) and [`handle`](crate::handle). Lowest first, each file naming only those
//! before it: `flood_pacing`, `frame_pacing`, `deadlines`, `tasks`, `bridge`, `requests`, `timers`,
//! `pump`, `closing`, `waiting`, `frames`, `waiting_for_workers`, `async_turns`, `builder`. Only
//! there for speed: `flood_pacing`.

pub(crate) mod async_turns;
pub(crate) mod bridge;
pub(crate) mod builder;
pub(crate) mod closing;
pub(crate) mod deadlines;
pub(crate) mod flood_pacing;
pub(crate) mod frame_pacing;
pub(crate) mod frames;
pub(crate) mod pump;
pub(crate) mod requests;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod waiting;
pub(crate) mod waiting_for_workers;
