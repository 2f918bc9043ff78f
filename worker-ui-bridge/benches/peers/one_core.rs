//! [`OneCore`]: pins threads to one core.
//!
//! If two threads wake each other, the time depends on the cores that the system chooses: waking an
//! idle core of a virtual machine may take tens of times as long as switching threads on one core.
//! The choice differs from run to run. On one core the figures hardly vary.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// While it lives, the calling thread runs on one core. The threads that it makes meanwhile do so
/// until they end.
pub(crate) struct OneCore {
    #[cfg(target_os = "linux")]
    before: CpuSet,
}

impl OneCore {
    /// `None` if the system does not allow it.
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
        // If this fails, the following rows are measured on one core, too.
        let _ = sched_setaffinity(None, &self.before);
    }
}
