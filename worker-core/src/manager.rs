//! Workers together: who is alive, what a start does about the others, and the types a user begins
//! with.

pub(crate) mod builder;
pub(crate) mod engine;
pub(crate) mod manager_builder;
pub(crate) mod overlap;
pub(crate) mod registry;
pub(crate) mod scope;
pub(crate) mod shutdown;
pub(crate) mod start;
#[cfg(feature = "macros")]
pub mod work_attribute;
pub(crate) mod worker_manager;
