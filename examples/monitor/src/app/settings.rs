//! [`Settings`]: the options of the command line that the screen needs.

use std::time::Duration;

use crate::model::Caps;

/// The options of the command line that the screen needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the source, shown in the header: `demo`, `live`, …
    pub source: String,
    /// The interval of the automatic refresh.
    pub refresh: Duration,
    /// How many rows are shown at most.
    pub caps: Caps,
}
