//! Text from outside, kept short: descriptions, messages, reasons.

use std::fmt::{self, Display, Write};

/// Longer texts are cut, as Textual cuts its descriptions. In characters.
pub(crate) const MAX_TEXT: usize = 1000;

/// The first `max` characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

/// The first [`MAX_TEXT`] characters of what `value` shows of itself.
pub(crate) fn shown(value: &impl Display) -> String {
    let mut text = BoundedText::new();
    // An error only says that the text is full, or that a Display of the user's failed: what is
    // there is good enough.
    let _ = write!(text, "{value}");
    text.into_string()
}

/// Takes [`MAX_TEXT`] characters and then refuses, so that a long value is not formatted to its
/// end.
pub(crate) struct BoundedText {
    text: String,
    left: usize,
}

impl BoundedText {
    pub(crate) fn new() -> Self {
        Self { text: String::new(), left: MAX_TEXT }
    }

    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

impl Write for BoundedText {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for character in more.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(character);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_counts_characters_not_bytes() {
        assert_eq!(cut("añb", 2), "añ");
        assert_eq!(cut("añb", 3), "añb");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn what_is_shown_is_cut() {
        assert_eq!(shown(&"ñ".repeat(MAX_TEXT + 5)).chars().count(), MAX_TEXT);
        assert_eq!(shown(&7), "7");
    }
}
