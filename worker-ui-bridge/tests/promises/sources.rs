//! Sources: blocking readers on threads of their own.

use std::task::Poll;
use std::time::Duration;

use crossbeam_channel::{bounded, unbounded};
use worker_core::Clock;
use worker_ui_bridge::{Source, UiBridge};

use crate::support::App;

#[test]
fn a_source_delivers_every_reading_in_order_and_its_end() {
    let mut bridge = UiBridge::new();
    let (keys, key_receiver) = unbounded();
    bridge
        .handle()
        .source("keys", move || key_receiver.recv(), |app: &mut App, key| app.record(format!("{key:?}")))
        .unwrap();
    for key in ['a', 'b'] {
        keys.send(key).unwrap();
    }
    drop(keys);
    let mut app = App::default();
    while app.log.len() < 3 {
        bridge.wait(&mut app).unwrap();
    }
    assert_eq!(app.log, ["Ok('a')", "Ok('b')", "Err(RecvError)"]);
}

#[test]
fn a_source_ends_after_the_bridge_was_closed() {
    let mut bridge: UiBridge<App> = UiBridge::new();
    let (keys, key_receiver) = bounded::<char>(0);
    bridge
        .handle()
        .source("keys", move || key_receiver.recv(), |app, key| app.record(format!("{key:?}")))
        .unwrap();
    bridge.close();
    keys.send('a').unwrap();
    // The thread drops `read`, which disconnects the channel.
    while keys.send('b').is_ok() {}
}

/// A source of the keys that are sent, which can be interrupted.
fn keys(bridge: &UiBridge<App>) -> (Source, crossbeam_channel::Sender<char>) {
    let (keys, key_receiver) = unbounded();
    let (interrupt, interrupts) = unbounded();
    let read = move || {
        crossbeam_channel::select_biased! {
            recv(key_receiver) -> key => Poll::Ready(key),
            recv(interrupts) -> _ => Poll::Pending,
        }
    };
    let record = |app: &mut App, key| match key {
        Poll::Ready(key) => app.record(format!("{key:?}")),
        Poll::Pending => unreachable!("nothing is not delivered"),
    };
    let source = bridge.handle().source("keys", read, record).expect("a thread can be made");
    (source.interrupt_with(move || interrupt.send(()).unwrap_or(())), keys)
}

#[test]
fn p41_once_a_pause_has_returned_no_key_is_read_until_the_resume() {
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let (source, keys) = keys(&bridge);
    for _ in 0..50 {
        for key in ['a', 'b', 'c'] {
            keys.send(key).unwrap();
        }
        source.pause().unwrap();
        // What was read is queued; what was not stays in the channel.
        let left = keys.len();
        bridge.pump(&mut app).unwrap();
        assert_eq!(app.log.len(), 3 - left);
        for key in ['x', 'y'] {
            keys.send(key).unwrap();
        }
        source.pause().unwrap(); // twice
        bridge.wait_timeout(&mut app, Duration::from_millis(1)).unwrap();
        assert_eq!((keys.len(), app.log.len()), (left + 2, 3 - left));
        source.resume();
        while app.log.len() < 5 {
            bridge.wait(&mut app).unwrap();
        }
        assert_eq!(app.log, ["a", "b", "c", "x", "y"].map(|key| format!("Ok('{key}')")));
        app.log.clear();
    }
}

#[test]
fn p41_a_stopped_source_delivers_nothing_any_more() {
    let (mut bridge, mut app) = (UiBridge::new(), App::default());
    let (source, keys) = keys(&bridge);
    keys.send('a').unwrap();
    while !keys.is_empty() {
        std::thread::yield_now();
    }
    source.pause().unwrap(); // its reading is queued
    source.stop();
    bridge.pump(&mut app).unwrap();
    assert!(app.log.is_empty());
    assert!(source.has_ended());
    source.resume();
    source.stop();
    // Its thread drops `read`, which disconnects the channel.
    while keys.send('b').is_ok() {
        std::thread::yield_now();
    }
    source.pause().unwrap(); // at once
}

#[test]
fn p41_a_pause_of_a_read_that_nothing_interrupts_is_an_error_and_the_source_goes_on() {
    let (bridge, clock, mut app) = crate::support::manual_clock_fixture();
    let (keys, key_receiver) = unbounded();
    let mut bridge = bridge;
    let (inside, is_inside) = unbounded();
    let read = move || {
        inside.send(()).unwrap_or(());
        key_receiver.recv()
    };
    let record = |app: &mut App, key| app.record(format!("{key:?}"));
    let source = bridge.handle().source("keys", read, record).unwrap();
    is_inside.recv().unwrap();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let end = clock.now() + Duration::from_secs(1);
            while clock.now() < end {
                clock.wait_for_sleepers(1);
                clock.advance(Duration::from_millis(10));
            }
        });
        let error = source.pause().unwrap_err();
        assert!(error.to_string().contains("\"keys\""), "{error}");
    });
    keys.send('a').unwrap();
    while app.log.is_empty() {
        bridge.wait(&mut app).unwrap();
    }
    assert_eq!(app.log, ["Ok('a')"]);
}

#[test]
fn p41_a_source_that_has_ended_is_paused_at_once() {
    let (mut bridge, mut app) = (UiBridge::<App>::new(), App::default());
    let source = bridge.handle().source("none", || None::<char>, |app, _| app.record("end")).unwrap();
    while app.log.is_empty() {
        bridge.wait(&mut app).unwrap();
    }
    while !source.has_ended() {
        std::thread::yield_now();
    }
    source.pause().unwrap();
    source.resume();
    assert_eq!(format!("{source:?}"), "Source { name: \"none\", wanted: Reads, .. }");
}
