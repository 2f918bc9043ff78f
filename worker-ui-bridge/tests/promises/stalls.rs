//! P25: what holds the UI thread is told of while it does.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use worker_core::ManualClock;
use worker_ui_bridge::{Stall, UiBridge};

use crate::support::Ui;

const THRESHOLD: Duration = Duration::from_millis(100);

fn watched() -> (UiBridge<Ui>, Arc<ManualClock>, Receiver<Stall>) {
    let clock = Arc::new(ManualClock::new());
    let (report, reports) = unbounded();
    let bridge = UiBridge::builder()
        .clock(clock.clone())
        .on_stall(THRESHOLD, move |stall| report.send(*stall).expect("the test listens"))
        .build();
    (bridge, clock, reports)
}

fn assert_here(place: Option<&Location<'_>>, line: u32) {
    let place = place.expect("a callback has a place");
    assert!(place.file().ends_with("stalls.rs"));
    assert_eq!(place.line(), line);
}

#[test]
fn p25_a_stall_is_reported_while_the_callback_is_still_stuck_and_again_when_it_doubles() {
    let (mut bridge, clock, reports) = watched();
    let ui = bridge.handle();
    let stuck = reports.clone();
    let line = line!() + 1;
    ui.post(move |app: &mut Ui| {
        clock.wait_for_sleepers(1); // the watchdog
        clock.advance(THRESHOLD);
        let first = stuck.recv().unwrap();
        assert_here(first.posted_at, line);
        assert_eq!(first.held_for, THRESHOLD);
        clock.wait_for_sleepers(1);
        clock.advance(THRESHOLD);
        assert_eq!(stuck.recv().unwrap().held_for, THRESHOLD * 2);
        app.see("free at last");
    })
    .unwrap();
    let mut app = Ui::default();
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.seen, ["free at last"]);
    assert!(reports.is_empty());
}

#[test]
fn p25_a_timer_and_a_handler_have_places_too() {
    let (mut bridge, clock, reports) = watched();
    let stuck = (clock.clone(), reports.clone());
    let line = line!() + 1;
    bridge.set_timeout(Duration::ZERO, move |_: &mut Ui| {
        stuck.0.wait_for_sleepers(1);
        stuck.0.advance(THRESHOLD);
        assert_here(stuck.1.recv().unwrap().posted_at, line);
    });
    bridge.pump(&mut Ui::default()).unwrap();

    let stuck = (clock.clone(), reports);
    let line = line!() + 1;
    let sink = bridge.handle().state_changes(move |_: &mut Ui, _| {
        stuck.0.wait_for_sleepers(1);
        stuck.0.advance(THRESHOLD);
        assert_here(stuck.1.recv().unwrap().posted_at, line);
    });
    let workers = worker_core::WorkerManager::builder().events(sink).build();
    workers.worker("w").paused().thread(|_| Ok(()));
    bridge.pump(&mut Ui::default()).unwrap();
}

#[test]
fn p25_quick_callbacks_and_an_idle_loop_are_not_reported_and_wake_nobody() {
    let (mut bridge, clock, reports) = watched();
    let ui = bridge.handle();
    let mut app = Ui::default();
    for _ in 0..100 {
        ui.post(|app| app.see("quick")).unwrap();
        bridge.pump(&mut app).unwrap();
        clock.advance(THRESHOLD * 2);
    }
    drop(bridge);
    assert_eq!(reports.iter().count(), 0, "the watchdog has gone with its bridge");
}

#[test]
fn p25_a_stall_says_what_and_for_how_long() {
    let (mut bridge, clock, reports) = watched();
    bridge
        .handle()
        .post(move |_: &mut Ui| {
            clock.wait_for_sleepers(1);
            clock.advance(Duration::from_millis(1300));
            let text = reports.recv().unwrap().to_string();
            assert!(
                text.starts_with("the UI thread has been held for 1.3s by the callback posted at "),
                "{text}"
            );
            assert!(text.contains("stalls.rs:"), "{text}");
        })
        .unwrap();
    bridge.pump(&mut Ui::default()).unwrap();
}
