//! Single operations, for whoever works on one of them: `cargo bench -p worker-ui-bridge --bench parts`.
//!
//! Everything happens on one thread unless it says otherwise. What is held against a target is in `peers`.

use std::hint::black_box;
use std::time::Duration;

use divan::Bencher;
use worker_core::{StateChanged, WorkerManager};
use worker_ui_bridge::{UiBridge, UiHandle};

fn main() {
    divan::main();
}

type App = u64;

fn stage() -> (UiBridge<App>, UiHandle<App>, App) {
    let bridge = UiBridge::new();
    let ui = bridge.handle();
    (bridge, ui, 0)
}

/// Queued and run.
#[divan::bench]
fn post(bencher: Bencher) {
    let (mut bridge, ui, mut app) = stage();
    bencher.bench_local(|| {
        ui.post(|app| *app += 1).expect("the UI is there");
        bridge.pump(&mut app)
    });
}

/// A thousand queued, then run in a turn.
#[divan::bench]
fn post_1000(bencher: Bencher) {
    let (mut bridge, ui, mut app) = stage();
    bencher.counter(1000_u32).bench_local(|| {
        for _ in 0..1000 {
            ui.post(|app| *app += 1).expect("the UI is there");
        }
        bridge.pump(&mut app)
    });
}

#[divan::bench]
fn post_latest(bencher: Bencher) {
    let (mut bridge, ui, mut app) = stage();
    bencher.bench_local(|| {
        ui.post_latest("key", |app| *app += 1).expect("the UI is there");
        bridge.pump(&mut app)
    });
}

/// From async code on the UI thread, so without a switch of threads.
#[divan::bench]
fn call(bencher: Bencher) {
    let (mut bridge, ui, mut app) = stage();
    bencher.bench_local(|| {
        let answer = ui.call(|app| {
            *app += 1;
            *app
        });
        bridge.pump(&mut app).expect("no worker fails here");
        pollster::block_on(answer)
    });
}

/// A turn with nothing to do.
#[divan::bench]
fn pump_nothing(bencher: Bencher) {
    let (mut bridge, _ui, mut app) = stage();
    bencher.bench_local(|| bridge.pump(&mut app));
}

#[divan::bench]
fn is_cancelled(bencher: Bencher) {
    let workers = WorkerManager::new();
    let worker = workers.worker("paused").paused().thread(|_| Ok(()));
    bencher.bench_local(|| black_box(&worker).is_cancelled());
    worker.cancel();
}

/// Two switches of threads.
#[divan::bench]
fn start_and_wait(bencher: Bencher) {
    let workers = WorkerManager::new();
    bencher.bench_local(|| workers.worker("no-op").thread(|_| Ok(())).wait().is_ok());
}

/// A worker that is made and cancelled before it begins.
#[divan::bench]
fn create_and_cancel(bencher: Bencher) {
    let workers = WorkerManager::new();
    bencher.bench_local(|| workers.worker("paused").paused().thread(|_| Ok(())).cancel());
}

/// The same, and its two events handled.
#[divan::bench]
fn two_events(bencher: Bencher) {
    let (mut bridge, ui, mut app) = stage();
    let on_change = |seen: &mut App, _: &StateChanged| *seen += 1;
    let workers = WorkerManager::builder().events(ui.state_changes(on_change)).build();
    bencher.bench_local(|| {
        workers.worker("paused").paused().thread(|_| Ok(())).cancel();
        bridge.pump(&mut app)
    });
}

/// The former one has not begun.
#[divan::bench]
fn exclusive_restart(bencher: Bencher) {
    let workers = WorkerManager::new();
    bencher.bench_local(|| {
        workers.worker("search").group("search").exclusive().paused().thread(|_| Ok(()));
    });
    workers.cancel_all();
}

#[divan::bench]
fn task(bencher: Bencher) {
    let (mut bridge, ui, mut app) = stage();
    let workers = WorkerManager::new();
    bencher.bench_local(|| {
        workers.worker("no-op").task(&ui, async |_| Ok(()));
        bridge.pump(&mut app)
    });
}

/// Beside so many other timers.
#[divan::bench(args = [0, 10_000])]
fn timer_set_and_cleared(bencher: Bencher, others: u32) {
    let (mut bridge, _ui, _app) = stage();
    for _ in 0..others {
        bridge.set_timeout(Duration::from_secs(1000), |_| ());
    }
    bencher.bench_local(|| {
        let timer = bridge.set_timeout(Duration::from_secs(1), |_| ());
        bridge.clear(timer)
    });
}

/// Beside so many other timers.
#[divan::bench(args = [0, 10_000])]
fn timer_set_and_run(bencher: Bencher, others: u32) {
    let (mut bridge, _ui, mut app) = stage();
    for _ in 0..others {
        bridge.set_timeout(Duration::from_secs(1000), |_| ());
    }
    bencher.bench_local(|| {
        bridge.set_timeout(Duration::ZERO, |app| *app += 1);
        bridge.pump(&mut app)
    });
}
