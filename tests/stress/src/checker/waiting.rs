//! P14, P15: every wait has the right answer, and those that would never end are refused.

use std::collections::BTreeSet;

use worker_core::{Restart, WorkerState};

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{CaseNumber, Stamp, Wait, WaitAnswer, Way};

pub(super) fn check(lives: &Lives<'_>, findings: &mut Findings) {
    for wait in &lives.waits {
        let Some(target) = lives.get(wait.target) else { continue };
        let concerned = || -> Vec<CaseNumber> {
            // Those that the target waited for meanwhile explain a circle.
            let further = lives.waits.iter().filter(|other| {
                other.waiter == Some(wait.target) && other.since < wait.until && other.until > wait.since
            });
            let further = further.map(|other| other.target).collect::<BTreeSet<_>>();
            let these = [Some(wait.target), wait.waiter].into_iter().flatten();
            let others =
                further.into_iter().filter(|case| *case != wait.target && Some(*case) != wait.waiter);
            these.chain(others).collect()
        };
        let is_right = is_right(lives, wait, target);
        let cases: Vec<CaseNumber> = if is_right { Vec::new() } else { concerned() };
        findings
            .expect(is_right, "P14, P15", &cases, || format!("a wait for it was answered wrongly: {wait:?}"));
    }
}

fn is_right(lives: &Lives<'_>, wait: &Wait, target: &Life) -> bool {
    let Some(last) = target.last else { return true };
    // Final, though a sink may not have returned from its event yet, and a wait goes on until then.
    let is_final = target.ended_by() < wait.since;
    let is_over = lives.waits.iter().any(|other| {
        let is_answered = matches!(other.answer, WaitAnswer::Value | WaitAnswer::Ended(_));
        other.target == wait.target && is_answered && !other.on_ui && other.until < wait.since
    });
    let waits_for_itself = wait.waiter == Some(wait.target);
    let is_unstarted = target.spec.paused && target.started_by.is_none_or(|by| by > wait.since);
    let is_blocking = matches!(wait.way, Way::Blocking | Way::Limited(_));
    if waits_for_itself {
        return matches!(wait.answer, WaitAnswer::Deadlock | WaitAnswer::Dropped);
    }
    match wait.answer {
        WaitAnswer::Value => last.state == WorkerState::Success,
        WaitAnswer::Ended(kind) => last.error == Some(kind),
        WaitAnswer::Deadlock => {
            let is_circle = |waiter| reaches(lives, wait, target, waiter);
            !is_over && wait.waiter.is_some_and(is_circle)
        }
        WaitAnswer::UiThread => wait.on_ui && is_blocking && !is_final,
        WaitAnswer::NotStarted => is_unstarted && !is_final,
        WaitAnswer::Timeout => match wait.way {
            Way::Limited(limit) => !is_over && !wait.on_ui && wait.took >= limit,
            _ => false,
        },
        WaitAnswer::WaiterCancelled => wait
            .waiter
            .and_then(|waiter| lives.get(waiter))
            .is_some_and(|waiter| waiter.spec.limit.is_some() || lives.first_cancel(waiter) < wait.until),
        WaitAnswer::LoopEnded => wait.way == Way::Pumping,
        // A future in a loop is dropped when its worker is cancelled or its loop goes; a pumping
        // loop when a callback panics.
        WaitAnswer::Dropped => matches!(wait.way, Way::Async | Way::Pumping),
        WaitAnswer::Other => false,
    }
}

/// Whether `target` is, or may have waited for, the waiter at some moment of the refused wait.
fn reaches(lives: &Lives<'_>, refused: &Wait, target: &Life, waiter: CaseNumber) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![target]);
    while let Some(life) = open.pop() {
        if life.number == waiter {
            return true;
        }
        if !seen.insert(life.number) {
            continue;
        }
        let waits = lives.waits.iter().filter(|wait| {
            wait.waiter == Some(life.number) && wait.since < refused.until && wait.until > refused.since
        });
        open.extend(waits.filter_map(|wait| lives.get(wait.target)));
        // Its start may be held back by others of its group.
        let is_held = matches!(life.spec.restart, Restart::AfterPrevious | Restart::KeepLatest)
            && life.began.unwrap_or(Stamp::MAX) > refused.since;
        if is_held {
            open.extend(lives.all.iter().filter(|other| other.spec.shares_lane(&life.spec)));
        }
    }
    false
}
