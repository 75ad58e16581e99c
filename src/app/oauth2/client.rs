//! Requests to providers, with a limit on the size of an answer.

use super::Outcome;
use crate::app::outbound::describe;
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::sync::OnceLock;

/// Far more than any provider sends about one user.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Made when it is first needed: loading the system's certificates takes a moment, and most servers have no providers.
#[derive(Default)]
pub struct Client(OnceLock<reqwest::Client>);

impl Client {
    fn http(&self) -> Outcome<&reqwest::Client> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            // A redirect would send secrets to a host that is not configured.
            .redirect(Policy::none())
            .user_agent(concat!("steading/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| describe(&error))?;
        Ok(self.0.get_or_init(|| client))
    }

    /// Requests JSON with the access token `token`.
    pub async fn get(&self, url: &str, token: &str, headers: &[(&str, String)]) -> Outcome<Value> {
        self.ask(self.http()?.get(url), token, headers).await
    }

    /// [`Client::get`] for a POST with a JSON body.
    pub async fn post(&self, url: &str, token: &str, headers: &[(&str, String)], body: &Value) -> Outcome<Value> {
        self.ask(self.http()?.post(url).json(body), token, headers).await
    }

    async fn ask(&self, request: RequestBuilder, token: &str, headers: &[(&str, String)]) -> Outcome<Value> {
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let request = request.bearer_auth(token).header("Accept", "application/json");
        let (status, body) = send(request).await?;
        if !status.is_success() {
            return Err(format!("the answer is {status}"));
        }
        serde_json::from_slice(&body).map_err(|error| format!("the answer is not JSON: {error}"))
    }

    /// Requests a public document.
    pub async fn get_public(&self, url: &str) -> Outcome<Vec<u8>> {
        let (status, body) = send(self.http()?.get(url)).await?;
        if status.is_success() { Ok(body) } else { Err(format!("{url} answers {status}")) }
    }

    /// Posts a form. `basic` are credentials for the `Authorization` header.
    pub async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Outcome<(StatusCode, Vec<u8>)> {
        let request = self.http()?.post(url).form(form).header("Accept", "application/json");
        send(match basic {
            Some((user, password)) => request.basic_auth(encoded(user), Some(encoded(password))),
            None => request,
        })
        .await
    }
}

/// RFC 6749 requires both parts to be form-encoded before they are joined.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn send(request: RequestBuilder) -> Outcome<(StatusCode, Vec<u8>)> {
    let response = request.send().await.map_err(|error| describe(&error))?;
    let status = response.status();
    Ok((status, read(response, MAX_ANSWER_BYTES).await?))
}

async fn read(mut response: Response, max_bytes: usize) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| describe(&error))? {
        if body.len() + chunk.len() > max_bytes {
            return Err(format!("the answer is larger than {max_bytes} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
