//! [`newest`]: lists the newest runs, page by page.

use serde_json::json;

use super::client::Client;
use super::response::{self, Listed, Page};
use crate::source::{ErrorKind, SourceError};

const QUERY: &str = "query Runs($project:String!,$entity:String!,$cursor:String,$perPage:Int=50,$order:String,\
$filters:JSONString){project(name:$project,entityName:$entity){runCount(filters:$filters) \
runs(filters:$filters,after:$cursor,first:$perPage,order:$order){edges{node{id name displayName state createdAt \
heartbeatAt} cursor} pageInfo{endCursor hasNextPage}}}}";

/// The most runs requested at once.
const MAX_PAGE_SIZE: usize = 100;

/// The newest `limit` runs in one of `states`, and what is wrong with the list.
///
/// Each page must bring a run, so there are at most `limit` pages.
pub(super) fn newest(
    client: &Client<'_>,
    states: &[&str],
    limit: usize,
) -> Result<(Vec<Listed>, Vec<SourceError>), SourceError> {
    let mut runs: Vec<Listed> = Vec::new();
    let mut problems = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let wanted = (limit - runs.len()).min(MAX_PAGE_SIZE);
        let variables = json!({
            "entity": client.target.entity,
            "project": client.target.project,
            "cursor": cursor,
            "perPage": wanted,
            "order": "-created_at",
            "filters": json!({ "state": { "$in": states } }).to_string(),
        });
        let page = client.ask(QUERY, &variables).and_then(|reply| {
            client.with_reader(wanted, |reader| response::page(&reply, client.target, reader))
        });
        let Page { list, more, next, error } = match page {
            Ok(page) => page,
            // The pages before it are valid.
            Err(error) if error.kind() != ErrorKind::Cancelled && !runs.is_empty() => {
                problems.push(error.with_context(&format!("only {} runs came", runs.len())));
                break;
            }
            Err(error) => return Err(error),
        };
        let came = list.rows.len();
        runs.extend(list.rows);
        problems.extend(list.error.into_iter().chain(error));
        if runs.len() >= limit || !more {
            break;
        }
        match next {
            Some(next) if came > 0 && cursor.as_ref() != Some(&next) => cursor = Some(next),
            _ => {
                let what = format!(
                    "{} has more runs than these {}, but does not send them",
                    client.target.host,
                    runs.len()
                );
                problems.push(SourceError::new(ErrorKind::BadReply, what));
                break;
            }
        }
    }
    Ok((runs, problems))
}
