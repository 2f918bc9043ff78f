//! A framed place in the middle of the screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use crate::app::Scroll;

/// The columns between a popup's frame and its text, both sides together, with the frame.
pub(super) const CHROME_WIDTH: u16 = 4;

/// How wide the text of a popup may be.
pub(super) fn text_width(area: Rect, most: u16) -> u16 {
    area.width.saturating_sub(CHROME_WIDTH + 2).min(most)
}

/// The first line of the last page of so many lines.
pub(super) fn last_page(area: Rect, lines: usize) -> u16 {
    let page = usize::from(height(area, lines).saturating_sub(2));
    u16::try_from(lines.saturating_sub(page)).unwrap_or(u16::MAX)
}

fn height(area: Rect, lines: usize) -> u16 {
    u16::try_from(lines.saturating_add(2)).unwrap_or(u16::MAX).min(area.height)
}

/// A popup around some lines.
pub(super) struct Popup<'a> {
    pub(super) title: &'a str,
    /// How wide the text is.
    pub(super) width: u16,
    /// How many lines there are.
    pub(super) count: usize,
    pub(super) scroll: Scroll,
}

impl Popup<'_> {
    /// Draws the lines that the scrolling leaves in view, and never past the last page.
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
