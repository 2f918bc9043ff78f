//! The search box of `search` inside `cursive`'s event loop. The bridge reaches the loop through
//! cursive's `cb_sink`, also when a timer is due.
//!
//! ```text
//! cargo run --example foreign_cursive
//! ```
//!
//! The bridge is not `Send`, so it lives in the user data of the `Cursive`, beside the search box.
//! The bridge's `waker` sends a function into the `cb_sink` that pumps the bridge and shows the
//! box. Cursive cannot be told to wait until a timer: `wake_for_timers` has the bridge call the
//! waker then. Esc leaves.
//!
//! The cost of cursive's loop, with or without a bridge: it polls for input and callbacks every 30
//! ms, also when idle, and a callback may wait that long.

use std::time::Duration;

use cursive::Cursive;
use cursive::event::Key;
use cursive::traits::{Nameable, Resizable};
use cursive::views::{Dialog, EditView, LinearLayout, TextView};
use examples::{SPIN, SearchBox};
use worker_core::{WorkerManager, install_panic_hook};
use worker_ui_bridge::UiBridge;

/// The user data.
struct App {
    bridge: UiBridge<SearchBox>,
    search: SearchBox,
}

fn main() {
    install_panic_hook(); // a worker's panic must not write on cursive's screen
    let mut siv = cursive::termion();
    let sink = siv.cb_sink().clone();
    // Fails only if the loop has ended; then there is nothing to wake.
    let waker = move || drop(sink.send(Box::new(pump)));
    let mut bridge = UiBridge::builder().waker(waker).wake_for_timers().build();
    bridge.set_interval_while(SPIN, SearchBox::is_spinning, SearchBox::spin);
    let workers = WorkerManager::new();
    let search = SearchBox::new(workers.scope("search"), bridge.handle());
    siv.set_user_data(App { bridge, search });

    let field = EditView::new().on_edit(|siv, query, _cursor| {
        siv.with_user_data(|app: &mut App| app.search.search(query.to_owned()));
        pump(siv);
    });
    let column = LinearLayout::vertical()
        .child(field)
        .child(TextView::new("type; Esc leaves").with_name("status"))
        .child(TextView::empty().with_name("hits"));
    siv.add_layer(Dialog::around(column).title("Search").fixed_width(40));
    siv.add_global_callback(Key::Esc, Cursive::quit);
    siv.run();
    if let Some(App { mut bridge, mut search }) = siv.take_user_data() {
        bridge.shutdown(&mut search, &workers, Duration::from_secs(2));
    }
}

/// Sent into cursive's queue when the bridge's queue becomes non-empty, and when a timer is due.
fn pump(siv: &mut Cursive) {
    let shown = siv.with_user_data(|App { bridge, search }: &mut App| {
        let error = loop {
            match bridge.pump(search) {
                Ok(turn) if turn.more() => {}
                Ok(_) => break None,
                Err(error) => break Some(error),
            }
        };
        let hits = search.hits.data().map_or_else(String::new, |hits| hits.join("\n"));
        (search.status(), hits, error)
    });
    let Some((status, hits, error)) = shown else { return };
    siv.call_on_name("status", |view: &mut TextView| view.set_content(status));
    siv.call_on_name("hits", |view: &mut TextView| view.set_content(hits));
    if let Some(error) = error {
        siv.add_layer(Dialog::info(error.to_string()));
    }
}
