//! What handles are: sent, shared, compared, shown.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::MutexGuard;

use worker_core::{AnyWorker, Blocking, Result, Scope, Worker, WorkerContext, WorkerManager, work};

/// Shared, but never sent.
type Guard = MutexGuard<'static, ()>;

/// Whether a type implements an auto trait, as a constant. An inherent constant is found before
/// that of a trait, if its bound holds.
macro_rules! implements {
    ($type:ty: $bound:path) => {{
        #[allow(dead_code, reason = "unused where the bound holds")]
        trait Otherwise {
            const YES: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "unused where the bound does not hold")]
        impl<T: ?Sized + $bound> Probe<T> {
            const YES: bool = true;
        }
        <Probe<$type>>::YES
    }};
}

#[test]
fn p42_a_blocking_value_is_sent_and_shared_exactly_if_its_content_is() {
    const {
        assert!(implements!(Blocking<u8>: Send) && implements!(Blocking<u8>: Sync));
        assert!(implements!(Blocking<Cell<u8>>: Send) && !implements!(Blocking<Cell<u8>>: Sync));
        assert!(!implements!(Blocking<Rc<u8>>: Send) && !implements!(Blocking<Rc<u8>>: Sync));
        assert!(!implements!(Blocking<Guard>: Send) && implements!(Blocking<Guard>: Sync));
    }
}

#[test]
fn p17_handles_may_be_used_across_a_caught_panic() {
    fn may_cross<T: UnwindSafe + RefUnwindSafe>() {}
    may_cross::<WorkerManager>();
    may_cross::<Scope>();
    may_cross::<AnyWorker>();
    may_cross::<Worker<Cell<u8>>>();

    let workers = WorkerManager::new();
    let worker = workers.worker("w").paused().thread(|_| Ok(1));
    let scope = workers.scope("s");
    let caught: std::thread::Result<()> = catch_unwind(|| {
        worker.start();
        let _worker: Worker<()> = scope.worker("v").thread(|cx| Ok(cx.sleep(std::time::Duration::MAX)?));
        std::panic::resume_unwind(Box::new("unwinds"))
    });
    assert!(caught.is_err());
    assert_eq!((worker.wait().unwrap(), scope.workers().len()), (&1, 1));
}

#[test]
fn p29_handles_are_shown_in_one_line() {
    let workers = WorkerManager::new();
    let scope = workers.scope("screen");
    let worker = scope.worker("fetch").paused().thread(|_| Ok(()));
    let (id, any) = (worker.id().get(), AnyWorker::from(worker.clone()));
    let shown = format!("Worker {{ id: {id}, name: \"fetch\", state: Pending }}");
    assert_eq!((format!("{worker:?}"), format!("{any:?}")), (shown.clone(), shown));
    assert_eq!(format!("{scope:?}"), "Scope { name: \"screen\", workers: 1 }");
    assert_eq!(format!("{workers:?}"), "WorkerManager { workers: 1 }");
}

#[work(thread)]
fn follow(_cx: &WorkerContext, workers: WorkerManager, first: AnyWorker, steps: u32) -> Result<usize> {
    first.wait()?;
    Ok(workers.len() + steps as usize)
}

#[test]
fn s19_handles_among_the_arguments_keep_a_description_short() {
    let workers = WorkerManager::new();
    let first: AnyWorker = workers.worker("first").paused().thread(|_| Ok(())).into();
    let worker = follow(&workers, workers.clone(), first.clone(), 3);
    let first_shown = format!("Worker {{ id: {}, name: \"first\", state: Pending }}", first.id().get());
    let expected = format!("follow(workers: WorkerManager {{ workers: 1 }}, first: {first_shown}, steps: 3)");
    assert_eq!(worker.description(), expected);
    first.start();
}

#[test]
#[expect(clippy::mutable_key_type, reason = "a worker is hashed by its number, which never changes")]
fn s22_a_worker_is_a_key_under_each_of_its_handles() {
    let workers = WorkerManager::new();
    let start = || workers.worker("w").paused().thread(|_| Ok(()));
    let (one, other) = (start(), start());
    let mut rows: HashMap<AnyWorker, &str> = HashMap::from([((*one).clone(), "one")]);
    rows.insert(other.clone().into(), "other");
    assert_eq!((rows.get(&*one), rows.get(&*other)), (Some(&"one"), Some(&"other")));
    let typed: HashMap<Worker<()>, u8> = HashMap::from([(one.clone(), 1), (one, 2), (other, 3)]);
    assert_eq!(typed.len(), 2);
}
