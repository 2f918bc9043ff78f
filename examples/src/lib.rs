//! The programs that show `worker-core` and `worker-ui-bridge` at work.
//!
//! [`monitor`] is the main one: five tables that fill side by side while the screen stays alive. Run it from the
//! repository's root:
//!
//! ```text
//! cargo run --example monitor
//! ```
//!
//! The small ones are a file each, beside this library: `foreign_mio` and `foreign_cursive`, the bridge under loops that are
//! not its own.

pub mod monitor;
