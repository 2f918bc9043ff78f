//! Fetching data: from the start of the fetch until the UI thread has the data and is ready for the
//! next.

use worker_core::WorkerManager;
use worker_ui_bridge::{Resource, UiBridge};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::Line;

const FETCHES: u32 = 1_000;
const LIMIT: f64 = 1.2;

struct App {
    rows: Resource<App, u32>,
    landed: u32,
}

/// The peer is a thread worker that brings the data by `call_from_thread`.
pub(crate) fn fetch(effort: Effort) -> Vec<Line> {
    let count = effort.count(FETCHES);
    Comparison::of(ours(count)).peer_with_limit("thread + call_from_thread", LIMIT, bare(count)).run(effort)
}

fn app() -> (UiBridge<App>, WorkerManager, App) {
    let app = App { rows: Resource::new(|app: &mut App| &mut app.rows), landed: 0 };
    (UiBridge::new(), WorkerManager::new(), app)
}

fn ours(count: u32) -> impl FnMut() -> f64 {
    let (mut bridge, workers, mut app) = app();
    let ui = bridge.handle();
    move || {
        each(count, || {
            for _ in 0..count {
                app.rows.fetch(workers.worker("rows"), &ui, |_| Ok(1));
                while app.rows.is_fetching() {
                    bridge.wait(&mut app).expect("no worker fails here");
                }
            }
        })
    }
}

fn bare(count: u32) -> impl FnMut() -> f64 {
    let (mut bridge, workers, mut app) = app();
    let ui = bridge.handle();
    move || {
        each(count, || {
            for _ in 0..count {
                let (ui, before) = (ui.clone(), app.landed);
                workers.worker("rows").thread(move |_| Ok(ui.call_from_thread(|app| app.landed += 1)?));
                while app.landed == before {
                    bridge.wait(&mut app).expect("no worker fails here");
                }
            }
        })
    }
}
