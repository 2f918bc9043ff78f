//! Models of the bounded queue: a post that waits for room is ended by room, close or cancel.

use std::sync::Arc;

use loom::thread;
use worker_core::__bridge::primitives::process::Mutex;

use super::support::{Bridge, body, builder, check, manager};
use crate::error::PostError;
use crate::handle::ui_handle::UiHandle;

fn bridge_with_room_for_one() -> Bridge {
    builder().capacity(1).build()
}

/// Posts 1 and 2; the second may have to wait.
fn post_two(ui: &UiHandle<Vec<u32>>) -> Result<(), PostError> {
    ui.post(|values| values.push(1))?;
    ui.post(|values| values.push(2))
}

#[test]
fn p23_a_post_that_waits_for_room_gets_it_from_the_turn() {
    check(3, || {
        let mut bridge = bridge_with_room_for_one();
        let posts = thread::spawn({
            let ui = bridge.handle();
            move || post_two(&ui)
        });
        let mut values = Vec::new();
        while values.len() < 2 {
            bridge.wait(&mut values).unwrap();
        }
        assert_eq!(values, [1, 2]);
        assert!(posts.join().unwrap().is_ok());
    });
}

#[test]
fn p23_a_post_that_waits_for_room_ends_with_the_close() {
    check(None, || {
        let mut bridge = bridge_with_room_for_one();
        let posts = thread::spawn({
            let ui = bridge.handle();
            move || post_two(&ui)
        });
        bridge.close();
        assert!(matches!(posts.join().unwrap(), Err(PostError::Closed)));
    });
}

#[test]
fn p23_a_post_that_waits_for_room_ends_with_the_cancel() {
    check(3, || {
        let (mut bridge, workers) = (bridge_with_room_for_one(), manager());
        let posted = Arc::new(Mutex::new(None));
        let (worker, run) = body(&workers, "posts", {
            let (ui, posted) = (bridge.handle(), posted.clone());
            move || _ = posted.lock().replace(post_two(&ui))
        });
        let posts = thread::spawn(run);
        worker.cancel();
        posts.join().unwrap();
        let posted = posted.lock().take();
        assert!(matches!(posted, None | Some(Err(PostError::Cancelled))), "{posted:?}");
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        assert!(values.is_empty(), "P6: {values:?}");
    });
}
