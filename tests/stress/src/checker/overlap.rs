//! P10, P11: what a start does about the others of its scope and group.

use worker_core::Restart;

use super::Findings;
use super::life::{Life, Lives};
use crate::history::Stamp;

pub(super) fn check(lives: &Lives<'_>, findings: &mut Findings) {
    for life in &lives.all {
        let others = lives.all.iter().filter(|other| other.number != life.number);
        for other in others.filter(|other| other.spec.shares_lane(&life.spec)) {
            check_exclusive(life, other, findings);
            check_order(life, other, findings);
            check_skip(lives, life, other, findings);
        }
    }
}

/// Of two exclusive starts one stays uncancelled, unless the other has ended before.
fn check_exclusive(life: &Life, other: &Life, findings: &mut Findings) {
    if !life.spec.supersedes() || !other.spec.supersedes() || life.number > other.number {
        return;
    }
    let is_uncancelled = |life: &Life| life.last.is_some_and(|last| !last.is_cancelled);
    let (Some(first), Some(second)) = (life.started_by, other.started_by) else { return };
    let left = |life: &Life| life.left_at().unwrap_or(0);
    let one_after_the_other = left(life) < second || left(other) < first;
    findings.expect(
        one_after_the_other || !is_uncancelled(life) || !is_uncancelled(other),
        "P10",
        &[life.number, other.number],
        || "two exclusive starts have left both uncancelled".to_owned(),
    );
}

/// Where workers must not overlap, one that was started before has stopped.
fn check_order(life: &Life, other: &Life, findings: &mut Findings) {
    if !matches!(life.spec.restart, Restart::AfterPrevious | Restart::KeepLatest) {
        return;
    }
    let was_before = other.started_by.is_some_and(|by| by < life.decided_from);
    let (Some(began), Some(_)) = (life.began, other.began) else { return };
    let has_left = other.left_at().is_some_and(|left| left < began);
    findings.expect(!was_before || has_left, "P11", &[life.number, other.number], || {
        format!("it began at {began} while the other, started before it, had not left")
    });
    let has_ended = other.ended_by() < life.running.map_or(Stamp::MAX, |(running, _)| running);
    findings.expect(!was_before || has_ended, "P11", &[life.number, other.number], || {
        "its event of Running came before the terminal event of the other, started before it".to_owned()
    });
}

/// `KeepPrevious` does not start beside one that is active.
fn check_skip(lives: &Lives<'_>, life: &Life, other: &Life, findings: &mut Findings) {
    if life.spec.restart != Restart::KeepPrevious || life.began.is_none() {
        return;
    }
    let Some(by) = life.started_by else { return };
    let was_before = other.started_by.is_some_and(|started| started < life.decided_from);
    findings.expect(
        !was_before || !other.was_surely_active_at(lives, by),
        "P11",
        &[life.number, other.number],
        || "it ran, although the other was active when it was started".to_owned(),
    );
}
