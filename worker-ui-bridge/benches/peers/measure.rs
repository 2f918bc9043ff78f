//! [`Effort`], how much is measured, and the statistics of what was measured.

use std::time::{Duration, Instant};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// Ours and each peer run so many rounds, after one to warm up.
    Measured { rounds: usize },
    /// One short round, to check that it runs. Its figures mean nothing.
    Trial,
}

impl Default for Effort {
    fn default() -> Self {
        Self::Measured { rounds: 21 }
    }
}

impl Effort {
    pub(crate) fn is_trial(self) -> bool {
        matches!(self, Self::Trial)
    }

    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::Measured { rounds } => rounds,
            Self::Trial => 1,
        }
    }

    /// The number of operations in a round that has `full` of them when measured.
    pub(crate) fn count(self, full: u32) -> u32 {
        match self {
            Self::Measured { .. } => full,
            Self::Trial => full.div_ceil(1000),
        }
    }
}

/// The time that `work` takes, in nanoseconds for each of its `count` operations.
pub(crate) fn each(count: u32, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    nanoseconds(start.elapsed()) / f64::from(count)
}

pub(crate) fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

pub(crate) fn median(samples: &[f64]) -> f64 {
    quantile(samples, 0.5)
}

/// The smallest sample that at least this share of the samples do not exceed (nearest rank).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "there are few samples, and the share is between 0 and 1"
)]
pub(crate) fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted[rank.saturating_sub(1)]
}
