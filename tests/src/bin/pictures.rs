//! Makes the pictures of README from a run of the monitor: `cargo run -p tests --bin pictures`.
//!
//! The rows are the demo's with a fixed seed; the run is a real one, on a pseudo-terminal.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use tests::{Terminal, monitor, svg};
use vt100::Screen;

const SIZE: (u16, u16) = (110, 34);

/// With it, the second fetch of the builds fails.
const SEED: &str = "23";

fn main() {
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures"));
    let write = |name: &str, content: &str| {
        let path = directory.join(name);
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("{} ({} kB)", path.display(), content.len() / 1024);
    };
    let mut frames: Vec<(Screen, f32)> = Vec::new();
    let mut terminal = Terminal::start(monitor(), &["--seed", SEED], &[], SIZE);
    terminal.wait_for("some tables", |screen| screen.contains("Runner 1") && screen.contains("loading"));
    let loading = terminal.screen();
    write("monitor.svg", &svg::picture(&loading));
    frames.push((loading, 2.0));
    terminal.wait_for("all tables", |screen| !screen.contains("loading"));
    frames.push((terminal.screen(), 2.0));

    let mut show = |terminal: &mut Terminal, keys: &[&str], until: &str, name: Option<&str>, seconds: f32| {
        for key in keys {
            terminal.type_keys(key);
            // As fast as a person types.
            thread::sleep(Duration::from_millis(120));
        }
        terminal.wait_for_text(until);
        let screen = terminal.screen();
        if let Some(name) = name {
            write(name, &svg::picture(&screen));
        }
        frames.push((screen, seconds));
    };
    let down = "\x1b[B";
    show(&mut terminal, &["/", "t", "r", "a", "i", "n", "\r"], "match", Some("filter.svg"), 2.5);
    show(&mut terminal, &[down, "\r"], "┌ Builds", Some("detail.svg"), 2.5);
    show(&mut terminal, &["\x1b"], "match", None, 0.7);
    terminal.type_keys("/\x1b");
    show(&mut terminal, &["l"], "log", Some("log.svg"), 2.5);
    show(&mut terminal, &["\x1b", "r"], "loading", None, 1.0);
    show(&mut terminal, &["w"], "┌ Workers", Some("workers.svg"), 2.0);
    show(&mut terminal, &["\x1b"], "loading", None, 0.7);
    terminal.wait_for("an error", |screen| screen.contains("✗ stale") && !screen.contains("loading"));
    for _ in 0..5 {
        let screen = terminal.screen().contents();
        if screen.lines().any(|line| line.starts_with('▶') && line.contains('✗')) {
            break;
        }
        terminal.type_keys("\t");
        thread::sleep(Duration::from_millis(120));
    }
    show(&mut terminal, &["e"], ": error", Some("error.svg"), 3.0);
    write("monitor-animated.svg", &svg::animation(&frames));
    terminal.type_keys("\x03");
    terminal.wait_for_end();
}
