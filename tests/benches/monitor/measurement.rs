//! [`Measurement`]: a measured value and its target; [`print`]: the table of all of them.

use std::time::Duration;

/// A measured value and the maximum it may have.
#[derive(Clone, Debug)]
pub(crate) struct Measurement {
    pub(crate) name: String,
    pub(crate) measured: f64,
    pub(crate) target: f64,
    pub(crate) unit: &'static str,
}

impl Measurement {
    pub(crate) fn milliseconds(name: impl Into<String>, measured: Duration, target: f64) -> Self {
        Self { name: name.into(), measured: measured.as_secs_f64() * 1e3, target, unit: "ms" }
    }

    pub(crate) fn seconds(name: impl Into<String>, measured: Duration, target: f64) -> Self {
        Self { name: name.into(), measured: measured.as_secs_f64(), target, unit: "s" }
    }

    pub(crate) fn megabytes(name: impl Into<String>, kilobytes: u32, target: f64) -> Self {
        Self { name: name.into(), measured: f64::from(kilobytes) / 1024.0, target, unit: "MB" }
    }

    pub(crate) fn meets_target(&self) -> bool {
        self.measured <= self.target
    }
}

/// The percentile: the smallest value that this many percent of the measurements do not exceed.
pub(crate) fn percentile(measured: &[Duration], hundredths: usize) -> Duration {
    let mut sorted = measured.to_vec();
    sorted.sort();
    let index = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

pub(crate) fn print(measurements: &[Measurement]) {
    let widest = measurements.iter().map(|measurement| measurement.name.chars().count()).max().unwrap_or(0);
    println!("{:widest$}  {:>12}  {:>12}", "", "measured", "target");
    for measurement in measurements {
        let Measurement { name, measured, target, unit } = measurement;
        let (measured, target) = (format!("{measured:.3} {unit}"), format!("≤ {target} {unit}"));
        let verdict = if measurement.meets_target() { "ok" } else { "MISSED" };
        println!("{name:widest$}  {measured:>12}  {target:>12}  {verdict}");
    }
}
