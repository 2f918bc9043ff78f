use jiff::Timestamp;

use super::*;
use crate::app::{Action, Exit, Overlay, Switch};
use crate::model::Cell;
use crate::tests::{fetched, rows, settings};

/// The focused table has rows with these keys, which are also their first texts.
fn state(keys: &[&str]) -> State {
    let mut state = State::new(settings(), Timestamp::UNIX_EPOCH);
    load(&mut state, Table::Builds, keys);
    state
}

fn load(state: &mut State, table: Table, keys: &[&str]) {
    let mut batch = rows(keys);
    for row in &mut batch.rows {
        row.cells[0] = Cell::Text(row.key.clone());
    }
    fetched(&mut state.panels[table], Ok(batch));
}

fn act(state: &mut State, actions: &[Action]) {
    for &action in actions {
        assert_eq!(state.apply(action), [], "{action:?}");
    }
}

fn type_text(state: &mut State, text: &str) {
    for c in text.chars() {
        act(state, &[Action::EditFilter(InputRequest::InsertChar(c))]);
    }
}

fn selected(state: &State) -> Option<&str> {
    state.panels[state.focus].selected_row().map(|row| row.key.as_str())
}

fn filter(state: &State) -> &str {
    state.panels[Table::Builds].view().filter().text()
}

#[test]
fn m01_each_key_filters_and_the_selection_stays_on_its_row_while_that_matches() {
    let mut state = state(&["apple", "banana", "cherry", "peach"]);
    act(&mut state, &[Action::Move(3), Action::OpenFilter]);
    type_text(&mut state, "ch");
    assert_eq!((state.panels[Table::Builds].view().len(), selected(&state)), (2, Some("peach")));
    type_text(&mut state, "e");
    assert_eq!(selected(&state), Some("cherry"), "peach no longer matches");
    act(&mut state, &[Action::EditFilter(InputRequest::DeleteLine)]);
    assert_eq!((state.panels[Table::Builds].view().len(), selected(&state)), (4, Some("cherry")));
    type_text(&mut state, "nothing");
    assert_eq!(selected(&state), None);
    act(&mut state, &[Action::KeepFilter, Action::Open, Action::Last, Action::Move(1)]);
    assert!(matches!(state.overlay, Overlay::None), "there is no row to open");
}

#[test]
fn m01_enter_keeps_the_filter_and_escape_clears_it_also_later() {
    let mut state = state(&["a", "b"]);
    act(&mut state, &[Action::OpenFilter]);
    type_text(&mut state, "a");
    act(&mut state, &[Action::KeepFilter]);
    assert!(state.filter_line.is_none() && filter(&state) == "a");
    act(&mut state, &[Action::Help, Action::Close]);
    assert_eq!(filter(&state), "a", "that Esc was for the popup");
    act(&mut state, &[Action::OpenFilter]);
    type_text(&mut state, "b");
    assert_eq!(filter(&state), "ab", "the line begins with the filter");
    act(&mut state, &[Action::ClearFilter]);
    assert!(state.filter_line.is_none() && filter(&state).is_empty());
    act(&mut state, &[Action::OpenFilter]);
    type_text(&mut state, "a");
    act(&mut state, &[Action::KeepFilter, Action::Close]);
    assert_eq!((filter(&state), &state.exit), ("", &None));
}

#[test]
fn m01_each_table_has_a_filter_of_its_own() {
    let mut state = state(&["a", "b"]);
    load(&mut state, Table::Runner, &["a", "b"]);
    act(&mut state, &[Action::OpenFilter]);
    type_text(&mut state, "a");
    act(&mut state, &[Action::Select(Table::Runner, 1)]);
    assert!(state.filter_line.is_none(), "a click elsewhere ends the typing");
    act(&mut state, &[Action::Close]);
    assert_eq!(filter(&state), "a", "Esc is for the focused table");
    assert_eq!(state.panels[Table::Runner].view().len(), 2);
}

#[test]
fn m01_what_could_control_the_terminal_is_not_pasted() {
    let mut state = state(&[]);
    act(&mut state, &[Action::OpenFilter]);
    state.paste("a\u{1b}[31m\r\nb\tc\u{202e}\u{200b}d");
    assert_eq!(filter(&state), "a[31m  b cd");
    act(&mut state, &[Action::EditFilter(InputRequest::InsertChar('\u{7}'))]);
    assert_eq!(filter(&state), "a[31m  b cd");
    act(&mut state, &[Action::KeepFilter]);
    state.paste("more");
    assert_eq!(filter(&state), "a[31m  b cd", "nothing is being typed");
}

#[test]
fn m02_the_selection_stays_on_its_row_when_it_is_sorted() {
    let mut state = state(&["c", "a", "b"]);
    act(&mut state, &[Action::Move(2), Action::SortByNext]);
    assert_eq!((selected(&state), state.panels[Table::Builds].selected()), (Some("b"), 1));
    act(&mut state, &[Action::Open, Action::StepRow(1)]);
    assert!(matches!(&state.overlay, Overlay::Row(view) if view.row.key == "c"), "{:?}", state.overlay);
}

#[test]
fn m03_a_number_goes_to_its_table_and_z_shows_it_alone() {
    let mut state = state(&[]);
    act(&mut state, &[Action::GoTo(Table::Active), Action::ToggleZoom]);
    assert_eq!((state.focus, state.zoom), (Table::Active, Switch::On));
    act(&mut state, &[Action::NextTable]);
    assert_eq!((state.focus, state.zoom), (Table::Completed, Switch::On));
    act(&mut state, &[Action::ToggleZoom]);
    assert_eq!(state.zoom, Switch::Off);
}

#[test]
fn m12_the_mouse_selects_and_scrolls_the_table_it_points_at() {
    let mut state = state(&["a"]);
    load(&mut state, Table::Runner, &["a", "b", "c", "d", "e"]);
    act(&mut state, &[Action::Select(Table::Runner, 3)]);
    assert_eq!((state.focus, selected(&state)), (Table::Runner, Some("d")));
    act(&mut state, &[Action::GoTo(Table::Builds), Action::MoveIn(Table::Runner, -2)]);
    assert_eq!((state.focus, selected(&state)), (Table::Runner, Some("b")));
    act(&mut state, &[Action::Select(Table::Runner, usize::MAX)]);
    assert_eq!(selected(&state), Some("e"));
}

#[test]
fn what_a_popup_covers_stays_as_it_is() {
    let covered = [
        Action::OpenFilter,
        Action::SortByNext,
        Action::TurnSort,
        Action::SortBy(Table::Runner, 1),
        Action::ToggleZoom,
        Action::Select(Table::Runner, 1),
        Action::GoTo(Table::Runner),
    ];
    let mut state = state(&["a"]);
    act(&mut state, &[Action::Help]);
    act(&mut state, &covered);
    assert!(state.filter_line.is_none() && state.zoom == Switch::Off && state.focus == Table::Builds);
    assert!(Table::ALL.iter().all(|table| state.panels[*table].view().sort().is_none()));
}

#[test]
fn control_c_leaves_while_a_filter_is_typed() {
    let mut state = state(&[]);
    act(&mut state, &[Action::OpenFilter, Action::Quit]);
    assert_eq!(state.exit, Some(Exit::Requested));
}

#[test]
fn m01_a_paste_just_after_more_rows_have_landed_looks_at_these() {
    let mut state = state(&["apple"]);
    act(&mut state, &[Action::OpenFilter]);
    type_text(&mut state, "a");
    // The frame has prepared the texts of the one row; the rows land in the turn of the paste.
    load(&mut state, Table::Builds, &["apple", "banana", "grape"]);
    state.paste("p");
    state.panels[Table::Builds].follow_rows(Timestamp::UNIX_EPOCH);
    assert_eq!((filter(&state), state.panels[Table::Builds].view().len()), ("ap", 2));
}
