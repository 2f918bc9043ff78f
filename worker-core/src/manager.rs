//! Workers together: who is alive, what a start does about the others, and the types a user begins
//! with.

pub(crate) mod engine;
pub(crate) mod limit;
pub(crate) mod listeners;
pub(crate) mod manager_builder;
pub(crate) mod members;
pub mod receiver;
pub(crate) mod registry;
pub(crate) mod restart;
pub(crate) mod revoked_below;
pub(crate) mod scope;
pub(crate) mod scope_handle;
pub(crate) mod shutdown;
pub(crate) mod start_workers;
#[cfg(feature = "macros")]
pub mod work_attribute;
pub(crate) mod worker_builder;
pub(crate) mod worker_manager;
