//! Who waits for whom, so that a wait that could never end is refused before it begins.
//!
//! One edge per blocked worker, process-wide: a thread blocks in one wait at a time, and worker numbers are unique in the
//! process. An edge is added only after a walk from the target has shown that it closes no circle; check and insertion
//! are one step under the lock, so of the waits that would close a circle the last one is refused.
//!
//! Lock order: the graph, then a group's members (to ask whom a held-back worker waits for).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

use crate::record::{Record, WorkerId};

static EDGES: LazyLock<Mutex<HashMap<WorkerId, Arc<Record>>>> = LazyLock::new(Mutex::default);

/// `waiter` waits for another, until this is dropped.
#[derive(Debug)]
pub(crate) struct Edge {
    waiter: WorkerId,
}

impl Edge {
    /// Adds the edge from `waiter` to `target`, or says that it would close a circle.
    pub(crate) fn add(waiter: WorkerId, target: &Arc<Record>) -> Result<Self, Circle> {
        let mut edges = EDGES.lock();
        if reaches(&edges, target, waiter) {
            return Err(Circle);
        }
        edges.insert(waiter, target.clone());
        Ok(Self { waiter })
    }
}

/// The wait would never end.
#[derive(Debug)]
pub(crate) struct Circle;

impl Drop for Edge {
    fn drop(&mut self) {
        // The record may be the last of its kind; its drop runs user code, so it happens outside the lock.
        let target = EDGES.lock().remove(&self.waiter);
        drop(target);
    }
}

/// Whether `from` is `goal` or waits for it, over any number of steps.
fn reaches(edges: &HashMap<WorkerId, Arc<Record>>, from: &Arc<Record>, goal: WorkerId) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![from.clone()];
    while let Some(record) = open.pop() {
        if record.id == goal {
            return true;
        }
        if !seen.insert(record.id) {
            continue;
        }
        if let Some(next) = edges.get(&record.id) {
            open.push(next.clone());
        }
        if !record.is_released() {
            open.extend(record.home.predecessors(record.id));
        }
    }
    false
}
