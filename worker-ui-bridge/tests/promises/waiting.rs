//! P15, P26: the waits that pump.

use std::time::Duration;

use crossbeam_channel::bounded;
use worker_core::{WaitError, Worker, WorkerManager};
use worker_ui_bridge::{PumpError, UiBridge, WaitForError};

use crate::support::{Ui, stage, timed};

#[test]
fn p15_wait_for_pumps_until_the_worker_has_ended() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let worker = stage.workers.worker("w").thread(move |_| {
        for n in 0..3 {
            ui.call_from_thread(move |app| app.see(n.to_string()))?;
        }
        Ok("done")
    });
    assert_eq!(stage.bridge.wait_for(&mut stage.app, &worker).ok(), Some(&"done"));
    assert_eq!(stage.app.seen[..5], ["w PENDING", "w RUNNING", "0", "1", "2"]);
    assert_eq!(stage.bridge.wait_for(&mut stage.app, &worker).ok(), Some(&"done"), "at once: it has ended");
}

#[test]
fn p15_wait_for_gives_the_workers_own_error() {
    let mut stage = stage();
    let worker: Worker<()> = stage.workers.worker("w").thread(|_| Err("no route")?);
    let error = stage.bridge.wait_for(&mut stage.app, &worker).unwrap_err();
    assert!(matches!(error, WaitForError::Wait(WaitError::Worker(_))), "{error:?}");
    let paused = stage.workers.worker("p").paused().thread(|_| Ok(()));
    let refused = stage.bridge.wait_for(&mut stage.app, &paused);
    assert!(matches!(refused, Err(WaitForError::Wait(WaitError::NotStarted))));
}

#[test]
fn p15_wait_for_ends_with_another_workers_error() {
    let mut stage = stage();
    let (_keep, gate) = bounded::<()>(0);
    let endless = stage.workers.worker("endless").thread(move |_| Ok(gate.recv()?));
    let _bad: Worker<()> = stage.workers.worker("bad").thread(|_| Err("no route")?);
    let error = stage.bridge.wait_for(&mut stage.app, &endless).unwrap_err();
    assert!(matches!(error, WaitForError::Pump(PumpError::Worker { .. })), "{error:?}");
}

#[test]
fn p26_a_shutdown_on_the_ui_thread_pumps_meanwhile() {
    let mut stage = stage();
    let ui = stage.ui.clone();
    let (inside, is_inside) = bounded(1);
    let worker: Worker<()> = stage.workers.worker("w").thread(move |cx| {
        inside.send(())?;
        while cx.sleep(Duration::MAX).is_ok() {}
        // The last word is for whoever listens, not for the cancelled worker's callbacks.
        assert!(ui.post(|app| app.see("must not be seen")).unwrap_err().is_cancelled());
        Ok(())
    });
    is_inside.recv().unwrap();
    let report = stage.bridge.shutdown(&mut stage.app, &stage.workers, Duration::MAX);
    assert!(report.is_clean() && worker.is_finished());
    assert_eq!(stage.app.seen, ["w PENDING", "w RUNNING", "w CANCELLED"], "all of it was heard");
}

#[test]
fn p26_a_shutdown_on_the_ui_thread_ends_with_its_grace() {
    let (mut bridge, clock, mut app) = timed();
    let workers = WorkerManager::builder().clock(clock.clone()).idle_timeout(None).build();
    let (inside, is_inside) = bounded(1);
    let (let_go, gate) = bounded::<()>(0);
    let deaf = workers.worker("deaf").thread(move |_| {
        inside.send(())?;
        Ok(gate.recv()?)
    });
    is_inside.recv().unwrap();
    let report = std::thread::scope(|threads| {
        threads.spawn(|| {
            clock.wait_for_sleepers(1);
            clock.advance(Duration::from_secs(2));
        });
        bridge.shutdown(&mut app, &workers, Duration::from_secs(2))
    });
    assert_eq!(report.abandoned.len(), 1);
    assert_eq!(report.abandoned[0].worker, *deaf);
    let_go.send(()).unwrap();
}

#[test]
fn p26_a_shutdown_after_the_bridge_was_closed_still_waits_for_the_workers() {
    let mut bridge: UiBridge<Ui> = UiBridge::new();
    let workers = WorkerManager::new();
    let worker: Worker<()> = workers.worker("w").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    bridge.close();
    assert!(bridge.shutdown(&mut Ui::default(), &workers, Duration::MAX).is_clean());
    assert!(worker.is_finished());
}

#[test]
fn p15_what_wait_for_has_told_of_ends_no_later_turn() {
    for _ in 0..100 {
        let mut stage = stage();
        let worker: Worker<()> = stage.workers.worker("w").thread(|_| Err("no route")?);
        stage.bridge.wait_for(&mut stage.app, &worker).unwrap_err();
        assert_eq!(stage.app.seen.last().unwrap(), "w ERROR", "its events have been handled");
        stage.turn();
    }
}

#[test]
fn p26_a_shutdown_hears_everybody_out_whatever_ticks() {
    let (mut bridge, clock, mut app) = timed();
    for _ in 0..10 {
        bridge.set_interval(Duration::from_millis(1), |_| {});
    }
    let ui = bridge.handle();
    for _ in 0..50 {
        let slow = clock.clone();
        ui.post(move |app: &mut Ui| {
            app.see("heard");
            slow.advance(Duration::from_millis(10));
        })
        .unwrap();
    }
    bridge.shutdown(&mut app, &WorkerManager::new(), Duration::from_mins(1));
    assert_eq!(app.seen.len(), 50);
}
