//! Models of the real code: loom runs each in every order that its threads can be in.
//!
//! ```text
//! RUSTFLAGS="--cfg worker_loom" cargo test -p worker-ui-bridge --lib --release models
//! ```
//!
//! The model's own thread is the UI thread. As in `worker_core`, `scripts/key_lines.txt` lists the
//! lines that the models guard.

mod alarms;
mod bounding;
mod calling;
mod latest;
mod sources;
mod support;
mod tasks;
mod timers;
mod turns;
mod waking;
