//! [`Secret`] and [`KeySources`]: the W&B key, where it is looked up, and how it is kept out of
//! messages.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine};
use netrc::Netrc;

use crate::source::{ErrorKind, SourceError};

/// A secret text. Its `Debug` hides it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text, trimmed. `None` if it is blank.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The value of the `Authorization` header.
    pub(super) fn basic_auth(&self) -> String {
        format!("Basic {}", self.encoded())
    }

    fn encoded(&self) -> String {
        BASE64_STANDARD.encode(format!("api:{}", self.0))
    }

    /// Replaces each part of the secret, and of its encoded forms, that has [`PART_BYTES`] or more,
    /// in upper or lower case. A shorter secret is replaced where it stands as a whole.
    pub(super) fn redact(&self, text: &str) -> String {
        let encoded = self.encoded().to_ascii_lowercase();
        // Some servers escape slashes in JSON, and some omit the padding.
        let shapes = [encoded.replace('/', "\\/"), encoded, self.0.to_ascii_lowercase()];
        let parts: HashSet<&[u8]> = shapes.iter().flat_map(|shape| parts(shape)).collect();
        let lower = text.to_ascii_lowercase();
        let mut redacted = String::with_capacity(text.len());
        let mut kept = 0;
        for found in found(lower.as_bytes(), &parts) {
            let end = text.ceil_char_boundary(found.end);
            let start = text.floor_char_boundary(found.start);
            redacted.push_str(&text[kept..start]);
            redacted.push_str("[key]");
            kept = end;
        }
        redacted.push_str(&text[kept..]);
        redacted
    }
}

/// The shortest part of a secret that is one itself: what is shorter may stand in any text.
const PART_BYTES: usize = 8;

/// The parts of [`PART_BYTES`]; a shorter secret as a whole.
fn parts(secret: &str) -> impl Iterator<Item = &[u8]> {
    secret.as_bytes().windows(PART_BYTES.min(secret.len()))
}

/// Where the parts are found in a text. Parts that overlap or touch are one.
fn found(text: &[u8], parts: &HashSet<&[u8]>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let sizes: BTreeSet<usize> = parts.iter().map(|part| part.len()).collect();
    for start in 0..text.len() {
        let fits = |size: &&usize| text.get(start..start + **size).is_some_and(|part| parts.contains(part));
        let Some(size) = sizes.iter().rfind(fits) else { continue };
        match found.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(start + size),
            _ => found.push(start..start + size),
        }
    }
    found
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where the key is looked up.
#[derive(Clone, Debug, Default)]
pub struct KeySources {
    /// The value of `WANDB_API_KEY`, if it is set.
    pub key: Option<Secret>,
    /// The netrc file: `$NETRC`, or `~/.netrc`.
    pub netrc: Option<PathBuf>,
}

impl KeySources {
    /// Reads the environment.
    pub fn from_env() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let key = set("WANDB_API_KEY").and_then(|value| Secret::new(&value.to_string_lossy()));
        let netrc = set("NETRC").map(PathBuf::from);
        let netrc = netrc.or_else(|| std::env::home_dir().map(|home| home.join(".netrc")));
        Self { key, netrc }
    }

    /// Looks up the key for a host. It reads a file, so it runs on a worker.
    ///
    /// # Errors
    ///
    /// If there is no key, or the netrc file cannot be read. The error contains nothing of the
    /// file.
    pub(super) fn key_for(&self, host: &str) -> Result<Secret, SourceError> {
        if let Some(key) = &self.key {
            return Ok(key.clone());
        }
        let found = match &self.netrc {
            Some(path) => in_netrc(path, host)?,
            None => None,
        };
        found.ok_or_else(|| {
            SourceError::new(ErrorKind::NotLoggedIn, format!("there is no W&B key for {host}"))
                .with_advice("set WANDB_API_KEY, or run `wandb login` (it writes ~/.netrc)")
        })
    }
}

fn in_netrc(path: &Path, host: &str) -> Result<Option<Secret>, SourceError> {
    let text = match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let what = format!("the W&B key could not be read from {}: {error}", path.display());
            return Err(
                SourceError::new(ErrorKind::NotLoggedIn, what).with_advice("set WANDB_API_KEY instead")
            );
        }
    };
    in_text(&text, path, host)
}

/// Looks up the key in the text of this file.
pub(super) fn in_text(text: &str, path: &Path, host: &str) -> Result<Option<Secret>, SourceError> {
    // The parser's error is dropped: it quotes the offending word, which may be a password.
    let netrc = Netrc::from_str(text).map_err(|_| {
        SourceError::new(ErrorKind::NotLoggedIn, format!("{} is not a readable netrc file", path.display()))
            .with_advice("correct it, or set WANDB_API_KEY instead")
    })?;
    let entry = netrc.hosts.get(host).or_else(|| netrc.hosts.get("default"));
    Ok(entry.and_then(|entry| Secret::new(&entry.password)))
}

#[cfg(test)]
mod tests;
