//! Taking the terminal, and giving it back.
//!
//! *Invariant:* whoever gives it back first does so alone, the guard or the panic hook; the other finds nothing left
//! to do.

use std::io::{self, BufWriter, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue, style};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::tcgetwinsize;

use super::surface::Surface;

/// Whether the terminal is ours.
static ACQUIRED: AtomicBool = AtomicBool::new(false);

/// Each picture is written at once, not in pieces of what standard output would gather.
type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// The terminal while it is ours. Dropping it gives it back.
pub(super) struct Screen {
    /// Never dropped: it would show the cursor, which [`restore`] does, and report_error on standard error if the
    /// terminal has gone, which panics if that has gone too.
    terminal: ManuallyDrop<Terminal<Backend>>,
}

impl Screen {
    /// Takes the terminal: raw input, a screen of its own, pastes and focus told apart from keys.
    pub(super) fn enter() -> io::Result<Self> {
        // The theme knows about NO_COLOR; crossterm's own way with it would take the emphasis away too.
        style::force_color_output(true);
        ACQUIRED.store(true, Ordering::SeqCst);
        let entered = enter();
        if entered.is_err() {
            restore();
        }
        entered.map(|terminal| Self { terminal: ManuallyDrop::new(terminal) })
    }
}

impl Surface for Screen {
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let window = window()?;
        if window != self.terminal.get_frame().area() {
            self.terminal.resize(window)?;
        }
        self.terminal.draw(render).map(|_| ())
    }

    fn invalidate(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is, and not every terminal answers.
        self.terminal.resize(window()?)
    }

    fn reacquire(&mut self) -> io::Result<()> {
        ACQUIRED.store(true, Ordering::SeqCst);
        // Leaving first, because entering twice does nothing.
        disable_raw_mode()?;
        acquire()?;
        self.invalidate()
    }

    fn suspend(&mut self) -> io::Result<()> {
        restore();
        // Whoever started us, in the same group, is to stop too, so that the shell takes over. It fails if there is
        // nobody to signal, not even ourselves.
        kill_current_process_group(Signal::TSTP)?;
        self.reacquire()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<Terminal<Backend>> {
    acquire()?;
    let viewport = Viewport::Fixed(window()?);
    Terminal::with_options(CrosstermBackend::new(BufWriter::new(io::stdout())), TerminalOptions { viewport })
}

/// The window, as it is now. Terminals that follow their window by themselves open `/dev/tty` for each picture to ask.
fn window() -> io::Result<Rect> {
    let size = tcgetwinsize(io::stdout())?;
    Ok(Rect::new(0, 0, size.ws_col, size.ws_row))
}

fn acquire() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        Clear(ClearType::All),
        Hide,
        EnableBracketedPaste,
        EnableFocusChange
    )
}

/// Gives back what can be given back to a terminal that is not read: its mode, but nothing that must be written.
pub(super) fn restore_mode() {
    if ACQUIRED.load(Ordering::SeqCst) {
        let _ = disable_raw_mode();
    }
}

/// Gives the terminal back as it was, if it is ours.
pub(super) fn restore() {
    if !ACQUIRED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Each step is tried whatever became of those before it; nobody is left to hear of a failure.
    let _ = queue!(out, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}
