//! [`Cli`]: the command line.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, ValueEnum};

/// The options of the command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "monitor",
    version,
    about = "Watches builds, launch agent executions, Vertex AI jobs and W&B runs in five tables",
    after_help = "Live rows come from the `gcloud` command (log in with `gcloud auth login`) and from Weights & Biases \
                  (key in WANDB_API_KEY or ~/.netrc; WANDB_BASE_URL for a server of your own).\n\
                  Exit status of --once: 0 all five tables came, 1 any failed, 2 bad usage, 128 and the signal's number if stopped by one."
)]
pub struct Cli {
    /// Fetch all five tables once, print them, and end
    #[arg(long)]
    pub once: bool,

    /// Print a line of JSON for each table at each refresh, until stopped
    #[arg(long, conflicts_with_all = ["once", "format"])]
    pub watch: bool,

    /// How --once prints
    #[arg(long, value_enum, default_value_t = Format::Table, requires = "once")]
    pub format: Format,

    /// Where the rows come from
    #[arg(long, value_enum, default_value_t = SourceKind::Demo)]
    pub source: SourceKind,

    /// Seed of the demo's random rows
    #[arg(long, default_value_t = 9, value_name = "NUMBER")]
    pub seed: u64,

    /// Time between automatic refreshes
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = parse_refresh)]
    pub refresh: Duration,

    /// Rows of each kind to show at most (default: 10 active and 10 ended builds, 20 of every other
    /// kind); the demo makes up this many
    #[arg(long, value_name = "NUMBER", value_parser = parse_rows)]
    pub rows: Option<usize>,

    /// Google Cloud project; without it, the one gcloud is configured for
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub project: Option<String>,

    /// Google Cloud region to watch; may be given several times, or with commas
    #[arg(long = "region", value_name = "REGION", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub regions: Vec<String>,

    /// Cloud Run job of the launch agent
    #[arg(long, default_value = "vertex-ai-launcher", value_parser = NonEmptyStringValueParser::new())]
    pub job: String,

    /// W&B user or team; without it, `WANDB_ENTITY`
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub entity: Option<String>,

    /// W&B project; without it, `WANDB_PROJECT`
    #[arg(long, value_name = "PROJECT", value_parser = NonEmptyStringValueParser::new())]
    pub wandb_project: Option<String>,
}

/// How `--once` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned text, for reading
    Table,
    /// One JSON object, for scripts
    Json,
    /// A line per row, for spreadsheets
    Csv,
    /// A Markdown table each, for reports
    Markdown,
}

/// Where the rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SourceKind {
    /// Random rows from --seed; needs no account
    Demo,
    /// gcloud and Weights & Biases
    Live,
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

#[cfg(test)]
mod tests;
