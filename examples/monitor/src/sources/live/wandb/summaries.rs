//! [`complete`]: asks for the metrics of listed runs, for their runtime and exit code.
//!
//! The metrics of one run may be megabytes. So they are asked for apart from the list, and in
//! smaller pages if a reply is too large.

use serde_json::json;

use super::client::Client;
use super::response::{self, Listed};
use crate::source::{ErrorKind, SourceError};

const QUERY: &str = "query Summaries($project:String!,$entity:String!,$perPage:Int=10,$filters:JSONString){\
project(name:$project,entityName:$entity){runs(filters:$filters,first:$perPage){edges{node{name summaryMetrics}}}}}";

/// The most runs whose metrics are requested at once.
const MAX_PAGE_SIZE: usize = 10;

/// Adds runtime and exit code to the runs. The runs of which they cannot be had stay as they are,
/// and the error says why.
///
/// # Errors
///
/// Only if the worker is cancelled.
pub(super) fn complete(client: &Client<'_>, runs: &mut [Listed]) -> Result<Option<SourceError>, SourceError> {
    let mut problem = None;
    let mut size = MAX_PAGE_SIZE;
    let mut start = 0;
    while start < runs.len() {
        let end = runs.len().min(start + size);
        let page = &mut runs[start..end];
        match ask(client, page) {
            Ok(partial) => problem = problem.or(partial),
            Err(error) => match error.kind() {
                ErrorKind::Cancelled => return Err(error),
                ErrorKind::TooLarge if page.len() > 1 => {
                    size = page.len() / 2;
                    continue;
                }
                ErrorKind::TooLarge => problem = problem.or(Some(error)),
                // The next page would fail the same way.
                _ => {
                    problem = problem.or(Some(error));
                    break;
                }
            },
        }
        start = end;
    }
    Ok(problem.map(|error| error.with_context("the runtime and exit code of some runs are missing")))
}

/// Asks for the metrics of these runs. They may come with an error about some of them.
fn ask(client: &Client<'_>, runs: &mut [Listed]) -> Result<Option<SourceError>, SourceError> {
    let names: Vec<&str> = runs.iter().map(|listed| listed.name.as_str()).collect();
    let variables = json!({
        "entity": client.target.entity,
        "project": client.target.project,
        "perPage": names.len(),
        "filters": json!({ "name": { "$in": names } }).to_string(),
    });
    let reply = client.ask(QUERY, &variables)?;
    let (list, error) =
        client.with_reader(runs.len(), |reader| response::summaries(&reply, client.target, reader))?;
    for summary in list.rows {
        for listed in runs.iter_mut().filter(|listed| listed.name == summary.name) {
            listed.run.runtime = summary.runtime;
            listed.run.exit_code = summary.exit_code;
        }
    }
    Ok(list.error.or(error))
}
