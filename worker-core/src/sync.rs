//! Threads, locks, time and waiting: everything that the rest of the crate synchronises with.
//!
//! No other module names `std::thread`, `std::sync::atomic` or `parking_lot`. A model checker that
//! replaces [`primitives`] therefore runs the real code, not a copy of it.

pub mod blocking;
pub(crate) mod clock;
pub(crate) mod counter;
pub(crate) mod manual_clock;
pub mod primitives;
#[cfg(feature = "testing")]
pub(crate) mod scheduler;
pub(crate) mod ui_thread;
pub(crate) mod yielding;
