use worker_core::{Progress, WorkerState};

use super::*;
use crate::app::WorkerLine;

const LONG: &str = "us-east4: gcloud is not logged in; run `gcloud auth login`, then press r | europe-west4: \
                    permission denied in project demo; check --project and the account (`gcloud auth list`), or \
                    ask for a viewer's role. THE END";

fn act(state: &mut State, actions: &[Action]) {
    for &action in actions {
        let _tables = state.apply(action);
    }
}

fn partly_failed() -> State {
    let mut state = loaded();
    let mut partial = Batch::complete(vec![job("train", None)], now());
    partial.failed.push(PartError {
        region: None,
        extent: Extent::Some,
        error: SourceError::new(ErrorKind::Denied, LONG),
    });
    fetched(&mut state.panels[Table::Vertex], Ok(partial));
    state.focus = Table::Vertex;
    state
}

#[test]
fn m05_the_error_of_a_table_with_old_rows() {
    let mut state = loaded();
    fail(&mut state, Table::Builds, LONG);
    state.now = now() + SignedDuration::from_mins(3);
    act(&mut state, &[Action::ShowError]);
    insta::assert_snapshot!(picture(&state, 80, 24));
}

#[test]
fn m05_what_failed_in_part_can_be_read() {
    let mut state = partly_failed();
    act(&mut state, &[Action::ShowError]);
    let picture = picture(&state, 120, 24);
    assert!(picture.contains("┌ Vertex: error ─"), "{picture}");
    assert!(picture.contains("A part of the last fetch failed."), "{picture}");
    assert!(picture.contains("│ europe-west4: permission denied"), "each part has its line: {picture}");
    assert!(picture.contains("THE END"), "{picture}");
}

#[test]
fn m05_on_the_smallest_screen_an_error_scrolls_to_its_end() {
    let mut state = state();
    fail(&mut state, Table::Builds, LONG);
    state.toasts.push(Severity::Error, Some(Table::Builds), format!("Error loading builds: {LONG}"));
    act(&mut state, &[Action::ShowError]);
    assert!(picture(&state, 40, 10).contains("│ The last fetch failed. There are no"));
    // What the loop does after each frame.
    state.set_visible(visible(Rect::new(0, 0, 40, 10), &state));
    act(&mut state, &[Action::Last]);
    insta::assert_snapshot!(picture(&state, 40, 10));
}

#[test]
fn m05_no_error_is_said_and_one_that_is_over_too() {
    let mut state = loaded();
    act(&mut state, &[Action::ShowError]);
    assert!(picture(&state, 80, 24).contains("No error: the last fetch succeeded."));
    let mut state = super::state();
    act(&mut state, &[Action::ShowError]);
    assert!(picture(&state, 80, 24).contains("No error: nothing has been fetched yet."));
    fail(&mut state, Table::Builds, "no network");
    state.prepare_frame(now());
    load(&mut state, Table::Builds, Vec::new());
    state.prepare_frame(now());
    let picture = picture(&state, 80, 24);
    assert!(picture.contains("It is over: a later fetch succeeded. The error was:"), "{picture}");
    assert!(picture.contains("│ no network "), "{picture}");
}

#[test]
fn m05_an_error_can_be_read_while_a_retry_runs() {
    let mut state = partly_failed();
    testing::run(0, |scheduler| {
        let bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let worker = workers.worker("vertex");
        state.panels[Table::Vertex].fetch(worker, &bridge.handle(), |_, _| unreachable!("cancelled first"));
        act(&mut state, &[Action::ShowError]);
        let picture = picture(&state, 120, 24);
        assert!(
            picture.contains("A part of the last fetch failed. It is being fetched again now."),
            "{picture}"
        );
        assert!(picture.contains("THE END"), "{picture}");
    });
}

#[test]
fn m05_the_log_of_all_messages() {
    let mut state = loaded();
    state.toasts.push(Severity::Error, Some(Table::Vertex), format!("Error loading vertex: {LONG}"));
    state.prepare_frame(now() - SignedDuration::from_hours(20));
    state.toasts.push(Severity::Warning, None, "\u{1b}]0;a title\u{7}");
    state.prepare_frame(now() - SignedDuration::from_secs(3));
    state.toasts.push(Severity::Information, None, "Auto-refresh is off; r refreshes");
    state.prepare_frame(now());
    state.toasts.set_visible(3);
    act(&mut state, &[Action::DismissToasts, Action::ShowLog]);
    insta::assert_snapshot!(picture(&state, 80, 24));
}

#[test]
fn m10_the_workers() {
    let mut state = loaded();
    act(&mut state, &[Action::ShowWorkers]);
    assert!(picture(&state, 80, 24).contains("│ No worker is alive. "));
    let Overlay::Workers(view) = &mut state.overlay else { panic!("{:?}", state.overlay) };
    let worker = |name: &str, depth, state, seconds| WorkerLine {
        name: name.to_owned(),
        depth,
        state,
        is_cancelled: false,
        age: Duration::from_secs(seconds),
        progress: Progress::default(),
        group: "default".to_owned(),
        place: "examples/monitor/src/app/effects.rs:171".to_owned(),
    };
    view.workers = vec![
        worker("signals", 0, WorkerState::Running, 3725),
        worker("builds", 0, WorkerState::Running, 12),
        worker("builds us-central1", 1, WorkerState::Running, 12),
        worker("builds europe-west4\u{1b}[2J", 1, WorkerState::Pending, 12),
        WorkerLine { is_cancelled: true, ..worker("vertex", 0, WorkerState::Running, 9) },
    ];
    insta::assert_snapshot!(picture(&state, 120, 20));
    let narrow = picture(&state, 40, 12);
    assert!(narrow.contains("│ builds                     running  │"), "{narrow}");
}

#[test]
fn an_empty_log_says_so() {
    let mut state = loaded();
    act(&mut state, &[Action::ShowLog]);
    assert!(picture(&state, 80, 24).contains("No messages so far."));
}

#[test]
fn on_the_smallest_screen_the_help_has_every_word_and_says_how_much_is_below() {
    let mut state = loaded();
    act(&mut state, &[Action::Help]);
    insta::assert_snapshot!(picture(&state, 40, 10));
    let (mut words, mut below) = (String::new(), usize::MAX);
    while below > 0 {
        let picture = picture(&state, 40, 10);
        words += &picture;
        let frame = picture.lines().find(|line| line.contains('└')).expect("a frame");
        let mark = frame.split('↓').nth(1).map_or("0", |after| after.split(' ').next().expect("a number"));
        below = mark.parse().expect("a number");
        act(&mut state, &[Action::Move(1)]);
    }
    for word in ["Shift-Tab", "(also Right", "Ctrl-C", "the 15 shown", "shows all"] {
        assert!(words.contains(word), "{word}");
    }
}

#[test]
fn a_text_that_is_too_long_for_its_popup_says_what_is_shown() {
    let mut state = state();
    let mut row = build("aaaaaaaa", "FAILURE", 3);
    row.details = vec![("failure", Cell::Text("x".repeat(60_000)))];
    load(&mut state, Table::Builds, vec![row]);
    act(&mut state, &[Action::Open, Action::Last]);
    let picture = picture(&state, 80, 24);
    assert!(picture.contains("… (the first 50000 characters of it)"), "{picture}");
}

#[test]
fn a_popup_stands_above_the_toasts() {
    let mut state = loaded();
    for number in 0..5 {
        state.toasts.push(Severity::Warning, None, format!("a message, number {number}"));
    }
    for open in [Action::Help, Action::ShowLog, Action::Open, Action::ShowError, Action::ShowWorkers] {
        act(&mut state, &[open]);
        for (width, height) in [(40, 10), (80, 24), (120, 40)] {
            let picture = picture(&state, width, height);
            let frames = |corner: char| picture.matches(corner).count();
            assert_eq!((frames('┌'), frames('┘')), (2, 2), "{open:?} {picture}");
        }
        act(&mut state, &[Action::Close]);
    }
}
