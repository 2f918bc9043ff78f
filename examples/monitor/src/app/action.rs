//! [`Action`]: the commands of the user. `input` maps keys to them.

/// A command of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Quit the monitor.
    Quit,
    /// Close the overlay, or quit if none is open.
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
    /// Focus the previous table.
    PreviousTable,
    /// Move the selection down by this many rows; negative moves up.
    Move(i16),
    /// Move to the first row.
    First,
    /// Move to the last row.
    Last,
    /// Open the selected row in an overlay that shows its full texts.
    Open,
    /// Open or close the list of keys.
    Help,
    /// Dismiss all toasts.
    DismissToasts,
}
