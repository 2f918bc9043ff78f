//! A `UiBridge` inside `cursive`'s event loop. Callbacks reach the loop through cursive's
//! `cb_sink`.
//!
//! ```text
//! cargo run --example foreign_cursive
//! ```
//!
//! The bridge is not `Send`, so it lives in the user data of the `Cursive`. The bridge's `waker`
//! sends a function into the `cb_sink` that pumps the bridge. Callbacks get the `Cursive` itself as
//! their state. A list fills step by step while a spinner turns; `q` quits.
//!
//! The cost of cursive's loop, with or without a bridge: it polls for input and callbacks every 30
//! ms, also when idle, and a callback may wait that long. It cannot sleep until a given time, so
//! the bridge has no timers here: a worker ticks, and `post_latest` keeps one tick in the queue,
//! however slow the drawing is. (`set_fps` with a callback on `Event::Refresh` that pumps would
//! allow timers, at the cost of drawing that often for ever.)

use std::time::Duration;

use cursive::Cursive;
use cursive::traits::Nameable;
use cursive::views::{Dialog, LinearLayout, SelectView, TextView};
use worker_core::{WorkerManager, install_panic_hook};
use worker_ui_bridge::{PumpError, UiBridge};

type Bridge = UiBridge<Cursive>;

const NAMES: [&str; 5] = ["ant", "bee", "cat", "dog", "eel"];

const SPINNER: [&str; 4] = ["◐", "◓", "◑", "◒"];

fn main() {
    install_panic_hook(); // a worker's panic must not write on cursive's screen
    let mut siv = cursive::termion();
    let sink = siv.cb_sink().clone();
    // Fails only if the loop has ended; then there is nothing to wake.
    let bridge = Bridge::builder().waker(move || drop(sink.send(Box::new(pump)))).build();
    let ui = bridge.handle();
    let workers = WorkerManager::builder().events(ui.state_changes(|_: &mut Cursive, _event| {})).build();
    siv.set_user_data(bridge);

    let list = SelectView::<()>::new().with_name("animals");
    let status = TextView::new("loading").with_name("status");
    siv.add_layer(Dialog::around(LinearLayout::vertical().child(status).child(list)).title("Animals"));
    siv.add_global_callback('q', Cursive::quit);

    let rows = ui.clone();
    let fetch = workers.worker("fetch").thread(move |cx| {
        for name in NAMES {
            cx.sleep(Duration::from_millis(400))?; // a slow server
            rows.call_from_thread(move |siv| {
                siv.call_on_name("animals", |list: &mut SelectView<()>| list.add_item(name, ()))
            })?;
        }
        Ok(())
    });
    workers.worker("spinner").thread(move |cx| {
        for symbol in SPINNER.into_iter().cycle() {
            if fetch.is_finished() {
                break;
            }
            ui.post_latest("status", move |siv| say(siv, format!("loading {symbol} (q leaves)")))?;
            cx.sleep(Duration::from_millis(125))?;
        }
        let end = if fetch.result().is_some() { "all there" } else { "no more to come" };
        Ok(ui.post_latest("status", move |siv| say(siv, format!("{end} (q leaves)")))?)
    });

    siv.run();
    if let Some(mut bridge) = siv.take_user_data::<Bridge>() {
        bridge.shutdown(&mut siv, &workers, Duration::from_secs(2));
    }
}

/// Sent into cursive's queue when the bridge's queue becomes non-empty.
fn pump(siv: &mut Cursive) {
    // Taken out of the user data, because the callbacks borrow the whole `Cursive`.
    let Some(mut bridge) = siv.take_user_data::<Bridge>() else { return };
    loop {
        match bridge.pump(siv) {
            Ok(turn) if turn.more() => {}
            Ok(_) | Err(PumpError::Closed) => break,
            Err(error) => siv.add_layer(Dialog::info(error.to_string())),
        }
    }
    siv.set_user_data(bridge);
}

fn say(siv: &mut Cursive, text: impl Into<String>) {
    siv.call_on_name("status", |status: &mut TextView| status.set_content(text));
}
