//! The bridge belongs to the UI thread.

use worker_ui_bridge::UiBridge;

fn main() {
    let mut bridge: UiBridge<Vec<String>> = UiBridge::new();
    std::thread::spawn(move || bridge.pump(&mut Vec::new()));
}
