//! The places there are to fetch from: the demo, and the live services. Everything here blocks, and so runs on worker
//! threads only.

pub mod demo;
pub mod live;

pub use demo::Demo;
pub use live::Live;
