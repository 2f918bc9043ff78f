//! Models of `FanOut`: a part that begins against a cancel, and the slot that the threads share.

use std::sync::Arc;

use loom::thread;

use super::support::{Alone, Made, check};
use crate::body::fan_out::FanOut;
use crate::sync::blocking::{block_until, thread_waker};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::record::{Record, SharedSlot};
use crate::worker::slots::Slots;

#[test]
fn p36_a_part_that_begins_while_its_parent_is_cancelled_is_cancelled() {
    check(3, || {
        let parent = Alone::new().worker();
        assert!(parent.begin());
        let fan_out = FanOut::new(parent.clone());
        let cancels = thread::spawn(move || parent.cancel(CancelReason::Requested));
        let part = fan_out.begin_part(0);
        cancels.join().unwrap();
        assert!(part.is_none_or(|part| part.is_cancelled()));
    });
}

#[test]
fn p36_a_part_that_begins_while_the_rest_is_called_off_is_cancelled() {
    check(3, || {
        let parent = Alone::new().worker();
        assert!(parent.begin());
        let fan_out = FanOut::new(parent);
        let calls_off = thread::spawn({
            let fan_out = fan_out.clone();
            move || fan_out.call_off()
        });
        let part = fan_out.begin_part(0);
        calls_off.join().unwrap();
        assert!(part.is_none_or(|part| part.is_cancelled()));
    });
}

/// A body that fans out to one more thread and has the only slot.
struct WithSlot {
    alone: Arc<Alone>,
    slots: Arc<Slots<Arc<Record>>>,
    parent: Arc<Record>,
    fan_out: Arc<FanOut>,
}

impl WithSlot {
    fn new() -> Self {
        let (alone, slots) = (Alone::new(), Arc::new(Slots::new(1)));
        let parent = alone.make(Made { slots: Some(slots.clone()), ..Made::default() });
        assert!(slots.enter(parent.id, parent.clone()).is_some() && parent.begin());
        let fan_out = FanOut::new(parent.clone());
        fan_out.thread_made();
        Self { alone, slots, parent, fan_out }
    }

    /// Another asks for a slot, and must stand in line.
    fn another_in_line(&self) -> Arc<Record> {
        let another = self.alone.make(Made { slots: Some(self.slots.clone()), ..Made::default() });
        assert!(self.slots.enter(another.id, another.clone()).is_none(), "two are inside");
        another
    }

    /// One of the threads gives its part of the slot up for a while.
    fn one_waits_for_a_while(&self) {
        self.fan_out.pause();
        let (clock, mut key) = (self.parent.clock(), None);
        let waker = thread_waker(clock);
        block_until(&**clock, None, || self.fan_out.poll_resume(&mut key, &waker).then_some(()));
        // It goes on with the slot, and keeps it whatever the other does.
        let another = self.another_in_line();
        assert!(self.slots.leave(another.id).is_none());
    }

    /// The slot is in use until the parent ends.
    fn assert_in_use(&self) {
        let another = self.another_in_line();
        _ = self.parent.settle();
        self.parent.end_with_value();
        assert_eq!(self.alone.launched(), [another.id], "the slot is lost");
    }
}

#[test]
fn p36_threads_that_wait_and_go_on_have_the_slot_again() {
    check(2, || {
        let with_slot = Arc::new(WithSlot::new());
        let threads = [(); 2].map(|()| {
            let with_slot = with_slot.clone();
            thread::spawn(move || with_slot.one_waits_for_a_while())
        });
        for thread in threads {
            thread.join().unwrap();
        }
        with_slot.assert_in_use();
    });
}

#[test]
fn p36_one_that_goes_on_while_the_last_begins_to_wait() {
    check(4, || {
        let with_slot = Arc::new(WithSlot::new());
        let goes_on = thread::spawn({
            let with_slot = with_slot.clone();
            move || with_slot.one_waits_for_a_while()
        });
        with_slot.fan_out.pause();
        goes_on.join().unwrap();
        with_slot.assert_in_use();
    });
}

#[test]
fn p36_the_last_thread_that_ends_leaves_the_slot_to_the_body() {
    check(3, || {
        let with_slot = WithSlot::new();
        let body = thread::spawn({
            let fan_out = with_slot.fan_out.clone();
            move || {
                fan_out.body_waits();
                fan_out.resume();
            }
        });
        with_slot.fan_out.thread_ended();
        body.join().unwrap();
        with_slot.assert_in_use();
    });
}
