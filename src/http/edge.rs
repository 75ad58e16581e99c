//! What happens to every request before and after its handler, in one place and in a fixed order:
//!
//! CORS → request log → panic guard → authentication → route → superusers' addresses → rate limit → body limit →
//! authorization → handler → headers. So a rate-limited request is logged, superusers are not rate-limited because they
//! are identified first, and a body that is too large is refused after the limits.
//!
//! This is one function instead of a stack of layers. Each layer would box a future and clone a service per request,
//! and the order above would be spread over as many files.

use super::body::{BodyKind, kind_of};
use super::body_limits::{BodyScope, limit_body};
use super::client_ip::{ProxyReminder, client};
use super::cors::Origins;
use super::error::Failure;
use super::extract::{RequestContext, token_of};
use super::limited_body::BodyTerms;
use super::public::Public;
use super::reasons::{Asked, Reasons};
use super::router::{Found, Route, Router};
use super::{ApiError, held_answer, routes, script_routes};
use crate::app::App;
use crate::app::limits::{Client, RateRequest, RateSubject};
use crate::app::logs::{LogEntry, MAX_CLIENT_TEXT, RequestEntry};
use crate::domain::caller::Caller;
use crate::domain::fields::MAX_JSON_VALUES;
use crate::domain::model::{Collection, Settings};
use crate::domain::settings::admits_superusers;
use crate::scripts::FoundRoute;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use hyper::body::Incoming;
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// The timeout of superusers' work whose duration grows with the data.
const SLOW_ROUTE_TIME: Duration = Duration::from_hours(24);

/// How much longer than its script a request may take: for its body, and for its turn.
const SCRIPT_OVERHEAD: Duration = Duration::from_secs(30);

/// Marks a response that other sites may show in a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct MayBeFramed;

/// Sent with every response.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_XSS_PROTECTION, HeaderValue::from_static("1; mode=block")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// The options of the edge, set when the server starts.
#[derive(Clone, Debug)]
pub struct EdgeOptions {
    pub origins: Origins,
    pub public: Public,
    /// Whether each request is printed and answers say why a request was refused: for development.
    pub tells_reasons: bool,
    /// How long a request may take, from receiving its head to sending the head of its response.
    pub request_time: Duration,
    /// How long the body may take to arrive.
    pub body_time: Duration,
}

/// The complete HTTP surface. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    app: App,
    router: Router,
    options: EdgeOptions,
    proxy_reminder: ProxyReminder,
    reasons: Reasons,
}

impl Edge {
    #[must_use]
    pub fn new(app: App, options: EdgeOptions) -> Self {
        Self(Arc::new(Inner {
            app,
            router: Router::new(routes::all()),
            options,
            proxy_reminder: ProxyReminder::default(),
            reasons: Reasons::default(),
        }))
    }

    /// Answers one request. Never fails: errors and panics become responses.
    pub async fn answer(&self, peer: SocketAddr, request: http::Request<Incoming>) -> Response {
        let options = &self.0.options;
        if request.method() == Method::OPTIONS {
            return options.origins.preflight(request.headers());
        }
        let started = Instant::now();
        let settings = self.0.app.settings();
        let client = client(peer.ip(), request.headers(), &settings.trusted_proxy);
        if client.is_shared {
            self.0.proxy_reminder.remind(&self.0.app, client, request.headers());
        }
        let origin = options.origins.allow(request.headers());
        let has_token = token_of(request.headers()).is_some();
        let is_logged = is_logged(request.uri().path())
            || self.0.app.has_script_route(request.method().as_str(), request.uri().path());
        let entry = is_logged.then(|| describe(&request, peer.ip(), client.address));

        let mut caller = Caller::Anonymous;
        let mut response = guarded(pin!(self.process(request, &settings, client, &mut caller))).await;
        add_headers(response.headers_mut(), origin);
        if response.extensions().get::<MayBeFramed>().is_some() {
            response.headers_mut().remove(header::X_FRAME_OPTIONS);
        }
        let Some(entry) = entry else { return response };
        let entry = finished(entry, started, &caller, &response);
        let asked = Asked { caller: &caller, client, has_stale_token: has_token && caller.record().is_none() };
        if options.tells_reasons {
            return Box::pin(self.0.reasons.tell(&self.0.app, &asked, entry, response)).await;
        }
        self.0.reasons.log(&self.0.app, &asked, entry, &mut response);
        response
    }

    async fn process(
        &self,
        request: http::Request<Incoming>,
        settings: &Settings,
        client: Client,
        caller: &mut Caller,
    ) -> Result<Response, ApiError> {
        let Inner { app, router, options, .. } = &*self.0;
        let client_ip = client.address;
        if let Some(token) = token_of(request.headers()) {
            *caller = app.authenticate(token).await?;
        }
        let found = router.find(request.method(), request.uri().path());
        let collection = found.as_ref().and_then(|found| collection_of(app, found));
        // A superuser's sign-in from an address that is not allowed is refused before credentials are checked: it must
        // not serve to guess passwords, or to lock a superuser out by guessing.
        let becomes_superuser = found.as_ref().is_some_and(|found| found.route.is_sign_in())
            && collection.as_ref().is_some_and(|collection| collection.is_superusers());
        if (caller.is_superuser() || becomes_superuser) && !admits_superusers(settings, client_ip) {
            return Err(ApiError::forbidden(""));
        }
        let subject = subject(found.as_ref(), collection.as_deref());
        let (method, path) = (request.method().as_str(), request.uri().path());
        if !app.rates().allows(&settings.rate_limits, &RateRequest { caller, client_ip, method, path, subject }) {
            return Err(ApiError::rate_limited());
        }
        let Some(Found { route, values }) = found else {
            if let Some(found) = app.script_route(method, path) {
                return Box::pin(self.of_script(found, request, client, caller)).await;
            }
            // Boxed, because it would take up most of the space in the future of every request.
            return Box::pin(no_route(&options.public, request)).await;
        };
        let has_files = kind_of(request.headers()) == BodyKind::Multipart;
        let scope = BodyScope {
            limit: route.body_limit,
            settings,
            collection: collection.as_deref(),
            is_superuser: caller.is_superuser(),
        };
        let max_bytes = scope.max_bytes(has_files);
        let (request_time, body_time) =
            if route.is_slow { (SLOW_ROUTE_TIME, SLOW_ROUTE_TIME) } else { (options.request_time, options.body_time) };
        let (is_head, is_read_only) = (*request.method() == Method::HEAD, *request.method() == Method::GET);
        let is_announced = request.headers().contains_key(header::EXPECT);
        let terms = BodyTerms { max_bytes, time: body_time, is_kept: !has_files, is_announced };
        let share = || if caller.is_superuser() { None } else { Some(app.budgets().bodies.of(client)) };
        let (mut request, body) = limit_body(request, terms, scope.max_values(), share)?;
        route.access.check(caller)?;
        // Kept until the request is answered, together with the memory that the body takes.
        let _body = body.clone();
        let context = RequestContext { caller: caller.clone(), client, path_values: values, body };
        request.extensions_mut().insert(context);
        let mut answering = route.run(request, app.asked_by(caller, client));
        // Most responses are ready immediately. The others get a timer, which would otherwise take up space in every
        // future.
        let response = match poll_once(answering.as_mut()).await {
            Poll::Ready(response) => response,
            Poll::Pending => {
                let answering = Box::pin(tokio::time::timeout(request_time, answering));
                answering.await.map_err(|_| ApiError::timed_out())?
            }
        };
        if !held_answer::is_large(&response) || caller.is_superuser() || is_head {
            return Ok(response);
        }
        Box::pin(held_answer::hold(app, client, response, is_read_only)).await
    }
}

impl Edge {
    /// Answers a request to a route of a script, under the same limits as one to a route of the server.
    async fn of_script(
        &self,
        found: FoundRoute,
        request: http::Request<Incoming>,
        client: Client,
        caller: &Caller,
    ) -> Result<Response, ApiError> {
        let Inner { app, options, .. } = &*self.0;
        let (is_head, is_read_only) = (*request.method() == Method::HEAD, *request.method() == Method::GET);
        let is_announced = request.headers().contains_key(header::EXPECT);
        let terms = BodyTerms { max_bytes: found.max_body(), time: options.body_time, is_kept: true, is_announced };
        let share = || if caller.is_superuser() { None } else { Some(app.budgets().bodies.of(client)) };
        let (mut request, body) = limit_body(request, terms, MAX_JSON_VALUES, share)?;
        found.check(caller)?;
        let _body = body.clone();
        let context = RequestContext { caller: caller.clone(), client, path_values: Vec::new(), body };
        request.extensions_mut().insert(context);
        let time = options.request_time.max(found.time() + SCRIPT_OVERHEAD);
        let asked = app.asked_by(caller, client);
        let answering = script_routes::answer(&asked, found, request, client, caller.clone());
        let response = tokio::time::timeout(time, answering).await.map_err(|_| ApiError::timed_out())??;
        if !held_answer::is_large_body(&response) || caller.is_superuser() || is_head {
            return Ok(response);
        }
        held_answer::hold(app, client, response, is_read_only).await
    }
}

/// Serves a file of the public folder for a GET without a route. Paths below the API's own prefix are excluded.
async fn no_route(public: &Public, request: http::Request<Incoming>) -> Result<Response, ApiError> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::not_found(""));
    }
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Err(ApiError::not_found("File not found."));
    }
    public.answer(path, request.uri().query(), request.headers()).await
}

/// Returns the collection that a tagged route is about: its first `{…}` segment.
fn collection_of(app: &App, found: &Found<'_>) -> Option<Arc<Collection>> {
    if found.route.tags.is_empty() {
        return None;
    }
    app.schema().find(found.values.first()?).cloned()
}

fn subject<'a>(found: Option<&Found<'a>>, collection: Option<&'a Collection>) -> RateSubject<'a> {
    match (found, collection) {
        (Some(Found { route: Route { tags, .. }, .. }), Some(collection)) => {
            RateSubject::Collection { id: &collection.id, name: &collection.name, tags }
        }
        _ => RateSubject::Other,
    }
}

async fn poll_once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(pin!(&mut future).poll(context))).await
}

/// Runs `work` so that a panic becomes a response instead of a closed connection.
async fn guarded(mut work: Pin<&mut impl Future<Output = Result<Response, ApiError>>>) -> Response {
    let outcome = std::future::poll_fn(|context| {
        // What a panic leaves inconsistent belongs to this request only; shared state is behind locks that survive it.
        match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll,
            // The panic hook has logged it.
            Err(_) => Poll::Ready(Err(ApiError::internal())),
        }
    })
    .await;
    outcome.unwrap_or_else(ApiError::into_response)
}

fn add_headers(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, value);
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

/// Requests for static files are not logged: there would be too many.
fn is_logged(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Collects what the log needs, because the handler consumes the request.
fn describe(request: &http::Request<Incoming>, remote_ip: IpAddr, user_ip: IpAddr) -> RequestEntry {
    let text =
        |name: HeaderName| request.headers().get(name).map_or_else(String::new, |value| client_text(value.as_bytes()));
    RequestEntry {
        url: client_text(request.uri().path_and_query().map_or("", |url| url.as_str()).as_bytes()),
        referer: text(header::REFERER),
        user_agent: text(header::USER_AGENT),
        ..RequestEntry::new(method_text(request.method()), remote_ip, user_ip)
    }
}

fn client_text(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(MAX_CLIENT_TEXT)];
    // Nearly always valid UTF-8, which this finds much faster.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), ToOwned::to_owned)
}

fn method_text(method: &Method) -> Cow<'static, str> {
    match *method {
        Method::GET => Cow::Borrowed("GET"),
        Method::POST => Cow::Borrowed("POST"),
        Method::PATCH => Cow::Borrowed("PATCH"),
        Method::DELETE => Cow::Borrowed("DELETE"),
        _ => Cow::Owned(client_text(method.as_str().as_bytes())),
    }
}

fn finished(mut entry: RequestEntry, started: Instant, caller: &Caller, response: &Response) -> LogEntry {
    entry.elapsed = started.elapsed();
    entry.status = response.status().as_u16();
    if let Some(record) = caller.record() {
        entry.auth.clone_from(&record.collection.name);
        record.id().clone_into(&mut entry.auth_id);
    }
    entry.failure =
        response.extensions().get::<Failure>().map(|failure| (failure.message.clone(), failure.details.clone()));
    LogEntry::of_request(entry)
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Edge")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_answered_in_the_envelope() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(guarded(pin!(async { panic!("for the test") })));
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}
