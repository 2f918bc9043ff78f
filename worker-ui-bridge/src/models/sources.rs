//! Models of a source that is paused while it reads.

use std::sync::Arc;
use std::task::Poll;

use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::support::{bridge, check};

#[test]
fn p41_no_read_begins_between_a_pause_and_the_resume() {
    check(2, || {
        let mut bridge = bridge();
        let (paused, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let read = {
            let (paused, reads) = (paused.clone(), reads.clone());
            move || {
                assert!(!paused.load(Ordering::SeqCst), "it reads although it is paused");
                let last = reads.fetch_add(1, Ordering::SeqCst) == 1;
                assert!(!paused.load(Ordering::SeqCst), "it was still reading");
                if last { Poll::Ready(None::<u32>) } else { Poll::Pending }
            }
        };
        let source = bridge.handle().source("keys", read, |values: &mut Vec<u32>, _| values.push(1)).unwrap();
        source.pause().unwrap();
        paused.store(true, Ordering::SeqCst);
        loom::thread::yield_now();
        paused.store(false, Ordering::SeqCst);
        source.resume();
        let mut values = Vec::new();
        while values.is_empty() {
            bridge.wait(&mut values).unwrap();
        }
    });
}

#[test]
fn p41_a_pause_waits_until_what_the_reader_has_taken_in_is_read() {
    check(2, || {
        let mut bridge = bridge();
        let (middle, reads) = (Arc::new(AtomicBool::new(false)), AtomicU32::new(0));
        let read = {
            let middle = middle.clone();
            // Two keys at once, of which the first is returned; then nothing, then the end.
            move || match reads.fetch_add(1, Ordering::SeqCst) {
                0 => {
                    middle.store(true, Ordering::SeqCst);
                    Poll::Ready(Some(1))
                }
                1 => {
                    middle.store(false, Ordering::SeqCst);
                    Poll::Pending
                }
                _ => Poll::Ready(None::<u32>),
            }
        };
        let source = bridge.handle().source("keys", read, |values: &mut Vec<u32>, _| values.push(1)).unwrap();
        source.pause().unwrap();
        assert!(!middle.load(Ordering::SeqCst), "a key was left for later");
        source.resume();
        let mut values = Vec::new();
        while values.len() < 2 {
            bridge.wait(&mut values).unwrap();
        }
    });
}
