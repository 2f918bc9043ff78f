//! The UI's state may hold a client that blocks, but a callback cannot call it.

use worker_core::Blocking;
use worker_ui_bridge::UiBridge;

struct Client;

impl Client {
    fn fetch(&self) -> Vec<String> {
        Vec::new()
    }
}

struct App {
    rows: Vec<String>,
    client: Blocking<Client>,
}

fn main() {
    let mut bridge: UiBridge<App> = UiBridge::new();
    bridge.set_interval(std::time::Duration::from_secs(30), |app: &mut App| app.rows = app.client.fetch());
}
