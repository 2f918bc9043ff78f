//! P33: of the workers of one concurrency limit, no more hold a slot than it has, and who comes
//! first has it first.
//!
//! A body holds one from its beginning until it leaves, but for the times in which it may have
//! given it back. A worker that was cancelled goes on without, so after its first pause nothing is
//! known of it. One that stood in line when another was started has its slot when that other
//! begins, though its own body may begin later.

use worker_core::Restart;

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{CaseNumber, LIMITS, Stamp, What};

pub(super) fn check(lives: &Lives<'_>, findings: &mut Findings) {
    for (limit, slots) in LIMITS.into_iter().enumerate() {
        let of_limit = || lives.all.iter().filter(|life| life.spec.concurrency == Some(limit));
        let mut changes: Vec<(Stamp, bool, CaseNumber)> = Vec::new();
        for life in of_limit() {
            let mut times = held(life);
            if let (Some((from, _)), Some(lined_up)) = (times.first_mut(), lined_up(life)) {
                let later = of_limit().filter(|other| other.start_called > lined_up);
                *from = later.filter_map(|other| other.began).fold(*from, Stamp::min);
            }
            for (from, until) in times {
                changes.extend([(from, true, life.number), (until, false, life.number)]);
            }
        }
        changes.sort_unstable();
        let mut holders = Vec::new();
        for (stamp, takes, case) in changes {
            if takes {
                holders.push(case);
            } else {
                holders.retain(|holder| *holder != case);
            }
            findings.expect(holders.len() <= slots, "P33", &holders, || {
                format!("at {stamp} these had a slot at once, and their limit is {slots}")
            });
        }
    }
}

/// When the worker stood in line at the latest, if nothing held it back before. That it began says
/// that it was not cancelled there.
fn lined_up(life: &Life) -> Option<Stamp> {
    let spec = &life.spec;
    let comes_at_once = !spec.paused && spec.delay.is_zero() && spec.restart == Restart::Parallel;
    life.start_returned.filter(|_| comes_at_once)
}

/// The times in which a body has its slot for sure.
fn held(life: &Life) -> Vec<(Stamp, Stamp)> {
    let is_sure = life.last.is_some_and(|last| !last.is_cancelled) && life.spec.limit.is_none();
    let (mut held, mut since, mut pauses) = (Vec::new(), None, 0_u32);
    for seen in &life.log {
        match seen.what {
            What::Began => since = Some(seen.stamp),
            What::Pauses => {
                pauses += 1;
                held.extend(since.take().map(|since| (since, seen.stamp)));
            }
            What::GoesOn => {
                pauses = pauses.saturating_sub(1);
                since = (pauses == 0 && is_sure).then_some(seen.stamp);
            }
            What::Left(_) => held.extend(since.take().map(|since| (since, seen.stamp))),
            _ => {}
        }
    }
    held
}
