//! [`Edges`]: the graph of waits. A wait that would close a cycle is refused before it begins.
//!
//! The graph is process-wide, as worker numbers are. An edge is added only after a walk from the
//! target has shown that it closes no circle; check and insertion are one step under the lock, so
//! of the waits that would close a circle the last one is refused.
//!
//! Lock order: the graph, then a group's members (to ask whom a held-back worker waits for). No
//! record is dropped under the graph's lock, for its drop is user code, which may wait.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::sync::primitives::process::{LazyLock, Mutex};
use crate::worker::id::WorkerId;
use crate::worker::record::Record;

/// The edges, by waiter; a ticket tells those of one waiter apart.
static EDGES: LazyLock<Mutex<Graph>> = LazyLock::new(Mutex::default);

type Graph = BTreeMap<(WorkerId, u64), Arc<Record>>;

/// A wait, until this is dropped.
#[derive(Debug)]
struct Edge {
    waiter: WorkerId,
    ticket: u64,
}

/// A worker's wait, until this is dropped. A part's parent waits for the part.
#[derive(Debug)]
pub(crate) struct Edges {
    _own: Edge,
    _of_parents: Vec<Edge>,
}

impl Edges {
    /// Adds the edges of a wait of `waiter`, or says that it would close a circle.
    pub(crate) fn add(waiter: &Arc<Record>, target: &Arc<Record>) -> Result<Self, Cycle> {
        let mut of_parents = Vec::new();
        let mut part = waiter;
        while let Some(parent) = part.membership.part_of() {
            of_parents.push(Edge::add(parent.id, part)?);
            part = parent;
        }
        Ok(Self { _own: Edge::add(waiter.id, target)?, _of_parents: of_parents })
    }
}

/// The wait would never end.
#[derive(Debug)]
pub(crate) struct Cycle;

impl Edge {
    /// Adds the edge from `waiter` to `target`, or says that it would close a circle.
    fn add(waiter: WorkerId, target: &Arc<Record>) -> Result<Self, Cycle> {
        let mut edges = EDGES.lock();
        if reaches(&edges, target, waiter) {
            return Err(Cycle);
        }
        let last = edges.range(edges_of(waiter)).next_back().map(|((_, ticket), _)| *ticket);
        let ticket = last.map_or(0, |last| last + 1);
        edges.insert((waiter, ticket), target.clone());
        Ok(Self { waiter, ticket })
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let target = EDGES.lock().remove(&(self.waiter, self.ticket));
        drop(target);
    }
}

/// Whether `waiter` waits for another worker.
pub(crate) fn is_waiting(waiter: WorkerId) -> bool {
    EDGES.lock().range(edges_of(waiter)).next().is_some()
}

/// The keys of a waiter's edges.
fn edges_of(waiter: WorkerId) -> RangeInclusive<(WorkerId, u64)> {
    (waiter, 0)..=(waiter, u64::MAX)
}

/// Whether `from` is `goal` or waits for it, over any number of steps.
fn reaches(edges: &Graph, from: &Arc<Record>, goal: WorkerId) -> bool {
    let mut seen = HashSet::new();
    let mut open = Vec::new();
    visit(from, &mut open);
    while let Some(id) = open.pop() {
        if id == goal {
            return true;
        }
        if seen.insert(id) {
            edges.range(edges_of(id)).for_each(|(_, next)| visit(next, &mut open));
        }
    }
    false
}

/// Puts a worker on the list, and, if its restart policy holds it back, those it waits for. These
/// are not held back themselves: of a group only the newest ever is.
fn visit(record: &Arc<Record>, open: &mut Vec<WorkerId>) {
    open.push(record.id);
    if record.is_started() && !record.is_released() {
        open.extend(record.membership.predecessors(record.id));
    }
}
