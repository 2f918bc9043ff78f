//! [`when_finished`]: calls a function once a worker has finished and its terminal event is out.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::sync::primitives::Mutex;
use crate::worker::handle::AnyWorker;
use crate::worker::waker_set::Waiters;

/// Calls `f` once, when the worker has finished and its terminal event is out: at once, if it is.
/// On whatever thread that is, under no lock.
pub fn when_finished(worker: &AnyWorker, f: impl FnOnce() + Send + 'static) {
    let call = Arc::new(CallOnce(Mutex::new(Some(Box::new(f)))));
    let key = worker.0.finished.register(None, Waker::from(call.clone()));
    if worker.0.lifecycle.terminal_event_sent() {
        worker.0.finished.unregister(key);
        call.wake();
    }
}

/// A waker that calls a function the first time.
struct CallOnce(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Wake for CallOnce {
    fn wake(self: Arc<Self>) {
        let f = self.0.lock().take();
        if let Some(f) = f {
            f();
        }
    }
}
