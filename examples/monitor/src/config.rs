//! [`Config`]: the configuration file, with its profiles, below the flags of the command line.
//!
//! ```toml
//! profile = "work"          # the one to start with
//!
//! [defaults]
//! refresh = 60
//!
//! [profiles.work]
//! source = "live"
//! project = "my-project"
//! regions = ["us-central1", "europe-west4"]
//! entity = "my-team"
//! ```
//!
//! A flag goes before the profile, the profile before the defaults of the file.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::Cli;
use crate::model::text;
use crate::options::Options;

/// Where the file is looked for below the directory for configuration.
const FILE: &str = "monitor/config.toml";

/// The file.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct ConfigFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    defaults: Options,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    profiles: BTreeMap<String, Options>,
}

/// The profiles, each with the flags and the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that was read.
    pub path: Option<PathBuf>,
    /// The profiles by name, the one to start with first. If the file has none, there is one
    /// without a name.
    pub profiles: Vec<Profile>,
}

/// A profile: what is set in it and above and below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Its name; empty if the file has no profiles.
    pub name: String,
    /// Its options.
    pub options: Options,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {error}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is wrong.
    #[error("{path}:{line}: {message}", path = .path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// There is no such profile.
    #[error("there is no profile {name:?}; {}", known(.profiles))]
    NoProfile {
        /// The name.
        name: String,
        /// Those that there are.
        profiles: Vec<String>,
    },
}

fn known(profiles: &[String]) -> String {
    if profiles.is_empty() {
        "the configuration has no [profiles.NAME]".to_owned()
    } else {
        format!("the configuration has {}", profiles.join(", "))
    }
}

impl Config {
    /// Reads the file that the command line names, or the one in its usual place if it is there.
    ///
    /// # Errors
    ///
    /// If the file is wrong, or has no such profile.
    pub fn load(cli: &Cli) -> Result<Self, ConfigError> {
        let path = cli.config.clone().or_else(|| usual_place().filter(|path| path.exists()));
        let text = match &path {
            None => String::new(),
            Some(path) => fs::read_to_string(path)
                .map_err(|error| ConfigError::Unreadable { path: path.clone(), error })?,
        };
        Self::from_text(cli, path, &text)
    }

    fn from_text(cli: &Cli, path: Option<PathBuf>, text: &str) -> Result<Self, ConfigError> {
        let file: ConfigFile = toml::from_str(text).map_err(|error| wrong(path.as_deref(), text, &error))?;
        let first = cli.profile.as_ref().or(file.profile.as_ref());
        if let Some(name) = first.filter(|name| !file.profiles.contains_key(*name)) {
            let profiles = file.profiles.into_keys().collect();
            return Err(ConfigError::NoProfile { name: name.clone(), profiles });
        }
        let flags = &cli.options;
        let below = file.defaults.or(&Options::defaults());
        let profile = |name: &str, options: &Options| Profile {
            name: name.to_owned(),
            options: flags.clone().or(options).or(&below),
        };
        let mut profiles: Vec<Profile> =
            file.profiles.iter().map(|(name, options)| profile(name, options)).collect();
        if profiles.is_empty() {
            profiles.push(profile("", &Options::default()));
        }
        let start = first.and_then(|first| profiles.iter().position(|profile| profile.name == *first));
        profiles.rotate_left(start.unwrap_or(0));
        Ok(Self { path, profiles })
    }

    /// The profile to start with.
    pub fn first(&self) -> &Profile {
        &self.profiles[0]
    }

    /// What holds, as a configuration file.
    pub fn to_toml(&self) -> String {
        let read = self.path.as_ref().map_or("no file".to_owned(), |path| path.display().to_string());
        let first = self.first();
        let mut file = ConfigFile::default();
        if first.name.is_empty() {
            file.defaults.clone_from(&first.options);
        } else {
            file.profile = Some(first.name.clone());
            let profiles = self.profiles.iter();
            file.profiles = profiles.map(|one| (one.name.clone(), one.options.clone())).collect();
        }
        // Cannot fail: texts and numbers only.
        let written = toml::to_string(&file).unwrap_or_default();
        format!("# read from {}\n{written}", text::escape(&read))
    }
}

/// For the fuzz targets: reads a text as a configuration file, and what is printed of it again.
#[cfg(fuzzing)]
pub fn fuzz(text: &str) {
    use clap::Parser;
    let cli = Cli::parse_from(["monitor"]);
    if let Ok(config) = Config::from_text(&cli, None, text) {
        let again = Config::from_text(&cli, None, &config.to_toml());
        assert!(again.is_ok(), "{again:?}");
    }
}

/// `$XDG_CONFIG_HOME`, or `~/.config`.
fn usual_place() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    directory.or_else(|| set("HOME").map(|home| home.join(".config"))).map(|directory| directory.join(FILE))
}

fn wrong(path: Option<&Path>, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let path = path.map(Path::to_owned).unwrap_or_default();
    ConfigError::Wrong { path, line, message: error.message().replace('\n', " ") }
}

#[cfg(test)]
mod tests;
