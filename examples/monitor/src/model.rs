//! What the five tables say, and nothing about how it is fetched or drawn.
//!
//! [`records`] holds one type per kind of thing watched; each turns into a [`Row`] of [`Cell`]s, whole and uncut.
//! [`arrange()`] puts a table's rows in order, caps them and finds the divider. A cell becomes text for a person only
//! through [`Cell::shown`] and [`Cell::full`], which escape everything ([`text::escape`]), so that nothing a server
//! or a child process said can reach the terminal raw.
//!
//! *Invariant:* no I/O, no clock, no widgets. Whatever depends on the time takes `now` as an argument.

pub mod arrange;
pub mod cell;
pub mod records;
pub mod row;
pub mod status;
pub mod table;
pub mod text;
pub mod time;

pub use arrange::{
    Arranged, Caps, MAX_ACTIVE_BUILDS, MAX_ACTIVE_RUNS, MAX_COMPLETED_BUILDS, MAX_COMPLETED_RUNS,
    MAX_EXECUTIONS, MAX_VERTEX_JOBS, arrange, widest,
};
pub use cell::{Cell, MISSING, Span};
pub use records::{Build, Execution, Job, Run};
pub use row::{Phase, Row};
pub use status::{State, Status};
pub use table::{Column, PerTable, Table};
