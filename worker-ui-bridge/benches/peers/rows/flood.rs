//! The interval between frames while threads post as fast as they can.
//!
//! The loop is that of an app that draws 60 times a second: it waits for something to do, at most
//! until the next frame, and draws when that is due. Drawing itself takes no time here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use worker_ui_bridge::UiBridge;

use crate::bench_ui::App;
use crate::measure::{Effort, nanoseconds, quantile};
use crate::table::{Line, Unit};

const FRAME: Duration = Duration::from_nanos(16_666_667);
const FRAMES: u32 = 300;
const POSTERS: usize = 2;
const LIMIT_NS: f64 = 20e6;

pub(crate) fn measure(effort: Effort) -> Vec<Line> {
    let intervals = intervals(effort.count(FRAMES));
    let what = format!("{} frames, {POSTERS} threads", intervals.len());
    vec![Line::Alone { ours: quantile(&intervals, 0.99), unit: Unit::Time, what, limit: LIMIT_NS }]
}

fn intervals(frames: u32) -> Vec<f64> {
    let mut bridge = UiBridge::new();
    let stop = Arc::new(AtomicBool::new(false));
    let posters: Vec<_> = (0..POSTERS)
        .map(|_| {
            let (ui, stop) = (bridge.handle(), stop.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) && ui.post(|app: &mut App| app.add(1)).is_ok() {}
            })
        })
        .collect();

    let mut app = App::default();
    let mut drawn = vec![Instant::now()];
    let mut next = drawn[0] + FRAME;
    while drawn.len() <= frames as usize {
        let left = next.saturating_duration_since(Instant::now());
        bridge.wait_timeout(&mut app, left).expect("no worker fails here");
        let now = Instant::now();
        if now >= next {
            drawn.push(now);
            // A late frame does not make the next one early.
            next = (next + FRAME).max(now);
        }
    }

    stop.store(true, Ordering::Relaxed);
    drop(bridge); // This unblocks a poster that waits for the full queue.
    for poster in posters {
        poster.join().expect("no poster fails");
    }
    drawn.windows(2).map(|pair| nanoseconds(pair[1] - pair[0])).collect()
}
