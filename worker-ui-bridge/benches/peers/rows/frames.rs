//! The UI thread's CPU while threads post as fast as they can and it draws 60 times a second.
//!
//! The peer is a loop by hand on the same bridge: it waits at most until the next frame, and draws
//! when that is due. Drawing itself takes no time here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use worker_ui_bridge::UiBridge;

use crate::bench_ui::App;
use crate::comparison::Comparison;
use crate::measure::Effort;
use crate::table::Line;

const FRAME: Duration = Duration::from_nanos(16_666_667);
const FRAMES: u32 = 15;
const POSTERS: usize = 2;
const LIMIT: f64 = 1.1;

pub(crate) fn in_a_flood(effort: Effort) -> Vec<Line> {
    let frames = effort.count(FRAMES);
    Comparison::of(move || {
        flooded(|bridge, app| {
            for _ in 0..frames {
                bridge.next_frame(app).expect("no worker fails here");
            }
        })
    })
    .peer_with_limit("wait_timeout until the next frame", LIMIT, move || {
        flooded(|bridge, app| {
            let (mut drawn, mut next) = (0, Instant::now() + FRAME);
            while drawn < frames {
                let left = next.saturating_duration_since(Instant::now());
                bridge.wait_timeout(app, left).expect("no worker fails here");
                let now = Instant::now();
                if now >= next {
                    drawn += 1;
                    next = (next + FRAME).max(now);
                }
            }
        })
    })
    .run(effort)
}

/// The CPU time of this thread for each post that it has run in `turns`, in nanoseconds.
fn flooded(turns: impl FnOnce(&mut UiBridge<App>, &mut App)) -> f64 {
    let mut bridge = UiBridge::new();
    let stop = Arc::new(AtomicBool::new(false));
    let posters: Vec<_> = (0..POSTERS).map(|_| poster(&bridge, stop.clone())).collect();
    let (mut app, before) = (App::default(), cpu_time());
    turns(&mut bridge, &mut app);
    let spent = cpu_time() - before;
    stop.store(true, Ordering::Relaxed);
    drop(bridge); // This unblocks a poster that waits for the full queue.
    for poster in posters {
        poster.join().expect("no poster fails");
    }
    spent / f64::from(app.seen.max(1))
}

fn poster(bridge: &UiBridge<App>, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    let ui = bridge.handle();
    thread::spawn(
        move || {
            while !stop.load(Ordering::Relaxed) && ui.post(|app: &mut App| app.add(1)).is_ok() {}
        },
    )
}

/// What the calling thread has spent of the CPU, in nanoseconds; where that is not known, real
/// time.
fn cpu_time() -> f64 {
    #[cfg(target_os = "linux")]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let spent = Duration::try_from(time).expect("a CPU time is not negative");
        spent.as_secs_f64() * 1e9
    }
    #[cfg(not(target_os = "linux"))]
    {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e9
    }
}
