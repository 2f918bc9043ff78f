//! A source's reader must say when nothing more comes.

use worker_ui_bridge::UiBridge;

fn main() {
    let bridge: UiBridge<Vec<u8>> = UiBridge::new();
    let _ = bridge.handle().source("bytes", || 7_u8, |seen, byte| seen.push(byte));
}
