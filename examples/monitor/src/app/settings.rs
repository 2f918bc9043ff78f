//! [`Settings`]: the options that the screen needs.

use std::time::Duration;

use crate::model::Caps;

/// The options that the screen needs.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name of the source, shown in the header: `demo`, `live`, …
    pub source: String,
    /// The interval of the automatic refresh.
    pub refresh: Duration,
    /// How many rows are shown at most.
    pub caps: Caps,
    /// The name of the profile; empty if the configuration file has none.
    pub profile: String,
    /// Whether the terminal's bell rings when something that was seen active has failed.
    pub bell: bool,
}
