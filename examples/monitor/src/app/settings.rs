//! What the monitor was started with.

use std::time::Duration;

use crate::model::Caps;

/// What the monitor was started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the rows come from, for the header: `demo`, `live`, …
    pub source: String,
    /// The time from one automatic refresh to the next.
    pub refresh: Duration,
    /// How many rows are shown at most.
    pub caps: Caps,
}
