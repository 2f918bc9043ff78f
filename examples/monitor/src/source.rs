//! [`Source`]: the trait of a source of rows; [`Batch`]: what it returns; [`SourceError`]: how it
//! fails; [`Fetcher`]: asks a source for all regions of a table; [`Rows`]: what they come to.
//! [`sources`](crate::sources) has the implementations.
//!
//! [`Source::fetch`] takes a `&WorkerContext`. A context exists only inside a worker's body
//! and cannot be sent to another thread, so fetching in a callback on the UI thread is a compile
//! error.

mod batch;
mod error;
mod fetcher;
mod interface;
mod rows;

pub use batch::{Batch, Extent, PartError, combined};
pub use error::{ErrorKind, SourceError};
pub use fetcher::{Fetcher, Part};
pub use interface::{Lines, Source};
pub use rows::{Prepared, Rows};
