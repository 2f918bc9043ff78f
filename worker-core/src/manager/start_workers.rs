//! [`StartWorkers`]: a manager or a scope, as a `#[work]` function takes it.

use std::borrow::Cow;

use crate::manager::scope::Scope;
use crate::manager::worker_builder::WorkerBuilder;
use crate::manager::worker_manager::WorkerManager;

/// What workers can be started in: a [`WorkerManager`] or a [`Scope`]. What a `#[work]` function
/// asks for.
pub trait StartWorkers {
    /// Begins a worker.
    fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder;
}

impl StartWorkers for WorkerManager {
    fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        WorkerManager::worker(self, name)
    }
}

impl StartWorkers for Scope {
    fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        Scope::worker(self, name)
    }
}
