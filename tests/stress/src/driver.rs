//! The driver: runs [episodes](episode) of random operations on real managers and bridges, and
//! records them in a [history](crate::history).

pub(crate) mod attempts;
pub(crate) mod bodies;
pub(crate) mod campaign;
pub(crate) mod episode;
pub(crate) mod foreign;
pub(crate) mod letters;
pub(crate) mod operations;
pub(crate) mod parts;
pub(crate) mod plan;
pub(crate) mod sinks;
pub(crate) mod ui;
pub(crate) mod waits;
pub(crate) mod watchdog;
pub(crate) mod world;
