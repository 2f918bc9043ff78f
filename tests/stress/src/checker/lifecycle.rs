//! P1, P2, P4, P9: the path of states, its events, the result, the time limit.

use std::time::Duration;

use worker_core::WorkerState::{self, Cancelled, Error, Pending, Running, Success};

use super::Findings;
use super::life::Life;
use crate::history::{ErrorKind, Leaving, What};

/// How long after its limit a worker may end: its body reacts within a moment, but the machine may
/// be busy.
const LATEST_END: Duration = Duration::from_secs(5);

pub(super) fn check(life: &Life, findings: &mut Findings) {
    check_events(life, findings);
    check_looks(life, findings);
    check_result(life, findings);
    check_body(life, findings);
    check_limit(life, findings);
}

/// The states that the emitted events tell, in order.
fn emitted(life: &Life) -> Vec<WorkerState> {
    let state = |what: &What| match what {
        What::Emitted { state, .. } => Some(*state),
        _ => None,
    };
    life.log.iter().filter_map(|seen| state(&seen.what)).collect()
}

fn check_events(life: &Life, findings: &mut Findings) {
    let path = emitted(life);
    let is_legal = match path.as_slice() {
        [Pending, Cancelled | Error] => true,
        [Pending, Running, last] => last.is_finished(),
        _ => false,
    };
    findings.expect(is_legal, "P1, P2", &[life.number], || format!("its events are {path:?}"));
    for seen in &life.log {
        if let What::Emitted { state, now, .. } = seen.what {
            findings.expect(state == now, "P2", &[life.number], || {
                format!("inside the sink of {state} its state was {now}")
            });
        }
    }
    let subscribed: Vec<WorkerState> = life
        .log
        .iter()
        .filter_map(|seen| if let What::Subscribed(state) = seen.what { Some(state) } else { None })
        .collect();
    findings.expect(subscribed == path, "P2", &[life.number], || {
        format!("the sink saw {path:?} and a subscriber {subscribed:?}")
    });
    let Some(last) = life.last else { return };
    findings.expect(path.last() == Some(&last.state), "P1", &[life.number], || {
        format!("its last event is of {:?}, and its state in the end {}", path.last(), last.state)
    });
}

fn check_looks(life: &Life, findings: &mut Findings) {
    let Some((ended, _, last)) = life.terminal else { return };
    for seen in &life.log {
        let (state, since) = match seen.what {
            What::Seen { state, since, .. } => (state, since),
            What::Cancelled { after, since, .. } => (after, since),
            _ => continue,
        };
        findings.expect(!state.is_finished() || state == last, "P1", &[life.number], || {
            format!("it was seen in {state}, and ended in {last}")
        });
        findings.expect(since <= ended || state == last, "P1", &[life.number], || {
            format!("it was seen in {state} after its terminal event")
        });
        let has_begun = life.running.is_some_and(|(running, _)| since > running);
        findings.expect(!has_begun || state != Pending, "P1", &[life.number], || {
            "it was seen pending after its event of Running".to_owned()
        });
    }
}

fn check_result(life: &Life, findings: &mut Findings) {
    for seen in &life.log {
        let (What::Emitted { state, has_result, .. }
        | What::Shown { state, has_result, .. }
        | What::Seen { state, has_result, .. }
        | What::Final { state, has_result, .. }) = seen.what
        else {
            continue;
        };
        // An event of a former state may be read when the worker is further on.
        let is_event_of_the_past = matches!(seen.what, What::Shown { .. }) && !state.is_finished();
        findings.expect(
            is_event_of_the_past || has_result == (state == Success),
            "P4",
            &[life.number],
            || format!("in {state} its result is {}", if has_result { "there" } else { "missing" }),
        );
    }
}

fn check_body(life: &Life, findings: &mut Findings) {
    let count = |is: fn(&What) -> bool| life.log.iter().filter(|seen| is(&seen.what)).count();
    let (began, left) =
        (count(|what| matches!(what, What::Began)), count(|what| matches!(what, What::Left(_))));
    findings.expect(began <= 1 && left == began, "P1", &[life.number], || {
        format!("its body began {began} times and left {left} times")
    });
    let Some(last) = life.last else { return };
    findings.expect(life.began.is_none() || life.running.is_some(), "P1", &[life.number], || {
        "its body ran, and no event says Running".to_owned()
    });
    if let (Some(began), Some((running, _))) = (life.began, life.running) {
        findings.expect(running < began, "P3", &[life.number], || {
            "its body began before its event of Running".to_owned()
        });
    }
    if let Some(left) = life.left_at() {
        findings.expect(left < life.ended_by(), "P5", &[life.number], || {
            "its terminal event came before its body had left".to_owned()
        });
    }
    let leaving = life.left.map(|(_, leaving)| leaving);
    let fits = match (last.state, last.error) {
        (Success, None) => leaving == Some(Leaving::Returned),
        (Error, Some(ErrorKind::Failed)) => leaving == Some(Leaving::Failed),
        (Error, Some(ErrorKind::Panicked)) => leaving == Some(Leaving::Panicking) || life.spec.fragile,
        (Error, Some(ErrorKind::TimedOut)) => life.spec.limit.is_some() && life.running.is_some(),
        (Cancelled, Some(ErrorKind::Cancelled)) => leaving != Some(Leaving::Panicking),
        _ => false,
    };
    findings.expect(fits, "P1, P17", &[life.number], || {
        format!("it ended in {} with {:?}, and its body as {leaving:?}", last.state, last.error)
    });
}

fn check_limit(life: &Life, findings: &mut Findings) {
    let (Some(limit), Some((_, running)), Some((_, ended, _))) =
        (life.spec.limit, life.running, life.terminal)
    else {
        return;
    };
    let lasted = ended.saturating_sub(running);
    findings.expect(lasted < limit + LATEST_END, "P9", &[life.number], || {
        format!("its limit is {limit:?}, and it lasted {lasted:?}")
    });
    let is_timeout = life.last.is_some_and(|last| last.error == Some(ErrorKind::TimedOut));
    let called = life.log.first().map_or(running, |seen| seen.time);
    findings.expect(!is_timeout || ended.saturating_sub(called) >= limit, "P9", &[life.number], || {
        format!("it timed out after {lasted:?}, before its limit of {limit:?}")
    });
}
