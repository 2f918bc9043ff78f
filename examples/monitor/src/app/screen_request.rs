//! [`ScreenRequest`]: what the next turn of the loop has to do on the screen.

/// What the next turn of the loop has to do on the screen, ordered by strength: each includes those
/// before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScreenRequest {
    /// Nothing: the screen shows the current state.
    #[default]
    None,
    /// Draw a frame: the state has changed.
    Redraw,
    /// Draw every cell: another program may have written on the screen.
    RedrawAll,
    /// Set the terminal up again and draw every cell: another program has used the terminal.
    Reacquire,
    /// Restore the terminal, stop the process, and set the terminal up again when it continues.
    Suspend,
}
