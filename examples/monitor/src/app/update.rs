//! One update function per table: it takes the rows it is given, and stops that table's spinner.
//!
//! None of them can fetch: a source wants a `&WorkerContext`, and there is none on the UI thread.

use super::effects::App;
use crate::model::Table;
use crate::source::Batch;

impl App {
    /// The update function of a table, for a worker to call on the UI thread.
    pub fn update(table: Table) -> fn(&mut Self, Batch) {
        match table {
            Table::Builds => Self::update_builds,
            Table::Runner => Self::update_runner,
            Table::Vertex => Self::update_vertex,
            Table::Active => Self::update_active,
            Table::Completed => Self::update_completed,
        }
    }

    /// Cloud Build's builds have come.
    pub fn update_builds(&mut self, builds: Batch) {
        self.load(Table::Builds, builds);
    }

    /// The launch agent's executions have come.
    pub fn update_runner(&mut self, executions: Batch) {
        self.load(Table::Runner, executions);
    }

    /// Vertex AI's jobs have come.
    pub fn update_vertex(&mut self, jobs: Batch) {
        self.load(Table::Vertex, jobs);
    }

    /// The W&B runs that go on have come.
    pub fn update_active(&mut self, runs: Batch) {
        self.load(Table::Active, runs);
    }

    /// The W&B runs that have ended have come.
    pub fn update_completed(&mut self, runs: Batch) {
        self.load(Table::Completed, runs);
    }
}
