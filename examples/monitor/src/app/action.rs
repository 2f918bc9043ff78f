//! What a person can ask for. Which key means what is decided in `input`.

/// A wish of the person at the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Leave the monitor.
    Quit,
    /// Close what lies on top; leave the monitor if nothing does.
    Back,
    /// Fetch all five tables now.
    RefreshAll,
    /// Fetch the focused table now.
    RefreshFocused,
    /// Switch the automatic refresh on or off.
    ToggleAuto,
    /// Switch the automatic refresh of the focused table on or off.
    ToggleAutoFocused,
    /// Focus the next table.
    NextTable,
    /// Focus the table before.
    PreviousTable,
    /// Move down by so many rows (up, if negative).
    Move(i16),
    /// Move to the first row.
    First,
    /// Move to the last row.
    Last,
    /// Show the selected row with all its texts.
    Open,
    /// Show the keys.
    Help,
    /// Dismiss all toasts.
    DismissToasts,
}
