//! [`Screen`]: sets the terminal up and restores it.
//!
//! *Invariant:* the terminal is restored once, by the guard or by the panic hook, whichever comes
//! first; [`ACQUIRED`] decides.

use std::fmt;
use std::io::{self, BufWriter, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{Command, execute, queue, style};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::tcgetwinsize;

use super::surface::Surface;
use crate::app::Switch;

/// Whether the terminal is set up for the monitor.
static ACQUIRED: AtomicBool = AtomicBool::new(false);

/// Buffered, so that each frame is one write; standard output alone would flush at line ends.
type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// The terminal while it is set up. Dropping it restores the terminal.
pub(super) struct Screen {
    /// Never dropped. Its `Drop` would show the cursor, which [`restore`] does, and print to
    /// standard error if the terminal has gone; that panics if standard error has gone too.
    terminal: ManuallyDrop<Terminal<Backend>>,
    mouse: Switch,
}

/// Makes the terminal report clicks and the wheel. crossterm's own command asks for every movement
/// as well, and each would wake the monitor.
struct EnableMouse;

impl Command for EnableMouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1000h\x1b[?1006h")
    }
}

/// Ends what [`EnableMouse`] began. Without that it changes nothing.
struct DisableMouse;

impl Command for DisableMouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1006l\x1b[?1000l")
    }
}

impl Screen {
    /// Sets the terminal up: raw mode, alternate screen, bracketed paste, focus events and, if it
    /// is on, the mouse.
    pub(super) fn enter(mouse: Switch) -> io::Result<Self> {
        // `Theme` handles `NO_COLOR`. crossterm's own handling would remove the emphasis too.
        style::force_color_output(true);
        ACQUIRED.store(true, Ordering::SeqCst);
        let entered = enter(mouse);
        if entered.is_err() {
            restore();
        }
        entered.map(|terminal| Self { terminal: ManuallyDrop::new(terminal), mouse })
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

    fn write(&mut self, sequence: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        Write::flush(out)
    }

    fn invalidate(&mut self) -> io::Result<()> {
        // `Terminal::clear` would query the cursor position, which some terminals do not answer.
        self.terminal.resize(window()?)
    }

    fn reacquire(&mut self) -> io::Result<()> {
        ACQUIRED.store(true, Ordering::SeqCst);
        // Disabled first, because enabling it twice has no effect.
        disable_raw_mode()?;
        acquire(self.mouse)?;
        self.invalidate()
    }

    fn suspend(&mut self) -> io::Result<()> {
        restore();
        // The whole process group stops, including a parent such as `cargo run`, so that the shell
        // takes over. Fails only if no process of the group can be signalled.
        kill_current_process_group(Signal::TSTP)?;
        self.reacquire()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(mouse: Switch) -> io::Result<Terminal<Backend>> {
    acquire(mouse)?;
    let viewport = Viewport::Fixed(window()?);
    Terminal::with_options(CrosstermBackend::new(BufWriter::new(io::stdout())), TerminalOptions { viewport })
}

/// The current size of the window. ratatui's own tracking would open `/dev/tty` for every frame.
fn window() -> io::Result<Rect> {
    let size = tcgetwinsize(io::stdout())?;
    Ok(Rect::new(0, 0, size.ws_col, size.ws_row))
}

fn acquire(mouse: Switch) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        Clear(ClearType::All),
        Hide,
        EnableBracketedPaste,
        EnableFocusChange
    )?;
    match mouse {
        Switch::On => execute!(io::stdout(), EnableMouse),
        Switch::Off => Ok(()),
    }
}

/// Restores the mode of the terminal without writing to it, for a terminal that is not read.
pub(super) fn restore_mode() {
    if ACQUIRED.load(Ordering::SeqCst) {
        let _ = disable_raw_mode();
    }
}

/// Restores the terminal, if it is set up.
pub(super) fn restore() {
    if !ACQUIRED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Each step is attempted even if an earlier one failed. There is nowhere to report a failure.
    let _ = queue!(out, DisableMouse, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}
