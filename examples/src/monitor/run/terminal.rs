//! Taking the terminal, and giving it back.
//!
//! *Invariant:* whoever gives it back first does so alone, the guard or the panic hook; the other finds nothing left
//! to do.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue, style};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Dropping it gives it back.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal: raw input, a screen of its own, pastes and focus told apart from keys.
    pub(super) fn enter() -> io::Result<Self> {
        // The theme knows about NO_COLOR; crossterm's own way with it would take the emphasis away too.
        style::force_color_output(true);
        TAKEN.store(true, Ordering::SeqCst);
        let entered = enter();
        if entered.is_err() {
            give_back();
        }
        entered.map(|terminal| Self { terminal })
    }

    /// Draws one frame.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(render).map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    enable_raw_mode()?;
    let mut out = io::stdout();
    // Cleared by hand: `Terminal::clear` asks the terminal where its cursor is, and not every terminal answers.
    execute!(
        out,
        EnterAlternateScreen,
        Clear(ClearType::All),
        Hide,
        EnableBracketedPaste,
        EnableFocusChange
    )?;
    Terminal::new(CrosstermBackend::new(out))
}

/// Gives the terminal back as it was, if it is ours.
pub(super) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Each step is tried whatever became of those before it; nobody is left to hear of a failure.
    let _ = queue!(out, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}
