//! [`ScreenRequest`]: what the next frame has to do on the screen besides drawing.

/// What the next frame has to do on the screen besides drawing what has changed, ordered by
/// strength: each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScreenRequest {
    /// Draw every cell: another program may have written on the screen.
    RedrawAll,
    /// Set the terminal up again and draw every cell: another program has used the terminal.
    Reacquire,
    /// Restore the terminal, stop the process, and set the terminal up again when it continues.
    Suspend,
}
