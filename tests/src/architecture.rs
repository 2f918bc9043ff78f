//! [`check`]: compares the imports of a crate with its table in `docs/architecture.md`.
//!
//! The table has one row per top-level module of the crate (a *folder*, or a single file), lowest
//! first:
//!
//! ```text
//! | folder | files, lowest first | what it is | names |
//! |---|---|---|---|
//! | `sync` | `a`, `b`, `c` | words | |
//! | `worker` | `state`, `record` | words | `sync` |
//!
//! Only `sync` names `std::thread`, `std::sync::atomic`.
//! ```
//!
//! The rules:
//!
//! - Every file is in exactly one row. Files below `foo/bar/` belong to the file `bar`. `lib.rs`
//!   and everything under `#[cfg(test)]` are exempt.
//! - A file names only files to its left. The module file `foo.rs` may name all files of `foo/`,
//!   and none of them names an item of `foo.rs`.
//! - The folders that a folder names are those of its `names` column, no more and no fewer, and
//!   each of them is a row above.
//! - No file names an item by a re-export at the crate's root.
//! - A path listed after `Only … names` is named by these modules alone.

mod crate_files;
mod imports;
mod rules;
mod table;

pub use crate_files::{SourceFile, read_sources};
pub use rules::check;

#[cfg(test)]
mod tests;
