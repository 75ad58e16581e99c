//! Finds the route of a request, with its access level, its rate limit tags and its body limit.
//!
//! We use a table of our own instead of axum's because the edge needs these properties *before* a handler runs, and
//! because a known path with a wrong method must be a plain 404. Handlers are ordinary axum handlers. The table is in
//! `routes.rs`.

use super::ApiError;
use super::extract::decode_segment;
use crate::app::App;
use crate::domain::caller::Caller;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use http::Method;
use std::pin::Pin;

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One row of the table.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    /// Tags for rate limits. Empty if rate limits apply by path only.
    pub tags: &'static [&'static str],
    pub body_limit: BodyLimit,
    /// Exempts the route from the usual time limits of the request and its body.
    pub is_slow: bool,
    run: Box<dyn Fn(Request, App) -> Answering + Send + Sync>,
}

/// Who may use a route. Rules of collections are checked later, by the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// A record of any auth collection, including superusers.
    SignedIn,
    Superusers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLimit {
    /// 64 KiB: for forms of a fixed shape, most of which guests may send.
    Form,
    /// Large enough for the maximum subscriptions of a realtime client.
    Subscriptions,
    /// The default for requests of superusers.
    Usual,
    /// The total size that the collection's fields allow, plus some overhead.
    Record,
    /// As `Record`, without files.
    RecordValues,
    /// The limit for batches in the settings.
    Batch,
    /// A webhook of another service.
    Inbound,
    /// No limit of size.
    None,
}

impl Route {
    /// `handler` is an `async fn` with extractors. axum boxes its future, so it is not boxed a second time.
    pub fn new<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App, Future = Answering> + Sync,
        T: 'static,
    {
        let run = Box::new(move |request, app| handler.clone().call(request, app));
        Self { method, path, access, tags: &[], body_limit: BodyLimit::Form, is_slow: false, run }
    }

    #[must_use]
    pub fn tagged(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    #[must_use]
    pub fn body(mut self, limit: BodyLimit) -> Self {
        self.body_limit = limit;
        self
    }

    /// For handlers whose duration depends on the amount of data.
    #[must_use]
    pub fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }

    /// Whether the route answers with a token for a caller who was not signed in before.
    pub(super) fn is_sign_in(&self) -> bool {
        self.tags.contains(&"auth")
    }

    pub(super) fn run(&self, request: Request, app: App) -> Answering {
        (self.run)(request, app)
    }
}

impl Access {
    pub fn check(self, caller: &Caller) -> Result<(), ApiError> {
        match (self, caller) {
            (Self::Anyone, _)
            | (Self::SignedIn, Caller::Record(_) | Caller::Superuser(_))
            | (Self::Superusers, Caller::Superuser(_)) => Ok(()),
            (Self::SignedIn | Self::Superusers, Caller::Anonymous) => {
                Err(ApiError::unauthenticated("The request requires valid record authorization token."))
            }
            (Self::Superusers, Caller::Record(_)) => {
                Err(ApiError::forbidden("The authorized record is not allowed to perform this action."))
            }
        }
    }
}

/// A route with the values of its `{…}` segments, in order.
pub(super) struct Found<'a> {
    pub route: &'a Route,
    pub values: Vec<String>,
}

/// One router per method. There are so few that a linear search is faster than hashing.
pub(super) struct Router(Vec<(Method, matchit::Router<Route>)>);

impl Router {
    /// # Panics
    ///
    /// If two routes conflict. Every start and every test of the router would show it.
    pub fn new(routes: Vec<Route>) -> Self {
        let mut by_method = Vec::<(Method, matchit::Router<Route>)>::new();
        for route in routes {
            let (method, path) = (route.method.clone(), route.path);
            let at = by_method.iter().position(|(known, _)| *known == method).unwrap_or_else(|| {
                by_method.push((method, matchit::Router::new()));
                by_method.len() - 1
            });
            let inserted = by_method[at].1.insert(path, route);
            assert!(inserted.is_ok(), "two routes collide at {path}");
        }
        Self(by_method)
    }

    /// HEAD uses the routes of GET.
    pub fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let (_, routes) = self.0.iter().find(|(known, _)| known == method)?;
        let found = routes.at(path).ok()?;
        let values = found.params.iter().map(|(_, value)| decode_segment(value)).collect();
        Some(Found { route: found.value, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    async fn handler() -> StatusCode {
        StatusCode::OK
    }

    fn found(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        let route = |method, path| Route::new(method, path, Access::Anyone, handler);
        let router = Router::new(vec![
            route(Method::GET, "/api/collections"),
            route(Method::GET, "/api/collections/{c}"),
            route(Method::PUT, "/api/collections/import"),
            route(Method::GET, "/api/collections/{c}/records/{id}"),
            route(Method::GET, "/api/collections/meta/scaffolds"),
            route(Method::GET, "/_/{*path}"),
        ]);
        router.find(method, path).map(|found| (found.route.path, found.values))
    }

    #[test]
    fn paths_are_matched_exactly_and_decoded() {
        let check = |path, expected: Option<(&'static str, &[&str])>| {
            let expected = expected.map(|(path, values)| (path, values.iter().map(ToString::to_string).collect()));
            assert_eq!(found(&Method::GET, path), expected, "{path}");
        };
        check("/api/collections", Some(("/api/collections", &[])));
        check("/api/collections/", None);
        check("/api/collections/import", Some(("/api/collections/{c}", &["import"])));
        check("/api/collections/meta/scaffolds", Some(("/api/collections/meta/scaffolds", &[])));
        check(
            "/api/collections/a%2Fb/records/%C3%A9%ff",
            Some(("/api/collections/{c}/records/{id}", &["a/b", "é\u{fffd}"])),
        );
        check("/_/assets/x.js", Some(("/_/{*path}", &["assets/x.js"])));
        check("/api//collections", None);
    }

    #[test]
    fn a_wrong_method_is_no_route_and_head_is_get() {
        assert!(found(&Method::PUT, "/api/collections/import").is_some());
        assert!(found(&Method::PUT, "/api/collections/other").is_none());
        assert!(found(&Method::HEAD, "/api/collections").is_some());
        assert!(found(&Method::from_bytes(b"FOO").unwrap(), "/api/collections").is_none());
    }
}
