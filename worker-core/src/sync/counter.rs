//! [`Counter`]: gives out numbers, each once in the process.

use crate::sync::primitives::process::{AtomicU64, Ordering};

/// Gives out 1, 2, 3, … from any thread.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// A number that was not given before.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}
