//! One worker: its state, its cancellation, its progress, its handles, and how it is waited for.
//!
//! [`record::Record`] ties the parts together. Lowest first: `id`, `state`, `cancel_reason`,
//! `error`, `lifecycle`, `progress`, `waker_set`, `cancellation`, `suspended_tasks`, `sink_scope`,
//! `slots`, `record`, `starting`, `ending`, `slot_pause`, `body_cell`, `handle`, `event`,
//! `current`, `deadlock`, `await_notice`, `wait`, `when_finished`.

pub(crate) mod await_notice;
pub(crate) mod body_cell;
pub(crate) mod cancel_reason;
pub(crate) mod cancellation;
pub(crate) mod current;
pub(crate) mod deadlock;
pub(crate) mod ending;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod handle;
pub(crate) mod id;
pub(crate) mod lifecycle;
pub(crate) mod progress;
pub(crate) mod record;
pub(crate) mod sink_scope;
pub(crate) mod slot_pause;
pub(crate) mod slots;
pub(crate) mod starting;
pub(crate) mod state;
pub(crate) mod suspended_tasks;
pub(crate) mod wait;
pub(crate) mod waker_set;
pub(crate) mod when_finished;
