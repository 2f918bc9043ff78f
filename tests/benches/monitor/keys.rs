//! The time from a key press to the redraw, while all five sources hang.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use tests::{FakeGcloud, LIVE, Terminal, release_monitor};

use crate::SIZE;
use crate::measurement::{Measurement, percentile};

const KEYS: usize = 500;

/// The pause between keys: longer than a frame's sixtieth of a second. It is no divisor of the
/// spinner interval, so that some keys come right after a frame of the spinners, and wait for the
/// next.
const PAUSE: Duration = Duration::from_millis(29);

const TABLES: [&str; 5] = ["Builds", "Runner", "Vertex", "Active", "Completed"];

pub(crate) fn measurements() -> Vec<Measurement> {
    let gcloud = FakeGcloud::with_script("exec sleep 1000");
    // The system accepts connections, and no server replies.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let url = format!("http://{}", silent.local_addr().expect("it is bound"));
    let path = gcloud.path();
    let environment = [("PATH", &*path), ("WANDB_BASE_URL", &*url), ("WANDB_API_KEY", "key"), ("HOME", "/")];
    let mut terminal = Terminal::start(release_monitor(), &LIVE, &environment, SIZE);
    wait_for_all_loading(&terminal);
    while gcloud.invocations().len() < 3 {
        thread::sleep(PAUSE);
    }

    let focused = TABLES.iter().cycle().skip(1).take(KEYS);
    let delays: Vec<Duration> = focused
        .map(|table| {
            thread::sleep(PAUSE);
            let typed = Instant::now();
            terminal.type_keys("\t");
            terminal.wait_for_text(&format!("▶ {table}"));
            typed.elapsed()
        })
        .collect();

    wait_for_all_loading(&terminal);
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().0, 0);
    vec![
        Measurement::milliseconds("key to redraw while all sources hang, p50", percentile(&delays, 50), 16.0),
        Measurement::milliseconds("key to redraw while all sources hang, p99", percentile(&delays, 99), 16.0),
    ]
}

fn wait_for_all_loading(terminal: &Terminal) {
    terminal.wait_for("five spinners", |screen| screen.matches(" loading").count() == TABLES.len());
}
