//! Single operations, for work on one of them: `cargo bench -p worker-ui-bridge --bench parts`.
//!
//! Everything runs on one thread unless its comment says otherwise. The bench `peers` has the
//! targets.

use std::hint::black_box;
use std::time::Duration;

use divan::Bencher;
use worker_core::{StateChanged, WorkerManager};
use worker_ui_bridge::{UiBridge, UiHandle};

fn main() {
    divan::main();
}

type App = u64;

fn bench_ui() -> (UiBridge<App>, UiHandle<App>, App) {
    let bridge = UiBridge::new();
    let ui = bridge.handle();
    (bridge, ui, 0)
}

/// One post, then one turn.
#[divan::bench]
fn post(bencher: Bencher) {
    let (mut bridge, ui, mut app) = bench_ui();
    bencher.bench_local(|| {
        ui.post(|app| *app += 1).expect("the bridge is open");
        bridge.pump(&mut app)
    });
}

/// A thousand posts, then one turn.
#[divan::bench]
fn post_1000(bencher: Bencher) {
    let (mut bridge, ui, mut app) = bench_ui();
    bencher.counter(1000_u32).bench_local(|| {
        for _ in 0..1000 {
            ui.post(|app| *app += 1).expect("the bridge is open");
        }
        bridge.pump(&mut app)
    });
}

#[divan::bench]
fn post_latest(bencher: Bencher) {
    let (mut bridge, ui, mut app) = bench_ui();
    bencher.bench_local(|| {
        ui.post_latest("key", |app| *app += 1).expect("the bridge is open");
        bridge.pump(&mut app)
    });
}

/// From async code on the UI thread, so without a thread switch.
#[divan::bench]
fn call(bencher: Bencher) {
    let (mut bridge, ui, mut app) = bench_ui();
    bencher.bench_local(|| {
        let reply = ui.call(|app| {
            *app += 1;
            *app
        });
        bridge.pump(&mut app).expect("no worker fails here");
        pollster::block_on(reply)
    });
}

/// A turn with nothing to do.
#[divan::bench]
fn pump_nothing(bencher: Bencher) {
    let (mut bridge, _ui, mut app) = bench_ui();
    bencher.bench_local(|| bridge.pump(&mut app));
}

#[divan::bench]
fn is_cancelled(bencher: Bencher) {
    let workers = WorkerManager::new();
    let worker = workers.worker("paused").paused().thread(|_| Ok(()));
    bencher.bench_local(|| black_box(&worker).is_cancelled());
    worker.cancel();
}

/// Two thread switches.
#[divan::bench]
fn start_and_wait(bencher: Bencher) {
    let workers = WorkerManager::new();
    bencher.bench_local(|| workers.worker("no-op").thread(|_| Ok(())).wait().is_ok());
}

/// A paused worker, cancelled before it begins.
#[divan::bench]
fn create_and_cancel(bencher: Bencher) {
    let workers = WorkerManager::new();
    bencher.bench_local(|| workers.worker("paused").paused().thread(|_| Ok(())).cancel());
}

/// The same, with its two events handled on the UI thread.
#[divan::bench]
fn two_events(bencher: Bencher) {
    let (mut bridge, ui, mut app) = bench_ui();
    let on_change = |seen: &mut App, _: &StateChanged| *seen += 1;
    let workers = WorkerManager::builder().events(ui.state_changes(on_change)).build();
    bencher.bench_local(|| {
        workers.worker("paused").paused().thread(|_| Ok(())).cancel();
        bridge.pump(&mut app)
    });
}

/// The replaced worker is pending.
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
    let (mut bridge, ui, mut app) = bench_ui();
    let workers = WorkerManager::new();
    bencher.bench_local(|| {
        workers.worker("no-op").task(&ui, async |_| Ok(()));
        bridge.pump(&mut app)
    });
}

/// Beside `others` other timers.
#[divan::bench(args = [0, 10_000])]
fn timer_set_and_cleared(bencher: Bencher, others: u32) {
    let (mut bridge, _ui, _app) = bench_ui();
    for _ in 0..others {
        bridge.set_timeout(Duration::from_secs(1000), |_| ());
    }
    bencher.bench_local(|| {
        let timer = bridge.set_timeout(Duration::from_secs(1), |_| ());
        bridge.clear(timer)
    });
}

/// Beside `others` other timers.
#[divan::bench(args = [0, 10_000])]
fn timer_set_and_run(bencher: Bencher, others: u32) {
    let (mut bridge, _ui, mut app) = bench_ui();
    for _ in 0..others {
        bridge.set_timeout(Duration::from_secs(1000), |_| ());
    }
    bencher.bench_local(|| {
        bridge.set_timeout(Duration::ZERO, |app| *app += 1);
        bridge.pump(&mut app)
    });
}
