//! Models of `Slots`: a slot that is left against what comes to the line, leaves it, and returns to
//! it.

use std::sync::Arc;

use loom::thread;

use super::support::{Alone, Made, check};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::lifecycle::StartCondition;
use crate::worker::record::Record;
use crate::worker::slot_pause::SlotPause;
use crate::worker::slots::Slots;

/// Workers that share one slot.
struct OneSlot {
    alone: Arc<Alone>,
    slots: Arc<Slots<Arc<Record>>>,
}

impl OneSlot {
    fn new() -> Self {
        Self { alone: Alone::new(), slots: Arc::new(Slots::new(1)) }
    }

    /// A worker that [arrives] at the slot when it is released.
    fn worker(&self) -> Arc<Record> {
        let met = vec![StartCondition::Announced];
        self.alone.make(Made { met, slots: Some(self.slots.clone()), ..Made::default() })
    }

    fn arrived(&self) -> Arc<Record> {
        let worker = self.worker();
        arrives(&worker);
        worker
    }

    fn was_launched(&self, worker: &Record) -> bool {
        self.alone.launched().contains(&worker.id)
    }

    /// Nobody is inside or in line: another is launched at once.
    fn assert_free(&self) {
        assert_eq!(self.slots.waiting(), 0);
        let another = self.arrived();
        assert!(self.was_launched(&another), "the slot is lost");
    }
}

fn arrives(worker: &Arc<Record>) {
    worker.meet(StartCondition::Released);
}

/// Ends a worker that has not begun.
fn ends(worker: &Arc<Record>) {
    worker.cancel(CancelReason::Requested);
}

#[test]
fn p33_a_slot_that_is_left_goes_to_the_one_that_arrives() {
    check(3, || {
        let one = OneSlot::new();
        let (first, second) = (one.arrived(), one.worker());
        let arrival = thread::spawn({
            let second = second.clone();
            move || arrives(&second)
        });
        ends(&first);
        arrival.join().unwrap();
        assert_eq!(one.alone.launched(), [first.id, second.id]);
    });
}

#[test]
fn p33_a_cancel_in_the_line_against_the_slot_that_is_left() {
    check(3, || {
        let one = OneSlot::new();
        let (first, second) = (one.arrived(), one.arrived());
        let cancels = thread::spawn({
            let second = second.clone();
            move || ends(&second)
        });
        ends(&first);
        cancels.join().unwrap();
        one.assert_free();
    });
}

#[test]
fn p33_a_cancel_against_the_arrival_leaves_nothing_in_line() {
    check(3, || {
        let one = OneSlot::new();
        let (first, second) = (one.arrived(), one.worker());
        let cancels = thread::spawn({
            let second = second.clone();
            move || ends(&second)
        });
        arrives(&second);
        cancels.join().unwrap();
        assert_eq!(one.slots.waiting(), 0);
        ends(&first);
        one.assert_free();
    });
}

/// One that has begun and has given its slot to the second, which has not.
fn paused_behind_another(one: &OneSlot) -> (SlotPause, Arc<Record>, Arc<Record>) {
    let (first, second) = (one.arrived(), one.arrived());
    assert!(first.begin());
    let pause = SlotPause::begin(&first).expect("it has a slot");
    assert!(one.was_launched(&second));
    (pause, first, second)
}

#[test]
fn p33_one_that_comes_back_against_the_slot_that_is_left() {
    check(3, || {
        let one = OneSlot::new();
        let (pause, first, second) = paused_behind_another(&one);
        // A thread of its own: loom cannot join from a thread that still has an unpark.
        let comes_back = thread::spawn(move || pause.end());
        ends(&second);
        comes_back.join().unwrap();
        let third = one.arrived();
        assert!(!one.was_launched(&third), "the first has the slot again");
        _ = first.settle();
        first.end_with_value();
        assert!(one.was_launched(&third));
    });
}

#[test]
fn p33_a_cancel_of_one_that_comes_back_loses_no_slot() {
    check(2, || {
        let one = OneSlot::new();
        let (pause, first, second) = paused_behind_another(&one);
        let comes_back = thread::spawn({
            let first = first.clone();
            move || {
                pause.end();
                _ = first.settle();
                first.end_cancelled();
            }
        });
        ends(&first);
        ends(&second);
        comes_back.join().unwrap();
        one.assert_free();
    });
}
