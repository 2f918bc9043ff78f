use super::*;
use crate::model::Cell;
use crate::source::Batch;
use crate::tests::{failure, fetched, rows, settings};

fn state() -> State {
    State::new(settings(), Timestamp::UNIX_EPOCH)
}

fn load(state: &mut State, table: Table, batch: Batch) {
    fetched(&mut state.panels[table], Ok(batch));
    state.prepare_frame(Timestamp::UNIX_EPOCH);
}

fn act(state: &mut State, actions: &[Action]) {
    for &action in actions {
        assert_eq!(state.apply(action), [], "{action:?}");
    }
}

#[test]
fn escape_closes_what_is_open_and_never_leaves() {
    let mut state = state();
    act(&mut state, &[Action::Help, Action::Close]);
    assert!(matches!(state.overlay, Overlay::None));
    act(&mut state, &[Action::Close, Action::Close]);
    assert_eq!(state.exit, None);
}

#[test]
fn q_closes_what_is_open_and_then_leaves() {
    for open in [Action::Help, Action::ShowLog, Action::ShowError] {
        let mut state = state();
        act(&mut state, &[open, Action::CloseOrQuit]);
        assert!(matches!(state.overlay, Overlay::None) && state.exit.is_none());
        act(&mut state, &[Action::CloseOrQuit]);
        assert_eq!(state.exit, Some(Exit::Requested));
    }
}

#[test]
fn control_c_leaves_whatever_is_open() {
    let mut state = state();
    act(&mut state, &[Action::Help, Action::Quit]);
    assert_eq!(state.exit, Some(Exit::Requested));
}

#[test]
fn refreshing_asks_for_all_tables_or_the_focused_one() {
    let mut state = state();
    assert_eq!(state.apply(Action::RefreshAll), Table::ALL);
    act(&mut state, &[Action::NextTable]);
    assert_eq!(state.apply(Action::RefreshFocused), [Table::Runner]);
}

#[test]
fn the_automatic_refresh_has_a_switch_and_one_per_table() {
    let mut state = state();
    assert_eq!(state.tables_to_refresh(Timestamp::UNIX_EPOCH), Table::ALL);
    act(&mut state, &[Action::PreviousTable, Action::ToggleAutoFocused]);
    assert_eq!(
        state.tables_to_refresh(Timestamp::UNIX_EPOCH),
        [Table::Builds, Table::Runner, Table::Vertex, Table::Active]
    );
    act(&mut state, &[Action::ToggleAuto]);
    assert_eq!(state.tables_to_refresh(Timestamp::UNIX_EPOCH), []);
    act(&mut state, &[Action::ToggleAuto, Action::ToggleAutoFocused]);
    assert_eq!(state.tables_to_refresh(Timestamp::UNIX_EPOCH), Table::ALL);
}

#[test]
fn moving_acts_on_the_focused_table() {
    let mut state = state();
    load(&mut state, Table::Runner, rows(&["a", "b", "c"]));
    act(&mut state, &[Action::NextTable, Action::Move(1)]);
    assert_eq!((state.focus, state.panels[Table::Runner].selected()), (Table::Runner, 1));
    act(&mut state, &[Action::Last]);
    assert_eq!(state.panels[Table::Runner].selected(), 2);
    act(&mut state, &[Action::First]);
    assert_eq!(state.panels[Table::Runner].selected(), 0);
}

#[test]
fn an_open_row_scrolls_and_is_updated_by_refreshes() {
    let mut state = state();
    load(&mut state, Table::Builds, rows(&["a"]));
    act(&mut state, &[Action::Open, Action::Move(3), Action::Move(-1)]);
    let Overlay::Row(view) = &state.overlay else { panic!("a row is open") };
    assert_eq!((view.row.key.as_str(), view.scroll.line()), ("a", 2));

    let mut news = rows(&["a"]);
    news.rows[0].cells[1] = Cell::Text("new".to_owned());
    load(&mut state, Table::Builds, news);
    load(&mut state, Table::Runner, rows(&["a"]));
    let Overlay::Row(view) = &state.overlay else { panic!("still open") };
    assert_eq!(view.row.cells[1], Cell::Text("new".to_owned()));

    load(&mut state, Table::Builds, rows(&[]));
    assert!(matches!(&state.overlay, Overlay::Row(view) if view.row.key == "a"), "kept though it has gone");
}

#[test]
fn nothing_opens_in_an_empty_table() {
    let mut state = state();
    act(&mut state, &[Action::Open]);
    assert!(matches!(state.overlay, Overlay::None));
}

#[test]
fn an_open_popup_keeps_the_table() {
    let mut state = state();
    load(&mut state, Table::Builds, rows(&["a"]));
    for open in [Action::Open, Action::Help, Action::ShowError, Action::ShowLog] {
        act(&mut state, &[open, Action::NextTable, Action::PreviousTable, Action::PreviousTable]);
        assert!(!matches!(state.overlay, Overlay::None), "{open:?}");
        assert_eq!(state.focus, Table::Builds, "{open:?}");
        act(&mut state, &[Action::Close]);
    }
}

#[test]
fn the_next_row_is_shown_without_closing() {
    let mut state = state();
    load(&mut state, Table::Builds, rows(&["a", "b"]));
    let shown = |state: &State| match &state.overlay {
        Overlay::Row(view) => (view.row.key.clone(), view.scroll.line()),
        other => panic!("{other:?}"),
    };
    act(&mut state, &[Action::Open, Action::Move(3), Action::StepRow(1)]);
    assert_eq!(shown(&state), ("b".to_owned(), 0), "from its top");
    act(&mut state, &[Action::StepRow(1)]);
    assert_eq!((shown(&state).0.as_str(), state.panels[Table::Builds].selected()), ("b", 1));
    act(&mut state, &[Action::StepRow(-1), Action::StepRow(-1)]);
    assert_eq!(shown(&state).0, "a");
    act(&mut state, &[Action::Close, Action::StepRow(1)]);
    assert_eq!(state.panels[Table::Builds].selected(), 0, "the key is the popup's");
}

#[test]
fn m05_an_error_that_is_read_stays_when_the_table_recovers() {
    let mut state = state();
    fetched(&mut state.panels[Table::Builds], Err(failure()));
    act(&mut state, &[Action::ShowError]);
    load(&mut state, Table::Builds, rows(&["a"]));
    let problem = |state: &State| match &state.overlay {
        Overlay::Error(view) => view.problem.clone(),
        other => panic!("{other:?}"),
    };
    assert!(problem(&state).is_some_and(|problem| problem.text().contains("gcloud auth login")));
    act(&mut state, &[Action::ShowError, Action::ShowError]);
    assert_eq!(problem(&state), None, "opened anew");
}

#[test]
fn m05_every_message_is_in_the_log_with_the_time_it_came() {
    let mut state = state();
    act(&mut state, &[Action::ToggleAuto]);
    state.prepare_frame(Timestamp::UNIX_EPOCH);
    act(&mut state, &[Action::DismissToasts, Action::ToggleAuto]);
    let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(7);
    state.prepare_frame(later);
    let log: Vec<_> = state.toasts.log().newest_first().map(|message| message.at).collect();
    assert_eq!(log, [Some(later), Some(Timestamp::UNIX_EPOCH)]);
}

#[test]
fn scrolling_past_the_end_needs_no_scrolling_back() {
    let mut state = state();
    let line = |state: &mut State| state.overlay.scroll_mut().expect("open").line();
    act(&mut state, &[Action::Help]);
    state.set_visible(Visible { toasts: 0, last_page: 3, screen: (80, 24) });
    act(&mut state, &[Action::Last, Action::Move(10), Action::Move(10)]);
    assert_eq!(line(&mut state), 3);
    act(&mut state, &[Action::Move(-1)]);
    assert_eq!(line(&mut state), 2, "the first key up moves");
    state.set_visible(Visible { toasts: 0, last_page: 1, screen: (80, 24) });
    assert_eq!(line(&mut state), 1, "the window has grown");
}
