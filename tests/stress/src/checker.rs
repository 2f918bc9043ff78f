//! [`check`]: judges a [`History`] by the promises, one module per family of them.
//!
//! It knows the promises' words and what was observed, and nothing of how the libraries work. Where
//! two things were concurrent it accepts either order.

mod bridge;
mod cancellation;
mod fan_out;
mod life;
mod lifecycle;
mod overlap;
mod patience;
mod reason;
mod slots;
mod waiting;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::history::{CaseNumber, History};
pub(crate) use life::Lives;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// `"P6"`.
    pub(crate) promise: &'static str,
    /// The workers that it is about, the culprit first.
    pub(crate) cases: Vec<CaseNumber>,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: worker {:?}: {}", self.promise, self.cases, self.what)
    }
}

/// Collects violations.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    /// Adds a violation unless `holds`.
    fn expect(
        &mut self,
        holds: bool,
        promise: &'static str,
        cases: &[CaseNumber],
        what: impl FnOnce() -> String,
    ) {
        if !holds {
            self.0.push(Violation { promise, cases: cases.to_vec(), what: what() });
        }
    }
}

/// Every promise that the episode has broken.
pub(crate) fn check(history: &History) -> Vec<Violation> {
    let lives = Lives::new(history);
    let mut findings = Findings::default();
    for life in &lives.all {
        lifecycle::check(life, &mut findings);
        cancellation::check(&lives, life, &mut findings);
        bridge::check(&lives, life, &mut findings);
        patience::check(&lives, life, &mut findings);
        fan_out::check(&lives, life, &mut findings);
        reason::check(&lives, life, &mut findings);
    }
    bridge::check_outside(&lives, &mut findings);
    overlap::check(&lives, &mut findings);
    slots::check(&lives, &mut findings);
    waiting::check(&lives, &mut findings);
    findings.0
}
