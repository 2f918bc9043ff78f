//! [`ScopeNode`] and [`Group`]: the tree of live workers. Admits a worker, with its restart
//! decision, and revokes what a cancel or a superseding start revokes; callers cancel the workers
//! that are returned.
//!
//! # Invariants
//!
//! 1. A worker is a member of its group from its admission until it [leaves](Membership::leave).
//!    Admission, with the decision of its restart policy, is one step under the group's lock;
//!    numbers are given under it, so within a group their order is the order of admission.
//! 2. A group lives as long as a member or any handle of a former member; so does a scope's node.
//!    Both remove themselves from their parent when dropped.
//! 3. `revoked_below` covers every worker decided before a cancel of the whole group or scope,
//!    finished workers included: what they have queued for the UI must no longer run.
//!
//! # Locks
//!
//! A scope's index, then a group's members. Never two scopes at once. No foreign code runs under
//! either, and no record, group or scope is dropped under either, because their drops take these
//! locks.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Weak};

use crate::manager::engine::Engine;
use crate::manager::members::Members;
use crate::manager::restart::Restart;
use crate::manager::revoked_below::RevokedBelow;
use crate::sync::counter::Counter;
use crate::sync::primitives::Mutex;
use crate::worker::handle::AnyWorker;
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::CancelReason;
use crate::worker::record::{Decision, Membership, Record, Services, StartDecision};

/// A scope: the manager's root, a screen, a widget.
pub(crate) struct ScopeNode {
    /// Orders siblings by age.
    number: u64,
    name: Cow<'static, str>,
    engine: Arc<Engine>,
    parent: Option<Arc<ScopeNode>>,
    index: Mutex<Index>,
    revoked_below: RevokedBelow,
}

#[derive(Default)]
struct Index {
    admission: Admission,
    groups: HashMap<Cow<'static, str>, Weak<Group>>,
    scopes: BTreeMap<u64, Weak<ScopeNode>>,
}

/// Whether new workers are decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Admission {
    #[default]
    Open,
    /// For good. A worker that is started all the same is cancelled before it runs.
    Closed,
}

/// A group within a scope.
pub(crate) struct Group {
    name: Cow<'static, str>,
    scope: Arc<ScopeNode>,
    members: Mutex<Members>,
    revoked_below: RevokedBelow,
}

impl ScopeNode {
    pub(crate) fn root(engine: Arc<Engine>) -> Arc<Self> {
        Arc::new(Self::new("".into(), engine, None, Admission::Open))
    }

    fn new(
        name: Cow<'static, str>,
        engine: Arc<Engine>,
        parent: Option<Arc<Self>>,
        admission: Admission,
    ) -> Self {
        static NUMBERS: Counter = Counter::new();
        let number = NUMBERS.next();
        let index = Index { admission, ..Index::default() };
        Self {
            number,
            name,
            engine,
            parent,
            index: Mutex::new(index),
            revoked_below: RevokedBelow::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// A scope within this one. It is created closed if this one is closed.
    pub(crate) fn nest(self: &Arc<Self>, name: Cow<'static, str>) -> Arc<Self> {
        let mut index = self.index.lock();
        let child = Self::new(name, self.engine.clone(), Some(self.clone()), index.admission);
        let child = Arc::new(child);
        index.scopes.insert(child.number, Arc::downgrade(&child));
        child
    }

    /// Admits a worker. `make` builds its record and is called under the locks.
    pub(crate) fn admit(
        self: &Arc<Self>,
        group: Cow<'static, str>,
        restart: Restart,
        paused: bool,
        make: impl FnOnce(WorkerId, Arc<Group>, Decision) -> Arc<Record>,
    ) -> (Arc<Record>, StartDecision) {
        self.engine.worker_admitted();
        let mut index = self.index.lock();
        let admission = index.admission;
        let group = self.group_in(&mut index, group);
        let mut members = group.members.lock();
        let id = WorkerId::next();
        let mut decided = members.decide_new(restart, paused);
        if admission == Admission::Closed {
            decided.decision = Decision::Skip;
        }
        if restart.supersedes() {
            group.revoked_below.advance(id);
        }
        let record = make(id, group.clone(), decided.decision);
        members.add(id, record.clone(), restart, decided.decision);
        (record, decided)
    }

    fn group_in(self: &Arc<Self>, index: &mut Index, name: Cow<'static, str>) -> Arc<Group> {
        if let Some(group) = index.groups.get(&name).and_then(Weak::upgrade) {
            return group;
        }
        let group = Arc::new(Group {
            name: name.clone(),
            scope: self.clone(),
            members: Mutex::default(),
            revoked_below: RevokedBelow::default(),
        });
        index.groups.insert(name, Arc::downgrade(&group));
        group
    }

    /// Revokes what the group's workers have queued, and gives the live ones, which the caller
    /// cancels.
    pub(crate) fn revoke_group(&self, name: &str) -> Vec<Arc<Record>> {
        let Some(group) = self.find_group(name) else { return Vec::new() };
        let members = group.members.lock();
        group.revoked_below.advance(WorkerId::next());
        members.live().cloned().collect()
    }

    /// Revokes what the workers of this scope and those within it have queued, and gives the live
    /// ones, oldest first. The caller cancels them.
    pub(crate) fn revoke_all(self: &Arc<Self>) -> Vec<Arc<Record>> {
        for scope in self.tree() {
            let _index = scope.index.lock();
            scope.revoked_below.advance(WorkerId::next());
        }
        self.live()
    }

    /// Closes this scope and those within it, for good.
    pub(crate) fn close(self: &Arc<Self>) {
        let mut open = vec![self.clone()];
        while let Some(scope) = open.pop() {
            // Closed and listed in one step: a scope that is nested later is created closed.
            let mut index = scope.index.lock();
            index.admission = Admission::Closed;
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
        self.all_groups().iter().map(|group| group.members.lock().live().count()).sum()
    }

    pub(crate) fn get(self: &Arc<Self>, id: WorkerId) -> Option<Arc<Record>> {
        self.all_groups().iter().find_map(|group| group.members.lock().get(id).cloned())
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

    fn is_revoked(&self, id: WorkerId) -> bool {
        // A loop, here and in `drop`: a tree of scopes may be deeper than the stack.
        let mut scope = Some(self);
        while let Some(at) = scope {
            if at.revoked_below.contains(id) {
                return true;
            }
            scope = at.parent.as_deref();
        }
        false
    }
}

impl Group {
    fn live(&self) -> Vec<Arc<Record>> {
        self.members.lock().live().cloned().collect()
    }
}

impl Membership for Group {
    fn group(&self) -> &str {
        &self.name
    }

    fn scope(&self) -> &str {
        self.scope.name()
    }

    fn is_revoked(&self, id: WorkerId) -> bool {
        self.revoked_below.contains(id) || self.scope.is_revoked(id)
    }

    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId> {
        self.members.lock().predecessors(id).map(|record| record.id).collect()
    }

    fn start(&self, id: WorkerId) -> Option<StartDecision> {
        self.members.lock().start(id)
    }

    fn leave(&self, id: WorkerId) -> Option<Arc<Record>> {
        let (left, successor) = {
            let mut members = self.members.lock();
            let left = members.remove(id);
            (left, members.release())
        };
        drop(left);
        successor
    }

    fn services(&self) -> &dyn Services {
        &*self.scope.engine
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
        let (mut number, mut parent) = (self.number, self.parent.take());
        while let Some(above) = parent {
            above.index.lock().scopes.remove(&number);
            // If this was the last reference to it, it is dropped here, without a parent.
            (number, parent) = match Arc::into_inner(above) {
                Some(mut above) => (above.number, above.parent.take()),
                None => return,
            };
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

/// Cancels all of them and gives their handles.
pub(crate) fn cancel_all(records: Vec<Arc<Record>>) -> Vec<AnyWorker> {
    for record in &records {
        record.cancel(CancelReason::Requested);
    }
    records.into_iter().map(AnyWorker).collect()
}
