//! A row on one core.
//!
//! Where two threads wake each other, much depends on where the system puts them: waking an idle core of a virtual machine may
//! take tens of times as long as switching threads on one. What the system chooses differs from run to run; on one core the
//! figures hardly do.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// While it lives, the calling thread runs on one core, and so do the threads that it makes, for as long as *they* live.
pub(crate) struct OneCore {
    #[cfg(target_os = "linux")]
    before: CpuSet,
}

impl OneCore {
    /// `None` where the system does not allow it.
    #[cfg(target_os = "linux")]
    pub(crate) fn pin() -> Option<Self> {
        let before = sched_getaffinity(None).ok()?;
        let mut one = CpuSet::new();
        one.set((0..CpuSet::MAX_CPU).find(|core| before.is_set(*core))?);
        sched_setaffinity(None, &one).ok()?;
        Some(Self { before })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn pin() -> Option<Self> {
        None
    }
}

#[cfg(target_os = "linux")]
impl Drop for OneCore {
    fn drop(&mut self) {
        // It was so before; at worst the rows that follow are measured on one core, too.
        let _ = sched_setaffinity(None, &self.before);
    }
}
