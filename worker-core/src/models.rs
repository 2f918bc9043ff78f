//! Models of the real code: loom runs each in every order that its threads can be in.
//!
//! ```text
//! RUSTFLAGS="--cfg worker_loom" cargo test -p worker-core --lib --release models
//! ```
//!
//! `scripts/key_lines.txt` lists the lines that the models guard; `scripts/models.sh broken` breaks
//! each and requires that its model fails. A model is small, two or three threads and one
//! hand-over, because the number of orders grows with every step.

mod cancelling;
mod fan_out;
mod finishing;
mod groups;
mod lifecycle;
mod pooling;
mod progress;
mod slots;
mod support;
mod tasks;
mod timing;
