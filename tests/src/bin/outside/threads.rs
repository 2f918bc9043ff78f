//! Threads that cannot be made: the process runs under a limit of its address space, and takes all
//! of it that a thread's stack would need.

use std::sync::mpsc;
use std::time::Duration;

use worker_core::{WaitError, Worker, WorkerError, WorkerManager, WorkerState};
use worker_ui_bridge::{PumpError, UiBridge};

/// The stack of a thread where the test is not about the default one, far more than anything else
/// here takes.
const STACK: usize = 128 << 20;

/// What is left when no more stack of two MiB fits.
const LEFT: usize = 3 << 19;

/// Takes the address space, so that no thread can be made until this is dropped.
struct Ballast(#[expect(dead_code, reason = "it is held, not read")] Vec<Vec<u8>>);

impl Ballast {
    fn take() -> Self {
        let left = reserve(LEFT);
        let mut taken = Vec::with_capacity(1024);
        for piece in [64 << 20, 4 << 20, 1 << 20, 1 << 18] {
            while taken.len() < taken.capacity()
                && let Some(block) = reserve(piece)
            {
                taken.push(block);
            }
        }
        assert!(taken.len() < taken.capacity(), "the address space has no limit");
        drop(left);
        let thread = std::thread::Builder::new().spawn(|| ());
        assert!(thread.is_err(), "a thread can still be made");
        Self(taken)
    }
}

fn reserve(bytes: usize) -> Option<Vec<u8>> {
    let mut block = Vec::new();
    block.try_reserve_exact(bytes).ok().map(|()| block)
}

/// Checks that a worker ended in Error for want of a thread, and that this says so.
fn assert_not_started<T: Send + Sync + 'static>(worker: &Worker<T>) {
    assert_eq!(worker.state(), WorkerState::Error);
    let Some(WorkerError::NoThread(_)) = worker.error() else { panic!("{:?}", worker.error()) };
    let text = worker.error().map(ToString::to_string).unwrap_or_default();
    assert!(text.starts_with("could not be started: "), "{text}");
    assert!(matches!(worker.wait(), Err(WaitError::Worker(WorkerError::NoThread(_)))));
    println!("{worker}: {text}");
}

/// Workers that have threads go on; those without end in Error; later ones start again.
pub(crate) fn cannot_be_made() {
    let mut bridge = UiBridge::builder().build();
    let mut seen: Vec<(String, WorkerState)> = Vec::new();
    let events = bridge.handle().state_changes(|seen: &mut Vec<_>, event| {
        seen.push((event.worker.name().to_owned(), event.state));
    });
    let workers = WorkerManager::builder().events(events).build();
    let others = WorkerManager::new();

    let (release, released) = mpsc::channel::<()>();
    let (ask, asked) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel::<()>();
    let (handle, also_begun) = (bridge.handle(), begun.clone());
    let early = others.worker("early").thread(move |_| {
        begun.send(())?;
        released.recv()?;
        // It has its thread, so it can call the UI, start others, and wait for them.
        let calls = handle.call_from_thread(|seen: &mut Vec<_>| seen.len())?;
        Ok(calls)
    });
    // It is alone in its pool: its child is refused if no thread can come in its place.
    let alone = WorkerManager::new();
    let children = alone.clone();
    let parent = alone.worker("parent").thread(move |_| {
        also_begun.send(())?;
        asked.recv()?;
        let child = children.worker("child").exit_on_error(false).thread(|_| Ok(7));
        Ok(child.wait().copied().map_err(|error| error.to_string()))
    });

    // A thread that begins takes address space and gives some of it back: room for another.
    for _ in 0..2 {
        has_begun.recv().expect("both begin");
    }
    let ballast = Ballast::take();
    let refused: Vec<Worker<()>> =
        (0..3).map(|_| workers.worker("refused").thread(|_| panic!("there is no thread"))).collect();
    let error = bridge.pump(&mut seen).expect_err("the default is that a worker's error ends the loop");
    assert!(matches!(error, PumpError::Worker { .. }), "{error:?}");
    assert!(error.to_string().contains("could not be started"), "{error}");
    for worker in &refused {
        assert_not_started(worker);
    }
    while seen.len() < 6 {
        let _ = bridge.pump(&mut seen);
    }
    let one = [("refused".to_owned(), WorkerState::Pending), ("refused".to_owned(), WorkerState::Error)];
    seen.sort_by_key(|(_, state)| *state == WorkerState::Error);
    assert_eq!(seen.iter().filter(|event| **event == one[0]).count(), 3);
    assert_eq!(seen.iter().filter(|event| **event == one[1]).count(), 3);
    assert!(workers.is_empty());

    // Those that have a thread go on.
    release.send(()).expect("it waits");
    let calls = bridge.wait_for(&mut seen, &early).expect("it has a thread");
    assert_eq!(*calls, 6);
    ask.send(()).expect("it waits");
    let child = bridge.wait_for(&mut seen, &parent).expect("it has a thread");
    println!("{}", child.as_ref().expect_err("there is no thread for the child"));

    drop(ballast);
    let later = workers.worker("later").thread(|_| Ok(1));
    assert_eq!(*bridge.wait_for(&mut seen, &later).expect("there are threads again"), 1);
    assert!(workers.shutdown(Duration::from_secs(20)).is_clean());
    assert!(others.shutdown(Duration::from_secs(20)).is_clean());
    assert!(alone.shutdown(Duration::from_secs(20)).is_clean());
}

/// The library's other threads: that of the time limits, a source's, the watchdog's.
pub(crate) fn helpers_cannot_be_made() {
    let workers = WorkerManager::new();
    let warm = workers.worker("warm").thread(|_| Ok(()));
    warm.wait().expect("there are threads");

    let ballast = Ballast::take();
    let mut bridge = UiBridge::builder().on_stall(Duration::from_millis(1), |_| ()).build();
    let source = bridge.handle().source("keys", || None::<()>, |(): &mut (), _| ());
    println!("a source: {}", source.expect_err("there is no thread for it"));
    let limited = workers.worker("limited").timeout(Duration::from_hours(1)).thread(|_| Ok(()));
    assert_not_started(&limited);
    // The pool's thread is there.
    let unlimited = workers.worker("unlimited").thread(|_| Ok(2));
    assert_eq!(*bridge.wait_for(&mut (), &unlimited).expect("it has a thread"), 2);
    bridge.handle().post(|()| ()).expect("the bridge works without a watchdog");
    assert_eq!(bridge.pump(&mut ()).expect("a turn").ran(), 1);

    drop(ballast);
    let limited = workers
        .worker("limited")
        .timeout(Duration::from_millis(1))
        .thread(|cx| Ok(cx.sleep(Duration::from_hours(1))?));
    let late = bridge.wait_for(&mut (), &limited);
    assert!(
        late.is_err() && limited.error().is_some_and(WorkerError::is_timeout),
        "the limit's thread is made later"
    );
    bridge.handle().source("keys", || None::<()>, |(): &mut (), _| ()).expect("there are threads again");
    bridge.wait(&mut ()).expect("a reading");
    assert!(workers.shutdown(Duration::from_secs(20)).is_clean());
}

/// There are threads for some: the others wait for them, and none is refused.
pub(crate) fn are_fewer_than_workers() {
    let workers = WorkerManager::builder().stack_size(STACK).build();
    let started: Vec<_> = (0..64)
        .map(|_| {
            workers.worker("w").thread(|cx| {
                cx.sleep(Duration::from_millis(10))?;
                Ok(std::thread::current().id())
            })
        })
        .collect();
    let threads: std::collections::HashSet<_> =
        started.iter().map(|worker| *worker.wait().expect("a thread is left")).collect();
    println!("64 workers on {} threads", threads.len());
    assert!((1..16).contains(&threads.len()), "the limit did not bind");
    assert!(workers.shutdown(Duration::from_secs(20)).is_clean());
}
