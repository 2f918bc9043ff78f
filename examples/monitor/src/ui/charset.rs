//! [`Charset`]: the characters that are drawn. No other module asks which ones the terminal shows.

use std::ffi::OsStr;

use ratatui::buffer::Buffer;

/// The characters that the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// All of them.
    Unicode,
    /// Printable ASCII.
    Ascii,
}

/// What stands for each character of our own in ASCII, of the same width or narrower. All other
/// characters become `?`.
const ASCII: &[(&str, &str)] = &[
    // Status icons, and the mark of the focused table, `▶`.
    ("▶", ">"),
    ("◆", "*"),
    ("⏳", "."),
    ("✓", "+"),
    ("✗", "x"),
    ("⏱", "@"),
    ("⊗", "-"),
    ("💥", "#"),
    ("⚠", "!"),
    // Rules and frames.
    ("─", "-"),
    ("│", "|"),
    ("┌", "+"),
    ("┐", "+"),
    ("└", "+"),
    ("┘", "+"),
    // Marks.
    ("…", "~"),
    ("—", "-"),
    ("·", "-"),
    ("×", "x"),
    ("▲", "^"),
    ("▼", "v"),
    ("↑", "^"),
    ("↓", "v"),
    ("→", ">"),
    ("←", "<"),
];

impl Charset {
    /// Chooses by the values of `LC_ALL`, `LC_CTYPE` and `LANG`: the first that is not empty names
    /// the locale, and a locale without one is not UTF-8.
    pub fn for_locale(variables: [Option<&OsStr>; 3]) -> Self {
        let locale = variables.into_iter().flatten().find(|value| !value.is_empty());
        let locale = locale.unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Self::Unicode } else { Self::Ascii }
    }

    /// The frames of the spinner.
    pub(super) const fn spinner(self) -> &'static [&'static str] {
        match self {
            Self::Unicode => &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
            Self::Ascii => &["|", "/", "-", "\\"],
        }
    }

    /// Replaces what the terminal cannot show, in a frame that is drawn. So neither our own
    /// characters nor those of a name can be forgotten.
    pub(super) fn restrict(self, buffer: &mut Buffer) {
        if self == Self::Unicode {
            return;
        }
        for cell in &mut buffer.content {
            let symbol = cell.symbol();
            if !symbol.is_ascii() {
                let known = ASCII.iter().find(|(unicode, _)| *unicode == symbol);
                cell.set_symbol(known.map_or("?", |(_, ascii)| ascii));
            }
        }
    }
}

#[cfg(test)]
mod tests;
