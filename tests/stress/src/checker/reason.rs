//! P32: a cancelled worker says why, the first reason stays, and it is one that there was.

use worker_core::{CancelReason, Restart, WorkerState};

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{Deed, Kind, What};

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
    let shares_lane = |id| {
        let other = lives.all.iter().find(|other| other.id == Some(id));
        other.is_none_or(|other| other.spec.shares_lane(&life.spec))
    };
    let has = |deed: fn(Deed) -> bool| lives.operations.iter().any(|done| deed(done.deed));
    match reason {
        CancelReason::Requested => true,
        CancelReason::Superseded { by, .. } => by.id() != life.id.unwrap_or(by.id()) && shares_lane(by.id()),
        CancelReason::Skipped { under_way, .. } => {
            life.spec.restart == Restart::KeepPrevious && shares_lane(under_way.id())
        }
        CancelReason::ScopeDropped => has(|deed| matches!(deed, Deed::DropScope(_))),
        CancelReason::Parent => life.spec.parent.is_some(),
        CancelReason::TimedOut => life.spec.limit.is_some(),
        CancelReason::Shutdown => has(|deed| deed == Deed::Shutdown),
        CancelReason::LoopClosed => life.spec.kind == Kind::Task,
        _ => false,
    }
}
