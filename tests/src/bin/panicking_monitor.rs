//! The monitor with a clock that panics on the UI thread after a few frames, to test that the
//! terminal is restored.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use monitor::options::Options;
use monitor::sources::demo;
use monitor::ui::Theme;
use monitor::wall_clock::WallClock;
use monitor::{run, setup};
use worker_core::{Clock, SystemClock};

/// Enough readings for the screen to have been drawn.
const READINGS: usize = 10;

#[derive(Debug, Default)]
struct PanickingClock {
    readings: AtomicUsize,
}

impl Clock for PanickingClock {
    fn now(&self) -> Instant {
        let readings = self.readings.fetch_add(1, Ordering::SeqCst);
        assert!(readings < READINGS, "the clock panics on purpose");
        SystemClock.now()
    }

    fn park_until(&self, deadline: Option<Instant>) {
        SystemClock.park_until(deadline);
    }
}

fn main() {
    let mut setup = setup::setup(&Options::defaults());
    setup.wall_clock = WallClock::starting_at(demo::EPOCH, Arc::new(PanickingClock::default()));
    run::run(setup, Theme::for_no_color(None));
}
