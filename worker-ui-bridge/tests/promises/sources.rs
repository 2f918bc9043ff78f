//! Sources: blocking readers on threads of their own.

use crossbeam_channel::{bounded, unbounded};
use worker_ui_bridge::UiBridge;

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
