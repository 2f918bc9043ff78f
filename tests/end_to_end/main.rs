//! End-to-end tests: the output, the screen and the exit of the monitor, the small examples,
//! and the architecture of the crates.

mod editor;
mod examples;
mod executors;
mod foreign;
mod framework;
mod live;
mod once;
mod outside;
mod screen;
mod tidy;
mod tour;
