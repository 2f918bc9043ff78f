//! [`Cli`]: the command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};

use crate::options::Options;

/// The options of the command line.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Clone, Debug, Parser)]
#[command(
    name = "monitor",
    version,
    about = "Watches builds, launch agent executions, Vertex AI jobs and W&B runs in five tables",
    after_help = "Live rows come from the `gcloud` command (log in with `gcloud auth login`) and from Weights & Biases \
                  (key in WANDB_API_KEY or ~/.netrc; WANDB_BASE_URL, or what `wandb login` has written, for a server of your own).\n\
                  Exit status of --once: 0 all five tables came, 1 any failed, 2 bad usage, 128 and the signal's number if stopped by one."
)]
pub struct Cli {
    /// Fetch all five tables once, print them, and end
    #[arg(long)]
    pub once: bool,

    /// Print a line of JSON for each table at each refresh, until stopped
    #[arg(long, conflicts_with = "once")]
    pub watch: bool,

    /// How --once prints [default: table]; --watch prints json
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// The configuration file.
    #[arg(
        long,
        value_name = "FILE",
        help = "Read this configuration file, instead of monitor/config.toml in $XDG_CONFIG_HOME or ~/.config"
    )]
    pub config: Option<PathBuf>,

    /// Start with this profile of the configuration file
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Print the options that hold, as a configuration file, and end
    #[arg(long)]
    pub print_config: bool,

    /// Draw with ASCII characters only.
    #[arg(
        long,
        conflicts_with_all = ["once", "watch"],
        help = "Draw with ASCII characters only; by itself where the locale (LC_ALL, LC_CTYPE, LANG) is not UTF-8"
    )]
    pub ascii: bool,

    /// Those that may stand in the configuration file as well.
    #[command(flatten)]
    pub options: Options,
}

impl Cli {
    /// Whether the options go together.
    ///
    /// # Errors
    ///
    /// What does not, for clap to print.
    pub fn check(self) -> Result<Self, clap::Error> {
        let refused = match self.format {
            Some(_) if !self.once && !self.watch => "--format needs --once or --watch",
            Some(format) if self.watch && format != Format::Json => "--watch prints json only",
            _ => return Ok(self),
        };
        Err(Self::command().error(ErrorKind::ArgumentConflict, refused))
    }
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

#[cfg(test)]
mod tests;
