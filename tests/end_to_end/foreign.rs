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

#[test]
fn p21_cursive_is_woken_by_its_sink() {
    fills_a_list_and_leaves("foreign_cursive");
}
