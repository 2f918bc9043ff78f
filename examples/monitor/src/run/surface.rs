//! [`Surface`]: what frames are drawn on. The terminal implements it, and a test double that
//! records frames.

use std::io;

use ratatui::Frame;

/// What the monitor is drawn on.
pub(super) trait Surface {
    /// Draws one frame in the current size of the window.
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()>;

    /// Writes a sequence that changes no cell.
    fn write(&mut self, sequence: &str) -> io::Result<()>;

    /// Makes the next frame redraw every cell.
    fn invalidate(&mut self) -> io::Result<()>;

    /// Sets the screen up again after another program, such as the shell, has used it.
    fn reacquire(&mut self) -> io::Result<()>;

    /// Restores the screen, stops the process, and sets the screen up again when the process
    /// continues.
    fn suspend(&mut self) -> io::Result<()>;
}
