//! [`Action`]: the commands of the user. `input` maps keys to them.

use tui_input::InputRequest;

use crate::model::Table;

/// A command of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Quit the monitor, whatever is open.
    Quit,
    /// Close the overlay, or quit if none is open.
    CloseOrQuit,
    /// Close the overlay; if none is open, show all rows of the focused table.
    Close,
    /// Fetch all five tables now.
    RefreshAll,
    /// Fetch the focused table now.
    RefreshFocused,
    /// Cancel the fetch of the focused table.
    CancelFetch,
    /// Switch the automatic refresh on or off.
    ToggleAuto,
    /// Switch the automatic refresh of the focused table on or off.
    ToggleAutoFocused,
    /// Focus the next table, unless an overlay is open.
    NextTable,
    /// Focus the previous table, unless an overlay is open.
    PreviousTable,
    /// Focus this table, unless an overlay is open.
    GoTo(Table),
    /// Open the line in which the filter of the focused table is typed.
    OpenFilter,
    /// Change the text in that line, or move its cursor.
    EditFilter(InputRequest),
    /// Close that line and keep the filter.
    KeepFilter,
    /// Close that line and show all rows.
    ClearFilter,
    /// Sort the focused table by its next column, after the last one by none.
    SortByNext,
    /// Turn the sorting of the focused table round.
    TurnSort,
    /// Focus this table and sort it by this column; if it is, turn it round, then sort by none.
    SortBy(Table, usize),
    /// Show the focused table alone, or all of them.
    ToggleZoom,
    /// Focus this table and select the row at this place among those shown.
    Select(Table, usize),
    /// Focus this table and move its selection, as [`Action::Move`] does.
    MoveIn(Table, i16),
    /// Move the selection down by this many rows, or scroll the overlay by this many lines;
    /// negative moves up.
    Move(i16),
    /// Move to the first row, or line.
    First,
    /// Move to the last row, or line.
    Last,
    /// Open the selected row in an overlay that shows its full texts; or answer yes to what the
    /// open overlay asks.
    Open,
    /// Show the row this many rows below in the row's overlay; negative goes up.
    StepRow(i16),
    /// Open or close the error of the focused table.
    ShowError,
    /// Open or close the log of all messages.
    ShowLog,
    /// Follow the log of what the selected row stands for.
    FollowLog,
    /// Ask whether what the selected row stands for is to be stopped.
    AskToStop,
    /// Copy the key of the open or selected row.
    CopyKey,
    /// Copy the URL of the open or selected row.
    CopyUrl,
    /// Open the URL of the open or selected row in the browser.
    OpenUrl,
    /// Open or close the list of live workers.
    ShowWorkers,
    /// Open or close the list of keys.
    Help,
    /// Switch to the next profile of the configuration file.
    NextProfile,
    /// Dismiss all toasts.
    DismissToasts,
}
