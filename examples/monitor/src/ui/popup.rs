//! [`Popup`]: a framed, scrollable area in the middle of the screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use crate::app::Scroll;

/// The width of the frame and the padding, both sides together.
pub(super) const CHROME_WIDTH: u16 = 4;

/// The width available for the text of a popup.
pub(super) fn text_width(area: Rect, limit: u16) -> u16 {
    area.width.saturating_sub(CHROME_WIDTH + 2).min(limit)
}

/// The first line of the last page, for this many lines.
pub(super) fn last_page(area: Rect, lines: usize) -> u16 {
    let page = usize::from(height(area, lines).saturating_sub(2));
    u16::try_from(lines.saturating_sub(page)).unwrap_or(u16::MAX)
}

fn height(area: Rect, lines: usize) -> u16 {
    u16::try_from(lines.saturating_add(2)).unwrap_or(u16::MAX).min(area.height)
}

/// A popup around lines of text.
pub(super) struct Popup<'a> {
    pub(super) title: &'a str,
    /// The width of the text.
    pub(super) width: u16,
    /// The number of lines.
    pub(super) count: usize,
    pub(super) scroll: Scroll,
}

impl Popup<'_> {
    /// Draws the page of lines at the scroll position, clamped to the last page.
    pub(super) fn render<'l>(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        lines: impl Iterator<Item = Line<'l>>,
        theme: Theme,
    ) {
        let height = height(area, self.count);
        let place = area.centered(Constraint::Length(self.width + CHROME_WIDTH), Constraint::Length(height));
        let last_page = last_page(area, self.count);
        let scroll = self.scroll.line().min(last_page);
        let mut block = Block::bordered()
            .border_style(theme.frame())
            .padding(Padding::horizontal(1))
            .title(Line::styled(format!(" {} ", self.title), theme.title(true)));
        if last_page > 0 {
            let more = format!(" line {} of {}, ↑↓ scroll ", scroll + 1, self.count);
            block = block.title_bottom(Line::styled(more, theme.dim()).right_aligned());
        }
        let page = lines.skip(usize::from(scroll)).take(usize::from(height));
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(page.collect::<Text<'_>>()).block(block), place);
    }
}
