//! P25: a callback that blocks the UI thread is reported while it does.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use worker_core::ManualClock;
use worker_ui_bridge::{Stall, UiBridge};

use crate::support::App;

const THRESHOLD: Duration = Duration::from_millis(100);

fn bridge_with_watchdog() -> (UiBridge<App>, Arc<ManualClock>, Receiver<Stall>) {
    let clock = Arc::new(ManualClock::new());
    let (report, reports) = unbounded();
    let bridge = UiBridge::builder()
        .clock(clock.clone())
        .on_stall(THRESHOLD, move |stall| report.send(*stall).expect("the test receives"))
        .build();
    (bridge, clock, reports)
}

fn assert_call_site(call_site: Option<&Location<'_>>, line: u32) {
    let call_site = call_site.expect("a callback has a call site");
    assert!(call_site.file().ends_with("stalls.rs"));
    assert_eq!(call_site.line(), line);
}

#[test]
fn p25_a_stall_is_reported_while_the_callback_still_blocks_and_again_when_it_doubles() {
    let (mut bridge, clock, reports) = bridge_with_watchdog();
    let ui = bridge.handle();
    let watched = reports.clone();
    let line = line!() + 1;
    ui.post(move |app: &mut App| {
        clock.wait_for_sleepers(1); // the watchdog
        clock.advance(THRESHOLD);
        let first = watched.recv().unwrap();
        assert_call_site(first.posted_at, line);
        assert_eq!(first.held_for, THRESHOLD);
        clock.wait_for_sleepers(1);
        clock.advance(THRESHOLD);
        assert_eq!(watched.recv().unwrap().held_for, THRESHOLD * 2);
        app.record("unblocked");
    })
    .unwrap();
    let mut app = App::default();
    bridge.pump(&mut app).unwrap();
    assert_eq!(app.log, ["unblocked"]);
    assert!(reports.is_empty());
}

#[test]
fn p25_a_timer_and_a_handler_have_call_sites_too() {
    let (mut bridge, clock, reports) = bridge_with_watchdog();
    let watched = (clock.clone(), reports.clone());
    let line = line!() + 1;
    bridge.set_timeout(Duration::ZERO, move |_: &mut App| {
        watched.0.wait_for_sleepers(1);
        watched.0.advance(THRESHOLD);
        assert_call_site(watched.1.recv().unwrap().posted_at, line);
    });
    bridge.pump(&mut App::default()).unwrap();

    let watched = (clock.clone(), reports);
    let line = line!() + 1;
    let sink = bridge.handle().state_changes(move |_: &mut App, _| {
        watched.0.wait_for_sleepers(1);
        watched.0.advance(THRESHOLD);
        assert_call_site(watched.1.recv().unwrap().posted_at, line);
    });
    let workers = worker_core::WorkerManager::builder().events(sink).build();
    workers.worker("w").paused().thread(|_| Ok(()));
    bridge.pump(&mut App::default()).unwrap();
}

#[test]
fn p25_fast_callbacks_and_an_idle_loop_are_not_reported() {
    let (mut bridge, clock, reports) = bridge_with_watchdog();
    let ui = bridge.handle();
    let mut app = App::default();
    for _ in 0..100 {
        ui.post(|app| app.record("fast")).unwrap();
        bridge.pump(&mut app).unwrap();
        clock.advance(THRESHOLD * 2);
    }
    drop(bridge);
    assert_eq!(reports.iter().count(), 0, "the watchdog thread ended with its bridge");
}

#[test]
fn p25_the_text_of_a_stall_has_its_call_site_and_duration() {
    let (mut bridge, clock, reports) = bridge_with_watchdog();
    bridge
        .handle()
        .post(move |_: &mut App| {
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
    bridge.pump(&mut App::default()).unwrap();
}
