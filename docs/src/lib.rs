//! The concurrency guide: how work is done under a UI so that the screen never freezes.
//!
//! Read it with `cargo doc --open -p guide`. Every example is compiled and run by the tests; those marked as failing are
//! compiled too, and must fail.
//!
//! 1. [`golden_rules`]: why terminal apps freeze, and the three rules that make it impossible
//! 2. [`workers`]: starting work, its states, its result; which of the three kinds to take
//! 3. [`groups_and_scopes`]: the old query and the new one, screens, refresh timers
//! 4. [`cancellation`]: what a cancel promises, and how a body keeps its part
//! 5. [`the_bridge`]: the one queue to the UI thread, and the loop around it
//! 6. [`testing`]: hours in milliseconds, without sleeps

#![doc(test(attr(deny(warnings))))]

#[doc = include_str!("../guide/golden_rules.md")]
pub mod golden_rules {}

#[doc = include_str!("../guide/workers.md")]
pub mod workers {}

#[doc = include_str!("../guide/groups_and_scopes.md")]
pub mod groups_and_scopes {}

#[doc = include_str!("../guide/cancellation.md")]
pub mod cancellation {}

#[doc = include_str!("../guide/the_bridge.md")]
pub mod the_bridge {}

#[doc = include_str!("../guide/testing.md")]
pub mod testing {}

/// The README's program is compiled and run too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}
