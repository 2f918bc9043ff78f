//! [`RevokedBelow`]: marks every worker that was admitted before a cancel of its group or scope, or
//! before a superseding start.

use crate::sync::primitives::atomic::{AtomicU64, Ordering};
use crate::worker::id::WorkerId;

/// Every worker numbered below it is revoked. Only grows.
#[derive(Debug, Default)]
pub(crate) struct RevokedBelow(AtomicU64);

impl RevokedBelow {
    pub(crate) fn advance(&self, id: WorkerId) {
        self.0.fetch_max(id.get(), Ordering::AcqRel);
    }

    pub(crate) fn contains(&self, id: WorkerId) -> bool {
        id.get() < self.0.load(Ordering::Acquire)
    }

    /// The number of what has revoked this worker, if anything has.
    pub(crate) fn revoker_of(&self, id: WorkerId) -> Option<WorkerId> {
        WorkerId::numbered(self.0.load(Ordering::Acquire)).filter(|below| id < *below)
    }
}
