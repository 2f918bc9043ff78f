//! The promises on workers, one module per family, each test named after the promise it proves.

#![expect(clippy::unit_arg, reason = "`Ok(held.wait())` is the shortest body that waits")]

mod async_bodies;
mod cancellation;
mod compile_fail;
mod concurrency_limit;
mod delays;
mod errors;
mod fan_out;
mod foreign_code;
mod groups;
mod handles;
mod inspecting;
mod interleavings;
mod lifecycle;
mod lifetimes;
mod limits;
mod overlap;
mod panic_hook;
mod panics;
mod retry;
mod scopes;
mod shutdown;
mod support;
mod threads;
mod waiting;
mod work_attribute;
