//! [`Settings`]: what `wandb login` and `wandb init` have written.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use configparser::ini::Ini;

/// How much is read of the file. It has a few lines.
const MAX_BYTES: u64 = 64 * 1024;

/// The settings file of the W&B tools, as far as the monitor needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The address of a server of one's own.
    pub base_url: Option<String>,
    /// The user or team.
    pub entity: Option<String>,
    /// The project.
    pub project: Option<String>,
}

impl Settings {
    /// Reads `settings` in `$WANDB_CONFIG_DIR` or `~/.config/wandb`. Without it, and if it is not
    /// readable, nothing is set: all of it can be set otherwise.
    pub fn from_usual_place() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let directory = set("WANDB_CONFIG_DIR").or_else(|| Some(env::home_dir()?.join(".config/wandb")));
        let read = |path: PathBuf| -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = directory.and_then(|directory| read(directory.join("settings")).ok());
        bytes.map_or_else(Self::default, |bytes| Self::from_text(&String::from_utf8_lossy(&bytes)))
    }

    /// Reads the text of the file. What is malformed is as if it were not there.
    pub fn from_text(text: &str) -> Self {
        let mut file = Ini::new();
        // Nothing in it is quoted in a message: it may have more than settings.
        if file.read(text.to_owned()).is_err() {
            return Self::default();
        }
        let set = |name| file.get("default", name).filter(|value| !value.is_empty());
        Self { base_url: set("base_url"), entity: set("entity"), project: set("project") }
    }
}

#[cfg(test)]
mod tests;
