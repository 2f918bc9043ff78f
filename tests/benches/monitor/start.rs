//! From the start of the program to its first whole picture.

use std::time::{Duration, Instant};

use tests::{Terminal, released_monitor};

use crate::SIZE;
use crate::figure::{Figure, percentile};

const STARTS: usize = 30;

/// The last word of the footer, which is drawn last.
const LAST_DRAWN: &str = "R refresh here";

pub(crate) fn figures() -> Vec<Figure> {
    // The first start reads the program from the disk.
    start();
    let starts: Vec<Duration> = (0..STARTS).map(|_| start()).collect();
    vec![
        Figure::milliseconds("start to first frame, median", percentile(&starts, 50), 50.0),
        Figure::milliseconds("start to first frame, slowest", percentile(&starts, 100), 50.0),
    ]
}

fn start() -> Duration {
    let program = released_monitor();
    let started = Instant::now();
    let mut terminal = Terminal::start(program, &[], &[], SIZE);
    terminal.wait_for_text(LAST_DRAWN);
    let took = started.elapsed();
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end().0, 0);
    took
}
