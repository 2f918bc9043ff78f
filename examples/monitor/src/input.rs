//! [`BINDINGS`] and [`map_event`]: which terminal event means which [`Action`]. The help shows the
//! same table.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::{Action, ScreenRequest};

/// Keys with the same effect, as the help shows them and as the terminal reports them.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys, as the help shows them.
    pub keys: &'static str,
    /// The effect, as the help shows it.
    pub does: &'static str,
    codes: &'static [(KeyCode, Action)],
}

const PAGE: i16 = 10;

/// All keys. Keys with Ctrl are handled in [`map_event`] and listed here for the help only.
pub const BINDINGS: &[Binding] = &[
    Binding {
        keys: "Tab / Shift-Tab, → / ←",
        does: "next / previous table",
        codes: &[
            (KeyCode::Tab, Action::NextTable),
            (KeyCode::Right, Action::NextTable),
            (KeyCode::Char('l'), Action::NextTable),
            (KeyCode::BackTab, Action::PreviousTable),
            (KeyCode::Left, Action::PreviousTable),
            (KeyCode::Char('h'), Action::PreviousTable),
        ],
    },
    Binding {
        keys: "↓ / ↑, j / k",
        does: "next / previous row",
        codes: &[
            (KeyCode::Down, Action::Move(1)),
            (KeyCode::Char('j'), Action::Move(1)),
            (KeyCode::Up, Action::Move(-1)),
            (KeyCode::Char('k'), Action::Move(-1)),
        ],
    },
    Binding {
        keys: "PageDown / PageUp",
        does: "ten rows on / back",
        codes: &[(KeyCode::PageDown, Action::Move(PAGE)), (KeyCode::PageUp, Action::Move(-PAGE))],
    },
    Binding {
        keys: "Home / End",
        does: "first / last row",
        codes: &[(KeyCode::Home, Action::First), (KeyCode::End, Action::Last)],
    },
    Binding { keys: "Enter", does: "the row with all its texts", codes: &[(KeyCode::Enter, Action::Open)] },
    Binding { keys: "r", does: "refresh all tables", codes: &[(KeyCode::Char('r'), Action::RefreshAll)] },
    Binding { keys: "R", does: "refresh this table", codes: &[(KeyCode::Char('R'), Action::RefreshFocused)] },
    Binding { keys: "a", does: "auto-refresh on / off", codes: &[(KeyCode::Char('a'), Action::ToggleAuto)] },
    Binding {
        keys: "t, Space",
        does: "auto-refresh of this table on / off",
        codes: &[
            (KeyCode::Char('t'), Action::ToggleAutoFocused),
            (KeyCode::Char(' '), Action::ToggleAutoFocused),
        ],
    },
    Binding {
        keys: "x",
        does: "dismiss the messages",
        codes: &[(KeyCode::Char('x'), Action::DismissToasts)],
    },
    Binding {
        keys: "?, F1",
        does: "this help",
        codes: &[(KeyCode::Char('?'), Action::Help), (KeyCode::F(1), Action::Help)],
    },
    Binding { keys: "Ctrl-L / Ctrl-Z", does: "draw everything anew / suspend", codes: &[] },
    Binding { keys: "Esc", does: "close what is open, or leave", codes: &[(KeyCode::Esc, Action::Back)] },
    Binding { keys: "q, Ctrl-C", does: "leave", codes: &[(KeyCode::Char('q'), Action::Quit)] },
];

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

/// Maps a terminal event to its meaning.
pub fn map_event(event: &Event) -> Input {
    match event {
        Event::Key(key) => match key_screen_request(key) {
            Some(request) => Input::Screen(request),
            None => key_action(key).map_or(Input::Ignored, Input::Action),
        },
        // Another program may have written on the screen while it had no focus.
        Event::FocusGained => Input::Screen(ScreenRequest::RedrawAll),
        // A new size is drawn with the next frame; pasted text is not a sequence of commands.
        Event::Resize(_, _) | Event::Paste(_) | Event::FocusLost | Event::Mouse(_) => Input::Ignored,
    }
}

fn key_screen_request(key: &KeyEvent) -> Option<ScreenRequest> {
    if key.kind != KeyEventKind::Press || key.modifiers != KeyModifiers::CONTROL {
        return None;
    }
    match key.code {
        KeyCode::Char('l') => Some(ScreenRequest::RedrawAll),
        KeyCode::Char('z') => Some(ScreenRequest::Suspend),
        _ => None,
    }
}

fn key_action(key: &KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Action::Quit);
    }
    if key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META) {
        return None;
    }
    if key.code == KeyCode::Tab && key.modifiers.contains(KeyModifiers::SHIFT) {
        return Some(Action::PreviousTable);
    }
    let bound = BINDINGS.iter().flat_map(|binding| binding.codes);
    bound.into_iter().find(|(code, _)| *code == key.code).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests;
