//! P32: a cancelled worker says why, the first reason stays, and it is one that there was.

use worker_core::{CancelReason, Restart, WorkerState};

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{Cause, Deed, Kind, Spec, What};

pub(super) fn check(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    let mut first: Option<CancelReason> = None;
    for seen in &life.log {
        let (is_cancelled, reason) = match &seen.what {
            What::Cancelled { is_cancelled, reason, .. } => (*is_cancelled, reason),
            What::Final { is_cancelled, state, reason, .. } => {
                (*is_cancelled || *state == WorkerState::Cancelled, reason)
            }
            _ => continue,
        };
        findings.expect(!is_cancelled || reason.is_some(), "P32", &[life.number], || {
            "it is cancelled and says no reason".to_owned()
        });
        // Of two looks, the one that is recorded later may have been the earlier.
        let stays = first.is_none() || reason.is_none() || first == *reason;
        findings
            .expect(stays, "P32", &[life.number], || format!("its reason was {first:?}, then {reason:?}"));
        first = first.or_else(|| reason.clone());
    }
    if let Some(reason) = &first {
        findings.expect(is_possible(lives, life, reason), "P32", &[life.number], || {
            format!("its reason is {reason}, which there was not")
        });
    }
}

fn is_possible(lives: &Lives<'_>, life: &Life, reason: &CancelReason) -> bool {
    let is_in_its_way = |id, does: fn(&Spec) -> bool| {
        let other = lives.all.iter().find(|other| other.id == Some(id));
        other.is_none_or(|other| other.spec.shares_lane(&life.spec) && does(&other.spec))
    };
    let has = |deed: fn(Deed) -> bool| lives.operations.iter().any(|done| deed(done.deed));
    match reason {
        CancelReason::Requested => was_requested(lives, life),
        CancelReason::Superseded { by, .. } => {
            let does = |spec: &Spec| spec.supersedes() || spec.restart == Restart::KeepLatest;
            by.id() != life.id.unwrap_or(by.id()) && is_in_its_way(by.id(), does)
        }
        CancelReason::Skipped { under_way, .. } => {
            life.spec.restart == Restart::KeepPrevious && is_in_its_way(under_way.id(), |_| true)
        }
        CancelReason::ScopeDropped => has(|deed| matches!(deed, Deed::DropScope(_))),
        CancelReason::Parent => life.spec.parent.is_some(),
        CancelReason::TimedOut => life.spec.limit.is_some(),
        CancelReason::Shutdown => has(|deed| deed == Deed::Shutdown),
        CancelReason::LoopClosed => life.spec.kind == Kind::Task,
        _ => false,
    }
}

fn was_requested(lives: &Lives<'_>, life: &Life) -> bool {
    let of_itself = life.log.iter().any(|seen| {
        matches!(seen.what, What::Cancelled { cause: Cause::Handle | Cause::Group | Cause::Scope, .. })
    });
    let asks = |deed| matches!(deed, Deed::CancelScope(_) | Deed::CancelGroup(..));
    of_itself || lives.operations.iter().any(|done| asks(done.deed) && lives.covers(life, done.deed).0)
}
