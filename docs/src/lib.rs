//! The concurrency guide: how an app does its work so that the screen never freezes.
//!
//! Read it with `cargo doc --open -p guide`. `cargo test` compiles and runs every example; an
//! example marked as failing must not compile.
//!
//! 1. [`golden_rules`]: why terminal apps freeze, and the three rules that prevent it
//! 2. [`workers`]: how to start a worker, its states and its result, and which kind to use
//! 3. [`restart_policies`]: what a start does about the workers in its way
//! 4. [`groups_and_scopes`]: how workers that belong together are watched and cancelled
//! 5. [`cancellation`]: what a cancel promises, and what a body must do for it
//! 6. [`limits_and_delays`]: how many run at once, when they start, and how often they try
//! 7. [`fan_out`]: many requests inside one body
//! 8. [`progress`]: what a running worker says about itself
//! 9. [`the_bridge`]: the queue to the UI thread, and the loop around it
//! 10. [`resources`]: data that workers fetch, with what is shown beside it
//! 11. [`loops`]: the bridge in other loops, async ones included, and the terminal lent out
//! 12. [`testing`]: tests that skip hours in milliseconds and try many orders of their threads

#![doc(test(attr(deny(warnings))))]

#[doc = include_str!("../guide/golden_rules.md")]
pub mod golden_rules {}

#[doc = include_str!("../guide/workers.md")]
pub mod workers {}

#[doc = include_str!("../guide/restart_policies.md")]
pub mod restart_policies {}

#[doc = include_str!("../guide/groups_and_scopes.md")]
pub mod groups_and_scopes {}

#[doc = include_str!("../guide/cancellation.md")]
pub mod cancellation {}

#[doc = include_str!("../guide/limits_and_delays.md")]
pub mod limits_and_delays {}

#[doc = include_str!("../guide/fan_out.md")]
pub mod fan_out {}

#[doc = include_str!("../guide/progress.md")]
pub mod progress {}

#[doc = include_str!("../guide/the_bridge.md")]
pub mod the_bridge {}

#[doc = include_str!("../guide/resources.md")]
pub mod resources {}

#[doc = include_str!("../guide/loops.md")]
pub mod loops {}

#[doc = include_str!("../guide/testing.md")]
pub mod testing {}

/// The README's program is compiled and run too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}
