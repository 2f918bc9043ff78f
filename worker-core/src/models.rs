//! Models of the real code: loom runs each in every order that its threads can be in.
//!
//! ```text
//! RUSTFLAGS="--cfg worker_loom" cargo test -p worker-core --lib --release models
//! ```
//!
//! Each model names the line that it guards: `docs/how_it_is_tested.md` lists them, with what the
//! model says when the line is broken. A model is small, two or three threads and one hand-over,
//! because the number of orders grows with every step.

mod cancelling;
mod finishing;
mod groups;
mod lifecycle;
mod pooling;
mod progress;
mod support;
mod timing;
