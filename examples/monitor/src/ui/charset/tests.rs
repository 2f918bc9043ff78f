use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;
use crate::model::State;

fn of_locale(all: &str, ctype: &str, lang: &str) -> Charset {
    // An empty variable is as good as none.
    Charset::for_locale([all, ctype, lang].map(|value| Some(OsStr::new(value))))
}

#[test]
fn the_first_variable_that_is_set_names_the_locale() {
    assert_eq!(of_locale("", "", "en_US.UTF-8"), Charset::Unicode);
    assert_eq!(of_locale("", "", "C.utf8"), Charset::Unicode);
    assert_eq!(of_locale("C", "", "en_US.UTF-8"), Charset::Ascii);
    assert_eq!(of_locale("", "POSIX", "en_US.UTF-8"), Charset::Ascii);
    assert_eq!(of_locale("", "de_DE.utf8", "C"), Charset::Unicode);
    assert_eq!(of_locale("", "", "de_DE.ISO-8859-1"), Charset::Ascii);
    assert_eq!(of_locale("", "", ""), Charset::Ascii);
    assert_eq!(Charset::for_locale([None; 3]), Charset::Ascii);
}

fn restricted(text: &str) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
    buffer.set_string(0, 0, text, Style::new());
    Charset::Ascii.restrict(&mut buffer);
    buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
}

#[test]
fn characters_of_a_name_become_question_marks_in_their_places() {
    assert_eq!(restricted("naïve"), "na?ve");
    assert_eq!(restricted("訓練-run"), "? ? -run");
    assert_eq!(restricted("e\u{301}x"), "?x");
    assert_eq!(restricted("├ ⠋ ␛"), "? ? ?");
}

#[test]
fn every_status_keeps_an_icon_of_its_own() {
    let states = [
        State::Running,
        State::Queued,
        State::Pending,
        State::Success,
        State::Failed,
        State::TimedOut,
        State::Cancelled,
        State::Crashed,
        State::Preempting,
        State::Unknown,
    ];
    let icons: std::collections::HashSet<String> =
        states.iter().map(|state| restricted(state.icon())).collect();
    assert_eq!(icons.len(), states.len(), "{icons:?}");
    assert!(icons.iter().all(|icon| icon.is_ascii()));
}
