//! A walk through the monitor, as a person would take it.

use std::fs;

use tests::{Terminal, monitor};

const CONFIG: &str = r#"
profile = "first"
[profiles.first]
seed = 9
[profiles.second]
seed = 10
"#;

fn shows(terminal: &Terminal, text: &str) -> String {
    terminal.wait_for_text(text)
}

#[test]
fn a_walk_through_the_monitor() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.toml");
    fs::write(&config, CONFIG).unwrap();
    let arguments = ["--config", config.to_str().unwrap()];
    let mut terminal = Terminal::start(monitor(), &arguments, &[], (120, 40));
    terminal.wait_for("all tables", |screen| screen.contains("Vertex 1") && !screen.contains("loading"));
    assert!(shows(&terminal, "first").contains("demo, seed 9"));

    // Filter.
    terminal.type_keys("/work");
    shows(&terminal, "of 15 match");
    terminal.type_keys("\r");
    let filtered = shows(&terminal, "/work");
    assert!(filtered.contains("WORKING") && !filtered.contains("SUCCESS"), "{filtered}");
    terminal.type_keys("/\x1b");
    shows(&terminal, "Builds 1/15");

    // Sort, and turn round.
    terminal.type_keys("s");
    shows(&terminal, "id ▲");
    terminal.type_keys("S");
    shows(&terminal, "id ▼");

    // Zoom, and go to a table by its number.
    terminal.type_keys("z");
    terminal.wait_for("one table", |screen| !screen.contains("Runner"));
    terminal.type_keys("z2");
    shows(&terminal, "▶ Runner");

    // A row in full, its id copied, the next one.
    terminal.type_keys("1\r");
    shows(&terminal, "┌ Builds");
    terminal.type_keys("y");
    shows(&terminal, "opied");
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(raw.contains("\x1b]52;c;"), "the clipboard of the terminal");
    terminal.type_keys("n\x1b");
    terminal.wait_for("no popup", |screen| !screen.contains("┌ Builds"));

    // Its log, the workers, all messages, the error that there is not.
    terminal.type_keys("l");
    shows(&terminal, "step 1");
    terminal.type_keys("qw");
    shows(&terminal, "┌ Workers");
    terminal.type_keys("qm");
    shows(&terminal, "Messages, newest first");
    terminal.type_keys("qe");
    shows(&terminal, "No error");
    terminal.type_keys("q");

    // A fetch that is stopped.
    terminal.type_keys("R");
    shows(&terminal, "loading");
    terminal.type_keys("c");
    shows(&terminal, "Stopped loading builds");

    // Another profile.
    terminal.type_keys("P");
    shows(&terminal, "demo, seed 10");
    terminal.wait_for("all tables", |screen| screen.contains("Vertex 1") && !screen.contains("loading"));

    // A smaller window, a bigger one, the end. Each is waited for: crossterm 0.29 keeps a key that
    // comes together with a new size until the next one. (A stop needs a shell: see `screen`.)
    let has_footer_in_line = |line: usize| {
        move |screen: &str| screen.lines().nth(line).is_some_and(|footer| footer.contains("q quit"))
    };
    terminal.resize((60, 15));
    terminal.wait_for("a small screen", has_footer_in_line(14));
    terminal.resize((120, 40));
    terminal.wait_for("a large screen", has_footer_in_line(39));
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().0, 0);
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
}
