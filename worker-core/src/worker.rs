//! One worker: its state, its cancellation, its progress, its handles, and how it is waited for.
//!
//! [`record::Record`] ties the parts together; what is below it knows of no worker, what is above
//! it is a view of one.

pub(crate) mod awaiting;
pub(crate) mod body_cell;
pub(crate) mod cancellation;
pub(crate) mod current;
pub(crate) mod deadlock;
pub(crate) mod emitting;
pub(crate) mod event;
pub(crate) mod handle;
pub(crate) mod id;
pub(crate) mod lifecycle;
pub(crate) mod progress;
pub(crate) mod record;
pub(crate) mod state;
pub(crate) mod suspended;
pub(crate) mod wait;
pub(crate) mod waker_set;
