//! The time from the start of the program to its first complete frame.

use std::time::{Duration, Instant};

use tests::{Terminal, release_monitor};

use crate::SIZE;
use crate::measurement::{Measurement, percentile};

const STARTS: usize = 30;

/// The last text of the footer, which is drawn last.
const LAST_DRAWN: &str = "m messages";

pub(crate) fn measurements() -> Vec<Measurement> {
    // Warm-up: the first start reads the program from the disk.
    start();
    let starts: Vec<Duration> = (0..STARTS).map(|_| start()).collect();
    vec![
        Measurement::milliseconds("start to first frame, median", percentile(&starts, 50), 50.0),
        Measurement::milliseconds("start to first frame, slowest", percentile(&starts, 100), 50.0),
    ]
}

fn start() -> Duration {
    let program = release_monitor();
    let started = Instant::now();
    let mut terminal = Terminal::start(program, &[], &[], SIZE);
    terminal.wait_for_text(LAST_DRAWN);
    let took = started.elapsed();
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().0, 0);
    took
}
