//! What the crate shares with `worker_core`: its primitives, and how it guards foreign code.
//!
//! No other module names `std::thread`, `std::sync::atomic` or `parking_lot`. A model checker that
//! replaces the primitives of `worker_core` would run the bridge's real code, not a copy of it.

#[cfg(feature = "testing")]
pub(crate) use worker_core::__bridge::clock_of;
pub(crate) use worker_core::__bridge::primitives::{Mutex, MutexGuard, atomic, thread};
pub(crate) use worker_core::__bridge::{
    catch, drop_quietly, guard, is_inside_sink, keep_hook_in_front, requested_at, restart_of, when_finished,
};
