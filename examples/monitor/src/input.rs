//! [`BINDINGS`] and [`map_event`]: which terminal event means which [`Action`]. The help and the
//! footer show the same table.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::{Action, ScreenRequest};

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
    with_control: &'static [(char, Input)],
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
}

impl Place {
    const fn hint(self, rank: u8, keys: &'static str, does: &'static str) -> Hint {
        Hint { place: self, rank, keys, does }
    }
}

/// What a terminal event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A command of the user.
    Action(Action),
    /// The whole screen has to be drawn or set up again.
    Screen(ScreenRequest),
    /// Nothing.
    Ignored,
}

impl Binding {
    const fn new(keys: &'static str, does: &'static str, codes: &'static [(KeyCode, Action)]) -> Self {
        Self { keys, does, hints: &[], codes, with_control: &[] }
    }

    const fn with_control(self, with_control: &'static [(char, Input)]) -> Self {
        Self { with_control, ..self }
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
    .in_footer(&[Place::Tables.hint(5, "Tab", "table")]),
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
    .in_footer(&[Place::Tables.hint(6, "↑↓", "row"), Place::Popup.hint(2, "↑↓", "scroll")]),
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
        .in_footer(&[Place::Tables.hint(7, "Enter", "details")]),
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
    Binding::new("e", "the error of this table in full", &[(KeyCode::Char('e'), Action::ShowError)])
        .in_footer(&[Place::Error.hint(0, "e", "error")]),
    Binding::new("m", "all messages so far", &[(KeyCode::Char('m'), Action::ShowLog)])
        .in_footer(&[Place::Tables.hint(8, "m", "messages")]),
    Binding::new("w", "the workers: what runs now", &[(KeyCode::Char('w'), Action::ShowWorkers)])
        .in_footer(&[Place::Tables.hint(13, "w", "workers")]),
    Binding::new("r", "refresh all tables", &[(KeyCode::Char('r'), Action::RefreshAll)])
        .in_footer(&[Place::Tables.hint(3, "r", "refresh")]),
    Binding::new("R", "refresh this table", &[(KeyCode::Char('R'), Action::RefreshFocused)])
        .in_footer(&[Place::Tables.hint(10, "R", "refresh here")]),
    Binding::new("c", "stop the fetch of this table", &[(KeyCode::Char('c'), Action::CancelFetch)]),
    Binding::new("a", "auto-refresh on / off", &[(KeyCode::Char('a'), Action::ToggleAuto)])
        .in_footer(&[Place::Tables.hint(4, "a", "auto")]),
    Binding::new(
        "t, Space",
        "auto-refresh of this table on / off",
        &[(KeyCode::Char('t'), Action::ToggleAutoFocused), (KeyCode::Char(' '), Action::ToggleAutoFocused)],
    )
    .in_footer(&[Place::Tables.hint(9, "t", "auto here")]),
    Binding::new("P", "the next profile of the configuration", &[(KeyCode::Char('P'), Action::NextProfile)]),
    Binding::new("x", "dismiss the messages in the corner", &[(KeyCode::Char('x'), Action::DismissToasts)])
        .in_footer(&[Place::Tables.hint(11, "x", "clear messages")]),
    Binding::new("?, F1", "this help", &[(KeyCode::Char('?'), Action::Help), (KeyCode::F(1), Action::Help)])
        .in_footer(&[Place::Tables.hint(2, "?", "help")]),
    Binding::new("Ctrl-L / Ctrl-Z", "draw everything anew / suspend", &[]).with_control(&[
        ('l', Input::Screen(ScreenRequest::RedrawAll)),
        ('z', Input::Screen(ScreenRequest::Suspend)),
    ]),
    Binding::new("Esc", "close what is open", &[(KeyCode::Esc, Action::Close)])
        .in_footer(&[Place::Popup.hint(1, "Esc", "close")]),
    Binding::new("q", "close what is open, or leave", &[(KeyCode::Char('q'), Action::CloseOrQuit)])
        .in_footer(&[Place::Tables.hint(1, "q", "quit")]),
    Binding::new("Ctrl-C", "leave", &[]).with_control(&[('c', Input::Action(Action::Quit))]),
];

/// Maps a terminal event to its meaning.
pub fn map_event(event: &Event) -> Input {
    match event {
        Event::Key(key) => map_key(key),
        // Another program may have written on the screen while it had no focus.
        Event::FocusGained => Input::Screen(ScreenRequest::RedrawAll),
        // A new size is drawn with the next frame; pasted text is not a sequence of commands.
        Event::Resize(_, _) | Event::Paste(_) | Event::FocusLost | Event::Mouse(_) => Input::Ignored,
    }
}

fn map_key(key: &KeyEvent) -> Input {
    let others = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META;
    if key.kind == KeyEventKind::Release || key.modifiers.intersects(others) {
        return Input::Ignored;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        let mut bound = BINDINGS.iter().flat_map(|binding| binding.with_control);
        let found = bound.find(|(c, _)| key.code == KeyCode::Char(*c));
        return found.map_or(Input::Ignored, |(_, input)| *input);
    }
    let is_back = key.code == KeyCode::Tab && key.modifiers.contains(KeyModifiers::SHIFT);
    let code = if is_back { KeyCode::BackTab } else { key.code };
    let mut bound = BINDINGS.iter().flat_map(|binding| binding.codes);
    let found = bound.find(|(bound, _)| *bound == code);
    found.map_or(Input::Ignored, |(_, action)| Input::Action(*action))
}

#[cfg(test)]
mod tests;
