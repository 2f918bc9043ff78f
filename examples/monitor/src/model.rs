//! The data of the five tables: rows, cells, order. It contains no fetching and no drawing.
//!
//! [`records`] has one type per watched resource; each converts to a [`Row`] of [`Cell`]s, with
//! full values. [`arrange()`] sorts and caps the rows and places the divider. A cell becomes text
//! only through [`Cell::shown`], which escapes control characters ([`text::escape`]), and
//! [`Cell::full`], whose lines [`text::wrap`] escapes. So no text of a server or a child process
//! reaches the terminal unescaped.
//!
//! *Invariant:* no I/O, no clock, no widgets. What depends on the time takes `now` as an argument.

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
pub use cell::{Cell, MISSING, SortKey, Span};
pub use records::{Build, Execution, Job, Run};
pub use row::{Phase, Row};
pub use status::{State, Status};
pub use table::{Column, Cut, PerTable, Table};
