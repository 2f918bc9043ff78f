use tui_input::InputRequest;

use super::*;
use crate::input::{Mouse, MouseKind};

const SIZE: (u16, u16) = (100, 30);

fn act(state: &mut State, actions: &[Action]) {
    for &action in actions {
        let _tables = state.apply(action);
    }
}

fn filter(state: &mut State, text: &str) {
    act(state, &[Action::OpenFilter]);
    state.paste(text);
}

/// Draws, and remembers what was drawn.
fn drawn(state: &mut State) -> String {
    let (width, height) = SIZE;
    let picture = picture(state, width, height);
    state.set_visible(visible(Rect::new(0, 0, width, height), state));
    picture
}

fn line(picture: &str, number: usize) -> &str {
    picture.lines().nth(number).expect("a line").trim_matches(['"', ' '])
}

#[test]
fn m01_a_filter_is_typed_at_the_bottom_and_stands_in_the_title() {
    let mut state = loaded();
    filter(&mut state, "trainer status:queued");
    insta::assert_snapshot!(picture(&state, 100, 30));
    let mut terminal = terminal(&state, 100, 30);
    terminal.backend_mut().assert_cursor_position((23, 29));
    act(&mut state, &[Action::EditFilter(InputRequest::GoToStart)]);
    terminal.draw(|frame| render(frame, &state, Theme::plain())).expect("drawn");
    terminal.backend_mut().assert_cursor_position((2, 29));
}

#[test]
fn m01_a_long_filter_scrolls_with_its_cursor_and_is_cut_in_the_title() {
    let mut state = loaded();
    filter(&mut state, &format!("{}end", "long ".repeat(30)));
    for width in [40, 60, 100, 200] {
        let picture = picture(&state, width, 30);
        let bottom = line(&picture, 29);
        let text = bottom.split("   ").next().expect("a text").trim_end_matches("Enter keep").trim_end();
        assert!(text.ends_with("long end"), "{picture}");
        assert!(width == 40 || bottom.contains("Enter keep   Esc all rows"), "{picture}");
        let title = picture.lines().nth(1).expect("a title");
        assert!(title.contains(" /long long long long long long… 0 of 4 match") || width < 100, "{picture}");
    }
}

#[test]
fn m01_a_filter_that_matches_nothing_says_so() {
    let mut state = loaded();
    filter(&mut state, "nothing");
    let typing = picture(&state, 100, 30);
    assert!(line(&typing, 1).contains("Builds /nothing 0 of 4 match"), "{typing}");
    assert_eq!(line(&typing, 3), "No row matches the filter; Esc shows all");
    let runner = |picture: &str| picture.lines().position(|line| line.contains("Runner"));
    assert_eq!(runner(&typing), runner(&picture(&loaded(), 100, 30)), "nothing moves with a key");
    act(&mut state, &[Action::KeepFilter]);
    let kept = picture(&state, 100, 30);
    assert_eq!(runner(&kept), Some(4), "the other tables have the room: {kept}");
    assert!(line(&kept, 29).contains("Esc all rows"), "{kept}");
}

#[test]
fn m02_the_sorted_column_is_marked() {
    let mut state = loaded();
    act(&mut state, &[Action::SortBy(Table::Builds, 4), Action::TurnSort]);
    insta::assert_snapshot!(picture(&state, 100, 30));
    let ascii = |state: &State| {
        let mut terminal = Terminal::new(TestBackend::new(100, 30)).expect("a terminal");
        let theme = Theme::plain().with_charset(Charset::Ascii);
        terminal.draw(|frame| render(frame, state, theme)).expect("drawn");
        terminal.backend().to_string()
    };
    assert!(ascii(&state).contains("duration v"), "{}", ascii(&state));
    act(&mut state, &[Action::TurnSort]);
    assert!(ascii(&state).contains("duration ^"), "{}", ascii(&state));
}

#[test]
fn m02_a_sorted_column_without_room_is_named_in_the_title() {
    let mut state = loaded();
    act(&mut state, &[Action::SortBy(Table::Builds, 6)]);
    let narrow = picture(&state, 60, 30);
    assert!(line(&narrow, 1).contains("Builds 1/4 · by logUrl ─"), "{narrow}");
    let wide = picture(&state, 120, 30);
    assert!(line(&wide, 1).contains("Builds 1/4 ──") && line(&wide, 2).contains("logUrl ▲"), "{wide}");
}

#[test]
fn m03_a_zoomed_table_has_the_whole_screen() {
    let mut state = loaded();
    act(&mut state, &[Action::GoTo(Table::Vertex), Action::ToggleZoom]);
    for width in [80, 200] {
        let picture = picture(&state, width, 24);
        assert!(line(&picture, 1).starts_with("▶ Vertex 1/2 ──"), "{picture}");
        assert!(["Builds", "Runner", "Active", "Completed"].iter().all(|name| !picture.contains(name)));
    }
}

fn at(kind: MouseKind, column: usize, line: usize) -> Mouse {
    let small = |number| u16::try_from(number).expect("small");
    Mouse { kind, column: small(column), line: small(line) }
}

/// Clicks on the first place where a text is drawn.
fn click(state: &mut State, text: &str) -> Option<Action> {
    let picture = drawn(state);
    let found = picture.lines().enumerate().find_map(|(number, line)| {
        let before = &line.trim_start_matches('"')[..line.trim_start_matches('"').find(text)?];
        Some((before.chars().count(), number))
    });
    let (column, line) = found.unwrap_or_else(|| panic!("no {text:?} on\n{picture}"));
    let action = action_at(at(MouseKind::Click, column, line), state);
    act(state, action.as_slice());
    action
}

#[test]
fn m12_a_click_selects_the_row_that_is_drawn_there() {
    let mut state = loaded();
    assert_eq!(click(&mut state, "dddddddd"), Some(Action::Select(Table::Builds, 2)), "below the divider");
    assert_eq!(click(&mut state, "crashed"), Some(Action::Select(Table::Completed, 1)));
    assert_eq!(state.focus, Table::Completed);
    assert_eq!(click(&mut state, "────────────  "), Some(Action::GoTo(Table::Builds)), "the divider");
    assert_eq!(click(&mut state, "Runner"), Some(Action::GoTo(Table::Runner)), "a title");
    assert_eq!(click(&mut state, "No executions"), Some(Action::GoTo(Table::Runner)));
    for nothing in ["demo, seed 7", "q quit"] {
        assert_eq!(click(&mut state, nothing), None, "{nothing}");
    }
    filter(&mut state, "x");
    act(&mut state, &[Action::GoTo(Table::Builds), Action::SortByNext, Action::ToggleZoom]);
    assert_eq!(click(&mut state, "dddddddd"), Some(Action::Select(Table::Builds, 3)), "as it is sorted");
}

#[test]
fn m12_of_a_long_table_the_row_in_view_is_selected() {
    let mut state = state();
    let rows = (0..20).map(|number| run(&format!("run{number}x"), "running").into_active());
    load(&mut state, Table::Active, rows.collect());
    act(&mut state, &[Action::GoTo(Table::Active), Action::Last]);
    assert_eq!(click(&mut state, "run17x"), Some(Action::Select(Table::Active, 17)));
}

#[test]
fn m12_a_click_on_a_heading_sorts_by_its_column() {
    let mut state = loaded();
    assert_eq!(click(&mut state, "image"), Some(Action::SortBy(Table::Builds, 2)));
    assert_eq!(click(&mut state, "image ▲"), Some(Action::SortBy(Table::Builds, 2)));
    assert_eq!(click(&mut state, " region"), Some(Action::SortBy(Table::Builds, 2)), "the space before it");
    assert!(drawn(&mut state).contains("image  "), "up, down, none");
}

#[test]
fn m12_the_wheel_scrolls_what_is_under_it() {
    let mut state = loaded();
    drawn(&mut state);
    let wheel = |state: &State, line| action_at(at(MouseKind::WheelDown, 9, line), state);
    assert_eq!(wheel(&state, 3), Some(Action::MoveIn(Table::Builds, 3)));
    assert_eq!(wheel(&state, 11), Some(Action::MoveIn(Table::Vertex, 3)));
    assert_eq!(action_at(at(MouseKind::WheelUp, 9, 0), &state), None);
    act(&mut state, &[Action::Help]);
    drawn(&mut state);
    assert_eq!(wheel(&state, 3), Some(Action::Move(3)));
    assert_eq!(action_at(at(MouseKind::WheelUp, 9, 3), &state), Some(Action::Move(-3)));
    assert_eq!(action_at(at(MouseKind::Click, 9, 3), &state), None, "a popup is open");
}

#[test]
fn m12_a_click_on_a_toast_is_not_for_the_row_below() {
    let mut state = loaded();
    state.toasts.push(Severity::Error, None, "no network".to_owned());
    assert_eq!(click(&mut state, "no network"), None);
}

#[test]
fn before_the_first_frame_and_on_a_tiny_screen_the_mouse_does_nothing() {
    let mut state = loaded();
    assert_eq!(action_at(at(MouseKind::Click, 0, 0), &state), None);
    state.set_visible(visible(Rect::new(0, 0, 10, 5), &state));
    assert_eq!(action_at(at(MouseKind::Click, 0, 2), &state), None);
}
