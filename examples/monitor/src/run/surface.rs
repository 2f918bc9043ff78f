//! Where pictures go: the terminal, or in a test whatever keeps them, so that both are drawn on by the same code.

use std::io;

use ratatui::Frame;

/// What the monitor is drawn on.
pub(super) trait Surface {
    /// Draws one frame, as large as the window is now.
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()>;

    /// Makes the next frame be drawn on a blank screen, whatever stands there now.
    fn invalidate(&mut self) -> io::Result<()>;

    /// Takes the screen again after somebody else has had it, as a shell has while the process is stopped.
    fn reacquire(&mut self) -> io::Result<()>;

    /// Gives the screen back, stops the process, and takes the screen again when the process goes on.
    fn suspend(&mut self) -> io::Result<()>;
}
