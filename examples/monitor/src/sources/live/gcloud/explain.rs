//! [`failure`]: turns an error message of `gcloud` into a [`SourceError`].

use crate::source::{ErrorKind, SourceError};
use crate::sources::live::child::ChildOutput;
use crate::sources::live::reply::excerpt;

/// How many characters of gcloud's message are quoted. The address under which an API can be
/// enabled is among them.
const MAX_QUOTE_CHARS: usize = 1000;

/// How a failure is recognised, and what to do about it. The first rule with a matching pattern
/// applies.
struct Rule {
    patterns: &'static [&'static str],
    kind: ErrorKind,
    what: &'static str,
    advice: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        patterns: &["you do not currently have an active account", "no credentialed accounts"],
        kind: ErrorKind::NotLoggedIn,
        what: "gcloud is not logged in",
        advice: "run `gcloud auth login`, then try again",
    },
    Rule {
        patterns: &[
            "refreshing your current auth tokens",
            "reauthentication",
            "invalid_grant",
            "unauthenticated",
            "invalid authentication credentials",
        ],
        kind: ErrorKind::NotLoggedIn,
        what: "gcloud's login has expired",
        advice: "run `gcloud auth login`, then try again",
    },
    Rule {
        patterns: &[
            "core/project",
            "attribute [project]",
            "required property [project]",
            "specify a project",
            "project must be",
        ],
        kind: ErrorKind::NotConfigured,
        what: "no project is set",
        advice: "start with --project PROJECT, or run `gcloud config set project PROJECT`",
    },
    Rule {
        patterns: &[
            "service_disabled",
            "has not been used in project",
            "api is not enabled",
            "is not enabled",
        ],
        kind: ErrorKind::Denied,
        what: "the service is not enabled in this project",
        advice: "enable it with `gcloud services enable`, or check --project",
    },
    Rule {
        patterns: &["permission_denied", "does not have permission", "permission denied", "forbidden"],
        kind: ErrorKind::Denied,
        what: "permission denied",
        advice: "check --project and the account (`gcloud auth list`), or ask for a viewer's role",
    },
    Rule {
        patterns: &["resource_exhausted", "quota exceeded", "rate limit"],
        kind: ErrorKind::RateLimited,
        what: "the quota is used up",
        advice: "wait a minute, or refresh less often (--refresh)",
    },
    Rule {
        patterns: &["unrecognized arguments", "invalid choice"],
        kind: ErrorKind::Refused,
        what: "this gcloud does not know an option",
        advice: "update it: `gcloud components update`",
    },
    Rule {
        patterns: &[
            "[region]",
            "[--region",
            "--region: must be",
            "argument --region",
            "run/region",
            "ai/region",
        ],
        kind: ErrorKind::NotConfigured,
        what: "no usable region is set",
        advice: "start with --region REGION",
    },
    Rule {
        patterns: &["not_found", "could not be found", "was not found", "cannot find"],
        kind: ErrorKind::NotFound,
        what: "not found",
        advice: "check --project, --region and --job",
    },
    Rule {
        patterns: &[
            "unable to find the server",
            "failed to resolve",
            "name or service not known",
            "temporary failure in name resolution",
            "connection refused",
            "network is unreachable",
            "max retries exceeded",
            "problem connecting",
        ],
        kind: ErrorKind::Unreachable,
        what: "Google Cloud could not be reached",
        advice: "check the network, then try again",
    },
    Rule {
        patterns: &["unavailable", "internal error", "backend error", "httperror 50"],
        kind: ErrorKind::Unavailable,
        what: "Google Cloud reported an internal error",
        advice: "it is usually back within minutes; try again then",
    },
];

/// Explains why `gcloud` failed.
pub(super) fn failure(output: &ChildOutput, project: Option<&str>) -> SourceError {
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Warnings that stand before the error, and may match a rule as well, are left out.
    let error = stderr.rfind("ERROR:").map_or(&*stderr, |at| &stderr[at..]);
    let lower = error.to_lowercase();
    let quote = excerpt(main_line(&stderr), MAX_QUOTE_CHARS);
    let quoted = if quote.is_empty() { String::new() } else { format!(" ({quote})") };
    if let Some(rule) = RULES.iter().find(|rule| rule.patterns.iter().any(|pattern| lower.contains(pattern)))
    {
        let project = match (rule.kind, project) {
            (ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::RateLimited, Some(project)) => {
                format!(" in project {project}")
            }
            _ => String::new(),
        };
        return SourceError::new(rule.kind, format!("{}{project}{quoted}", rule.what))
            .with_advice(rule.advice);
    }
    // "exit status: 1", or "signal: 9 (SIGKILL)" if it was killed.
    let status = output.status.map(|status| format!(", {status}")).unwrap_or_default();
    SourceError::new(ErrorKind::Unavailable, format!("gcloud failed{status}{quoted}"))
        .with_advice("run the same gcloud command by hand to see more")
}

/// The main line of gcloud's message without its labels: of `ERROR: (gcloud.builds.list)
/// PERMISSION_DENIED: …` what follows the parenthesis.
fn main_line(stderr: &str) -> &str {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.starts_with("Using endpoint ["));
    // The lines after it name the flag; this line names what is missing.
    if let Some(missing) = lines.clone().find(|line| line.starts_with("Failed to find attribute")) {
        return missing.split_once(". ").map_or(missing, |(first, _)| first);
    }
    let Some(error) = lines.clone().rfind(|line| line.starts_with("ERROR:")) else {
        let mut said = lines.filter(|line| !line.is_empty() && !line.starts_with("WARNING:"));
        // A Python traceback ends with what went wrong.
        let is_traceback = stderr.contains("Traceback (most recent call last)");
        return if is_traceback { said.next_back() } else { said.next() }.unwrap_or("");
    };
    let error = error.trim_start_matches("ERROR:").trim_start();
    match error.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((_command, rest)) => rest,
        None => error,
    }
}

#[cfg(test)]
mod tests;
