//! HTTP requests to addresses that users and scripts choose.
//!
//! Somebody who chooses the URL could point this server at any host that it can reach. So a host is resolved here, each of its
//! addresses must be allowed by the [`Guard`], and the connection goes to exactly these addresses, without a proxy. Each
//! redirect is checked in the same way.

mod guard;

pub use guard::Guard;
pub use reqwest::Method;

use bytes::Bytes;
use guard::{GuardedResolver, Names};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url, header};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a connection that is not used stays open.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// How long connecting may take. A host with several addresses is tried at one after the other, each for its share of this time, so
/// that one at which nobody answers does not use up the time of the whole request.
const CONNECT_TIME: Duration = Duration::from_secs(8);

/// Sends requests. Connections are kept for later requests to the same host.
#[derive(Debug, Default)]
pub struct Outbound {
    guard: Arc<Guard>,
    names: Names,
    /// Made when it is first needed: loading the system's certificates takes a moment.
    client: OnceLock<Client>,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// For everything: name lookup, connection, redirects, and the whole answer.
    pub time: Duration,
    pub max_redirects: usize,
    /// The size limit of the answer's body.
    pub max_bytes: usize,
    /// Whether a longer body is cut. If not, it is an error.
    pub cuts_body: bool,
}

impl Call {
    /// A GET without redirects, of at most `max_bytes`.
    #[must_use]
    pub fn get(url: impl Into<String>, time: Duration, max_bytes: usize) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            time,
            max_redirects: 0,
            max_bytes,
            cuts_body: false,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case. Values that are no text are left out.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body was longer.
    pub is_cut: bool,
    /// The last URL, after redirects.
    pub url: Url,
}

/// Why there is no answer. Never names the URL, which may contain secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("this is not a valid http or https URL: {0}")]
    BadUrl(String),
    #[error("the host {0} is not public, and requests to it are not allowed")]
    Forbidden(String),
    #[error("it took longer than {} seconds", .0.as_secs())]
    TimedOut(Duration),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("there are more than {0} redirects")]
    TooManyRedirects(usize),
    #[error("{0}")]
    Failed(String),
}

impl Outbound {
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        Self { guard: Arc::new(guard), ..Self::default() }
    }

    /// Checks what can be known of a URL without looking its host up.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        self.guard.check(url)
    }

    /// Sends a request and reads the answer, whatever its status.
    pub async fn send(&self, call: Call) -> Result<Reply, OutboundError> {
        let time = call.time;
        tokio::time::timeout(time, self.follow(call)).await.unwrap_or(Err(OutboundError::TimedOut(time)))
    }

    async fn follow(&self, mut call: Call) -> Result<Reply, OutboundError> {
        let mut url = Url::parse(&call.url).map_err(|error| OutboundError::BadUrl(error.to_string()))?;
        for _ in 0..=call.max_redirects {
            let response = self.ask(&call, &url).await?;
            let Some(target) = redirect_target(&response).filter(|_| call.max_redirects > 0) else {
                return read(response, &call, url).await;
            };
            let next = url.join(&target).map_err(|error| OutboundError::BadUrl(error.to_string()))?;
            if !matches!(response.status().as_u16(), 307 | 308) && call.method != Method::HEAD {
                call.method = Method::GET;
                call.body.clear();
                call.headers.retain(|(name, _)| !is_about_body(name));
            }
            if next.origin() != url.origin() {
                call.headers.retain(|(name, _)| is_for_everyone(name));
            }
            url = next;
        }
        Err(OutboundError::TooManyRedirects(call.max_redirects))
    }

    async fn ask(&self, call: &Call, url: &Url) -> Result<Response, OutboundError> {
        self.guard.check(url)?;
        let request = self.client()?.request(call.method.clone(), url.clone()).body(call.body.clone());
        let request = call.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.map_err(|error| guard::refusal_of(&error).unwrap_or_else(|| failed(&error)))
    }

    fn client(&self) -> Result<&Client, OutboundError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(GuardedResolver { guard: Arc::clone(&self.guard), names: self.names.clone() }))
            .connect_timeout(CONNECT_TIME)
            .pool_idle_timeout(IDLE_TIME)
            .user_agent(concat!("steading/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(&error))?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// Where a redirect leads.
fn redirect_target(response: &Response) -> Option<String> {
    let target = response.headers().get(header::LOCATION)?.to_str().ok()?;
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308).then(|| target.to_owned())
}

fn is_about_body(name: &str) -> bool {
    name.len() >= 8 && name[..8].eq_ignore_ascii_case("content-")
}

/// Whether a header says nothing that is meant for one server only. Keys of APIs have all kinds of names.
fn is_for_everyone(name: &str) -> bool {
    ["accept", "content-type", "user-agent"].iter().any(|one| name.eq_ignore_ascii_case(one))
}

async fn read(mut response: Response, call: &Call, url: Url) -> Result<Reply, OutboundError> {
    let status = response.status().as_u16();
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
    };
    let headers = response.headers().iter().filter_map(text).collect();
    let (mut body, mut is_cut) = (Vec::new(), false);
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        let left = call.max_bytes - body.len();
        if chunk.len() > left && !call.cuts_body {
            return Err(OutboundError::TooLarge(call.max_bytes));
        }
        is_cut = chunk.len() > left;
        body.extend_from_slice(&chunk[..chunk.len().min(left)]);
        if is_cut {
            break;
        }
    }
    Ok(Reply { status, headers, body, is_cut, url })
}

fn failed(error: &reqwest::Error) -> OutboundError {
    OutboundError::Failed(describe(error))
}

/// Describes an error with its causes and without its URL, which may contain secrets.
#[must_use]
pub fn describe(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out".to_owned() } else { "the request failed".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
