//! [`Popup`]: a framed, scrollable area in the middle of the screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use super::title;
use crate::app::Scroll;
use crate::model::text;

/// The width of the frame and the padding, both sides together.
const CHROME_WIDTH: u16 = 4;

/// The most characters shown of one text; it is wrapped in every frame.
const MAX_CHARS: usize = 50_000;

/// On a narrower screen a popup has no margins.
const MIN_WIDTH_FOR_MARGINS: u16 = 60;

/// The width available for the text of a popup.
pub(super) fn text_width(area: Rect, limit: u16) -> u16 {
    let margins = if area.width < MIN_WIDTH_FOR_MARGINS { 0 } else { 2 };
    area.width.saturating_sub(CHROME_WIDTH + margins).min(limit)
}

/// The escaped lines of a text, however long it is. If its end is left out, that is said.
pub(super) fn wrap(text: &str, columns: usize) -> impl Iterator<Item = String> {
    let shown = text::truncate(text, MAX_CHARS);
    let cut = (shown.len() < text.len()).then(|| format!("… (the first {MAX_CHARS} characters of it)"));
    let cut: Vec<String> = cut.iter().flat_map(|cut| text::wrap(cut, columns)).collect();
    text::wrap(shown, columns).chain(cut)
}

/// The failures of several regions stand in one text, with bars between them. Here each has its own
/// line.
pub(super) fn part_per_line(error: &str) -> String {
    error.replace(" | ", "\n")
}

/// A popup around lines of text.
pub(super) struct Popup {
    pub(super) title: String,
    /// The width of the text.
    pub(super) width: u16,
    pub(super) lines: Vec<Line<'static>>,
    pub(super) scroll: Scroll,
}

impl Popup {
    /// The first line of the last page.
    pub(super) fn last_page(&self, area: Rect) -> u16 {
        let page = usize::from(self.height(area).saturating_sub(2));
        u16::try_from(self.lines.len().saturating_sub(page)).unwrap_or(u16::MAX)
    }

    /// Where it is drawn.
    pub(super) fn place(&self, area: Rect) -> Rect {
        area.centered(Constraint::Length(self.width + CHROME_WIDTH), Constraint::Length(self.height(area)))
    }

    fn height(&self, area: Rect) -> u16 {
        u16::try_from(self.lines.len().saturating_add(2)).unwrap_or(u16::MAX).min(area.height)
    }

    /// Draws the page of lines at the scroll position, clamped to the last page. The frame says how
    /// many lines are above and below it.
    pub(super) fn render(self, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
        let place = self.place(area);
        let above = usize::from(self.scroll.line().min(self.last_page(area)));
        let page = usize::from(place.height.saturating_sub(2));
        let below = self.lines.len().saturating_sub(above + page);
        let mut block = Block::bordered()
            .border_style(theme.frame())
            .padding(Padding::horizontal(1))
            .title(Line::styled(format!(" {} ", self.title), theme.title(true)));
        if let Some(mark) = title::out_of_view(above, below) {
            block = block.title_bottom(Line::styled(format!(" {mark} lines "), theme.mark()).right_aligned());
        }
        let lines: Text<'_> = self.lines.into_iter().skip(above).take(page).collect();
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(lines).block(block), place);
    }
}
