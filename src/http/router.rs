//! Finds the route of a request, and says who may use it, how it is counted and how large its body may be.
//!
//! The table is ours and not axum's, because the edge needs all that *before* a handler runs, and because a known path
//! with a wrong method is a plain 404 here. Handlers are axum handlers all the same. The table itself is `routes.rs`.

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

/// One line of the table.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    /// What rate limits call it; empty where they know it by its path alone.
    pub tags: &'static [&'static str],
    pub body_limit: BodyLimit,
    /// Whether the answer may take longer than others.
    pub is_slow: bool,
    run: Box<dyn Fn(Request, App) -> Answering + Send + Sync>,
}

/// Who may use a route at all. Rules of collections are checked behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// A record of any auth collection.
    SignedIn,
    Superusers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLimit {
    /// 64 KiB: for forms of a fixed shape, most of which guests may send.
    Form,
    /// The most subscriptions that a realtime client may have.
    Subscriptions,
    /// For what superusers send.
    Usual,
    /// What the collection's fields may hold, and some more.
    Record,
    /// The same without its files.
    RecordValues,
    /// What the settings allow for a batch.
    Batch,
    /// As large as it is, for as long as it takes.
    None,
}

impl Route {
    /// `H` is an `async fn` of extractors. Its future comes boxed from axum, and is not boxed again.
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

    /// For work that takes as long as there is data.
    #[must_use]
    pub fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }

    /// Whether it answers with a token of someone who was not signed in before.
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

/// By method: there are so few that looking at each is faster than hashing.
pub(super) struct Router(Vec<(Method, matchit::Router<Route>)>);

impl Router {
    /// # Panics
    ///
    /// When two routes cannot be told apart, which the first test or start shows.
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

    /// HEAD finds the routes of GET.
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
