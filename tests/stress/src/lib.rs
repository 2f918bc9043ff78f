//! A seeded random stress of `worker-core` and `worker-ui-bridge` through their public API, judged
//! by an independent checker.
//!
//! - `driver`: episodes of random operations, each with a fresh manager and bridge, several
//!   threads and a UI thread. Everything that is done and seen goes into a `history`.
//! - `checker`: judges the history by the promises of `docs/promises.md`. It shares no code with
//!   the libraries.
//! - `report`: what was broken, by which worker, and how to run it again.
//!
//! The program:
//!
//! ```text
//! cargo run -p stress --release -- --seed 17 --workers 1000000
//! ```
//!
//! With the threads of the system a seed gives the same choices in another interleaving. With
//! `--scheduler` the libraries' test scheduler decides who runs, and a seed gives the same run.
//!
//! How the checker was checked: `README.md` beside this crate.

#![forbid(unsafe_code)]

mod checker;
mod driver;
mod history;
mod report;

pub use driver::campaign::{Settings, Totals, run_campaign};
pub use driver::plan::Threads;
