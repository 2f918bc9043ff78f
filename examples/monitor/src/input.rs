//! [`BINDINGS`] and [`map_event`]: which terminal event means which [`Action`]. The help and the
//! footer show the same table.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use tui_input::InputRequest;

use crate::app::{Action, ScreenRequest, State};
use crate::model::Table;

/// Keys with the same effect, as the help and the footer show them and as the terminal reports
/// them.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys, as the help shows them.
    pub keys: &'static str,
    /// The effect, as the help shows it.
    pub does: &'static str,
    /// How the footer shows them.
    pub hints: &'static [Hint],
    codes: &'static [(KeyCode, Action)],
    /// The same with Ctrl.
    with_control: &'static [(char, Input<'static>)],
    /// What the keys mean while a filter is being typed.
    typing: &'static [(KeyCode, Action)],
    /// The same with Ctrl.
    typing_with_control: &'static [(char, Action)],
}

/// How the footer shows a key.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    /// Where it is shown.
    pub place: Place,
    /// Its rank: the footer starts with the lowest and shows as many as fit.
    pub rank: u8,
    /// The key.
    pub keys: &'static str,
    /// Its effect.
    pub does: &'static str,
}

/// Where the footer shows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// While no popup is open.
    Tables,
    /// The same, if the focused table has an error.
    Error,
    /// While a popup is open.
    Popup,
    /// The same, if it shows a row.
    Row,
    /// While no popup is open, if the focused table has a filter.
    Filtered,
    /// While a filter is being typed.
    Filter,
}

impl Place {
    const fn hint(self, rank: u8, keys: &'static str, does: &'static str) -> Hint {
        Hint { place: self, rank, keys, does }
    }
}

/// What keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Commands.
    Commands,
    /// Text, while a filter is being typed.
    Typing,
}

impl Mode {
    /// The mode of this state.
    pub fn of(state: &State) -> Self {
        if state.filter_line.is_some() { Self::Typing } else { Self::Commands }
    }
}

/// What the mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Where, from the left.
    pub column: u16,
    /// Where, from the top.
    pub line: u16,
}

/// What the mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button is pressed.
    Click,
    /// The wheel turns up.
    WheelUp,
    /// The wheel turns down.
    WheelDown,
}

/// What a terminal event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A command of the user.
    Action(Action),
    /// A pasted text, while a filter is being typed.
    Paste(&'a str),
    /// What it means depends on what is drawn there.
    Mouse(Mouse),
    /// The whole screen has to be drawn or set up again.
    Screen(ScreenRequest),
    /// Nothing.
    Ignored,
}

impl Binding {
    const fn new(keys: &'static str, does: &'static str, codes: &'static [(KeyCode, Action)]) -> Self {
        Self { keys, does, hints: &[], codes, with_control: &[], typing: &[], typing_with_control: &[] }
    }

    const fn with_control(self, with_control: &'static [(char, Input<'static>)]) -> Self {
        Self { with_control, ..self }
    }

    const fn typing(self, typing: &'static [(KeyCode, Action)]) -> Self {
        Self { typing, ..self }
    }

    const fn typing_with_control(self, typing_with_control: &'static [(char, Action)]) -> Self {
        Self { typing_with_control, ..self }
    }

    const fn in_footer(self, hints: &'static [Hint]) -> Self {
        Self { hints, ..self }
    }
}

const PAGE: i16 = 10;

/// All keys.
pub const BINDINGS: &[Binding] = &[
    Binding::new(
        "Tab / Shift-Tab",
        "next / previous table (also Right / Left)",
        &[
            (KeyCode::Tab, Action::NextTable),
            (KeyCode::Right, Action::NextTable),
            (KeyCode::BackTab, Action::PreviousTable),
            (KeyCode::Left, Action::PreviousTable),
        ],
    )
    .in_footer(&[Place::Tables.hint(6, "Tab", "table")]),
    Binding::new(
        "1 to 5",
        "go to a table",
        &[
            (KeyCode::Char('1'), Action::GoTo(Table::Builds)),
            (KeyCode::Char('2'), Action::GoTo(Table::Runner)),
            (KeyCode::Char('3'), Action::GoTo(Table::Vertex)),
            (KeyCode::Char('4'), Action::GoTo(Table::Active)),
            (KeyCode::Char('5'), Action::GoTo(Table::Completed)),
        ],
    ),
    Binding::new(
        "Down / Up, j / k",
        "next / previous row; scroll what is open",
        &[
            (KeyCode::Down, Action::Move(1)),
            (KeyCode::Char('j'), Action::Move(1)),
            (KeyCode::Up, Action::Move(-1)),
            (KeyCode::Char('k'), Action::Move(-1)),
        ],
    )
    .in_footer(&[Place::Tables.hint(7, "↑↓", "row"), Place::Popup.hint(2, "↑↓", "scroll")]),
    Binding::new(
        "PageDown / PageUp",
        "ten rows on / back",
        &[(KeyCode::PageDown, Action::Move(PAGE)), (KeyCode::PageUp, Action::Move(-PAGE))],
    ),
    Binding::new(
        "Home / End",
        "first / last row",
        &[(KeyCode::Home, Action::First), (KeyCode::End, Action::Last)],
    ),
    Binding::new("Enter", "the row with all its texts", &[(KeyCode::Enter, Action::Open)])
        .in_footer(&[Place::Tables.hint(8, "Enter", "details")]),
    Binding::new(
        "n / p",
        "in that popup: next / previous row",
        &[(KeyCode::Char('n'), Action::StepRow(1)), (KeyCode::Char('p'), Action::StepRow(-1))],
    )
    .in_footer(&[Place::Row.hint(3, "n/p", "next/previous row")]),
    Binding::new(
        "y / Y",
        "copy the row's id / its URL",
        &[(KeyCode::Char('y'), Action::CopyKey), (KeyCode::Char('Y'), Action::CopyUrl)],
    )
    .in_footer(&[Place::Row.hint(21, "y/Y", "copy id/URL")]),
    Binding::new("o", "open the row's URL in the browser", &[(KeyCode::Char('o'), Action::OpenUrl)])
        .in_footer(&[Place::Row.hint(22, "o", "open URL")]),
    Binding::new("l", "the log of a build, an execution, a job", &[(KeyCode::Char('l'), Action::FollowLog)])
        .in_footer(&[Place::Tables.hint(20, "l", "log"), Place::Row.hint(20, "l", "log")]),
    Binding::new(
        "X",
        "stop what the row stands for, after a question",
        &[(KeyCode::Char('X'), Action::AskToStop)],
    ),
    Binding::new("/", "filter: show rows with all these words", &[(KeyCode::Char('/'), Action::OpenFilter)])
        .in_footer(&[Place::Tables.hint(9, "/", "filter")]),
    Binding::new("Enter / Esc", "in the filter: keep it / show all rows", &[])
        .typing(&[(KeyCode::Enter, Action::KeepFilter), (KeyCode::Esc, Action::ClearFilter)])
        .in_footer(&[
            Place::Filter.hint(1, "Enter", "keep"),
            Place::Filter.hint(2, "Esc", "all rows"),
            Place::Filter.hint(3, "column:word", "in one column"),
        ]),
    Binding::new("Ctrl-U / Ctrl-W", "in the filter: delete all / a word", &[])
        .typing(&[
            (KeyCode::Left, Action::EditFilter(InputRequest::GoToPrevChar)),
            (KeyCode::Right, Action::EditFilter(InputRequest::GoToNextChar)),
            (KeyCode::Home, Action::EditFilter(InputRequest::GoToStart)),
            (KeyCode::End, Action::EditFilter(InputRequest::GoToEnd)),
            (KeyCode::Backspace, Action::EditFilter(InputRequest::DeletePrevChar)),
            (KeyCode::Delete, Action::EditFilter(InputRequest::DeleteNextChar)),
        ])
        .typing_with_control(&[
            ('u', Action::EditFilter(InputRequest::DeleteLine)),
            ('w', Action::EditFilter(InputRequest::DeletePrevWord)),
        ]),
    Binding::new(
        "s / S",
        "sort by the next column / turn round",
        &[(KeyCode::Char('s'), Action::SortByNext), (KeyCode::Char('S'), Action::TurnSort)],
    )
    .in_footer(&[Place::Tables.hint(10, "s", "sort")]),
    Binding::new("z", "this table alone / all tables", &[(KeyCode::Char('z'), Action::ToggleZoom)])
        .in_footer(&[Place::Tables.hint(11, "z", "zoom")]),
    Binding::new("e", "the error of this table in full", &[(KeyCode::Char('e'), Action::ShowError)])
        .in_footer(&[Place::Error.hint(0, "e", "error")]),
    Binding::new("m", "all messages so far", &[(KeyCode::Char('m'), Action::ShowLog)])
        .in_footer(&[Place::Tables.hint(12, "m", "messages")]),
    Binding::new("w", "the workers: what runs now", &[(KeyCode::Char('w'), Action::ShowWorkers)])
        .in_footer(&[Place::Tables.hint(16, "w", "workers")]),
    Binding::new("r", "refresh all tables", &[(KeyCode::Char('r'), Action::RefreshAll)])
        .in_footer(&[Place::Tables.hint(4, "r", "refresh")]),
    Binding::new("R", "refresh this table", &[(KeyCode::Char('R'), Action::RefreshFocused)])
        .in_footer(&[Place::Tables.hint(14, "R", "refresh here")]),
    Binding::new("c", "stop the fetch of this table", &[(KeyCode::Char('c'), Action::CancelFetch)]),
    Binding::new("a", "auto-refresh on / off", &[(KeyCode::Char('a'), Action::ToggleAuto)])
        .in_footer(&[Place::Tables.hint(5, "a", "auto")]),
    Binding::new(
        "t, Space",
        "auto-refresh of this table on / off",
        &[(KeyCode::Char('t'), Action::ToggleAutoFocused), (KeyCode::Char(' '), Action::ToggleAutoFocused)],
    )
    .in_footer(&[Place::Tables.hint(13, "t", "auto here")]),
    Binding::new("P", "the next profile of the configuration", &[(KeyCode::Char('P'), Action::NextProfile)]),
    Binding::new("x", "dismiss the messages in the corner", &[(KeyCode::Char('x'), Action::DismissToasts)])
        .in_footer(&[Place::Tables.hint(15, "x", "clear messages")]),
    Binding::new("?, F1", "this help", &[(KeyCode::Char('?'), Action::Help), (KeyCode::F(1), Action::Help)])
        .in_footer(&[Place::Tables.hint(2, "?", "help")]),
    Binding::new("Ctrl-L / Ctrl-Z", "draw everything anew / suspend", &[]).with_control(&[
        ('l', Input::Screen(ScreenRequest::RedrawAll)),
        ('z', Input::Screen(ScreenRequest::Suspend)),
    ]),
    Binding::new("Esc", "close what is open; then: all rows", &[(KeyCode::Esc, Action::Close)])
        .in_footer(&[Place::Popup.hint(1, "Esc", "close"), Place::Filtered.hint(3, "Esc", "all rows")]),
    Binding::new("q", "close what is open, or leave", &[(KeyCode::Char('q'), Action::CloseOrQuit)])
        .in_footer(&[Place::Tables.hint(1, "q", "quit")]),
    Binding::new("Ctrl-C", "leave", &[]).with_control(&[('c', Input::Action(Action::Quit))]),
];

/// Maps a terminal event to its meaning.
pub fn map_event(event: &Event, mode: Mode) -> Input<'_> {
    match event {
        Event::Key(key) => map_key(key, mode),
        Event::Mouse(mouse) => map_mouse(*mouse),
        Event::Paste(text) if mode == Mode::Typing => Input::Paste(text),
        // Another program may have written on the screen while it had no focus. A window that was
        // made smaller and at once larger again has the size it had, and lost what was outside.
        Event::FocusGained | Event::Resize(_, _) => Input::Screen(ScreenRequest::RedrawAll),
        // Pasted text is not a sequence of commands.
        Event::Paste(_) | Event::FocusLost => Input::Ignored,
    }
}

fn map_key(key: &KeyEvent, mode: Mode) -> Input<'static> {
    let others = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META;
    if key.kind == KeyEventKind::Release || key.modifiers.intersects(others) {
        return Input::Ignored;
    }
    let has_control = key.modifiers.contains(KeyModifiers::CONTROL);
    let bound = match mode {
        _ if has_control => control(key.code, mode),
        Mode::Commands => command(key),
        Mode::Typing => typed(key.code).map(Input::Action),
    };
    bound.unwrap_or(Input::Ignored)
}

/// What a key means with Ctrl. The commands with Ctrl hold while typing, too.
fn control(code: KeyCode, mode: Mode) -> Option<Input<'static>> {
    let KeyCode::Char(c) = code else { return None };
    let mut typing = BINDINGS.iter().flat_map(|binding| binding.typing_with_control);
    let mut commands = BINDINGS.iter().flat_map(|binding| binding.with_control);
    let typing = typing.find(|(bound, _)| *bound == c && mode == Mode::Typing);
    let command = || commands.find(|(bound, _)| *bound == c).map(|(_, input)| *input);
    typing.map(|(_, action)| Input::Action(*action)).or_else(command)
}

fn command(key: &KeyEvent) -> Option<Input<'static>> {
    let is_back = key.code == KeyCode::Tab && key.modifiers.contains(KeyModifiers::SHIFT);
    let code = if is_back { KeyCode::BackTab } else { key.code };
    let mut bound = BINDINGS.iter().flat_map(|binding| binding.codes);
    bound.find(|(bound, _)| *bound == code).map(|(_, action)| Input::Action(*action))
}

fn typed(code: KeyCode) -> Option<Action> {
    if let KeyCode::Char(c) = code {
        return Some(Action::EditFilter(InputRequest::InsertChar(c)));
    }
    let mut bound = BINDINGS.iter().flat_map(|binding| binding.typing);
    bound.find(|(bound, _)| *bound == code).map(|(_, action)| *action)
}

fn map_mouse(mouse: MouseEvent) -> Input<'static> {
    let kind = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Click,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        _ => return Input::Ignored,
    };
    Input::Mouse(Mouse { kind, column: mouse.column, line: mouse.row })
}

#[cfg(test)]
mod tests;
