//! Leaving although 64 bodies do not stop, whatever they were told.

use std::collections::HashSet;
use std::hint::black_box;
use std::io::Write;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Barrier, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use worker_core::{ShutdownReport, WorkerManager};
use worker_ui_bridge::UiBridge;

const GRACE: Duration = Duration::from_millis(300);

/// Two cores, of which the bodies and other tests take all they can get.
const MARGIN: Duration = Duration::from_secs(5);

const BODIES: usize = 64;

/// Starts bodies that never stop, each in its own way, and returns when all of them run.
fn start(workers: &WorkerManager) -> u32 {
    let running = Arc::new(Barrier::new(BODIES + 1));
    let locked = Arc::new(Mutex::new(()));
    let mut line = 0;
    for number in 0..BODIES {
        let (running, locked) = (running.clone(), locked.clone());
        let body = move |_: &worker_core::WorkerContext| -> worker_core::Result<()> {
            let (_sender, nothing) = mpsc::channel::<()>();
            running.wait();
            match number % 8 {
                0 => loop {
                    black_box(number);
                },
                1 => loop {
                    std::thread::yield_now();
                },
                2 => loop {
                    std::thread::park();
                },
                3 => loop {
                    std::thread::sleep(Duration::from_hours(1));
                },
                4 => loop {
                    let _held = locked.lock().unwrap_or_else(PoisonError::into_inner);
                    std::thread::sleep(Duration::from_hours(1));
                },
                5 => drop(outlive()),
                6 => drop(running.wait()),
                _ => drop(nothing.recv()),
            }
            unreachable!("the process has exited long before");
        };
        line = line!() + 1;
        workers.worker(format!("deaf {number}")).exit_on_error(false).thread(body);
    }
    running.wait();
    line
}

/// Checks what a shutdown that began at `began` says of them.
fn check(report: &ShutdownReport, began: Instant, line: u32) {
    let took = began.elapsed();
    assert!(took >= GRACE && took < GRACE + MARGIN, "it took {took:?}");
    let names: HashSet<&str> = report.abandoned.iter().map(|abandoned| abandoned.worker.name()).collect();
    assert_eq!((report.abandoned.len(), names.len()), (BODIES, BODIES));
    for abandoned in &report.abandoned {
        assert!(abandoned.worker.is_running() && abandoned.worker.is_cancelled(), "{abandoned}");
        assert!(abandoned.running_for >= GRACE, "{abandoned}");
        assert!(abandoned.spawned_at.file().ends_with("leaving.rs"), "{abandoned}");
        assert_eq!(abandoned.spawned_at.line(), line);
        println!("{abandoned}");
    }
    println!("the shutdown took {} ms", took.as_millis());
}

pub(crate) fn with_bodies_that_do_not_stop() {
    let workers = WorkerManager::new();
    let line = start(&workers);
    let began = Instant::now();
    check(&workers.shutdown(GRACE), began, line);
}

/// The same on the UI thread, in a terminal that is taken and given back.
pub(crate) fn on_the_ui_thread() {
    let mut bridge = UiBridge::new();
    let workers = WorkerManager::builder().events(bridge.handle().state_changes(|(): &mut (), _| ())).build();
    print!("\x1b[?1049h\x1b[?25l");
    let line = start(&workers);
    let began = Instant::now();
    let report = bridge.shutdown(&mut (), &workers, GRACE);
    print!("\x1b[?25h\x1b[?1049l");
    check(&report, began, line);
}

/// A panic ends the program while the bodies run; the program's hook gives the terminal back.
pub(crate) fn with_a_panic() {
    let workers = WorkerManager::new();
    print!("\x1b[?1049h\x1b[?25l");
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print!("\x1b[?25h\x1b[?1049l");
        let _ = std::io::stdout().flush();
        previous(panic);
    }));
    let line = start(&workers);
    let began = Instant::now();
    check(&workers.shutdown(GRACE), began, line);
    panic!("the app panics on purpose");
}

/// Waits for a process that takes longer than the test. It holds no pipe of the test's.
fn outlive() -> std::io::Result<ExitStatus> {
    Command::new("sleep").arg("20").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
}
