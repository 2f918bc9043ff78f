//! [`without_secrets`]: what a program that the monitor starts is not given.

use std::env;
use std::process::Command;

/// Takes the variables of Weights & Biases, the key among them, from a program that is not theirs.
pub(super) fn without_secrets(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"WANDB_")) {
        command.env_remove(name);
    }
    command
}
