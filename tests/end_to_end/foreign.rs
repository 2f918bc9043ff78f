//! P21: the bridge in event loops of other libraries, tested on the examples.

use std::collections::HashSet;

use tests::{Terminal, example};

const NAMES: [&str; 5] = ["ant", "bee", "cat", "dog", "eel"];

const SPINNER: [&str; 4] = ["◐", "◓", "◑", "◒"];

/// Checks that rows appear one by one while the spinner turns, and that `q` quits and restores the
/// terminal.
fn fills_a_list_and_leaves(name: &str) {
    let mut terminal = Terminal::start(&example(name), &[], &[], (60, 15));
    terminal.wait_for_text("all there");
    let history = terminal.history();
    let of = |what: &str| history.iter().position(|screen| screen.contains(what));
    let appeared = NAMES.map(|name| of(name).unwrap_or_else(|| panic!("{name} was never seen")));
    assert!(appeared.is_sorted_by(|earlier, later| earlier < later), "{appeared:?}");
    let turned = NAMES.windows(2).any(|rows| {
        let between = history.iter().filter(|screen| screen.contains(rows[0]) && !screen.contains(rows[1]));
        let symbols = between.filter_map(|screen| SPINNER.iter().find(|symbol| screen.contains(**symbol)));
        symbols.collect::<HashSet<_>>().len() > 1
    });
    assert!(turned, "the spinner turned with the rows only");
    assert!(terminal.is_on_alternate_screen());
    terminal.type_keys("q");
    let (code, _) = terminal.wait_for_end();
    assert_eq!(code, 0);
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
}

#[test]
fn p21_a_poll_of_mio_is_woken_and_sleeps_until_the_next_timer() {
    fills_a_list_and_leaves("foreign_mio");
}

/// Types a query into a search box, sees the spinner turn and the answer, and leaves by Esc.
fn searches_and_leaves(name: &str) {
    let mut terminal = Terminal::start(&example(name), &[], &[], (60, 15));
    terminal.wait_for_text("Esc leaves");
    for key in ["c", "r", "o", "s", "s"] {
        terminal.type_keys(key);
    }
    terminal.wait_for("the answer", |screen| screen.contains("crossbeam") && screen.contains("2 found"));
    let history = terminal.history();
    let turned = SPINNER.iter().filter(|symbol| history.iter().any(|screen| screen.contains(**symbol)));
    assert!(turned.count() > 2, "timers run while the loop waits");
    assert!(!history.iter().any(|screen| screen.contains("9 found")), "no older answer was shown");
    assert!(terminal.is_on_alternate_screen());
    terminal.type_keys(" ");
    let screen = terminal.wait_for_text("a name has no spaces");
    assert!(screen.contains("crossterm"), "the old answer stays beside the error\n{screen}");
    terminal.type_keys("\u{1b}");
    let (code, _) = terminal.wait_for_end();
    assert_eq!(code, 0);
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
}

#[test]
fn p21_the_same_search_box_under_cursive_with_timers() {
    searches_and_leaves("foreign_cursive");
}

#[test]
fn p21_the_same_search_box_in_a_loop_around_crossterms_poll() {
    searches_and_leaves("plain_crossterm");
}

#[test]
fn p38_the_same_search_box_under_ratatui() {
    searches_and_leaves("search");
}

#[test]
fn p39_the_same_search_box_in_tokios_select() {
    searches_and_leaves("tokio_app");
}
