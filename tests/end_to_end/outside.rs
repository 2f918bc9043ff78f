//! Faults from outside, in a program of their own (`src/bin/outside`): it checks what the libraries
//! do, and these tests how it leaves.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tests::{Output, Terminal, run_within};

const PROGRAM: &str = env!("CARGO_BIN_EXE_outside");

/// Far more than any of them takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// The address space, in KiB, of a process that is to run out of it.
const ADDRESS_SPACE: &str = "1048576";

/// The fault must be met in order: exit code 0, the last line printed, nothing on standard error.
fn assert_in_order(output: &Output) {
    let Output { code, stdout, stderr } = output;
    assert!(
        *code == Some(0) && stdout.ends_with("done\n") && stderr.is_empty(),
        "{code:?}\n{stdout}\n{stderr}"
    );
}

fn meets(fault: &str) -> String {
    let output = run_within(LIMIT, Command::new(PROGRAM).arg(fault));
    assert_in_order(&output);
    output.stdout
}

/// The limit binds root, too, unlike that of the number of processes.
fn meets_without_address_space(fault: &str) -> String {
    let script = r#"ulimit -v "$1" && exec "$2" "$3""#;
    let output =
        run_within(LIMIT, Command::new("sh").args(["-c", script, "sh", ADDRESS_SPACE, PROGRAM, fault]));
    assert_in_order(&output);
    output.stdout
}

#[test]
fn p27_where_the_system_gives_no_thread_workers_end_in_error_and_others_go_on() {
    let printed = meets_without_address_space("threads");
    assert_eq!(printed.matches("could not be started: ").count(), 4, "{printed}");
}

#[test]
fn p27_without_threads_for_limits_sources_and_the_watchdog_the_rest_works() {
    meets_without_address_space("helpers");
}

#[test]
fn p27_sixty_four_workers_share_the_threads_that_the_system_gives() {
    meets_without_address_space("queue");
}

fn assert_names_all(printed: &str) {
    for number in 0..64 {
        let line = printed.lines().find(|line| line.contains(&format!("\"deaf {number}\"")));
        let line = line.unwrap_or_else(|| panic!("{number} is not named in\n{printed}"));
        assert!(line.contains("started at ") && line.contains("leaving.rs:"), "{line}");
    }
}

#[test]
fn p26_a_process_with_64_bodies_that_do_not_stop_exits_and_names_them() {
    assert_names_all(&meets("leave"));
}

#[test]
fn p26_a_process_that_panics_after_such_a_shutdown_exits_too() {
    let output = run_within(LIMIT, Command::new(PROGRAM).arg("leave-panicking"));
    assert_eq!(output.code, Some(101), "{}", output.stderr);
    assert_names_all(&output.stdout);
    assert_eq!(output.stderr.matches("panicked at").count(), 1, "{}", output.stderr);
    assert!(output.stdout.ends_with("\x1b[?25h\x1b[?1049l"), "the hook has run");
}

#[test]
fn p26_on_the_ui_thread_the_terminal_is_restored_too() {
    let mut terminal =
        Terminal::start(Path::new(PROGRAM), &["leave-ui"], &[("PATH", "/usr/bin:/bin")], (120, 80));
    let (code, screen) = terminal.wait_for_end();
    assert_eq!(code, 0, "{screen}");
    assert_names_all(&String::from_utf8_lossy(&terminal.raw()));
    assert!(!terminal.is_on_alternate_screen() && !terminal.hides_cursor());
}

#[test]
fn p28_a_clock_that_jumps_days_forward_ends_what_is_due_and_ticks_once() {
    meets("forward");
}

#[test]
fn p28_a_clock_that_stands_still_stops_nothing_that_needs_no_time() {
    meets("still");
}

#[test]
fn p28_a_clock_that_goes_back_ends_nothing_and_panics_nowhere() {
    meets("back");
}

#[test]
fn p28_lengths_that_no_clock_can_hold_never_end() {
    meets("ends");
}
