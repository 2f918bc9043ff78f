//! Models of the wake-ups of the UI thread: parked in the bridge's own loop, or in a foreign one.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use worker_core::blocking::block_until;

use super::support::{StillClock, body, bridge, builder, check, manager};
use crate::sync::thread::current;

#[test]
fn p30_posts_that_meet_the_park_are_run() {
    check(3, || {
        let mut bridge = bridge();
        let posts = [1, 2].map(|value| {
            let ui = bridge.handle();
            thread::spawn(move || ui.post(move |values: &mut Vec<u32>| values.push(value)).unwrap())
        });
        let mut values = Vec::new();
        while values.len() < 2 {
            bridge.wait(&mut values).unwrap();
        }
        posts.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(values == [1, 2] || values == [2, 1], "{values:?}");
    });
}

#[test]
fn p21_a_foreign_loop_is_woken_once_for_each_first_entry() {
    check(3, || {
        let (ui_thread, wakes) = (current(), Arc::new(AtomicUsize::new(0)));
        let woken = wakes.clone();
        let wake = move || {
            woken.fetch_add(1, Ordering::SeqCst);
            ui_thread.unpark();
        };
        let mut bridge = builder().waker(wake).build();
        let posts = thread::spawn({
            let ui = bridge.handle();
            move || {
                (1..=2).for_each(|value| ui.post(move |values: &mut Vec<u32>| values.push(value)).unwrap())
            }
        });
        let (clock, mut seen, mut taken, mut values) = (StillClock::new(), 0, 0, Vec::new());
        while values.len() < 2 {
            let woken = || Some(wakes.load(Ordering::SeqCst)).filter(|wakes| *wakes > seen);
            seen = block_until(&*clock, None, woken).expect("no deadline");
            loop {
                let pumped = bridge.pump(&mut values).unwrap();
                taken += usize::from(pumped.ran() > 0);
                if !pumped.more() {
                    break;
                }
            }
        }
        posts.join().unwrap();
        assert_eq!(values, [1, 2], "P3");
        assert_eq!(wakes.load(Ordering::SeqCst), taken);
    });
}

#[test]
fn p15_a_wait_for_a_worker_sees_its_end_and_what_it_posted() {
    check(3, || {
        let (mut bridge, workers) = (bridge(), manager());
        let (worker, run) = body(&workers, "posts", {
            let ui = bridge.handle();
            move || ui.post(|values: &mut Vec<u32>| values.push(1)).unwrap()
        });
        let posts = thread::spawn(run);
        let mut values = Vec::new();
        bridge.wait_for(&mut values, &worker).unwrap();
        assert_eq!(values, [1]);
        posts.join().unwrap();
    });
}
