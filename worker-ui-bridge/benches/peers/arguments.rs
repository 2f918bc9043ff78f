//! The command line.

use crate::measure::Effort;

pub(crate) const USAGE: &str = "arguments: [--check] [--only <part of a row's name>] [--rounds <number>]";

pub(crate) struct Arguments {
    /// Whether a missed target is a failure.
    pub(crate) check: bool,
    pub(crate) effort: Effort,
    only: Option<String>,
}

impl Arguments {
    /// Without `--bench`, which `cargo bench` passes and `cargo test` does not, each row only runs
    /// a short trial.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { check: false, effort: Effort::Trial, only: None };
        let mut rounds = None;
        let mut measured = false;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--bench" => measured = true,
                "--check" => arguments.check = true,
                "--only" => arguments.only = Some(value()?),
                "--rounds" => rounds = Some(number(&value()?)?),
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        if measured {
            arguments.effort = rounds.map_or_else(Effort::default, |rounds| Effort::Measured { rounds });
        }
        Ok(arguments)
    }

    pub(crate) fn wants(&self, row: &str) -> bool {
        self.only.as_ref().is_none_or(|part| row.contains(part))
    }
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().ok().filter(|number| *number > 0).ok_or(format!("{word} is not a number of rounds"))
}
