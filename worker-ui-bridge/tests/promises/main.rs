//! Tests of the bridge's promises, one module per family. Each test is named after the promise it
//! proves.

mod async_turns;
mod calls;
mod closing;
mod compile_fail;
mod ends;
mod errors;
mod events;
mod foreign_code;
mod frames;
mod interleavings;
mod kinds;
mod latest;
mod parts;
mod resources;
mod sources;
mod stalls;
mod support;
mod tasks;
mod timers;
mod turns;
mod waiting;
