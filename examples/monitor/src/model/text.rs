//! Text for a terminal: escaping, truncation, width, line breaking and order.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Replaces every character that could control a terminal, one character for one.
///
/// C0 controls and DEL become their control pictures (`␛`, `␊`, …). Characters without a picture
/// become `�`: C1 controls, bidirectional marks (which could reverse the visible order of a name),
/// zero-width spaces, tags and other invisible characters.
///
/// ```
/// use monitor::model::text::escape;
///
/// assert_eq!(escape("\u{1b}[31mred\u{1b}[0m\r\n"), "␛[31mred␛[0m␍␊");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(replacement).collect())
}

/// Whether a text is printable ASCII only, so that each byte fills one column.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether a character could control a terminal or change how other text is drawn.
pub fn is_unsafe(c: char) -> bool {
    replacement(c) != c
}

fn replacement(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}' => '\u{fffd}',
        _ => c,
    }
}

/// The first `limit` characters.
pub fn truncate(text: &str, limit: usize) -> &str {
    // A text has at most as many characters as bytes.
    if text.len() <= limit {
        return text;
    }
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

/// At most `limit` characters of a text: all of it, or its start and `…`.
///
/// ```
/// use monitor::model::text::shorten;
///
/// assert_eq!(shorten("quota exceeded", 6), "quota…");
/// assert_eq!(shorten("quota", 6), "quota");
/// ```
pub fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    if truncate(text, limit).len() == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", truncate(text, limit.saturating_sub(1)).trim_end()))
}

/// The first line that is not blank, trimmed.
pub fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("")
}

/// What a text is sorted by: its order is that of the text, without regard to case, and digits
/// count as the number they make.
///
/// ```
/// use monitor::model::text::sort_key;
///
/// assert!(sort_key("run-2") < sort_key("Run-10"));
/// assert!(sort_key("EAST") < sort_key("west"));
/// ```
pub fn sort_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number = rest[..end].trim_start_matches('0');
            // The longer number is the greater one, so its length comes first.
            let length = u32::try_from(number.len()).ok().and_then(char::from_u32).unwrap_or(char::MAX);
            key.extend(['0', length]);
            key.push_str(number);
            rest = &rest[end..];
        } else {
            key.extend(c.to_lowercase());
            rest = &rest[c.len_utf8()..];
        }
    }
    key
}

/// The width of a text in terminal columns.
pub fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.width() }
}

/// At most `columns` terminal columns of a text, with `…` in place of what does not fit.
///
/// ```
/// use monitor::model::text::fit;
///
/// assert_eq!(fit("訓練ジョブ", 5), "訓練…");
/// assert_eq!(fit("short", 5), "short");
/// ```
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut fitted = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        fitted.push(c);
    }
    fitted.push('…');
    Cow::Owned(fitted)
}

/// Breaks a text into escaped lines of at most `columns` terminal columns: at its line ends, else
/// at spaces, else inside a word.
///
/// The iterator is lazy, so the first lines of a long text are cheap.
pub fn wrap(text: &str, columns: usize) -> impl Iterator<Item = String> {
    let columns = columns.max(2);
    let nothing = text.lines().next().is_none().then(String::new);
    text.lines().flat_map(move |line| wrap_line(line, columns)).chain(nothing)
}

/// At most `lines` lines of a text, broken as by [`wrap`]. If there are more, the last one ends in
/// `…`.
pub fn wrap_at_most(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut wrapped: Vec<String> = wrap(text, columns).take(lines + 1).collect();
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            // A space is added if the line is full, so that `fit` has something to replace.
            *last = if width(last) < columns {
                format!("{last}…")
            } else {
                fit(&format!("{last} "), columns).into_owned()
            };
        }
    }
    wrapped
}

fn wrap_line(line: &str, columns: usize) -> impl Iterator<Item = String> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, next) = split_line(text, columns);
        rest = next;
        Some(escape(piece).into_owned())
    })
}

/// Splits a text after its first line. Reads no further than that.
fn split_line(text: &str, columns: usize) -> (&str, Option<&str>) {
    let mut used = 0;
    let mut last_space = None;
    for (at, c) in text.char_indices() {
        used += replacement(c).width().unwrap_or(0);
        if used > columns {
            return match last_space {
                Some(space) if space > 0 => (&text[..space], Some(&text[space + 1..])),
                _ => (&text[..at], Some(&text[at..])),
            };
        }
        if c == ' ' {
            last_space = Some(at);
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests;
