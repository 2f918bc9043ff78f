//! [`WorkerId`]: a worker's number.

use std::fmt;
use std::num::NonZeroU64;

use crate::sync::counter::Counter;

/// A worker's number: unique in the process, and ordered by creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(NonZeroU64);

impl WorkerId {
    /// A number that was never given before.
    pub(crate) fn next() -> Self {
        static IDS: Counter = Counter::new();
        Self(NonZeroU64::new(IDS.next()).expect("fewer than 2^64 workers"))
    }

    pub(crate) fn numbered(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(Self)
    }

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

/// `#7`
impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
