//! [`picture`] and [`animation`]: what is on a terminal's screen, as SVG.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// The size of a cell in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;

const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d8dbe2";

/// The sixteen colours of the picture's terminal.
const PALETTE: [&str; 16] = [
    "#2a2d35", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dbe2", "#7a808d",
    "#ff7b86", "#b1d99a", "#f2d38f", "#82c4ff", "#d99af0", "#7fd3dd", "#ffffff",
];

/// One screen.
pub fn picture(screen: &Screen) -> String {
    document(size(screen), &frame(screen), "")
}

/// Several screens, each shown for so many seconds, for ever.
pub fn animation(screens: &[(Screen, f32)]) -> String {
    let all: f32 = screens.iter().map(|(_, seconds)| seconds).sum();
    let (mut frames, mut style, mut at) = (String::new(), String::new(), 0.0);
    for (number, (screen, seconds)) in screens.iter().enumerate() {
        let percent = |time: f32| time / all * 100.0;
        let (from, until) = (percent(at), percent(at + seconds));
        // Hidden, shown, hidden: without a transition.
        let _ = write!(
            style,
            "#f{number}{{animation:k{number} {all}s step-end infinite}}\
             @keyframes k{number}{{0%{{visibility:{}}}{from:.2}%{{visibility:visible}}{until:.2}%{{visibility:hidden}}}}",
            if number == 0 { "visible" } else { "hidden" },
        );
        let _ = write!(frames, "<g id=\"f{number}\">{}</g>", frame(screen));
        at += seconds;
    }
    document(screens.first().map_or((0, 0), |(screen, _)| size(screen)), &frames, &style)
}

fn size(screen: &Screen) -> (u16, u16) {
    let (rows, columns) = screen.size();
    (rows.get(), columns.get())
}

fn document((rows, columns): (u16, u16), content: &str, style: &str) -> String {
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\
         <style>text{{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}}{style}</style>\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACKGROUND}\"/>{content}</svg>\n"
    )
}

fn frame(screen: &Screen) -> String {
    let (rows, columns) = size(screen);
    let mut drawn = String::new();
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let run = Run::at(screen, row, column);
            run.draw(&mut drawn);
            column += run.columns;
        }
    }
    drawn
}

/// Neighbouring cells of one look.
struct Run {
    row: u16,
    column: u16,
    columns: u16,
    text: String,
    look: Look,
}

#[derive(Clone, PartialEq)]
struct Look {
    foreground: &'static str,
    background: &'static str,
    is_bold: bool,
    is_dim: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let foreground = color(cell.fgcolor(), FOREGROUND);
        let background = color(cell.bgcolor(), BACKGROUND);
        let (foreground, background) =
            if cell.inverse() { (background, foreground) } else { (foreground, background) };
        Self { foreground, background, is_bold: cell.bold(), is_dim: cell.dim() }
    }
}

impl Run {
    fn at(screen: &Screen, row: u16, column: u16) -> Self {
        let look = |column: u16| screen.cell(row, column).map(Look::of);
        let first = look(column).expect("a cell of the screen");
        let mut run = Self { row, column, columns: 0, text: String::new(), look: first };
        while let Some(cell) = screen.cell(row, column + run.columns) {
            if Look::of(cell) != run.look || (cell.is_wide() && run.columns > 0) {
                break;
            }
            let content = cell.contents();
            run.text.push_str(if content.is_empty() && !cell.is_wide_continuation() { " " } else { content });
            run.columns += 1;
            if cell.is_wide() {
                run.columns += 1;
                break;
            }
        }
        run
    }

    fn draw(&self, to: &mut String) {
        let (x, y) = (MARGIN + f32::from(self.column) * CELL.0, MARGIN + f32::from(self.row) * CELL.1);
        let width = f32::from(self.columns) * CELL.0;
        let Look { foreground, background, is_bold, is_dim } = self.look;
        if background != BACKGROUND {
            let _ = write!(
                to,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{background}\"/>",
                CELL.1
            );
        }
        let weight = if is_bold { " font-weight=\"bold\"" } else { "" };
        let opacity = if is_dim { " opacity=\"0.6\"" } else { "" };
        let columns =
            |text: &str| f32::from(u16::try_from(text.chars().count()).unwrap_or(u16::MAX)) * CELL.0;
        for (before, words) in words(&self.text) {
            // A run of one wide character is as wide as its cells.
            let length = if self.text.chars().count() == 1 { width } else { columns(words) };
            let _ = write!(
                to,
                "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
                 fill=\"{foreground}\"{weight}{opacity}>{}</text>",
                x + columns(before),
                y + 13.5,
                words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
            );
        }
    }
}

/// The words of a text, with what stands before them. Those with one space between them stay
/// together.
fn words(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c| c != ' ').map(|start| at + start) {
        let end = text[start..].find("  ").map_or(text.len(), |end| start + end);
        found.push((&text[..start], text[start..end].trim_end()));
        at = end;
    }
    found
}

fn color(color: Color, default: &'static str) -> &'static str {
    match color {
        Color::Idx(index) if index < 16 => PALETTE[usize::from(index)],
        _ => default,
    }
}
