//! Two threads that unpark each other in turns, and nothing else: the cost of the two thread
//! switches of a round trip.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};

use crate::measure::each;

/// Round trips between the calling thread, which must also run the rounds, and another thread.
pub(crate) fn round(trips: u32) -> impl FnMut() -> f64 {
    let partner = PartnerThread::start();
    move || each(trips, || (0..trips).for_each(|_| partner.round_trip()))
}

struct PartnerThread {
    /// Whether it is the partner's turn.
    turn: Arc<AtomicBool>,
    quit: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PartnerThread {
    fn start() -> Self {
        let (turn, quit) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (caller, partner_turn, must_quit) = (thread::current(), turn.clone(), quit.clone());
        let thread = thread::spawn(move || {
            while !must_quit.load(Ordering::Acquire) {
                if partner_turn.swap(false, Ordering::AcqRel) {
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
        self.thread.as_ref().expect("taken by `drop` only").thread()
    }
}

impl Drop for PartnerThread {
    fn drop(&mut self) {
        self.quit.store(true, Ordering::Release);
        self.thread().unpark();
        self.thread.take().map(JoinHandle::join);
    }
}
