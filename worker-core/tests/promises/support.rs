//! Bodies that stop where a test wants them, and a record of what was emitted.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use worker_core::{
    AnyWorker, ManagerBuilder, Result, StateChanged, WorkerContext, WorkerManager, WorkerState,
};

/// The test's end of a body that waits: see [`hold`].
pub(crate) struct Hold {
    entered: Receiver<()>,
    release: Sender<()>,
}

/// The body's end.
pub(crate) struct Held {
    entered: Sender<()>,
    release: Receiver<()>,
}

/// A meeting point: the body calls [`Held::wait`], the test [`Hold::entered`] and then
/// [`Hold::release`].
pub(crate) fn hold() -> (Hold, Held) {
    let (entered, body_entered) = bounded(1);
    let (release, body_release) = bounded(1);
    (Hold { entered: body_entered, release }, Held { entered, release: body_release })
}

impl Hold {
    /// Blocks until the body is there.
    pub(crate) fn entered(&self) {
        self.entered.recv().expect("the body never came");
    }

    /// Lets the body go on, now or when it comes.
    pub(crate) fn release(&self) {
        self.release.send(()).expect("the body is gone");
    }
}

impl Held {
    /// Says that the body is here, and blocks until the test lets it go on. Ignores cancels, like
    /// real blocking work.
    pub(crate) fn wait(&self) {
        // A test that has ended no longer listens.
        let _ = self.entered.send(());
        let _ = self.release.recv();
    }
}

/// Cancels a worker while its body waits, lets the body go on, and requires that the worker ends
/// cancelled.
pub(crate) fn cancel_inside(body: impl FnOnce(&WorkerContext, &Held) -> Result<()> + Send + 'static) {
    let (inside, held) = hold();
    let worker = WorkerManager::new().worker("w").thread(move |cx| body(cx, &held));
    inside.entered();
    worker.cancel();
    inside.release();
    assert!(worker.wait().is_err_and(|error| error.is_cancelled()));
}

/// Everything a manager has emitted.
pub(crate) struct Log(worker_core::Receiver<StateChanged>);

/// A manager and the record of its events.
pub(crate) fn recorded(builder: ManagerBuilder) -> (WorkerManager, Log) {
    let workers = builder.build();
    let log = Log(workers.subscribe());
    (workers, log)
}

impl Log {
    /// What came since the last look, in order.
    pub(crate) fn take(&self) -> Vec<StateChanged> {
        self.0.try_iter().collect()
    }

    /// The states among it that are of one worker.
    pub(crate) fn states_of(&self, worker: &AnyWorker) -> Vec<WorkerState> {
        self.take().into_iter().filter(|event| event.worker == *worker).map(|event| event.state).collect()
    }

    /// Blocks until `worker` enters `state`.
    pub(crate) fn until(&self, worker: &AnyWorker, state: WorkerState) {
        self.0.iter().find(|event| event.worker == *worker && event.state == state);
    }
}

/// Runs `test` on a thread of its own and fails, instead of hanging, if it does not end.
pub(crate) fn with_time_limit(test: impl FnOnce() + Send + 'static) {
    let (done, ended) = bounded::<()>(1);
    let thread = std::thread::spawn(move || {
        let _done = done; // dropped at the end, also at that of a panic
        test();
    });
    let hangs = ended.recv_timeout(Duration::from_secs(20)) == Err(RecvTimeoutError::Timeout);
    assert!(!hangs, "the test did not end within 20 s");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
