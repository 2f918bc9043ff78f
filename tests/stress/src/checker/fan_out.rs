//! P36: what the parts of a fan-out return, in order, and how many run at once.

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{FanOutEnd, FannedOut, What};

pub(super) fn check(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    for seen in &life.log {
        let What::FannedOut(done) = seen.what else { continue };
        let FannedOut { at_once, most, fails, tries, is_within_failing, end, .. } = done;
        findings.expect(most <= at_once.max(1), "P36", &[life.number], || {
            format!("too many parts at once: {done:?}")
        });
        let may_be_cancelled =
            is_within_failing || lives.first_cancel(life) < seen.stamp || life.spec.limit.is_some();
        let fits = match end {
            FanOutEnd::AsPlanned => !tries || fails.is_none(),
            FanOutEnd::Failed => tries && fails.is_some(),
            FanOutEnd::PartlyCancelled | FanOutEnd::Cancelled => may_be_cancelled,
            FanOutEnd::Mixed => false,
        };
        findings.expect(fits, "P36", &[life.number], || format!("it returned what it should not: {done:?}"));
    }
}
