//! The primitives that the crate synchronises with, re-exported from `worker_core`.
//!
//! No other module names `std::thread`, `std::sync::atomic` or `parking_lot`. A model checker that
//! replaces the primitives of `worker_core` therefore runs the bridge's real code, not a copy of
//! it.

pub(crate) use worker_core::__primitives::{Mutex, MutexGuard, OnceLock, atomic, thread};
