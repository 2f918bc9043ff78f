//! Models of turns that are awaited, against what wakes them.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use super::support::{bridge, check};

/// Unparks a thread of the model.
struct Unpark {
    thread: thread::Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// Polls until the future is ready, and only after a wake.
fn block_on<F: Future>(future: F) -> F::Output {
    let unpark = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(true) });
    let (mut future, waker) = (pin!(future), Waker::from(unpark.clone()));
    loop {
        if unpark.woken.swap(false, Ordering::SeqCst)
            && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
        {
            return output;
        }
        thread::park();
    }
}

#[test]
fn p39_a_push_wakes_a_turn_that_is_being_awaited() {
    check(None, || {
        let mut bridge = bridge();
        let ui = bridge.handle();
        let posts = thread::spawn(move || ui.post(|values| values.push(1)).unwrap());
        let mut values = Vec::new();
        while values.is_empty() {
            block_on(bridge.turn(&mut values)).unwrap();
        }
        posts.join().unwrap();
    });
}

#[test]
fn p39_a_turn_that_is_dropped_takes_no_wake_from_the_next() {
    check(3, || {
        let mut bridge = bridge();
        let ui = bridge.handle();
        let posts = thread::spawn(move || ui.post(|values| values.push(1)).unwrap());
        let mut values = Vec::new();
        // Polled once, and dropped.
        let _ = pin!(bridge.turn(&mut values)).poll(&mut Context::from_waker(Waker::noop()));
        while values.is_empty() {
            block_on(bridge.turn(&mut values)).unwrap();
        }
        posts.join().unwrap();
        assert_eq!(values, [1]);
    });
}
