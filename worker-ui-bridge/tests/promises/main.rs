//! Tests of the bridge's promises, one module per family. Each test is named after the promise it
//! proves.

mod calls;
mod closing;
mod compile_fail;
mod errors;
mod events;
mod foreign_code;
mod interleavings;
mod kinds;
mod latest;
mod sources;
mod stalls;
mod support;
mod tasks;
mod timers;
mod turns;
mod waiting;
