//! P34 and P35: what is delayed does not begin early, and a retry makes the attempts that it may.

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{Deed, Retried, RetryEnd, Stamp, What};

pub(super) fn check(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    check_delay(lives, life, findings);
    for seen in &life.log {
        if let What::Retried(retried) = seen.what {
            check_retry(lives, life, seen.stamp, retried, findings);
        }
    }
}

/// Only where nobody ended its delay by another `start()`.
fn check_delay(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    let Some((running, at)) = life.running else { return };
    let is_hastened =
        life.log.iter().any(|seen| matches!(seen.what, What::Released { since } if since < running))
            || lives.operations.iter().any(|done| done.deed == Deed::StartAll && done.since < running);
    if life.spec.paused || is_hastened {
        return;
    }
    let called = life.log.first().map_or(at, |seen| seen.time);
    findings.expect(at.saturating_sub(called) >= life.spec.delay, "P34", &[life.number], || {
        format!("its delay is {:?}, and it began after {:?}", life.spec.delay, at.saturating_sub(called))
    });
}

fn check_retry(lives: &Lives<'_>, life: &Life, returned: Stamp, retried: Retried, findings: &mut Findings) {
    let Retried { allowed, succeeds_at, attempts, went_on_after_cancel, was_early, end } = retried;
    findings.expect(attempts <= allowed, "P35", &[life.number], || format!("too many attempts: {retried:?}"));
    findings.expect(!went_on_after_cancel, "P35", &[life.number], || {
        format!("an attempt after the cancel: {retried:?}")
    });
    findings.expect(!was_early, "P35", &[life.number], || format!("a pause was too short: {retried:?}"));
    let may_be_cancelled = lives.first_cancel(life) < returned || life.spec.limit.is_some();
    let fits = match end {
        RetryEnd::Succeeded => attempts == succeeds_at,
        RetryEnd::Failed(number) => {
            number == attempts && attempts < succeeds_at && (attempts == allowed || may_be_cancelled)
        }
        RetryEnd::Cancelled => may_be_cancelled,
    };
    findings.expect(fits, "P35", &[life.number], || format!("it returned what it should not: {retried:?}"));
}
