//! [`Options`]: what can be set by a flag and in the configuration file alike.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Where the rows come from, and how many and how often. What is not set is `None`.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// Where the rows come from [default: demo]
    #[arg(long, value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceKind>,

    /// Seed of the demo's random rows [default: 9]
    #[arg(long, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,

    /// Time between automatic refreshes [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = parse_refresh)]
    #[serde(
        deserialize_with = "refresh",
        serialize_with = "seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub refresh: Option<Duration>,

    /// Rows of each kind to show at most (default: 10 active and 10 ended builds, 20 of every other
    /// kind); the demo makes up this many
    #[arg(long, value_name = "NUMBER", value_parser = parse_rows)]
    #[serde(deserialize_with = "rows", skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,

    /// Leave the mouse to the terminal, for example to select text with it; as `mouse = false` in
    /// the file
    #[arg(
        long = "no-mouse",
        num_args = 0,
        default_missing_value = "false",
        value_parser = clap::value_parser!(bool)
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mouse: Option<bool>,

    /// Google Cloud project; without it, the one gcloud is configured for
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,

    /// Google Cloud region to watch; may be given several times, or with commas
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    #[serde(deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,

    /// Cloud Run job of the launch agent [default: vertex-ai-launcher]
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,

    /// W&B user or team; without it, `WANDB_ENTITY`, or what `wandb login` has written
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,

    /// W&B project; without it, `WANDB_PROJECT`, or what `wandb init` has written
    #[arg(long, value_name = "PROJECT", value_parser = NonEmptyStringValueParser::new())]
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub wandb_project: Option<String>,

    /// Ring the terminal's bell when something that was seen active has failed
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bell: Option<bool>,
}

/// Where the rows come from.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Random rows from --seed; needs no account
    #[default]
    Demo,
    /// gcloud and Weights & Biases
    Live,
}

impl Options {
    /// These, and what `others` say of those that are not set.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        let others = others.clone();
        Self {
            source: self.source.or(others.source),
            seed: self.seed.or(others.seed),
            refresh: self.refresh.or(others.refresh),
            rows: self.rows.or(others.rows),
            mouse: self.mouse.or(others.mouse),
            project: self.project.or(others.project),
            regions: if self.regions.is_empty() { others.regions } else { self.regions },
            job: self.job.or(others.job),
            entity: self.entity.or(others.entity),
            wandb_project: self.wandb_project.or(others.wandb_project),
            bell: self.bell.or(others.bell),
        }
    }

    /// What holds where nothing is set.
    pub fn defaults() -> Self {
        Self {
            source: Some(SourceKind::Demo),
            seed: Some(9),
            refresh: Some(Duration::from_secs(30)),
            mouse: Some(true),
            job: Some("vertex-ai-launcher".to_owned()),
            ..Self::default()
        }
    }
}

/// One day. For a longer interval the automatic refresh can be switched off.
const MAX_REFRESH_SECS: u64 = 24 * 60 * 60;

fn parse_refresh(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=MAX_REFRESH_SECS) => Ok(Duration::from_secs(seconds)),
        Ok(0) => {
            Err("0 would refresh without a pause; give at least 1, or press a to switch it off".to_owned())
        }
        _ => Err(format!("give whole seconds from 1 to {MAX_REFRESH_SECS}")),
    }
}

/// `gcloud` takes about a minute to list this many rows.
const MAX_ROWS: usize = 1000;

fn parse_rows(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(rows @ 1..=MAX_ROWS) => Ok(rows),
        _ => Err(format!("give a whole number from 1 to {MAX_ROWS}")),
    }
}

fn refresh<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    number(from, parse_refresh)
}

fn rows<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    number(from, parse_rows)
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    not_empty(String::deserialize(from)?).map(Some)
}

fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Vec::<String>::deserialize(from)?.into_iter().map(not_empty).collect()
}

fn not_empty<E: de::Error>(text: String) -> Result<String, E> {
    if text.is_empty() { Err(E::custom("it must not be empty; leave it out")) } else { Ok(text) }
}

/// A number that a flag of the same name would accept.
fn number<'de, D: Deserializer<'de>, T>(
    from: D,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, D::Error> {
    let number = i64::deserialize(from)?;
    parse(&number.to_string()).map(Some).map_err(de::Error::custom)
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn seconds<S: Serializer>(refresh: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    refresh.map(|refresh| refresh.as_secs()).serialize(to)
}
