//! The monitor on a pseudo-terminal.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use tests::{StandInGcloud, StandInWandb, Terminal, monitor};

const SIZE: (u16, u16) = (120, 40);

fn start(arguments: &[&str]) -> Terminal {
    Terminal::start(monitor(), arguments, &[], SIZE)
}

/// The line of a table's title.
fn title<'a>(screen: &'a str, table: &str) -> Option<&'a str> {
    screen.lines().find(|line| line.trim_start_matches(['▶', ' ']).starts_with(table) && line.contains('─'))
}

fn is_loading(screen: &str, table: &str) -> bool {
    title(screen, table).is_some_and(|title| title.contains("loading"))
}

#[test]
fn s04_each_table_is_shown_as_its_data_arrives() {
    let terminal = start(&[]);
    terminal.wait_for("all five loading", |screen| {
        ["Builds", "Runner", "Vertex", "Active", "Completed"].iter().all(|table| is_loading(screen, table))
    });
    let order = ["Runner", "Active", "Completed", "Builds", "Vertex"];
    for (at, table) in order.iter().enumerate() {
        let screen = terminal.wait_for(table, |screen| !is_loading(screen, table));
        for later in &order[(at + 2).min(5)..] {
            assert!(is_loading(&screen, later), "{table} is here before {later}:\n{screen}");
        }
    }
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
fn q_escape_and_control_c_leave_and_give_the_terminal_back() {
    for key in ["q", "\u{1b}", "\u{3}"] {
        let mut terminal = start(&[]);
        terminal.wait_for_text("Builds");
        assert!(terminal.is_on_alternate_screen() && terminal.hides_cursor());
        terminal.type_keys(key);
        let (code, _) = terminal.wait_for_end();
        assert_eq!(code, 0, "{key:?}");
        assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor(), "{key:?}");
    }
}

#[test]
fn a_panic_on_the_ui_thread_gives_the_terminal_back_and_is_told() {
    let mut terminal = Terminal::start(Path::new(env!("CARGO_BIN_EXE_panicking_monitor")), &[], &[], SIZE);
    let (code, screen) = terminal.wait_for_end();
    assert_eq!(code, 101);
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
    assert!(screen.contains("the clock has struck thirteen"), "{screen}");
    assert!(String::from_utf8_lossy(&terminal.raw()).contains("Builds"), "it had been drawn before");
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let mut terminal = start(&[]);
    terminal.wait_for_text("Builds");
    let killed = Command::new("kill").arg(terminal.process().to_string()).status().unwrap();
    assert!(killed.success());
    let (code, screen) = terminal.wait_for_end();
    assert_eq!(code, 128 + 15);
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
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
    terminal.wait_for("everything loaded", |screen| !screen.contains("loading"));
    terminal.type_keys("r");
    terminal.wait_for("everything loading again", |screen| {
        is_loading(screen, "Builds") && is_loading(screen, "Vertex")
    });
}

#[test]
fn s13_it_refreshes_by_itself() {
    let terminal = start(&["--refresh", "1"]);
    terminal
        .wait_for("the runner's rows", |screen| screen.contains("Runner") && !is_loading(screen, "Runner"));
    terminal.wait_for("the next fetch", |screen| is_loading(screen, "Runner"));
}

#[test]
fn an_error_is_shown_in_a_toast_and_the_other_tables_go_on() {
    let wandb = StandInWandb::with_runs();
    let gcloud = StandInGcloud::with_script(
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
    let arguments = [
        "--source",
        "live",
        "--project",
        "demo",
        "--region",
        "us-central1",
        "--entity",
        "team",
        "--wandb-project",
        "train",
    ];
    let terminal = Terminal::start(monitor(), &arguments, &environment, SIZE);
    terminal.wait_for_text("Error loading builds");
    terminal
        .wait_for("the other tables", |screen| screen.contains("No jobs") && screen.contains("fancy-dew-12"));
}

#[test]
fn s14_leaving_kills_the_children_of_the_workers() {
    let wandb = StandInWandb::with_runs();
    // Each child has a child of its own, as the real gcloud has; both hold the pipe open until they are killed.
    let gcloud =
        StandInGcloud::with_script("mkfifo alive 2>/dev/null; sleep 1000 > alive & sleep 1000 > alive; wait");
    let (path, url) = (gcloud.path(), wandb.url());
    let environment = [("PATH", &*path), ("WANDB_BASE_URL", &*url), ("WANDB_API_KEY", "key"), ("HOME", "/")];
    let arguments = [
        "--source",
        "live",
        "--project",
        "demo",
        "--region",
        "us-central1",
        "--entity",
        "team",
        "--wandb-project",
        "train",
    ];
    let mut terminal = Terminal::start(monitor(), &arguments, &environment, SIZE);
    terminal.wait_for_text("fancy-dew-12");
    while gcloud.asked().len() < 3 || !gcloud.file("alive").exists() {
        std::thread::yield_now();
    }
    // Reading ends when the last process that could write has gone.
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
