//! Two threads that wake each other in turns, and nothing else: what the two switches of a round trip cost by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};

use crate::measure::each;

/// Round trips between the calling thread, which is the one that must run the rounds, and another.
pub(crate) fn round(trips: u32) -> impl FnMut() -> f64 {
    let other = Other::start();
    move || each(trips, || (0..trips).for_each(|_| other.round_trip()))
}

struct Other {
    /// Whether it is the other thread's turn.
    turn: Arc<AtomicBool>,
    quit: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Other {
    fn start() -> Self {
        let (turn, quit) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (caller, its_turn, told) = (thread::current(), turn.clone(), quit.clone());
        let thread = thread::spawn(move || {
            while !told.load(Ordering::Acquire) {
                if its_turn.swap(false, Ordering::AcqRel) {
                    caller.unpark();
                } else {
                    thread::park();
                }
            }
        });
        Self { turn, quit, thread: Some(thread) }
    }

    fn round_trip(&self) {
        self.turn.store(true, Ordering::Release);
        self.thread().unpark();
        while self.turn.load(Ordering::Acquire) {
            thread::park();
        }
    }

    fn thread(&self) -> &Thread {
        self.thread.as_ref().expect("there until dropped").thread()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.quit.store(true, Ordering::Release);
        self.thread().unpark();
        self.thread.take().map(JoinHandle::join);
    }
}
