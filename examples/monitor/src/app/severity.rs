//! [`Severity`]: how severe a message is.

use std::time::Duration;

/// How severe a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Information, such as the answer to a key.
    Information,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

impl Severity {
    /// How long a toast of this severity is visible, at least.
    pub const fn lifetime(self) -> Duration {
        Duration::from_secs(match self {
            Self::Information => 3,
            Self::Warning => 5,
            Self::Error => 8,
        })
    }
}
