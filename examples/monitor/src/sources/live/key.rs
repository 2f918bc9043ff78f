//! [`Secret`] and [`KeySources`]: the W&B key, where it is looked up, and how it is kept out of
//! messages.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine};
use netrc::Netrc;
use serde_json::Value;

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

    /// Replaces the secret and its encoded forms in a text.
    ///
    /// The text must not be truncated before: half a secret is not recognised.
    pub(super) fn redact(&self, text: &str) -> String {
        let encoded = self.encoded();
        // Some servers escape slashes in JSON, and some omit the padding.
        let bare = encoded.trim_end_matches('=');
        let mut redacted = text.to_owned();
        for shape in [&encoded, bare, &bare.replace('/', "\\/"), &self.0] {
            redacted = redacted.replace(shape, "[key]");
        }
        redacted
    }

    /// Redacts every text in a JSON value.
    pub(super) fn redact_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.redact(&text)),
            Value::Array(values) => values.into_iter().map(|value| self.redact_value(value)).collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| (self.redact(&name), self.redact_value(value)))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }
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
    // The parser's error is dropped: it quotes the offending word, which may be a password.
    let netrc = Netrc::from_str(&text).map_err(|_| {
        SourceError::new(ErrorKind::NotLoggedIn, format!("{} is not a readable netrc file", path.display()))
            .with_advice("correct it, or set WANDB_API_KEY instead")
    })?;
    let entry = netrc.hosts.get(host).or_else(|| netrc.hosts.get("default"));
    Ok(entry.and_then(|entry| Secret::new(&entry.password)))
}

#[cfg(test)]
mod tests;
