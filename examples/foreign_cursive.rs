//! The bridge under a loop that is not its own: here `cursive` has it, and lets others in by its `cb_sink`.
//!
//! ```text
//! cargo run --example foreign_cursive
//! ```
//!
//! The bridge is not `Send`, so it lives where cursive runs, in the user data of the `Cursive`; what the `waker` sends into the
//! `cb_sink` is the function that pumps it there. The state that the callbacks get is the `Cursive` itself. A list fills step by
//! step while a spinner turns; `q` leaves.
//!
//! What cursive's loop costs, with or without a bridge: it looks for input and callbacks every 30 ms, also when nothing happens,
//! and a callback may wait as long. It does not sleep until a moment of ours, so the bridge has no timers here: a worker ticks, and
//! `post_latest` keeps one tick in the queue however slow the drawing. (`set_fps` with a callback on `Event::Refresh` that pumps
//! would do for timers, and would draw that often for ever.)

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
    // If the sink has gone, so has the loop: nobody is left to be told.
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
        for picture in SPINNER.into_iter().cycle() {
            if fetch.is_finished() {
                break;
            }
            ui.post_latest("status", move |siv| say(siv, format!("loading {picture} (q leaves)")))?;
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

/// Sent into cursive's queue when the bridge's own, which was empty, has got something.
fn pump(siv: &mut Cursive) {
    // Taken out, for the callbacks get all of the `Cursive`.
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
