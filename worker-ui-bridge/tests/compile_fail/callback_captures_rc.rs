//! What a callback carries to the UI thread must be able to travel.

use std::rc::Rc;

use worker_ui_bridge::UiBridge;

fn main() {
    let bridge: UiBridge<Vec<String>> = UiBridge::new();
    let shared = Rc::new(String::new());
    let _ = bridge.handle().post(move |rows| rows.push(shared.to_string()));
}
