use std::ffi::OsStr;

use super::*;

#[test]
fn no_color_takes_all_colours_and_leaves_the_emphasis() {
    let theme = Theme::for_no_color(Some(OsStr::new("1")));
    let styles = [
        theme.status(State::Failed),
        theme.severity(Severity::Error),
        theme.error(),
        theme.title(true),
        theme.rule(true),
        theme.spinner(),
        theme.selected(),
        theme.key(),
        theme.mark(),
        theme.frame(),
    ];
    assert!(styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    assert!(theme.selected().add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn an_empty_no_color_is_as_good_as_none() {
    assert_eq!(Theme::for_no_color(Some(OsStr::new(""))), Theme::colored());
    assert_eq!(Theme::for_no_color(None), Theme::colored());
}

#[test]
fn the_statuses_have_the_colours_people_know() {
    let color = |state| Theme::colored().status(state).fg;
    assert_eq!(color(State::Running), Some(Color::Green));
    assert_eq!(color(State::Queued), Some(Color::LightBlue));
    assert_eq!(color(State::Pending), Some(Color::Yellow));
    assert_eq!(color(State::Success), Some(Color::Green));
    assert_eq!(color(State::Failed), Some(Color::Red));
    assert_eq!(color(State::TimedOut), Some(Color::Red));
    assert_eq!(color(State::Cancelled), Some(Color::Yellow));
}
