use super::*;
use crate::app::{Action, State};
use crate::model::{Caps, Cell, Status};
use crate::source::Batch;
use crate::tests::{fetched, settings};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn state() -> State {
    State::new(settings(), NOW)
}

/// A row of the completed runs, with an exit code.
fn run(id: &str, exit_code: Option<i64>) -> Row {
    let text = |text: &str| Cell::Text(text.to_owned());
    let exit_code = exit_code.map_or(Cell::Missing, Cell::Number);
    let state = Cell::Status(Status::of_run("finished"));
    let cells = vec![text(id), text("name"), state, Cell::Missing, exit_code, Cell::Missing];
    Row { key: id.to_owned(), region: None, phase: Phase::Ended, created: None, cells, details: Vec::new() }
}

fn build(id: &str, phase: Phase) -> Row {
    let cells = [id, "", "image", "", "", "", ""].map(|text| Cell::text(Some(text))).to_vec();
    Row { key: id.to_owned(), region: None, phase, created: None, cells, details: Vec::new() }
}

fn load(state: &mut State, table: Table, rows: Vec<Row>) {
    fetched(&mut state.panels[table], Ok(Batch::complete(rows, NOW)));
}

fn act(state: &mut State, actions: &[Action]) {
    for &action in actions {
        assert_eq!(state.apply(action), [], "{action:?}");
    }
}

fn filter(state: &mut State, text: &str) {
    act(state, &[Action::OpenFilter]);
    state.paste(text);
    act(state, &[Action::KeepFilter]);
}

fn shown(state: &State) -> Vec<&str> {
    let panel = &state.panels[state.focus];
    (0..panel.view().len()).filter_map(|place| panel.shown(place)).map(|row| row.key.as_str()).collect()
}

#[test]
fn m02_missing_values_come_last_in_both_directions_and_equal_ones_keep_their_order() {
    let mut state = state();
    let rows = [("a", Some(9)), ("b", None), ("c", Some(10)), ("d", Some(9)), ("e", None)];
    load(&mut state, Table::Completed, rows.map(|(id, code)| run(id, code)).into());
    act(&mut state, &[Action::GoTo(Table::Completed), Action::SortBy(Table::Completed, 4)]);
    assert_eq!(shown(&state), ["a", "d", "c", "b", "e"]);
    act(&mut state, &[Action::TurnSort]);
    assert_eq!(shown(&state), ["c", "a", "d", "b", "e"]);
    act(&mut state, &[Action::SortBy(Table::Completed, 4)]);
    assert_eq!(shown(&state), ["a", "b", "c", "d", "e"], "a third click: as they came");
}

#[test]
fn m02_s_goes_through_all_columns_and_then_back_to_the_usual_order() {
    let mut state = state();
    let sorts = std::iter::from_fn(|| {
        act(&mut state, &[Action::SortByNext]);
        state.panels[Table::Builds].view().sort()
    });
    let sorts: Vec<Sort> = sorts.collect();
    let columns: Vec<usize> = sorts.iter().map(|sort| sort.column).collect();
    assert_eq!(columns, (0..7).collect::<Vec<_>>());
    assert!(sorts.iter().all(|sort| sort.direction == Direction::Up));
    act(&mut state, &[Action::TurnSort]);
    let sort = Sort { column: 0, direction: Direction::Down };
    assert_eq!(state.panels[Table::Builds].view().sort(), Some(sort));
}

#[test]
fn m02_active_builds_come_first_unless_they_are_sorted() {
    let mut state = state();
    let rows = [("b", Phase::Active), ("d", Phase::Active), ("a", Phase::Ended), ("c", Phase::Ended)];
    load(&mut state, Table::Builds, rows.map(|(id, phase)| build(id, phase)).into());
    let divider = |state: &State| state.panels[Table::Builds].view().divider();
    assert_eq!((shown(&state), divider(&state)), (vec!["b", "d", "a", "c"], Some(2)));
    act(&mut state, &[Action::SortByNext]);
    assert_eq!((shown(&state), divider(&state)), (vec!["a", "b", "c", "d"], None));
    act(&mut state, &[Action::SortBy(Table::Builds, 0), Action::SortBy(Table::Builds, 0)]);
    filter(&mut state, "id:d");
    assert_eq!((shown(&state), divider(&state)), (vec!["d"], None), "nothing below to separate");
}

#[test]
fn m01_filter_and_sorting_stay_when_the_rows_change() {
    let mut state = state();
    let runs = |ids: &[&str]| ids.iter().map(|id| run(id, Some(0))).collect();
    load(&mut state, Table::Completed, runs(&["x3", "y", "x1"]));
    act(&mut state, &[Action::GoTo(Table::Completed), Action::SortByNext]);
    filter(&mut state, "x");
    assert_eq!(shown(&state), ["x1", "x3"]);
    load(&mut state, Table::Completed, runs(&["x3", "z", "x2", "x1"]));
    assert_eq!(shown(&state), ["x1", "x2", "x3"]);
    act(&mut state, &[Action::Close]);
    assert_eq!(shown(&state), ["x1", "x2", "x3", "z"], "Esc ends the filter, not the sorting");
}

#[test]
fn m01_rows_that_came_since_the_last_frame_are_looked_through_by_the_next_key() {
    let mut state = state();
    load(&mut state, Table::Builds, vec![build("a", Phase::Ended)]);
    filter(&mut state, "b");
    assert_eq!(shown(&state), [] as [&str; 0]);
    load(&mut state, Table::Builds, vec![build("a", Phase::Ended), build("b", Phase::Ended)]);
    act(&mut state, &[Action::Move(1)]);
    assert_eq!(shown(&state), ["b"]);
}

#[test]
fn a_view_is_computed_only_if_something_has_changed() {
    let mut view = View::default();
    let rows = Rows::new(Table::Builds, Caps::default());
    view.follow(Some(&rows), Table::Builds, NOW);
    view.order.push(77);
    let later = NOW + jiff::SignedDuration::from_secs(9);
    view.follow(Some(&rows), Table::Builds, later);
    view.set_filter(Filter::default(), Some(&rows), Table::Builds, later);
    view.set_sort(None, Some(&rows), Table::Builds, later);
    assert_eq!(view.order(), [77]);
    view.set_filter(Filter::new(Table::Builds, "a"), Some(&rows), Table::Builds, later);
    assert!(view.is_empty());
    view.order.push(77);
    view.follow(None, Table::Builds, later);
    assert!(view.is_empty(), "the rows have gone");
}

#[test]
fn what_a_filter_needs_is_made_once_after_the_frame_that_opens_its_line() {
    let mut view = View::default();
    let rows = Rows::new(Table::Builds, Caps::default());
    view.follow(Some(&rows), Table::Builds, NOW);
    assert!(view.texts.is_none(), "none is typed");
    view.prepare_filter(Some(&rows), Table::Builds, NOW);
    view.set_filter(Filter::new(Table::Builds, "a"), Some(&rows), Table::Builds, NOW);
    view.set_filter(Filter::default(), Some(&rows), Table::Builds, NOW);
    assert!(view.texts.is_some(), "the line may still be open");
    view.follow(None, Table::Builds, NOW);
    assert!(view.texts.is_none(), "the rows have changed");
}
