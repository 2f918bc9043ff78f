//! P5, P6, P12: what holds once a cancel has returned, and that no cancel comes from nowhere.

use worker_core::{Restart, WorkerState};

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{Cause, Deed, ErrorKind, Operation, Stamp, What};

pub(super) fn check(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    for seen in &life.log {
        if let What::Cancelled { cause, after, is_cancelled, is_revoked, on_ui, .. } = seen.what {
            check_request(life, cause, after, is_cancelled, is_revoked, findings);
            check_consequences(life, seen.stamp, after, is_cancelled, on_ui, findings);
        }
    }
    check_cause(lives, life, findings);
    check_closed(lives, life, findings);
    check_child(lives, life, findings);
}

/// The request itself is seen at once.
fn check_request(
    life: &Life,
    cause: Cause,
    after: WorkerState,
    is_cancelled: bool,
    is_revoked: bool,
    findings: &mut Findings,
) {
    let promise = if cause == Cause::ScopeDrop { "P12" } else { "P5" };
    let is_seen = is_cancelled || (cause != Cause::Handle && after.is_finished());
    findings.expect(is_seen, promise, &[life.number], || {
        format!("after a cancel ({cause:?}) had returned it was {after} and not cancelled")
    });
    findings.expect(is_revoked, "P6", &[life.number], || {
        format!("after a cancel ({cause:?}) had returned its callbacks were not revoked")
    });
}

/// What may not happen any more.
fn check_consequences(
    life: &Life,
    returned: Stamp,
    after: WorkerState,
    is_cancelled: bool,
    on_ui: bool,
    findings: &mut Findings,
) {
    if after == WorkerState::Pending {
        findings.expect(life.began.is_none(), "P5, P12", &[life.number], || {
            "it was pending when a cancel of it had returned, and its body ran".to_owned()
        });
    }
    let lasted = life.left_at().is_some_and(|left| left > returned);
    if lasted && is_cancelled {
        let fits = life.last.is_none_or(|last| {
            matches!(last.error, Some(ErrorKind::Cancelled | ErrorKind::Panicked | ErrorKind::TimedOut))
        });
        findings.expect(fits, "P5", &[life.number], || {
            format!("it was cancelled before its body left, and ended as {:?}", life.last)
        });
    }
    let callback = |what: &What| matches!(what, What::Ran { .. } | What::Progressed);
    let later = life.log.iter().find(|seen| seen.stamp > returned && callback(&seen.what));
    if let Some(later) = later.filter(|_| on_ui) {
        findings.expect(false, "P6", &[life.number], || {
            format!("a cancel had returned on the UI thread at {returned}, and then: {later}")
        });
    }
}

/// A worker that is cancelled was cancelled by something.
fn check_cause(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    let Some(last) = life.last else { return };
    if last.state != WorkerState::Cancelled {
        return;
    }
    let has_cause = lives.first_cancel(life) < life.ended_by() || may_be_skipped(lives, life);
    // The others of its group may explain it.
    let others =
        lives.all.iter().filter(|other| other.spec.shares_lane(&life.spec) && other.number != life.number);
    let cases: Vec<_> = if has_cause {
        Vec::new()
    } else {
        [life.number].into_iter().chain(others.map(|other| other.number)).collect()
    };
    findings.expect(has_cause, "P5, P10, P11", &cases, || {
        "it ended in Cancelled, and nothing has cancelled it".to_owned()
    });
}

/// Whether another worker was active when a `KeepPrevious` was decided about.
fn may_be_skipped(lives: &Lives<'_>, life: &Life) -> bool {
    // At its creation, and, if it was created paused, again at its start.
    let decisions = [
        (life.start_called, life.start_returned.unwrap_or(Stamp::MAX)),
        (life.decided_from, life.started_by.unwrap_or(life.ended_by())),
    ];
    life.spec.restart == Restart::KeepPrevious
        && life.began.is_none()
        && lives.all.iter().any(|other| {
            other.number != life.number
                && other.spec.shares_lane(&life.spec)
                && decisions.into_iter().any(|(from, by)| may_be_active(lives, other, from, by))
        })
}

/// Whether a worker may have been active at some moment of a span.
fn may_be_active(lives: &Lives<'_>, life: &Life, from: Stamp, by: Stamp) -> bool {
    let started_from = if life.spec.paused { life.decided_from } else { life.start_called };
    let cancelled_before = life.cancels.iter().any(|(_, returned)| *returned < from);
    // One that was itself skipped was never active.
    let was_skipped = life.spec.restart == Restart::KeepPrevious
        && life.began.is_none()
        && lives.first_cancel(life) > life.ended_by();
    started_from < by && life.ended_by() > from && !cancelled_before && !was_skipped
}

/// Nothing runs that was started after its scope had been dropped, or its manager shut down.
fn check_closed(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    for Operation { deed, until, .. } in &lives.operations {
        let (promise, covers) = match deed {
            Deed::DropScope(scope) => ("P12", lives.history.is_within(life.spec.scope, *scope)),
            Deed::Shutdown => ("P26", true),
            _ => continue,
        };
        let is_late = covers && *until < life.start_called;
        findings.expect(!is_late || life.began.is_none(), promise, &[life.number], || {
            format!("its body ran, though it was started after {deed:?}")
        });
    }
}

/// A child is cancelled with its parent.
fn check_child(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    let Some(parent) = life.spec.parent.and_then(|parent| lives.get(parent)) else { return };
    let Some(last) = life.last else { return };
    let left = parent.left_at().unwrap_or(Stamp::MAX);
    let cancelled = parent
        .log
        .iter()
        .any(|seen| matches!(seen.what, What::Cancelled { is_cancelled: true, .. }) && seen.stamp < left);
    let is_reached = life.start_returned.is_some() && (last.is_cancelled || ended_before(life, left));
    findings.expect(!cancelled || is_reached, "P12", &[life.number, parent.number], || {
        "its parent was cancelled in its body, and it was not".to_owned()
    });
}

/// Whether a worker may have ended before `stamp`.
fn ended_before(life: &Life, stamp: Stamp) -> bool {
    life.left_at().is_some_and(|left| left < stamp)
}
