//! Models of timers that another thread clears, sets or drops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

use loom::sync::atomic::AtomicBool;
use loom::thread;
use worker_core::LocalSpawn;

use super::support::{StillClock, bridge, check};
use crate::turn::bridge::UiBridge;

#[test]
fn p24_a_timer_does_not_run_in_a_turn_after_its_clear() {
    check(None, || {
        let clock = StillClock::new();
        let mut bridge = UiBridge::builder().clock(clock.clone()).build();
        let timer = bridge.set_interval(Duration::from_millis(1), |ticks: &mut u32| *ticks += 1);
        let cleared = Arc::new(AtomicBool::new(false));
        let clears = thread::spawn({
            let (ui, cleared) = (bridge.handle(), cleared.clone());
            move || {
                ui.clear(timer);
                cleared.store(true, Ordering::Release);
            }
        });
        let mut ticks = 0;
        for _ in 0..2 {
            clock.tick();
            let (was_cleared, before) = (cleared.load(Ordering::Acquire), ticks);
            bridge.pump(&mut ticks).unwrap();
            let ran = ticks - before;
            assert!(!was_cleared || ran == 0, "it ran after it was cleared");
            assert!(was_cleared || ran <= 1);
        }
        clears.join().unwrap();
        assert_eq!(bridge.next_deadline(), None);
    });
}

#[test]
fn p24_each_of_two_clears_is_seen() {
    check(None, || {
        let mut bridge = UiBridge::builder().clock(StillClock::new()).build();
        let timers = [1, 2].map(|_| bridge.set_timeout(Duration::from_millis(1), |(): &mut ()| {}));
        let clears = thread::spawn({
            let ui = bridge.handle();
            move || timers.into_iter().for_each(|timer| ui.clear(timer))
        });
        bridge.pump(&mut ()).unwrap();
        clears.join().unwrap();
        assert_eq!(bridge.next_deadline(), None);
    });
}

/// Counts its wakes.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn p24_a_wakeup_that_is_set_while_the_loop_goes_to_sleep_is_called() {
    check(None, || {
        let (mut bridge, woken) = (bridge(), Arc::new(Woken::default()));
        let sets = thread::spawn({
            let (ui, waker) = (bridge.handle(), Waker::from(woken.clone()));
            move || {
                let guard = ui.wake_at(ui.now(), waker);
                // It is wanted until the model ends.
                std::mem::forget(guard);
            }
        });
        let mut values = Vec::new();
        while woken.0.load(Ordering::SeqCst) == 0 {
            bridge.wait(&mut values).unwrap();
        }
        sets.join().unwrap();
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn p24_a_wakeup_that_is_dropped_leaves_no_timer() {
    check(None, || {
        let mut bridge = bridge();
        let drops = thread::spawn({
            let ui = bridge.handle();
            move || {
                let guard = ui.wake_at(ui.now() + Duration::from_millis(1), Waker::noop().clone());
                thread::yield_now(); // its timer may be set before it is dropped
                drop(guard);
            }
        });
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        drops.join().unwrap();
        bridge.pump(&mut values).unwrap();
        assert_eq!(bridge.next_deadline(), None);
    });
}
