//! Sources: blocking readers on threads of their own.

use crossbeam_channel::{bounded, unbounded};
use worker_ui_bridge::UiBridge;

use crate::support::Ui;

#[test]
fn a_source_delivers_every_reading_in_order_and_its_end() {
    let mut bridge = UiBridge::new();
    let (keys, typed) = unbounded();
    bridge
        .handle()
        .source("keys", move || typed.recv(), |app: &mut Ui, key| app.see(format!("{key:?}")))
        .unwrap();
    for key in ['a', 'b'] {
        keys.send(key).unwrap();
    }
    drop(keys);
    let mut app = Ui::default();
    while app.seen.len() < 3 {
        bridge.wait(&mut app).unwrap();
    }
    assert_eq!(app.seen, ["Ok('a')", "Ok('b')", "Err(RecvError)"]);
}

#[test]
fn a_source_ends_after_the_bridge_was_closed() {
    let mut bridge: UiBridge<Ui> = UiBridge::new();
    let (keys, typed) = bounded::<char>(0);
    bridge.handle().source("keys", move || typed.recv(), |app, key| app.see(format!("{key:?}"))).unwrap();
    bridge.close();
    keys.send('a').unwrap();
    // The reader is dropped with its thread, which the next send would notice.
    while keys.send('b').is_ok() {}
}
