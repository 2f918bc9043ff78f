//! What `gcloud` means when it fails.

use crate::sources::live::child::Finished;
use crate::sources::live::reply::excerpt;
use crate::sources::{Problem, SourceError};

/// As much of gcloud's own words as a message carries.
const LONGEST_QUOTE: usize = 300;

/// How a failure is recognised, and what to do about it. The first rule with a sign in gcloud's words is taken.
struct Rule {
    signs: &'static [&'static str],
    problem: Problem,
    what: &'static str,
    advice: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        signs: &["you do not currently have an active account", "no credentialed accounts"],
        problem: Problem::NotLoggedIn,
        what: "gcloud is not logged in",
        advice: "run `gcloud auth login`, then try again",
    },
    Rule {
        signs: &[
            "refreshing your current auth tokens",
            "reauthentication",
            "invalid_grant",
            "unauthenticated",
            "invalid authentication credentials",
        ],
        problem: Problem::NotLoggedIn,
        what: "gcloud's login has expired",
        advice: "run `gcloud auth login`, then try again",
    },
    Rule {
        signs: &[
            "core/project",
            "attribute [project]",
            "required property [project]",
            "specify a project",
            "project must be",
        ],
        problem: Problem::NotConfigured,
        what: "no project is set",
        advice: "start with --project PROJECT, or run `gcloud config set project PROJECT`",
    },
    Rule {
        signs: &["service_disabled", "has not been used in project", "api is not enabled", "is not enabled"],
        problem: Problem::Denied,
        what: "the service is not enabled in this project",
        advice: "enable it with `gcloud services enable`, or check --project",
    },
    Rule {
        signs: &["permission_denied", "does not have permission", "permission denied", "forbidden"],
        problem: Problem::Denied,
        what: "permission denied",
        advice: "check --project and the account (`gcloud auth list`), or ask for a viewer's role",
    },
    Rule {
        signs: &["resource_exhausted", "quota exceeded", "rate limit"],
        problem: Problem::RateLimited,
        what: "the quota is used up",
        advice: "wait a minute, or refresh less often (--refresh)",
    },
    Rule {
        signs: &["unrecognized arguments", "invalid choice"],
        problem: Problem::Refused,
        what: "this gcloud does not know an option",
        advice: "update it: `gcloud components update`",
    },
    Rule {
        signs: &[
            "[region]",
            "[--region",
            "--region: must be",
            "argument --region",
            "run/region",
            "ai/region",
        ],
        problem: Problem::NotConfigured,
        what: "no usable region is set",
        advice: "start with --region REGION",
    },
    Rule {
        signs: &["not_found", "could not be found", "was not found", "cannot find"],
        problem: Problem::NotFound,
        what: "not found",
        advice: "check --project, --region and --job",
    },
    Rule {
        signs: &[
            "unable to find the server",
            "failed to resolve",
            "name or service not known",
            "temporary failure in name resolution",
            "connection refused",
            "network is unreachable",
            "max retries exceeded",
            "problem connecting",
        ],
        problem: Problem::Unreachable,
        what: "Google Cloud could not be reached",
        advice: "check the network, then try again",
    },
    Rule {
        signs: &["unavailable", "internal error", "backend error", "httperror 50"],
        problem: Problem::Unavailable,
        what: "Google Cloud is in trouble",
        advice: "it is usually back within minutes; try again then",
    },
];

/// Tells a person why `gcloud` failed.
pub(super) fn failure(finished: &Finished, project: Option<&str>) -> SourceError {
    let words = String::from_utf8_lossy(&finished.stderr);
    let lower = words.to_lowercase();
    let quote = excerpt(essence(&words), LONGEST_QUOTE);
    let said = if quote.is_empty() { String::new() } else { format!(" ({quote})") };
    if let Some(rule) = RULES.iter().find(|rule| rule.signs.iter().any(|sign| lower.contains(sign))) {
        let whose = match (rule.problem, project) {
            (Problem::Denied | Problem::NotFound | Problem::RateLimited, Some(project)) => {
                format!(" in project {project}")
            }
            _ => String::new(),
        };
        return SourceError::new(rule.problem, format!("{}{whose}{said}", rule.what)).advise(rule.advice);
    }
    // "exit status: 1", or "signal: 9 (SIGKILL)" if somebody killed it.
    SourceError::new(Problem::Unavailable, format!("gcloud failed, {}{said}", finished.status))
        .advise("run the same gcloud command by hand to see more")
}

/// gcloud's own words without its labels: from `ERROR: (gcloud.builds.list) PERMISSION_DENIED: …` what follows the
/// parenthesis.
fn essence(words: &str) -> &str {
    let mut lines = words.lines().map(str::trim).filter(|line| !line.starts_with("Using endpoint ["));
    // What follows names the flag by which gcloud noticed; this line names what is missing.
    if let Some(missing) = lines.clone().find(|line| line.starts_with("Failed to find attribute")) {
        return missing.split_once(". ").map_or(missing, |(first, _)| first);
    }
    let Some(error) = lines.clone().find(|line| line.starts_with("ERROR:")) else {
        return lines.find(|line| !line.is_empty()).unwrap_or("");
    };
    let error = error.trim_start_matches("ERROR:").trim_start();
    match error.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((_command, rest)) => rest,
        None => error,
    }
}

#[cfg(test)]
mod tests;
