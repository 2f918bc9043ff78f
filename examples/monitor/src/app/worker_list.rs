//! [`WorkerLine`]: what is shown of one worker; [`lines`]: those of all live workers.

use std::collections::HashMap;
use std::time::Duration;

use worker_core::{AnyWorker, Progress, WorkerId, WorkerManager, WorkerState};

/// What is shown of one worker. The texts are not escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerLine {
    /// Its name.
    pub name: String,
    /// How many ancestors of it are alive.
    pub depth: usize,
    /// Its state.
    pub state: WorkerState,
    /// Whether it was asked to stop.
    pub is_cancelled: bool,
    /// The time since it was created.
    pub age: Duration,
    /// How far it has come, and what it says of itself.
    pub progress: Progress,
    /// Its group within its scope.
    pub group: String,
    /// The file and the line it was started at.
    pub place: String,
}

impl WorkerLine {
    fn of(worker: &AnyWorker, depth: usize) -> Self {
        let place = worker.spawned_at();
        Self {
            name: worker.name().to_owned(),
            depth,
            state: worker.state(),
            is_cancelled: worker.is_cancelled(),
            age: worker.age(),
            progress: worker.progress(),
            group: worker.group().to_owned(),
            place: format!("{}:{}", place.file(), place.line()),
        }
    }
}

/// All live workers, oldest first, each followed by those that are cancelled with it.
pub(super) fn lines(workers: &WorkerManager) -> Vec<WorkerLine> {
    let live = workers.workers();
    let mut children: HashMap<Option<WorkerId>, Vec<&AnyWorker>> = HashMap::new();
    for worker in &live {
        // A parent that ended after the list was made is none.
        let parent = worker.parent().filter(|parent| live.contains(parent));
        children.entry(parent.map(|parent| parent.id())).or_default().push(worker);
    }
    let mut lines = Vec::with_capacity(live.len());
    let mut next: Vec<(&AnyWorker, usize)> = Vec::new();
    let mut push_children = |of: Option<WorkerId>, depth, next: &mut Vec<_>| {
        let below = children.remove(&of).unwrap_or_default();
        next.extend(below.into_iter().rev().map(|worker| (worker, depth)));
    };
    push_children(None, 0, &mut next);
    while let Some((worker, depth)) = next.pop() {
        lines.push(WorkerLine::of(worker, depth));
        push_children(Some(worker.id()), depth + 1, &mut next);
    }
    lines
}

#[cfg(test)]
mod tests;
