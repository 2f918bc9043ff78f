//! The update functions, one per table: each stores the rows it is given and stops the table's
//! spinner.
//!
//! None of them can fetch: a source takes a `&WorkerContext`, and there is none on the UI thread.

use super::effects::App;
use crate::model::Table;
use crate::source::Batch;

impl App {
    /// The update function of a table. The table's worker calls it on the UI thread.
    pub fn update(table: Table) -> fn(&mut Self, Batch) {
        match table {
            Table::Builds => Self::update_builds,
            Table::Runner => Self::update_runner,
            Table::Vertex => Self::update_vertex,
            Table::Active => Self::update_active,
            Table::Completed => Self::update_completed,
        }
    }

    /// Stores the builds of Cloud Build.
    pub fn update_builds(&mut self, builds: Batch) {
        self.load(Table::Builds, builds);
    }

    /// Stores the executions of the launch agent.
    pub fn update_runner(&mut self, executions: Batch) {
        self.load(Table::Runner, executions);
    }

    /// Stores the jobs of Vertex AI.
    pub fn update_vertex(&mut self, jobs: Batch) {
        self.load(Table::Vertex, jobs);
    }

    /// Stores the W&B runs that are running.
    pub fn update_active(&mut self, runs: Batch) {
        self.load(Table::Active, runs);
    }

    /// Stores the W&B runs that have ended.
    pub fn update_completed(&mut self, runs: Batch) {
        self.load(Table::Completed, runs);
    }
}
