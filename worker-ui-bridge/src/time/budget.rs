//! [`Budget`]: how long a turn may go on.
//!
//! *Invariant.* A turn runs at most three entries past its end: the clock is read after every
//! entry, or after every fourth one while they are fast (`clock_sampling`).

use std::time::Instant;

use crate::time::clock_sampling::ClockSampling;

/// The time limit of one turn.
#[derive(Debug)]
pub(crate) struct Budget {
    /// `None`: beyond what the clock can represent, so never.
    end: Option<Instant>,
    sampling: ClockSampling,
}

impl Budget {
    /// The budget of a turn that begins at `start` and must end at `end`.
    pub(crate) fn new(start: Instant, end: Option<Instant>) -> Self {
        Self { end, sampling: ClockSampling::new(start) }
    }

    /// Counts an entry that has been run. True if the turn must end now; then it stays true.
    pub(crate) fn is_used_up(&mut self, now: impl FnOnce() -> Instant) -> bool {
        let Some(end) = self.end else { return false };
        if !self.sampling.count_entry() {
            return false;
        }
        let now = now();
        self.sampling.record_read(now);
        let used_up = end <= now;
        if used_up {
            self.sampling.reset();
        }
        used_up
    }
}

#[cfg(test)]
mod tests;
