//! [`Target`]: the W&B service, project and key that a request is sent to.

use std::fmt::Write;

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

/// The API of the hosted service, and where its pages are. A server of one's own has both in one
/// place.
const HOSTED: (&str, &str) = ("api.wandb.ai", "wandb.ai");

impl Target<'_> {
    /// The page of a run. It never holds the user name and password that the service's address may
    /// have.
    pub(super) fn run_url(&self, run: &str) -> String {
        let (api, pages) = HOSTED;
        let host = if self.host == api { pages } else { &self.host };
        let port = self.uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = self.uri.scheme_str().unwrap_or("https");
        let path = self.uri.path().trim_end_matches("/graphql");
        let [entity, project, run] = [self.entity, self.project, run].map(encoded);
        format!("{scheme}://{host}{port}{path}/{entity}/{project}/runs/{run}")
    }
}

/// A text as a part of a path: what is not a letter, a digit or one of `-._~` is encoded.
fn encoded(part: &str) -> String {
    let mut encoded = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
