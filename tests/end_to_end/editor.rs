//! P41: the terminal lent to an editor, and taken back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::{Terminal, example};

const TYPED: usize = 10_000;

/// What is typed: no two neighbouring stretches are alike, so a lost or moved byte is seen.
fn text() -> String {
    (0..).flat_map(|n: u32| format!("{n},").into_bytes()).map(char::from).take(TYPED).collect()
}

#[test]
fn p41_an_editor_gets_every_key_and_the_app_every_one_afterwards() {
    let directory = tempfile::tempdir().expect("a directory");
    let (editor, saved) = (directory.path().join("editor"), directory.path().join("saved"));
    let script = format!(
        "#!/bin/sh\nstty raw -echo\necho >> '{0}.runs'\nprintf \"READY $(wc -l < '{0}.runs')\\r\\n\"\nhead -c {TYPED} > '{0}'\nstty sane\n",
        saved.display()
    );
    fs::write(&editor, script).expect("written");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("made executable");
    let path = std::env::var("PATH").unwrap_or_default();
    let environment = [("EDITOR", editor.to_str().expect("UTF-8")), ("PATH", &path)];
    let mut terminal = Terminal::start(&example("editor"), &[], &environment, (60, 10));

    let mut keys = String::new();
    for (round, ready) in [("x", "READY 1"), ("y", "READY 2")] {
        terminal.wait_for_text("e edits");
        terminal.type_keys(round);
        keys.push_str(round);
        terminal.wait_for_text(&format!("keys: {keys}"));
        terminal.type_keys("e");
        terminal.wait_for("the editor", |screen| screen.contains(ready) && !screen.contains("e edits"));
        assert!(!terminal.is_on_alternate_screen());
        let text = text();
        for chunk in text.as_bytes().chunks(97) {
            terminal.type_keys(std::str::from_utf8(chunk).expect("ASCII"));
        }
        // Typed while the editor is about to end: it is the app's, at once.
        terminal.type_keys("z");
        keys.push('z');
        terminal.wait_for_text(&format!("keys: {keys}"));
        assert!(terminal.is_on_alternate_screen());
        assert_eq!(fs::read_to_string(&saved).expect("the editor has saved"), text);
    }
    // The worker has gone on meanwhile.
    terminal.wait_for("a second of work", |screen| !screen.contains("0 s of work"));
    terminal.type_keys("q");
    let (code, _) = terminal.wait_for_end();
    assert_eq!(code, 0);
    assert!(!terminal.is_on_alternate_screen());
}
