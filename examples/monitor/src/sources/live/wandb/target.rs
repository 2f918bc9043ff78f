//! [`Target`]: the W&B service, project and key that a request is sent to.

use ureq::http::Uri;

use crate::sources::live::key::Secret;

/// A complete configuration: nothing that a request needs is missing.
pub(super) struct Target<'a> {
    pub(super) uri: Uri,
    pub(super) host: String,
    pub(super) entity: &'a str,
    pub(super) project: &'a str,
    pub(super) key: Secret,
}
