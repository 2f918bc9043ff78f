//! What the process uses, as Linux tells it; elsewhere `None`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::time::{ClockId, clock_gettime};

/// The CPU time of the whole process, ended threads included.
pub(crate) fn cpu_of_process() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).ok();
    #[cfg(not(target_os = "linux"))]
    None
}

/// The CPU time of the calling thread.
pub(crate) fn cpu_of_thread() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).ok();
    #[cfg(not(target_os = "linux"))]
    None
}

/// Counts the process's threads each millisecond.
pub(crate) struct ThreadCount {
    stopped: Arc<AtomicBool>,
    counter: JoinHandle<Option<usize>>,
}

impl ThreadCount {
    pub(crate) fn start() -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let is_stopped = stopped.clone();
        let before = threads().map(|others| others + 1);
        let counter = std::thread::spawn(move || {
            let before = before?;
            let mut most = before;
            while !is_stopped.load(Relaxed) {
                most = most.max(threads()?);
                std::thread::sleep(Duration::from_millis(1));
            }
            Some(most - before)
        });
        Self { stopped, counter }
    }

    /// The most threads that there were beside those at the start.
    pub(crate) fn stop(self) -> Option<usize> {
        self.stopped.store(true, Relaxed);
        self.counter.join().expect("counting does not panic")
    }
}

fn threads() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()
}
