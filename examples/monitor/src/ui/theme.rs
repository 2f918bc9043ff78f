//! [`Theme`]: the colours, emphasis and characters of everything drawn. No other module chooses
//! styles.

use ratatui::style::{Color, Modifier, Style};

use super::charset::Charset;
use crate::app::Severity;
use crate::model::State;

/// The styles and characters of everything drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    colors: Colors,
    charset: Charset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colors {
    /// The terminal's sixteen colours, which its own theme defines.
    Sixteen,
    /// No colours, only emphasis.
    None,
}

impl Theme {
    /// With colours.
    pub const fn colored() -> Self {
        Self { colors: Colors::Sixteen, charset: Charset::Unicode }
    }

    /// Without colours.
    pub const fn plain() -> Self {
        Self { colors: Colors::None, charset: Charset::Unicode }
    }

    /// Chooses by the value of `NO_COLOR`: any value that is not empty disables colours
    /// (<https://no-color.org>).
    pub fn for_no_color(no_color: Option<&std::ffi::OsStr>) -> Self {
        if no_color.is_some_and(|value| !value.is_empty()) { Self::plain() } else { Self::colored() }
    }

    /// With these characters.
    #[must_use]
    pub const fn with_charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }

    pub(super) const fn charset(self) -> Charset {
        self.charset
    }

    fn color(self, color: Color) -> Style {
        match self.colors {
            Colors::Sixteen => Style::new().fg(color),
            Colors::None => Style::new(),
        }
    }

    /// A status.
    pub fn status(self, state: State) -> Style {
        match state {
            State::Running | State::Success => self.color(Color::Green),
            // Blue is unreadable on black, and cyan on white; this is neither.
            State::Queued => self.color(Color::LightBlue),
            State::Pending | State::Cancelled | State::Preempting => self.color(Color::Yellow),
            State::Failed | State::TimedOut | State::Crashed => self.color(Color::Red),
            State::Unknown => Style::new(),
        }
    }

    /// The frame and title of a message.
    pub fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Information => self.color(Color::Cyan),
            Severity::Warning => self.color(Color::Yellow),
            Severity::Error => self.error(),
        }
    }

    /// An error message.
    pub fn error(self) -> Style {
        self.color(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Less important text.
    pub fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Column headings.
    pub fn heading(self) -> Style {
        // Not bold as well: terminals differ in what both together are.
        self.dim()
    }

    /// The title of a table.
    pub fn title(self, focused: bool) -> Style {
        if focused {
            self.color(Color::Cyan).add_modifier(Modifier::BOLD)
        } else {
            Style::new().add_modifier(Modifier::BOLD)
        }
    }

    /// The line beside a title.
    pub fn rule(self, focused: bool) -> Style {
        if focused { self.color(Color::Cyan) } else { self.dim() }
    }

    /// The counts of rows or lines out of view.
    pub fn mark(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// A spinner.
    pub fn spinner(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The selected row.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The name of a key in the footer and the help.
    pub fn key(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The frame of a popup.
    pub fn frame(self) -> Style {
        self.color(Color::Cyan)
    }
}

#[cfg(test)]
mod tests;
