//! The small examples as a user runs them: what is shown, what keys do, and that the terminal is
//! given back. Their logic is tested within them, under the seeded scheduler.

use tests::{Terminal, example};

const SIZE: (u16, u16) = (90, 26);

fn leaves(mut terminal: Terminal, key: &str) {
    assert!(terminal.is_on_alternate_screen());
    terminal.type_keys(key);
    let (code, _) = terminal.wait_for_end();
    assert_eq!(code, 0);
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
}

#[test]
fn p34_a_search_field_shows_the_answer_to_the_last_key() {
    let mut terminal = Terminal::start(&example("search"), &[], &[], SIZE);
    terminal.wait_for_text("Search:");
    terminal.type_keys("rat");
    terminal.wait_for_text("ratatui-image");
    let shown = terminal.history();
    assert!(shown.iter().any(|screen| screen.contains("searching")));
    assert!(!shown.iter().any(|screen| screen.contains("crossterm")), "an answer to a part of the word");
    leaves(terminal, "\x1b");
}

#[test]
fn p33_p35_downloads_show_bars_and_countdowns_and_can_be_cancelled() {
    let mut terminal = Terminal::start(&example("downloads"), &[], &[], SIZE);
    terminal.wait_for_text("file-20.tar ░░░░░░░░░░░░░░░░░░░░ waiting");
    terminal.type_keys("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[Bc"); // the seventh
    terminal.wait_for_text("file-07.tar ░░░░░░░░░░░░░░░░░░░░ cancelled");
    terminal.wait_for_text("attempt 1 of 4 failed: connection reset; again in 1 s");
    terminal.wait_for_text("done");
    leaves(terminal, "q");
}

#[test]
fn p33_a_save_queue_saves_all_before_it_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes.txt");
    let mut terminal = Terminal::start(&example("save_queue"), &[notes.to_str().expect("UTF-8")], &[], SIZE);
    terminal.wait_for_text("Note:");
    terminal.type_keys("one\rtwo\rthree");
    terminal.wait_for_text("three");
    leaves(terminal, "\x1b");
    assert_eq!(std::fs::read_to_string(notes).expect("the notes"), "one\ntwo\nthree\n");
}

#[test]
fn p36_regions_show_rows_as_they_come_and_failures_at_the_end() {
    let mut terminal = Terminal::start(&example("regions"), &[], &[], SIZE);
    terminal.wait_for_text("region-01: job 1");
    terminal.wait_for_text("40/40 regions, 6 failed  SUCCESS");
    assert!(terminal.history().iter().any(|screen| screen.contains("RUNNING") && screen.contains("job 0")));
    terminal.type_keys("rc");
    terminal.wait_for_text("CANCELLED");
    leaves(terminal, "q");
}
