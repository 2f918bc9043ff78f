//! Resource usage of a running process.

use std::fs;
use std::time::Duration;

use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

/// User and system time of all threads, including those that have ended.
///
/// # Panics
///
/// If there is no such process.
pub(crate) fn cpu_time(process: u32) -> Duration {
    let process = Pid::from_raw(process.try_into().expect("a process number"));
    let clock = clock_getcpuclockid(process).expect("the process is there");
    clock.now().expect("its clock can be read").into()
}

/// A value from `/proc/PID/status`, in kilobytes: `VmRSS` is what is resident now, `VmHWM` the
/// peak.
///
/// # Panics
///
/// If there is no such process, or no such value.
pub(crate) fn kilobytes(process: u32, name: &str) -> u32 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process is there");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .expect("the value is listed");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
