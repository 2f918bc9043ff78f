//! [`ScopeNode`], [`NamedGroup`] and [`SameName`]: the tree of live workers. Admits a worker, with its restart
//! decision, and revokes what a cancel or a superseding start revokes; callers cancel the workers
//! that are returned.
//!
//! # Invariants
//!
//! 1. A worker is a member of its group from its admission until it [leaves](Membership::leave).
//!    Admission, with the decision of its restart policy, is one step under the group's lock;
//!    numbers are given under it, so within a group their order is the order of admission.
//! 2. A named group lives as long as a member or any handle of a former member; so do a scope's
//!    node, with its default group, and the place of a name. Each removes itself from its parent
//!    when dropped.
//! 3. `revoked_below` covers every worker decided before a cancel of the whole group or scope, or
//!    before a start that supersedes its group or name, finished workers included: what they have
//!    queued for the UI must no longer run.
//!
//! # Locks
//!
//! A scope's index, then a group's members, then the namesakes of one name. Never two
//! scopes at once. No foreign code runs under any, and no record, name, group or scope is dropped
//! under any, because their drops take these locks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Arc, Weak};
use std::{fmt, mem};

use crate::manager::engine::Engine;
use crate::manager::members::{Members, Namesakes};
use crate::manager::restart::{Overlap, Policy, Restart};
use crate::manager::revoked_below::RevokedBelow;
use crate::sync::counter::Counter;
use crate::sync::primitives::{Mutex, MutexGuard};
use crate::worker::cancel_reason::{CancelReason, WorkerLabel};
use crate::worker::handle::AnyWorker;
use crate::worker::id::WorkerId;
use crate::worker::record::{Decision, Membership, Record, Services, Spec, StartDecision};

/// The group of workers that name none. The library itself never uses it.
const DEFAULT_GROUP: &str = "default";

/// A scope: the manager's root, a screen, a widget.
pub(crate) struct ScopeNode {
    /// Orders siblings by age.
    number: u64,
    name: Cow<'static, str>,
    engine: Arc<Engine>,
    parent: Option<Arc<ScopeNode>>,
    index: Mutex<Index>,
    default_group: Group,
    revoked_below: RevokedBelow,
}

#[derive(Default)]
struct Index {
    admission: Admission,
    groups: ByName<NamedGroup>,
    /// In the default group, a place for each name, because policies there may count by name.
    names: ByName<SameName>,
    scopes: BTreeMap<u64, Weak<ScopeNode>>,
}

type ByName<T> = HashMap<Cow<'static, str>, Weak<T>>;

/// Whether new workers are decided.
#[derive(Clone, Debug, Default)]
enum Admission {
    #[default]
    Open,
    /// For good. A worker that is started all the same is cancelled for this reason before it runs.
    Closed(CancelReason),
}

/// A group within a scope.
#[derive(Default)]
struct Group {
    members: Mutex<Members>,
    revoked_below: RevokedBelow,
}

/// A group other than the default one.
struct NamedGroup {
    name: Cow<'static, str>,
    scope: Arc<ScopeNode>,
    group: Group,
}

/// The place of the workers of one name in a scope's default group.
struct SameName {
    name: Cow<'static, str>,
    scope: Arc<ScopeNode>,
    namesakes: Mutex<Namesakes>,
    revoked_below: RevokedBelow,
}

/// Where a worker belongs.
enum Place {
    Group(Arc<NamedGroup>),
    Name(Arc<SameName>),
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
            default_group: Group::default(),
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
        let child = Self::new(name, self.engine.clone(), Some(self.clone()), index.admission.clone());
        let child = Arc::new(child);
        index.scopes.insert(child.number, Arc::downgrade(&child));
        child
    }

    /// Admits a worker, into the default group if it names none. `make` builds its record and is
    /// called under the locks.
    pub(crate) fn admit(
        self: &Arc<Self>,
        spec: Spec,
        group: Option<Cow<'static, str>>,
        restart: Restart,
        paused: bool,
        make: impl FnOnce(WorkerId, Spec, Arc<dyn Membership>, &Decision) -> Arc<Record>,
    ) -> (Arc<Record>, StartDecision) {
        self.engine.worker_admitted();
        let overlap = if group.is_some() { Overlap::Group } else { Overlap::Name };
        let policy = Policy { restart, overlap };
        let mut index = self.index.lock();
        let place = match group.filter(|group| group != DEFAULT_GROUP) {
            Some(named) => Place::Group(self.named_group(&mut index, named)),
            None => Place::Name(self.same_name(&mut index, spec.name.clone())),
        };
        let (group, same_name) = match &place {
            Place::Group(named) => (&named.group, None),
            Place::Name(same_name) => (&self.default_group, Some(&**same_name)),
        };
        let mut members = group.members.lock();
        let mut namesakes = same_name.map(|same_name| same_name.namesakes.lock());
        let id = WorkerId::next();
        let mut decided = members.decide_new(policy, paused, namesakes.as_deref());
        if let Admission::Closed(reason) = &index.admission {
            decided.decision = Decision::Skip(reason.clone());
        }
        if restart.supersedes() {
            let named = same_name.filter(|_| overlap == Overlap::Name);
            named.map_or(&group.revoked_below, |named| &named.revoked_below).advance(id);
        }
        let membership: Arc<dyn Membership> = match &place {
            Place::Group(named) => named.clone(),
            Place::Name(same_name) => same_name.clone(),
        };
        let record = make(id, spec, membership, &decided.decision);
        members.add(record.clone(), policy, &decided, namesakes.as_deref_mut());
        (record, decided)
    }

    fn named_group(self: &Arc<Self>, index: &mut Index, name: Cow<'static, str>) -> Arc<NamedGroup> {
        let make = |name| NamedGroup { name, scope: self.clone(), group: Group::default() };
        find_or_make(&mut index.groups, name, make)
    }

    fn same_name(self: &Arc<Self>, index: &mut Index, name: Cow<'static, str>) -> Arc<SameName> {
        find_or_make(&mut index.names, name, |name| SameName {
            name,
            scope: self.clone(),
            namesakes: Mutex::default(),
            revoked_below: RevokedBelow::default(),
        })
    }

    /// Whether a worker of the group, or one of this name without a group, has not ended and is not
    /// cancelled.
    pub(crate) fn is_busy(&self, name: &str) -> bool {
        let is_busy = |record: &Arc<Record>| !record.is_cancelled();
        let in_group = |group: &Group| group.members.lock().live().any(is_busy);
        let of_name = |same_name: Arc<SameName>| {
            let members = self.default_group.members.lock();
            let namesakes = same_name.namesakes.lock();
            members.live_namesakes(&namesakes).any(is_busy)
        };
        self.in_group(name, in_group).unwrap_or(false) || self.find_name(name).is_some_and(of_name)
    }

    /// Revokes what the group's workers have queued, and gives the live ones, which the caller
    /// cancels.
    pub(crate) fn revoke_group(&self, name: &str) -> Vec<Arc<Record>> {
        let revoke = |group: &Group| {
            let members = group.members.lock();
            group.revoked_below.advance(WorkerId::next());
            members.live().cloned().collect()
        };
        self.in_group(name, revoke).unwrap_or_default()
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

    /// Closes this scope and those within it, for good. The first reason stays.
    pub(crate) fn close(self: &Arc<Self>, reason: &CancelReason) {
        let mut open = vec![self.clone()];
        while let Some(scope) = open.pop() {
            // Closed and listed in one step: a scope that is nested later is created closed.
            let mut index = scope.index.lock();
            if let Admission::Open = index.admission {
                index.admission = Admission::Closed(reason.clone());
            }
            open.extend(index.scopes.values().filter_map(Weak::upgrade));
            drop(index);
        }
    }

    /// The live workers of this scope and those within it, oldest first.
    pub(crate) fn live(self: &Arc<Self>) -> Vec<Arc<Record>> {
        let live = |members: &Members| members.live().cloned().collect::<Vec<_>>();
        let mut live: Vec<_> = self.in_all_groups(live).into_iter().flatten().collect();
        live.sort_unstable_by_key(|record| record.id);
        live
    }

    /// How many workers are alive in this scope and those within it.
    pub(crate) fn len(self: &Arc<Self>) -> usize {
        self.in_all_groups(|members| members.live().count()).into_iter().sum()
    }

    pub(crate) fn get(self: &Arc<Self>, id: WorkerId) -> Option<Arc<Record>> {
        self.in_all_groups(|members| members.get(id).cloned()).into_iter().flatten().next()
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

    /// What `look` gives for each group of this scope and those within it.
    fn in_all_groups<T>(self: &Arc<Self>, look: impl Fn(&Members) -> T) -> Vec<T> {
        let mut given = Vec::new();
        for scope in self.tree() {
            given.push(look(&scope.default_group.members.lock()));
            let named: Vec<_> = scope.index.lock().groups.values().filter_map(Weak::upgrade).collect();
            given.extend(named.iter().map(|named| look(&named.group.members.lock())));
        }
        given
    }

    fn in_group<T>(&self, name: &str, act: impl FnOnce(&Group) -> T) -> Option<T> {
        if name == DEFAULT_GROUP {
            return Some(act(&self.default_group));
        }
        let named = self.index.lock().groups.get(name).and_then(Weak::upgrade);
        named.map(|named| act(&named.group))
    }

    fn find_name(&self, name: &str) -> Option<Arc<SameName>> {
        self.index.lock().names.get(name).and_then(Weak::upgrade)
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

    fn revoked_for(&self, id: WorkerId) -> CancelReason {
        let mut scope = Some(self);
        while let Some(at) = scope {
            if at.revoked_below.contains(id)
                && let Admission::Closed(reason) = &at.index.lock().admission
            {
                return reason.clone();
            }
            scope = at.parent.as_deref();
        }
        CancelReason::Requested
    }
}

impl Group {
    fn is_revoked(&self, id: WorkerId, scope: &ScopeNode) -> bool {
        self.revoked_below.contains(id) || scope.is_revoked(id)
    }

    fn revoked_for(&self, id: WorkerId, scope: &ScopeNode) -> CancelReason {
        let Some(revoker) = self.revoked_below.revoker_of(id) else { return scope.revoked_for(id) };
        // A worker is a member until it has superseded the others; a cancel of the group has a
        // number of its own.
        let newer = self.members.lock().get(revoker).cloned();
        newer.map_or(CancelReason::Requested, |newer| CancelReason::Superseded { by: newer.label() })
    }
}

impl Membership for NamedGroup {
    fn group(&self) -> &str {
        &self.name
    }

    fn scope(&self) -> &str {
        self.scope.name()
    }

    fn is_revoked(&self, id: WorkerId) -> bool {
        self.group.is_revoked(id, &self.scope)
    }

    fn revoked_for(&self, id: WorkerId) -> CancelReason {
        self.group.revoked_for(id, &self.scope)
    }

    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId> {
        self.group.members.lock().predecessors(id, None)
    }

    fn start(&self, id: WorkerId) -> Option<StartDecision> {
        self.group.members.lock().start(id, None)
    }

    fn is_held(&self, id: WorkerId) -> bool {
        self.group.members.lock().is_held(id, None)
    }

    fn overtake(&self, id: WorkerId) -> bool {
        self.group.members.lock().overtake(id, None)
    }

    fn leave(&self, id: WorkerId) -> Vec<Arc<Record>> {
        let (left, successors) = self.group.members.lock().remove(id, None);
        drop(left);
        successors
    }

    fn services(&self) -> &dyn Services {
        &*self.scope.engine
    }
}

impl SameName {
    fn members(&self) -> MutexGuard<'_, Members> {
        self.scope.default_group.members.lock()
    }
}

impl Membership for SameName {
    fn group(&self) -> &str {
        DEFAULT_GROUP
    }

    fn scope(&self) -> &str {
        self.scope.name()
    }

    fn is_revoked(&self, id: WorkerId) -> bool {
        self.revoked_below.contains(id) || self.scope.default_group.is_revoked(id, &self.scope)
    }

    fn revoked_for(&self, id: WorkerId) -> CancelReason {
        match self.revoked_below.revoker_of(id) {
            Some(newer) => CancelReason::Superseded { by: WorkerLabel::new(self.name.clone(), newer) },
            None => self.scope.default_group.revoked_for(id, &self.scope),
        }
    }

    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId> {
        let members = self.members();
        members.predecessors(id, Some(&self.namesakes.lock()))
    }

    fn start(&self, id: WorkerId) -> Option<StartDecision> {
        let mut members = self.members();
        members.start(id, Some(&mut self.namesakes.lock()))
    }

    fn is_held(&self, id: WorkerId) -> bool {
        let members = self.members();
        members.is_held(id, Some(&self.namesakes.lock()))
    }

    fn overtake(&self, id: WorkerId) -> bool {
        let mut members = self.members();
        members.overtake(id, Some(&mut self.namesakes.lock()))
    }

    fn leave(&self, id: WorkerId) -> Vec<Arc<Record>> {
        let (left, successors) = {
            let mut members = self.members();
            members.remove(id, Some(&mut self.namesakes.lock()))
        };
        drop(left);
        successors
    }

    fn services(&self) -> &dyn Services {
        &*self.scope.engine
    }
}

/// What has this name, or a new one of it.
fn find_or_make<T>(
    by_name: &mut ByName<T>,
    name: Cow<'static, str>,
    make: impl FnOnce(Cow<'static, str>) -> T,
) -> Arc<T> {
    let entry = by_name.entry(name);
    if let Entry::Occupied(present) = &entry
        && let Some(found) = present.get().upgrade()
    {
        return found;
    }
    let fresh = Arc::new(make(entry.key().clone()));
    entry.insert_entry(Arc::downgrade(&fresh));
    fresh
}

/// Removes what has this name, unless a new one has taken its place already.
fn remove_dropped<T>(by_name: &mut ByName<T>, name: Cow<'static, str>) {
    if let Entry::Occupied(present) = by_name.entry(name)
        && present.get().strong_count() == 0
    {
        present.remove();
    }
}

impl Drop for SameName {
    fn drop(&mut self) {
        remove_dropped(&mut self.scope.index.lock().names, mem::take(&mut self.name));
    }
}

impl Drop for NamedGroup {
    fn drop(&mut self) {
        remove_dropped(&mut self.scope.index.lock().groups, mem::take(&mut self.name));
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

impl fmt::Debug for ScopeNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Their handles, and those of the parts of their fan-outs, oldest first.
pub(crate) fn with_parts(records: Vec<Arc<Record>>) -> Vec<AnyWorker> {
    let mut all = records;
    let mut at = 0;
    while at < all.len() {
        let parts = all[at].parts();
        all.extend(parts);
        at += 1;
    }
    all.sort_unstable_by_key(|record| record.id);
    all.into_iter().map(AnyWorker).collect()
}

/// Cancels all of them and gives their handles.
pub(crate) fn cancel_all(records: Vec<Arc<Record>>, reason: &CancelReason) -> Vec<AnyWorker> {
    for record in &records {
        record.cancel(reason.clone());
    }
    records.into_iter().map(AnyWorker).collect()
}
