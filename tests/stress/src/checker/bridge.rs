//! P3, P18, P19: what arrives on the UI thread, in which order, and what is answered.

use std::collections::BTreeMap;

use worker_core::WorkerState;

use super::Findings;
use super::life::{Life, Lives};
use crate::history::{Answer, CaseNumber, Delivery, Observation, Stamp, What};

pub(super) fn check(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    let cases = [life.number];
    check_order(life, findings);
    check_numbers(life, findings);
    check_errors(life, findings);
    check_answers(lives, &life.log, &cases, Some(life), findings);
    check_told(lives, life, findings);
    if lives.ending.is_drained {
        check_all_shown(life, findings);
    }
}

/// What was sent outside every body.
pub(super) fn check_outside(lives: &Lives<'_>, findings: &mut Findings) {
    check_answers(lives, &lives.history.outside(), &[], None, findings);
}

/// What is told of its end: once, after its terminal event, and not of a cancel.
fn check_told(lives: &Lives<'_>, life: &Life, findings: &mut Findings) {
    let mut to_be_told: BTreeMap<usize, u32> = BTreeMap::new();
    let mut shown = None;
    for seen in &life.log {
        match seen.what {
            What::ToBeTold { number } => _ = to_be_told.insert(number, 0),
            What::Shown { state, .. } => shown = Some(state),
            What::Told { number, state } => {
                *to_be_told.entry(number).or_default() += 1;
                let is_after = matches!(shown, Some(WorkerState::Success | WorkerState::Error));
                findings.expect(is_after && shown == Some(state), "P40", &[life.number], || {
                    format!("the UI had seen {shown:?} when it was told of its end: {seen}")
                });
                let closed = lives.closed.is_some_and(|closed| closed.until < seen.stamp);
                findings.expect(!closed, "P19", &[life.number], || {
                    format!("after the bridge was closed: {seen}")
                });
            }
            _ => {}
        }
    }
    let must_be_told = lives.ending.is_drained && !lives.may_be_revoked(life);
    for (number, times) in to_be_told {
        let fits = times == 1 || (times == 0 && !must_be_told);
        findings.expect(fits, "P40", &[life.number], || {
            format!("the UI was told of its end {times} times by callback {number}")
        });
    }
}

/// Running, its callbacks, the terminal event.
fn check_order(life: &Life, findings: &mut Findings) {
    let mut shown: Vec<WorkerState> = Vec::new();
    for seen in &life.log {
        match seen.what {
            What::Shown { state, .. } => shown.push(state),
            // A timer may be due later.
            What::Ran { delivery: Delivery::Timer, .. } => {}
            What::Ran { .. } | What::Progressed => {
                let is_running = shown.last() == Some(&WorkerState::Running);
                findings.expect(is_running, "P3", &[life.number], || {
                    format!("the UI had seen {shown:?} when this ran: {seen}")
                });
            }
            _ => {}
        }
    }
    let path = life.log.iter().filter_map(|seen| match seen.what {
        What::Emitted { state, .. } => Some(state),
        _ => None,
    });
    // The bridge may have been closed before the rest.
    let is_beginning = shown.iter().copied().eq(path.take(shown.len()));
    findings.expect(is_beginning, "P3", &[life.number], || format!("the UI has seen {shown:?}"));
}

/// Callbacks run in the order in which they were sent. Those of `post_latest` may take the place of
/// an earlier one.
fn check_numbers(life: &Life, findings: &mut Findings) {
    let numbers = life.log.iter().filter_map(|seen| match seen.what {
        What::Ran {
            number,
            delivery: Delivery::Post | Delivery::TryPost | Delivery::Call | Delivery::AsyncCall,
        } => Some(number),
        _ => None,
    });
    let numbers: Vec<usize> = numbers.collect();
    findings.expect(numbers.is_sorted(), "P3", &[life.number], || {
        format!("its callbacks ran in the order {numbers:?}")
    });
}

/// An error comes out of the loop once, if it should.
fn check_errors(life: &Life, findings: &mut Findings) {
    let count = |is: fn(&What) -> bool| life.log.iter().filter(|seen| is(&seen.what)).count();
    let failed = count(|what| matches!(what, What::LoopFailed));
    let reported = count(|what| matches!(what, What::Shown { reported: true, .. }));
    findings.expect(failed == reported, "P18", &[life.number], || {
        format!("its error should have ended {reported} turns of the loop, and has ended {failed}")
    });
}

/// Every event was shown.
fn check_all_shown(life: &Life, findings: &mut Findings) {
    let count = |is: fn(&What) -> bool| life.log.iter().filter(|seen| is(&seen.what)).count();
    let shown = count(|what| matches!(what, What::Shown { .. }));
    let emitted = count(|what| matches!(what, What::Emitted { .. }));
    findings.expect(shown == emitted, "P2, P3", &[life.number], || {
        format!("{emitted} events were emitted, and the UI has seen {shown}")
    });
}

/// What was answered, and whether the callback ran.
fn check_answers(
    lives: &Lives<'_>,
    log: &[Observation],
    cases: &[CaseNumber],
    sender: Option<&Life>,
    findings: &mut Findings,
) {
    let mut ran: BTreeMap<usize, Vec<Stamp>> = BTreeMap::new();
    for seen in log {
        if let What::Ran { number, .. } = seen.what {
            ran.entry(number).or_default().push(seen.stamp);
        }
        let is_ui = matches!(seen.what, What::Ran { .. } | What::Shown { .. } | What::Progressed);
        let closed = lives.closed.is_some_and(|closed| closed.until < seen.stamp);
        findings.expect(!is_ui || !closed, "P19", cases, || format!("after the bridge was closed: {seen}"));
    }
    for seen in log {
        let What::Sent { number, delivery, since, on_ui, answer } = seen.what else { continue };
        let runs = ran.get(&number).map_or(0, Vec::len);
        let may_be_cancelled = sender
            .is_some_and(|sender| sender.spec.limit.is_some() || lives.first_cancel(sender) < seen.stamp);
        let is_closed = lives.closed.is_some_and(|closed| closed.until < since);
        let may_be_closed = lives.closed.is_some_and(|closed| closed.since < seen.stamp);
        let is_call = matches!(delivery, Delivery::Call | Delivery::AsyncCall);
        let is_refused = delivery == Delivery::Call && on_ui;
        let fits = match answer {
            Answer::Done if delivery == Delivery::Timer => true,
            Answer::Done => !is_closed && !is_refused && (!is_call || runs == 1),
            Answer::Closed => may_be_closed && runs == 0,
            Answer::Cancelled => may_be_cancelled && (is_call || runs == 0),
            Answer::Panicked => is_call && runs == 1,
            Answer::Full => delivery == Delivery::TryPost && !on_ui && runs == 0,
            Answer::UiThread => is_refused && runs == 0,
            Answer::Other => false,
        };
        findings.expect(fits && runs <= 1, "P14, P15, P19", cases, || {
            format!("its callback ran {runs} times, and the sender was told: {seen}")
        });
        let is_lost = lives.ending.is_drained
            && answer == Answer::Done
            && !matches!(delivery, Delivery::Latest | Delivery::Timer)
            && runs == 0
            && sender.is_none_or(|sender| !lives.may_be_revoked(sender));
        findings.expect(!is_lost, "P3", cases, || format!("its callback never ran: {seen}"));
    }
}
