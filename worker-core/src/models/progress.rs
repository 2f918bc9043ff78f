//! Model of `ProgressCell`: a change after the notice was read gives another.

use std::sync::Arc;

use loom::thread;

use super::support::check;
use crate::worker::progress::ProgressCell;

#[test]
fn the_last_change_is_read_or_has_a_notice() {
    check(None, || {
        let cell = Arc::new(ProgressCell::new());
        cell.advance(1);
        assert!(cell.claim_notice());
        let advances = thread::spawn({
            let cell = cell.clone();
            move || {
                cell.advance(1);
                cell.claim_notice()
            }
        });
        cell.take_notice();
        let seen = cell.get().completed();
        let another = advances.join().unwrap();
        assert!(seen == 2 || another, "the second step was seen by no notice");
    });
}
