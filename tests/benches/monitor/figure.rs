//! One figure and its target, and the table of all of them.

use std::time::Duration;

/// What was measured, and the most it may be.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) measured: f64,
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
}

impl Figure {
    pub(crate) fn milliseconds(what: impl Into<String>, measured: Duration, most: f64) -> Self {
        Self { what: what.into(), measured: measured.as_secs_f64() * 1e3, most, unit: "ms" }
    }

    pub(crate) fn seconds(what: impl Into<String>, measured: Duration, most: f64) -> Self {
        Self { what: what.into(), measured: measured.as_secs_f64(), most, unit: "s" }
    }

    pub(crate) fn megabytes(what: impl Into<String>, kilobytes: u32, most: f64) -> Self {
        Self { what: what.into(), measured: f64::from(kilobytes) / 1024.0, most, unit: "MB" }
    }

    pub(crate) fn is_met(&self) -> bool {
        self.measured <= self.most
    }
}

/// The value that so many hundredths of the measurements do not exceed.
pub(crate) fn percentile(measured: &[Duration], hundredths: usize) -> Duration {
    let mut sorted = measured.to_vec();
    sorted.sort();
    let index = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

pub(crate) fn print(figures: &[Figure]) {
    let widest = figures.iter().map(|figure| figure.what.chars().count()).max().unwrap_or(0);
    println!("{:widest$}  {:>12}  {:>12}", "", "measured", "target");
    for figure in figures {
        let Figure { what, measured, most, unit } = figure;
        let (measured, most) = (format!("{measured:.3} {unit}"), format!("≤ {most} {unit}"));
        let verdict = if figure.is_met() { "ok" } else { "MISSED" };
        println!("{what:widest$}  {measured:>12}  {most:>12}  {verdict}");
    }
}
