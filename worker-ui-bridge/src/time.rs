//! Time on the UI thread: how long a turn may go on, what blocks the thread for too long, and what
//! is due when.
//!
//! Names only [`sync`](crate::sync). Lowest first, each file naming only those before it:
//! `clock_sampling`, `budget`, `stall`, `alarm`, `timers`.

pub(crate) mod alarm;
pub(crate) mod budget;
pub(crate) mod clock_sampling;
pub(crate) mod stall;
pub(crate) mod timers;
