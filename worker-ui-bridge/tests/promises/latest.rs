//! P22: `post_latest` runs only the newest callback of a key.

use crossbeam_channel::bounded;
use worker_core::Worker;
use worker_ui_bridge::{PostError, UiBridge, UiHandle};

use crate::support::{App, fixture};

#[test]
fn p22_the_newest_replaces_the_pending_callback_at_its_position() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    ui.post_latest("row", |app| app.record("old row")).unwrap();
    ui.post(|app| app.record("between")).unwrap();
    ui.post_latest("column", |app| app.record("column")).unwrap();
    ui.post_latest("row", |app| app.record("new row")).unwrap();
    let mut app = App::default();
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 3);
    assert_eq!(app.log, ["new row", "between", "column"], "at the position of the first");
    ui.post_latest("row", |app| app.record("next row")).unwrap();
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log.last().unwrap(), "next row", "after it has run, the key is queued anew");
}

#[test]
fn p22_a_callback_may_post_its_own_key_again() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    let again = ui.clone();
    ui.post_latest("row", move |app: &mut App| {
        app.record("first");
        again.post_latest("row", |app: &mut App| app.record("second")).unwrap();
    })
    .unwrap();
    let mut app = App::default();
    assert!(bridge.pump(&mut app).unwrap().more());
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log, ["first", "second"]);
}

#[test]
fn p22_replacing_ignores_the_capacity_and_a_new_key_waits_for_it() {
    let mut bridge = UiBridge::builder().capacity(1).build();
    let ui: UiHandle<App> = bridge.handle();
    let (replaced, is_replaced) = bounded(1);
    let poster = std::thread::spawn(move || {
        for n in 0..1000 {
            ui.post_latest("row", move |app: &mut App| app.record(n.to_string())).unwrap();
        }
        replaced.send(()).unwrap();
        ui.post_latest("column", |app: &mut App| app.record("column"))
    });
    is_replaced.recv().unwrap();
    let mut app = App::default();
    while app.log.len() < 2 {
        bridge.wait(&mut app).unwrap();
    }
    assert_eq!(app.log, ["999", "column"]);
    assert_eq!(poster.join().unwrap(), Ok(()));
}

#[test]
fn p22_the_callback_of_a_cancelled_worker_is_dropped_and_frees_its_key() {
    let mut fixture = fixture();
    let ui = fixture.ui.clone();
    let (posted, is_posted) = bounded(0);
    let (release, released) = bounded::<()>(0);
    let worker: Worker<()> = fixture.workers.worker("w").thread(move |_| {
        ui.post_latest("row", |app: &mut App| app.record("must not run"))?;
        posted.send(())?;
        released.recv()?;
        Ok(())
    });
    is_posted.recv().unwrap();
    worker.cancel();
    release.send(()).unwrap();
    fixture.pump_until_finished(&worker);
    fixture.ui.post_latest("row", |app: &mut App| app.record("free")).unwrap();
    fixture.turn();
    assert_eq!(fixture.app.log, ["w PENDING", "w RUNNING", "w CANCELLED", "free"]);
}

#[test]
fn p22_closing_drops_the_callbacks_of_keys() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<App> = bridge.handle();
    let counter = std::sync::Arc::new(());
    let captured = counter.clone();
    ui.post_latest("row", move |_: &mut App| drop(captured)).unwrap();
    bridge.close();
    assert_eq!(std::sync::Arc::strong_count(&counter), 1);
    assert_eq!(ui.post_latest("row", |_: &mut App| {}), Err(PostError::Closed));
}

#[test]
fn p22_a_superseded_worker_never_replaces_what_its_successor_has_posted() {
    for _ in 0..300 {
        let mut bridge: UiBridge<App> = UiBridge::new();
        let (ui, workers) = (bridge.handle(), worker_core::WorkerManager::new());
        let (started, is_started) = bounded(0);
        let old = {
            let ui = ui.clone();
            workers.worker("old").thread(move |_| {
                started.send(())?;
                Ok(ui.post_latest("row", |app: &mut App| app.record("old"))?)
            })
        };
        is_started.recv().unwrap();
        old.cancel();
        ui.post_latest("row", |app: &mut App| app.record("new")).unwrap();
        while !old.is_finished() {
            std::thread::yield_now();
        }
        let mut app = App::default();
        bridge.pump(&mut app).unwrap();
        assert_eq!(app.log, ["new"]);
    }
}
