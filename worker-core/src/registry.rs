//! Who is alive, by scope and group: the tree that groups, scopes and the manager's lists are views of.
//!
//! # Invariants
//!
//! 1. A worker is a member of its group from its admission until it [leaves](Home::leave). Admission, with the decision of
//!    its restart policy, is one step under the group's lock; numbers are given under it, so within a group their order is
//!    the order of admission.
//! 2. A group lives as long as a member or any handle of a former member; so does a scope's node. Both take themselves out
//!    of their parent when dropped.
//! 3. `revoked_below` marks everything admitted before a cancel of the whole group or scope, finished workers included:
//!    what they have queued for the UI must no longer run.
//!
//! # Locks
//!
//! A scope's index, then a group's members. Never two scopes at once. No user code runs under either, and no record, group
//! or scope is dropped under either, for their drops take these locks.

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::engine::Engine;
use crate::record::{Home, Record, WorkerId};
use crate::restart::Restart;
use crate::state::WorkerState;

/// A scope: the manager's root, a screen, a widget.
pub(crate) struct ScopeNode {
    /// Orders siblings by age.
    number: u64,
    name: Cow<'static, str>,
    engine: Arc<Engine>,
    parent: Option<Arc<ScopeNode>>,
    index: Mutex<Index>,
    revoked_below: Mark,
}

#[derive(Default)]
struct Index {
    doors: Doors,
    groups: HashMap<Cow<'static, str>, Weak<Group>>,
    scopes: BTreeMap<u64, Weak<ScopeNode>>,
}

/// Whether workers may still come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Doors {
    #[default]
    Open,
    /// For good. A worker that comes all the same is cancelled before it runs.
    Closed,
}

/// A group within a scope.
pub(crate) struct Group {
    name: Cow<'static, str>,
    scope: Arc<ScopeNode>,
    members: Mutex<Members>,
    revoked_below: Mark,
}

#[derive(Default)]
struct Members {
    live: BTreeMap<WorkerId, Arc<Record>>,
    /// The one member that waits for those before it to leave. There is at most one: a later one supersedes it.
    held: Option<WorkerId>,
}

/// Everything numbered below it is revoked. Only grows.
#[derive(Debug, Default)]
struct Mark(AtomicU64);

impl Mark {
    fn raise(&self, id: WorkerId) {
        self.0.fetch_max(id.get(), Ordering::AcqRel);
    }

    fn covers(&self, id: WorkerId) -> bool {
        id.get() < self.0.load(Ordering::Acquire)
    }
}

/// A worker that has come in, and what its coming means.
#[must_use]
pub(crate) struct Admission {
    pub(crate) record: Arc<Record>,
    /// Those it supersedes, oldest first; the caller cancels them.
    pub(crate) superseded: Vec<Arc<Record>>,
    pub(crate) verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Run,
    /// It runs once those before it have left.
    Hold,
    /// It must be cancelled without having run.
    Skip,
}

impl ScopeNode {
    pub(crate) fn root(engine: Arc<Engine>) -> Arc<Self> {
        Arc::new(Self::new("".into(), engine, None, Doors::Open))
    }

    fn new(name: Cow<'static, str>, engine: Arc<Engine>, parent: Option<Arc<Self>>, doors: Doors) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let index = Index { doors, ..Index::default() };
        Self { number, name, engine, parent, index: Mutex::new(index), revoked_below: Mark::default() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// A scope within this one. Closed from birth if this one is.
    pub(crate) fn nest(self: &Arc<Self>, name: Cow<'static, str>) -> Arc<Self> {
        let mut index = self.index.lock();
        let child = Self::new(name, self.engine.clone(), Some(self.clone()), index.doors);
        let child = Arc::new(child);
        index.scopes.insert(child.number, Arc::downgrade(&child));
        child
    }

    /// Lets a worker in. `make` builds its record and is called under the locks.
    pub(crate) fn admit(
        self: &Arc<Self>,
        group: Cow<'static, str>,
        restart: Restart,
        make: impl FnOnce(WorkerId, Arc<Group>, Verdict) -> Arc<Record>,
    ) -> Admission {
        self.engine.admitted();
        let mut index = self.index.lock();
        let doors = index.doors;
        let group = self.group_in(&mut index, group);
        let mut members = group.members.lock();
        let id = WorkerId::next();
        let (mut verdict, superseded) = members.decide(restart);
        if doors == Doors::Closed {
            verdict = Verdict::Skip;
        }
        if matches!(restart, Restart::CancelPrevious | Restart::AfterPrevious) {
            group.revoked_below.raise(id);
        }
        if verdict == Verdict::Hold {
            members.held = Some(id);
        }
        let record = make(id, group.clone(), verdict);
        members.live.insert(id, record.clone());
        Admission { record, superseded, verdict }
    }

    fn group_in(self: &Arc<Self>, index: &mut Index, name: Cow<'static, str>) -> Arc<Group> {
        if let Some(group) = index.groups.get(&name).and_then(Weak::upgrade) {
            return group;
        }
        let group = Arc::new(Group {
            name: name.clone(),
            scope: self.clone(),
            members: Mutex::default(),
            revoked_below: Mark::default(),
        });
        index.groups.insert(name, Arc::downgrade(&group));
        group
    }

    /// Revokes what the group's workers have queued, and gives the live ones, which the caller cancels.
    pub(crate) fn revoke_group(&self, name: &str) -> Vec<Arc<Record>> {
        let Some(group) = self.find_group(name) else { return Vec::new() };
        let members = group.members.lock();
        group.revoked_below.raise(WorkerId::next());
        members.live.values().cloned().collect()
    }

    /// Revokes what the workers of this scope and those within it have queued, and gives the live ones, oldest first. The
    /// caller cancels them.
    pub(crate) fn revoke_all(self: &Arc<Self>) -> Vec<Arc<Record>> {
        for scope in self.tree() {
            let _index = scope.index.lock();
            scope.revoked_below.raise(WorkerId::next());
        }
        self.live()
    }

    /// Closes this scope and those within it, for good.
    pub(crate) fn close(self: &Arc<Self>) {
        let mut open = vec![self.clone()];
        while let Some(scope) = open.pop() {
            // Closed and listed in one step: a scope that is nested later is closed from birth.
            let mut index = scope.index.lock();
            index.doors = Doors::Closed;
            open.extend(index.scopes.values().filter_map(Weak::upgrade));
            drop(index);
        }
    }

    /// The live workers of this scope and those within it, oldest first.
    pub(crate) fn live(self: &Arc<Self>) -> Vec<Arc<Record>> {
        let mut live: Vec<_> = self.all_groups().iter().flat_map(|group| group.live()).collect();
        live.sort_unstable_by_key(|record| record.id);
        live
    }

    /// How many workers are alive in this scope and those within it.
    pub(crate) fn len(self: &Arc<Self>) -> usize {
        self.all_groups().iter().map(|group| group.members.lock().live.len()).sum()
    }

    pub(crate) fn get(self: &Arc<Self>, id: WorkerId) -> Option<Arc<Record>> {
        self.all_groups().iter().find_map(|group| group.members.lock().live.get(&id).cloned())
    }

    /// This scope and all within it, parents before children.
    fn tree(self: &Arc<Self>) -> Vec<Arc<Self>> {
        let mut tree = vec![self.clone()];
        let mut at = 0;
        while at < tree.len() {
            let children: Vec<_> = tree[at].index.lock().scopes.values().filter_map(Weak::upgrade).collect();
            tree.extend(children);
            at += 1;
        }
        tree
    }

    /// The groups of this scope and those within it.
    fn all_groups(self: &Arc<Self>) -> Vec<Arc<Group>> {
        self.tree().iter().flat_map(|scope| scope.groups()).collect()
    }

    fn groups(&self) -> Vec<Arc<Group>> {
        self.index.lock().groups.values().filter_map(Weak::upgrade).collect()
    }

    fn find_group(&self, name: &str) -> Option<Arc<Group>> {
        self.index.lock().groups.get(name).and_then(Weak::upgrade)
    }

    fn revoked(&self, id: WorkerId) -> bool {
        self.revoked_below.covers(id) || self.parent.as_ref().is_some_and(|parent| parent.revoked(id))
    }
}

impl Members {
    /// What the restart policy makes of the members that are there.
    fn decide(&self, restart: Restart) -> (Verdict, Vec<Arc<Record>>) {
        let everyone = || self.live.values().cloned().collect::<Vec<_>>();
        let active = |record: &&Arc<Record>| record.is_started() && !record.is_cancelled();
        match restart {
            Restart::CancelPrevious => (Verdict::Run, everyone()),
            Restart::AfterPrevious => {
                let verdict = if self.must_wait() { Verdict::Hold } else { Verdict::Run };
                (verdict, everyone())
            }
            Restart::KeepPrevious if self.live.values().any(|record| active(&record)) => {
                (Verdict::Skip, Vec::new())
            }
            Restart::Parallel | Restart::KeepPrevious => (Verdict::Run, Vec::new()),
            Restart::KeepLatest => {
                let waiting = self.held.and_then(|held| self.live.get(&held).cloned());
                let verdict = if self.must_wait() { Verdict::Hold } else { Verdict::Run };
                (verdict, waiting.into_iter().collect())
            }
        }
    }

    /// Whether a newcomer that must not overlap has somebody to wait for. A paused worker may never start, so nobody
    /// waits for it.
    fn must_wait(&self) -> bool {
        self.live.values().any(|record| record.is_started())
    }

    /// Those the held worker waits for.
    fn before(&self, id: WorkerId) -> impl Iterator<Item = &Arc<Record>> {
        self.live.range(..id).map(|(_, record)| record).filter(|record| record.is_started())
    }

    /// The held worker, if nobody is left that it waits for.
    fn release(&mut self) -> Option<Arc<Record>> {
        let held = self.held?;
        if self.before(held).next().is_some() {
            return None;
        }
        self.held = None;
        self.live.get(&held).cloned()
    }
}

impl Group {
    fn live(&self) -> Vec<Arc<Record>> {
        self.members.lock().live.values().cloned().collect()
    }
}

impl Home for Group {
    fn group(&self) -> &str {
        &self.name
    }

    fn scope(&self) -> &str {
        self.scope.name()
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        &self.scope.engine.clock
    }

    fn revoked(&self, id: WorkerId) -> bool {
        self.revoked_below.covers(id) || self.scope.revoked(id)
    }

    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId> {
        self.members.lock().before(id).map(|record| record.id).collect()
    }

    fn launch(&self, worker: Arc<Record>) {
        self.scope.engine.pool.submit(worker);
    }

    fn emit(&self, worker: Arc<Record>, state: WorkerState) {
        self.scope.engine.emit(worker, state);
    }

    fn wants_progress(&self) -> bool {
        self.scope.engine.wants_progress()
    }

    fn emit_progress(&self, worker: Arc<Record>) {
        self.scope.engine.emit_progress(worker);
    }

    fn leave(&self, id: WorkerId) -> Option<Arc<Record>> {
        let (left, successor) = {
            let mut members = self.members.lock();
            let left = members.live.remove(&id);
            if members.held == Some(id) {
                members.held = None;
            }
            (left, members.release())
        };
        drop(left);
        successor
    }

    fn settled(&self) {
        self.scope.engine.settled();
    }

    fn limit(&self, worker: &Arc<Record>, deadline: Instant) {
        self.scope.engine.deadlines.enter(deadline, worker);
    }

    fn lift_limit(&self, id: WorkerId, deadline: Instant) {
        self.scope.engine.deadlines.lift(deadline, id);
    }

    fn lend(&self) -> Box<dyn Any> {
        Box::new(self.scope.engine.pool.lend())
    }

    fn while_blocked(&self, wait: &mut dyn FnMut()) {
        self.scope.engine.pool.while_blocked(wait);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let mut index = self.scope.index.lock();
        // A new group of the same name may have taken the place already.
        if index.groups.get(&self.name).is_some_and(|group| group.strong_count() == 0) {
            index.groups.remove(&self.name);
        }
    }
}

impl Drop for ScopeNode {
    fn drop(&mut self) {
        if let Some(parent) = &self.parent {
            parent.index.lock().scopes.remove(&self.number);
        }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.name)
            .field("scope", &self.scope.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ScopeNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("name", &self.name).finish_non_exhaustive()
    }
}
