//! [`Problem`]: what of a table's last fetch failed.

use super::panel::Panel;

/// What of a table's last fetch failed, and why. The texts are not escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// All of it. The rows, if there are any, are those of an earlier fetch.
    Whole(String),
    /// Parts of it. The rows of the other parts are new.
    Partial(String),
}

impl Problem {
    /// What of this table's last fetch failed; `None` if nothing did. While the table is fetched
    /// again, it is what failed before.
    pub fn of(panel: &Panel) -> Option<Self> {
        let partial = || panel.loaded().and_then(|rows| rows.failure.clone());
        panel.error().map(Self::Whole).or_else(|| partial().map(Self::Partial))
    }

    /// What failed, and why.
    pub fn text(&self) -> &str {
        match self {
            Self::Whole(text) | Self::Partial(text) => text,
        }
    }
}
