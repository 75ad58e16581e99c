//! Reads the collections of another server through its API.

use super::outbound::describe;
use crate::domain::model::Schema;
use crate::domain::{Error, Result, collections};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use serde_json::Value;
use std::time::Duration;

/// Collections per page: the maximum of the API.
const PER_PAGE: usize = 1000;
const TIMEOUT: Duration = Duration::from_secs(30);

/// Returns the schema of the server at `url`. `token` is a superuser's token of that server.
pub async fn schema(url: &str, token: &str) -> Result<Schema> {
    let failed = |reason: String| Error::bad_request(format!("{url} cannot be read: {reason}."));
    let base = Url::parse(url).map_err(|error| failed(error.to_string()))?;
    // A redirect would send the token to another host.
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
    let client = client.map_err(|error| failed(describe(&error)))?;
    let mut items = Vec::new();
    for page in 1.. {
        let mut address = base.clone();
        let path = format!("{}/api/collections", address.path().trim_end_matches('/'));
        address.set_path(&path);
        address.set_query(Some(&format!("page={page}&perPage={PER_PAGE}&skipTotal=1")));
        let answer = client.get(address).header("Authorization", token).send().await;
        let answer = answer.map_err(|error| failed(describe(&error)))?;
        let status = answer.status();
        let mut body: Value = answer.json().await.unwrap_or_default();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Error::bad_request(format!("{url} needs the token of a superuser.")));
        }
        let Some(Value::Array(found)) = body.get_mut("items").map(Value::take).filter(|_| status.is_success()) else {
            return Err(failed(format!("it answered with status {status} and without collections")));
        };
        let is_last = found.len() < PER_PAGE;
        items.extend(found);
        if is_last {
            break;
        }
    }
    collections::read(&items)
}
