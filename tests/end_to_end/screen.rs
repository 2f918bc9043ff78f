//! The monitor on a pseudo-terminal.

use std::collections::HashSet;
use std::path::Path;

use tests::{FakeGcloud, FakeWandb, LIVE, Terminal, UnreadTerminal, monitor};

const SIZE: (u16, u16) = (120, 40);

const TABLES: [&str; 5] = ["Builds", "Runner", "Vertex", "Active", "Completed"];

fn start(arguments: &[&str]) -> Terminal {
    Terminal::start(monitor(), arguments, &[], SIZE)
}

/// The title line of a table.
fn title<'a>(screen: &'a str, table: &str) -> Option<&'a str> {
    screen.lines().find(|line| line.trim_start_matches(['▶', ' ']).starts_with(table) && line.contains('─'))
}

fn is_loading(screen: &str, table: &str) -> bool {
    title(screen, table).is_some_and(|title| title.contains("loading"))
}

/// Whether the monitor has set the terminal up for itself. All of that begins and ends together.
fn is_taken(terminal: &Terminal) -> bool {
    let modes = [terminal.is_on_alternate_screen(), terminal.hides_cursor(), terminal.reports_mouse()];
    assert!(modes.iter().all(|mode| *mode == modes[0]), "{modes:?}");
    modes[0]
}

/// The title is required too: a screen that is still blank shows no spinner either.
fn wait_until_loaded(terminal: &Terminal) {
    terminal.wait_for("everything loaded", |screen| {
        TABLES.iter().all(|table| title(screen, table).is_some() && !is_loading(screen, table))
    });
}

#[test]
fn s04_each_table_is_shown_as_its_data_arrives() {
    let terminal = start(&[]);
    terminal.wait_for("all five loading", |screen| TABLES.iter().all(|table| is_loading(screen, table)));
    terminal.wait_for("all five loaded", |screen| !screen.contains("loading"));
    let history = terminal.history();
    let all = history.iter().position(|screen| TABLES.iter().all(|table| is_loading(screen, table)));
    let history = &history[all.expect("they were seen loading")..];
    let shown = ["Runner", "Active", "Completed", "Builds", "Vertex"]
        .map(|table| history.iter().position(|screen| !is_loading(screen, table)).expect("shown"));
    assert!(shown.is_sorted(), "{shown:?}");
    assert!(shown[0] < shown[4], "not all at once");
}

#[test]
fn s11_the_spinners_keep_moving_while_everything_loads() {
    let terminal = start(&[]);
    let mut frames = HashSet::new();
    while frames.len() < 5 {
        let screen = terminal.wait_for("another frame of the spinner", |screen| {
            title(screen, "Vertex")
                .is_some_and(|title| is_loading(screen, "Vertex") && !frames.contains(title))
        });
        frames.insert(title(&screen, "Vertex").unwrap().to_owned());
    }
}

#[test]
fn q_and_control_c_quit_and_restore_the_terminal() {
    for key in ["q", "\u{3}"] {
        let mut terminal = start(&[]);
        terminal.wait_for_text("Builds");
        assert!(is_taken(&terminal));
        terminal.type_keys(key);
        let (code, _) = terminal.wait_for_end();
        assert_eq!(code, 0, "{key:?}");
        assert!(!is_taken(&terminal), "{key:?}");
    }
}

#[test]
fn a_panic_on_the_ui_thread_restores_the_terminal_and_is_printed() {
    let mut terminal = Terminal::start(Path::new(env!("CARGO_BIN_EXE_panicking_monitor")), &[], &[], SIZE);
    let (code, screen) = terminal.wait_for_end();
    assert_eq!(code, 101);
    assert!(!is_taken(&terminal));
    assert!(screen.contains("the clock panics on purpose"), "{screen}");
    assert!(String::from_utf8_lossy(&terminal.raw()).contains("Builds"), "it had been drawn before");
}

#[test]
fn a_signal_restores_the_terminal() {
    let mut terminal = start(&[]);
    terminal.wait_for_text("Builds");
    terminal.signal("TERM");
    let (code, screen) = terminal.wait_for_end();
    assert_eq!(code, 128 + 15);
    assert!(!is_taken(&terminal));
    assert!(screen.contains("ended by SIGTERM"), "{screen}");
}

#[test]
fn keys_move_and_switch() {
    let mut terminal = start(&[]);
    terminal.wait_for("the cursor on the first table", |screen| screen.contains("▶ Builds"));
    terminal.type_keys("\t");
    terminal.wait_for("the cursor on the next table", |screen| screen.contains("▶ Runner"));
    terminal.type_keys("\u{1b}[Z");
    terminal.wait_for("the cursor back", |screen| screen.contains("▶ Builds"));
    terminal.type_keys("a");
    terminal.wait_for("auto-refresh off", |screen| screen.contains("auto-refresh off"));
    terminal.type_keys("a");
    terminal.wait_for("auto-refresh on", |screen| screen.contains("auto-refresh 30s"));
    wait_until_loaded(&terminal);
    terminal.type_keys("r");
    terminal.wait_for("everything loading again", |screen| {
        is_loading(screen, "Builds") && is_loading(screen, "Vertex")
    });
}

#[test]
fn m12_a_click_selects_and_without_the_mouse_the_terminal_keeps_it() {
    let mut terminal = start(&[]);
    wait_until_loaded(&terminal);
    let screen = terminal.wait_for_text("▶ Builds");
    let line = screen.lines().position(|line| line.contains("  Vertex ")).expect("a title") + 1;
    terminal.type_keys(&format!("\u{1b}[<0;9;{line}M\u{1b}[<0;9;{line}m"));
    terminal.wait_for_text("▶ Vertex");
    let without = start(&["--no-mouse"]);
    without.wait_for_text("▶ Builds");
    assert!(without.hides_cursor() && !without.reports_mouse());
}

#[test]
fn m01_a_filter_is_typed_with_a_cursor_and_left_by_control_c() {
    let mut terminal = start(&[]);
    wait_until_loaded(&terminal);
    terminal.type_keys("/qs");
    terminal.wait_for("the filter", |screen| title(screen, "Builds").is_some_and(|t| t.contains(" /qs ")));
    assert!(!terminal.hides_cursor());
    terminal.type_keys("\u{7f}\u{1b}[200~u\u{1b}[201~");
    terminal.wait_for("the pasted text", |screen| {
        title(screen, "Builds").is_some_and(|title| title.contains(" /qu "))
    });
    terminal.type_keys("\u{3}");
    assert_eq!(terminal.wait_for_end().0, 0);
    assert!(!is_taken(&terminal));
}

#[test]
fn escape_and_q_close_what_is_open_and_tab_leaves_it_alone() {
    let mut terminal = start(&[]);
    wait_until_loaded(&terminal);
    terminal.type_keys("?");
    terminal.wait_for_text("Keys and marks");
    terminal.type_keys("\tq");
    terminal.wait_for("the help closed", |screen| {
        !screen.contains("Keys and marks") && screen.contains("▶ Builds")
    });
    terminal.type_keys("m");
    terminal.wait_for_text("Messages, newest first");
    terminal.type_keys("\u{1b}");
    terminal.wait_for("the messages closed", |screen| !screen.contains("Messages, newest first"));
    terminal.type_keys("e\u{3}");
    assert_eq!(terminal.wait_for_end().0, 0);
}

#[test]
fn m11_p_switches_to_the_next_profile() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("config.toml");
    std::fs::write(&config, "profile = \"work\"\n[profiles.home]\nseed = 3\n[profiles.work]\nseed = 4\n")
        .unwrap();
    let mut terminal = start(&["--config", config.to_str().unwrap()]);
    terminal.wait_for_text("work · demo, seed 4");
    wait_until_loaded(&terminal);
    for profile in ["home · demo, seed 3", "work · demo, seed 4"] {
        terminal.type_keys("P");
        terminal.wait_for("the other profile loads", |screen| {
            screen.contains(profile) && TABLES.iter().all(|table| is_loading(screen, table))
        });
    }
    wait_until_loaded(&terminal);
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().0, 0);
}

#[test]
fn m04_m10_m11_the_clipboard_the_workers_and_one_profile() {
    let mut terminal = start(&[]);
    terminal.wait_for("all five loading", |screen| TABLES.iter().all(|table| is_loading(screen, table)));
    terminal.type_keys("w");
    terminal.wait_for("the workers", |screen| {
        screen.contains("Workers: ")
            && screen.lines().any(|line| line.contains("│ vertex ") && line.contains(" running "))
    });
    terminal.wait_for("all have ended", |screen| screen.contains("No worker is alive."));
    terminal.type_keys("wy");
    terminal.wait_for_text("Copied the id");
    // The base64 of the first characters of an id of the demo.
    let raw = terminal.raw();
    assert!(raw.windows(7).any(|bytes| bytes == b"\x1b]52;c;"), "written beside the frames");
    terminal.type_keys("P");
    terminal.wait_for_text("There is no other profile");
    terminal.type_keys("c");
    terminal.wait_for_text("Nothing to stop: builds is not loading");
}

#[test]
fn without_a_utf_8_locale_only_ascii_is_drawn() {
    let mut terminal = Terminal::start(monitor(), &[], &[("LC_ALL", "C")], SIZE);
    terminal.wait_for("everything loaded", |screen| {
        screen.contains("> Builds 1/") && screen.contains("WORKING") && !screen.contains("loading")
    });
    terminal.type_keys("?");
    terminal.wait_for_text("Keys and marks");
    assert!(terminal.raw().is_ascii());
}

#[test]
fn s13_it_refreshes_by_itself() {
    let terminal = start(&["--refresh", "1"]);
    terminal
        .wait_for("the runner's rows", |screen| screen.contains("Runner") && !is_loading(screen, "Runner"));
    terminal.wait_for("the next fetch", |screen| is_loading(screen, "Runner"));
}

#[test]
fn an_error_shows_a_toast_and_the_other_tables_load() {
    let wandb = FakeWandb::with_runs();
    let gcloud = FakeGcloud::with_script(
        "case $1 in builds) echo 'ERROR: (gcloud.builds.list) PERMISSION_DENIED: no' >&2; exit 1;; *) echo '[]';; esac",
    );
    let (path, url) = (gcloud.path(), wandb.url());
    let environment = [
        ("PATH", &*path),
        ("WANDB_BASE_URL", &*url),
        ("WANDB_API_KEY", "key"),
        ("HOME", "/"),
        ("LANG", "C.UTF-8"),
    ];
    let terminal = Terminal::start(monitor(), &LIVE, &environment, SIZE);
    terminal.wait_for_text("Error loading builds");
    terminal
        .wait_for("the other tables", |screen| screen.contains("No jobs") && screen.contains("fancy-dew-12"));
}

#[test]
fn s14_leaving_kills_the_children_of_the_workers() {
    let wandb = FakeWandb::with_runs();
    // Each process has a child, like the real gcloud; both hold the pipe open until they are
    // killed.
    let gcloud =
        FakeGcloud::with_script("mkfifo alive 2>/dev/null; sleep 1000 > alive & sleep 1000 > alive; wait");
    let (path, url) = (gcloud.path(), wandb.url());
    let environment = [("PATH", &*path), ("WANDB_BASE_URL", &*url), ("WANDB_API_KEY", "key"), ("HOME", "/")];
    let mut terminal = Terminal::start(monitor(), &LIVE, &environment, SIZE);
    terminal.wait_for_text("fancy-dew-12");
    while gcloud.invocations().len() < 3 || !gcloud.file("alive").exists() {
        std::thread::yield_now();
    }
    // The read ends when the last process that holds the write end has exited.
    let alive = std::fs::File::open(gcloud.file("alive")).unwrap();
    terminal.type_keys("q");
    let (code, _) = terminal.wait_for_end();
    assert_eq!(code, 0);
    assert_eq!(std::io::copy(&mut &alive, &mut std::io::sink()).unwrap(), 0);
}

#[test]
fn a_small_window_says_so_and_a_bigger_one_shows_the_tables() {
    let mut terminal = Terminal::start(monitor(), &[], &[], (20, 5));
    terminal.wait_for_text("too small");
    terminal.resize(SIZE);
    terminal.wait_for_text("Completed");
}

#[test]
fn a_signal_ends_it_even_if_its_terminal_is_not_read() {
    // The first frame alone exceeds the buffer of the terminal.
    let terminal = UnreadTerminal::start(monitor(), &[], (20_000, 30), "monitor");
    assert_eq!(terminal.signal("TERM"), 128 + 15);
}

#[test]
fn a_terminal_that_is_closed_ends_it_as_its_signal_says() {
    let terminal = UnreadTerminal::start(monitor(), &[], SIZE, "Completed");
    assert_eq!(terminal.hang_up(), 128 + 1);
}

#[test]
fn continuing_after_a_stop_sets_the_terminal_up_and_redraws() {
    let terminal = start(&[]);
    wait_until_loaded(&terminal);
    terminal.signal("STOP");
    // What a shell writes to the screen meanwhile; nothing of the old frame is left.
    terminal.overwrite("\u{1b}[2J\u{1b}[?1049l\u{1b}[?25h\u{1b}[2J$ fg");
    terminal.signal("CONT");
    terminal.wait_for("the tables", |screen| TABLES.iter().all(|table| title(screen, table).is_some()));
    assert!(is_taken(&terminal));
}

#[test]
fn focus_and_control_l_draw_everything_anew() {
    let mut terminal = start(&[]);
    wait_until_loaded(&terminal);
    for keys in ["\u{1b}[I", "\u{c}"] {
        terminal.overwrite("\u{1b}[2Jscribble");
        terminal.type_keys(keys);
        terminal.wait_for("the tables", |screen| {
            TABLES.iter().all(|table| title(screen, table).is_some()) && !screen.contains("scribble")
        });
    }
}

#[test]
fn control_z_restores_the_terminal_and_fg_sets_it_up_again() {
    let script =
        "set -m; \"$0\"; echo \"stopped $?\"; stty -a | grep -o -e '-*icanon'; read x; fg; echo \"ended $?\"";
    let program = monitor().to_str().unwrap();
    let environment = [("PATH", "/usr/bin:/bin")];
    let mut terminal =
        Terminal::start(Path::new("/bin/sh"), &["-c", script, program], &environment, (120, 40));
    terminal
        .wait_for("everything loaded", |screen| screen.contains("Completed") && !screen.contains("loading"));
    terminal.type_keys("\u{1a}");
    let screen = terminal.wait_for("the shell", |screen| screen.contains("icanon"));
    assert!(screen.contains("stopped 148") && !screen.contains("-icanon"), "{screen}");
    assert!(!is_taken(&terminal));
    // Nothing of the old frame is left.
    terminal.overwrite("\u{1b}[?1049h\u{1b}[2J\u{1b}[?1049l");
    terminal.type_keys("\n");
    terminal.wait_for("the tables", |screen| TABLES.iter().all(|table| title(screen, table).is_some()));
    assert!(is_taken(&terminal));
    terminal.type_keys("q");
    let (_, screen) = terminal.wait_for_end();
    assert!(screen.contains("ended 0"), "{screen}");
}

#[test]
fn quitting_restores_the_mode_of_the_terminal() {
    let script = "stty -a; echo ==; \"$0\"; echo ==; stty -a";
    let program = monitor().to_str().unwrap();
    let environment = [("PATH", "/usr/bin:/bin")];
    let mut terminal =
        Terminal::start(Path::new("/bin/sh"), &["-c", script, program], &environment, (120, 60));
    terminal.wait_for_text("Builds");
    terminal.type_keys("q");
    let (_, screen) = terminal.wait_for_end();
    let parts: Vec<&str> = screen.split("==").map(str::trim).collect();
    assert_eq!(parts.len(), 3, "{screen}");
    assert!(parts[0].contains(" icanon") && parts[0] == parts[2], "{screen}");
}

#[test]
fn on_a_dumb_terminal_it_says_what_to_do() {
    let mut terminal = Terminal::start(monitor(), &[], &[("TERM", "dumb")], SIZE);
    let (code, screen) = terminal.wait_for_end();
    assert_eq!(code, 2);
    assert!(screen.contains("TERM=dumb") && screen.contains("--once"), "{screen}");
    assert!(!terminal.raw().contains(&0x1b), "nothing else is drawn");
}

#[test]
fn s10_every_one_of_many_errors_is_seen_on_a_small_screen() {
    let arguments = ["--source", "live"];
    let environment = [("PATH", "/nowhere"), ("HOME", "/")];
    let terminal = Terminal::start(monitor(), &arguments, &environment, (80, 24));
    let mut unseen = TABLES.map(|table| format!("Error loading {}", table.to_lowercase())).to_vec();
    while !unseen.is_empty() {
        let screen =
            terminal.wait_for("another error", |screen| unseen.iter().any(|error| screen.contains(error)));
        unseen.retain(|error| !screen.contains(error));
    }
}
