//! Starts of delayed workers, and starts that supersede one, beside undelayed ones that wait for
//! nothing but their `start()`. The targets are for the difference.

use std::time::Duration;

use worker_core::{WorkerBuilder, WorkerManager};

use crate::comparison::Comparison;
use crate::measure::{Effort, each};
use crate::table::{Line, Unit};

const STARTS: u32 = 10_000;
const LIMIT_NS: f64 = 1_000.0;
/// Pending workers with delays, beside which the others are started.
const OTHERS: u32 = 100_000;

pub(crate) fn of_a_start(effort: Effort) -> Vec<Line> {
    measure(effort, |worker| worker)
}

/// Each supersedes the one before.
pub(crate) fn of_a_restart(effort: Effort) -> Vec<Line> {
    measure(effort, WorkerBuilder::exclusive)
}

fn measure(effort: Effort, with: impl Fn(WorkerBuilder) -> WorkerBuilder) -> Vec<Line> {
    let count = effort.count(STARTS);
    let others = WorkerManager::new();
    for _ in 0..effort.count(OTHERS) {
        others.worker("other").delay(Duration::from_hours(2)).thread(|_| Ok(()));
    }
    let scope = others.scope("measured");
    let starts = |start: &dyn Fn(WorkerBuilder) -> WorkerBuilder| {
        let figure = each(count, || {
            for _ in 0..count {
                start(scope.worker("search")).thread(|_| Ok(()));
            }
        });
        scope.cancel();
        figure
    };
    let mut lines = Comparison::of(|| starts(&|worker| with(worker.delay(Duration::from_hours(1)))))
        .peer("paused, without a delay", || starts(&|worker| with(worker.paused())))
        .run(effort);
    others.cancel_all();
    if let Some(Line::Versus { ours, theirs, .. }) = lines.first() {
        let what = "more than without".to_owned();
        lines.push(Line::Alone { ours: ours - theirs, unit: Unit::Time, what, limit: LIMIT_NS });
    }
    lines
}
