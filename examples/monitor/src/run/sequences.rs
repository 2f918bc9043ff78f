//! [`sequence`]: what is written to the terminal beside the frames, in its language.

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::app::TerminalOutput;

/// The most bytes of a text that are copied. With the encoding they are 100 kB, which is what some
/// terminals take.
const MAX_COPIED: usize = 74_990;

/// The characters that make the terminal do this.
pub(super) fn sequence(output: &TerminalOutput) -> String {
    match output {
        // OSC 52. Base64 cannot contain what would end the sequence.
        TerminalOutput::Copy(text) => {
            let copied = &text[..text.floor_char_boundary(MAX_COPIED)];
            format!("\u{1b}]52;c;{}\u{7}", BASE64_STANDARD.encode(copied))
        }
        TerminalOutput::Bell => "\u{7}".to_owned(),
    }
}

#[cfg(test)]
mod tests;
