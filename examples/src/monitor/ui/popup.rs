//! A framed place in the middle of the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;

/// The columns between a popup's frame and its text, both sides together, with the frame.
pub(super) const SIDES: u16 = 4;

/// How wide the text of a popup may be.
pub(super) fn text_width(area: Rect, most: u16) -> u16 {
    area.width.saturating_sub(SIDES + 2).min(most)
}

/// Draws a popup around these lines, scrolled down by `scroll` lines, but never past the last page.
pub(super) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &str,
    lines: Vec<Line<'_>>,
    width: u16,
    scroll: u16,
    theme: Theme,
) {
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = count.saturating_add(2).min(area.height);
    let place = area.centered(
        ratatui::layout::Constraint::Length(width + SIDES),
        ratatui::layout::Constraint::Length(height),
    );
    let last_page = count.saturating_sub(height.saturating_sub(2));
    let scroll = scroll.min(last_page);
    let mut block = Block::bordered()
        .border_style(theme.frame())
        .padding(Padding::horizontal(1))
        .title(Line::styled(format!(" {title} "), theme.title(true)));
    if last_page > 0 {
        let more = format!(" line {} of {count}, ↑↓ scroll ", scroll + 1);
        block = block.title_bottom(Line::styled(more, theme.dim()).right_aligned());
    }
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(Text::from(lines)).scroll((scroll, 0)).block(block), place);
}
