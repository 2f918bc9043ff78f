//! The programs that show `worker-core` and `worker-ui-bridge` at work.
//!
//! [`monitor`] is the main one: five tables that fill side by side while the screen stays alive. Run it from the
//! repository's root:
//!
//! ```text
//! cargo run --example monitor
//! ```

pub mod monitor;
