//! The popup with all messages so far, newest first.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::popup::{self, Popup};
use super::theme::Theme;
use super::toasts;
use crate::app::{Message, Scroll, State};

const MAX_WIDTH: u16 = 110;

/// The width of a severity's symbol and the space after it.
const SYMBOL: usize = 2;

pub(super) fn popup(area: Rect, scroll: Scroll, state: &State, theme: Theme) -> Popup {
    let width = popup::text_width(area, MAX_WIDTH);
    let messages: Vec<(String, &Message)> =
        state.toasts.log().newest_first().map(|message| (time_of(message, state.now), message)).collect();
    let times = messages.iter().map(|(time, _)| time.len()).max().unwrap_or(0);
    let room = usize::from(width).saturating_sub(times + 2 + SYMBOL);
    let mut lines: Vec<Line<'_>> = messages
        .iter()
        .flat_map(|(time, message)| {
            let symbol = toasts::symbol(message.severity);
            // Time and symbol stand on the first line of their message.
            let heads = std::iter::once((time.as_str(), symbol)).chain(std::iter::repeat(("", "")));
            heads.zip(popup::wrap(&popup::part_per_line(&message.text), room).collect::<Vec<_>>()).map(
                move |((time, symbol), piece)| {
                    Line::from(vec![
                        Span::styled(format!("{time:times$}  "), theme.dim()),
                        Span::styled(format!("{symbol:SYMBOL$}"), theme.severity(message.severity)),
                        Span::raw(piece),
                    ])
                },
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::styled("No messages so far.", theme.dim()));
    }
    Popup { title: "Messages, newest first (UTC)".to_owned(), width, lines, scroll }
}

/// The time of day, with the date if that is not today's.
fn time_of(message: &Message, now: Timestamp) -> String {
    let at = message.at.unwrap_or(now);
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let format = if day(at) == day(now) { "%H:%M:%S" } else { "%m-%d %H:%M:%S" };
    at.strftime(format).to_string()
}
