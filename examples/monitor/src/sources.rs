//! The implementations of [`Source`](crate::source::Source): [`Demo`] and [`Live`]. All of it
//! blocks, so it runs on worker threads only.

pub mod browser;
pub mod demo;
mod environment;
pub mod live;

pub use demo::Demo;
pub use live::Live;
