//! P22: only the newest of a key.

use crossbeam_channel::bounded;
use worker_core::Worker;
use worker_ui_bridge::{PostError, UiBridge, UiHandle};

use crate::support::{Ui, stage};

#[test]
fn p22_the_newest_takes_the_place_of_the_pending_one() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<Ui> = bridge.handle();
    ui.post_latest("row", |app| app.see("old row")).unwrap();
    ui.post(|app| app.see("between")).unwrap();
    ui.post_latest("column", |app| app.see("column")).unwrap();
    ui.post_latest("row", |app| app.see("new row")).unwrap();
    let mut app = Ui::default();
    assert_eq!(bridge.pump(&mut app).unwrap().ran(), 3);
    assert_eq!(app.seen, ["new row", "between", "column"], "in the place of the first");
    ui.post_latest("row", |app| app.see("next row")).unwrap();
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.seen.last().unwrap(), "next row", "once it has run, the key is free");
}

#[test]
fn p22_a_callback_may_post_its_own_key_again() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<Ui> = bridge.handle();
    let again = ui.clone();
    ui.post_latest("row", move |app: &mut Ui| {
        app.see("first");
        again.post_latest("row", |app: &mut Ui| app.see("second")).unwrap();
    })
    .unwrap();
    let mut app = Ui::default();
    assert!(bridge.pump(&mut app).unwrap().more());
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.seen, ["first", "second"]);
}

#[test]
fn p22_replacing_needs_no_room_and_a_new_key_waits_for_it() {
    let mut bridge = UiBridge::builder().capacity(1).build();
    let ui: UiHandle<Ui> = bridge.handle();
    let (replaced, is_replaced) = bounded(1);
    let poster = std::thread::spawn(move || {
        for n in 0..1000 {
            ui.post_latest("row", move |app: &mut Ui| app.see(n.to_string())).unwrap();
        }
        replaced.send(()).unwrap();
        ui.post_latest("column", |app: &mut Ui| app.see("column"))
    });
    is_replaced.recv().unwrap();
    let mut app = Ui::default();
    while app.seen.len() < 2 {
        bridge.wait(&mut app).unwrap();
    }
    assert_eq!(app.seen, ["999", "column"]);
    assert_eq!(poster.join().unwrap(), Ok(()));
}

#[test]
fn p22_a_cancelled_workers_newest_is_dropped_and_frees_the_key() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let (posted, is_posted) = bounded(0);
    let (go_on, gate) = bounded::<()>(0);
    let worker: Worker<()> = stage.workers.worker("w").thread(move |_| {
        ui.post_latest("row", |app: &mut Ui| app.see("must not be seen"))?;
        posted.send(())?;
        gate.recv()?;
        Ok(())
    });
    is_posted.recv().unwrap();
    worker.cancel();
    go_on.send(()).unwrap();
    stage.pump_until_finished(&worker);
    stage.ui.post_latest("row", |app: &mut Ui| app.see("free")).unwrap();
    stage.turn();
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "w CANCELLED", "free"]);
}

#[test]
fn p22_closing_drops_the_newest_too() {
    let mut bridge = UiBridge::new();
    let ui: UiHandle<Ui> = bridge.handle();
    let witness = std::sync::Arc::new(());
    let held = witness.clone();
    ui.post_latest("row", move |_: &mut Ui| drop(held)).unwrap();
    bridge.close();
    assert_eq!(std::sync::Arc::strong_count(&witness), 1);
    assert_eq!(ui.post_latest("row", |_: &mut Ui| {}), Err(PostError::Closed));
}

#[test]
fn p22_a_superseded_worker_never_replaces_what_its_successor_has_posted() {
    for _ in 0..300 {
        let mut bridge: UiBridge<Ui> = UiBridge::new();
        let (ui, workers) = (bridge.handle(), worker_core::WorkerManager::new());
        let (racing, race) = bounded(0);
        let old = {
            let ui = ui.clone();
            workers.worker("old").thread(move |_| {
                racing.send(())?;
                Ok(ui.post_latest("row", |app: &mut Ui| app.see("old"))?)
            })
        };
        race.recv().unwrap();
        old.cancel();
        ui.post_latest("row", |app: &mut Ui| app.see("new")).unwrap();
        while !old.is_finished() {
            std::thread::yield_now();
        }
        let mut app = Ui::default();
        bridge.pump(&mut app).unwrap();
        assert_eq!(app.seen, ["new"]);
    }
}
