//! Which other origins' web pages may read our answers.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// The methods of all routes, whatever the path.
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// The allowed origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    Any,
    Only(Vec<String>),
}

impl Origins {
    /// `*` in the list allows every origin.
    #[must_use]
    pub fn new(list: Vec<String>) -> Self {
        if list.iter().any(|origin| origin == "*") { Self::Any } else { Self::Only(list) }
    }

    /// The value of `Access-Control-Allow-Origin` for a request. `None` if its origin is not allowed.
    pub(super) fn allow(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        match self {
            Self::Any => Some(ANY),
            Self::Only(list) => {
                list.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
            }
        }
    }

    /// The answer to `OPTIONS` on any path.
    pub(super) fn preflight(&self, headers: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let answer = response.headers_mut();
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = self.allow(headers) else { return response };
        answer.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Method"));
        answer.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_from(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([
            (header::ORIGIN, HeaderValue::from_static(origin)),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static("authorization,x-own")),
        ])
    }

    #[test]
    fn any_origin_gets_a_star_and_listed_ones_their_name() {
        let check = |list: &[&str], origin, expected: Option<&str>| {
            let origins = Origins::new(list.iter().map(ToString::to_string).collect());
            let allowed = origins.allow(&asked_from(origin));
            assert_eq!(allowed.as_ref().map(|value| value.to_str().unwrap()), expected, "{list:?} {origin}");
        };
        check(&["*"], "http://x.com", Some("*"));
        check(&["http://x.com", "http://y.com"], "http://y.com", Some("http://y.com"));
        check(&["http://x.com"], "http://y.com", None);
        assert_eq!(Origins::Any.allow(&HeaderMap::new()), None);
    }

    #[test]
    fn a_preflight_echoes_the_asked_headers() {
        let response = Origins::Any.preflight(&asked_from("http://x.com"));
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()["access-control-allow-headers"], "authorization,x-own");
        assert_eq!(response.headers()["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
        let refused = Origins::Only(Vec::new()).preflight(&asked_from("http://x.com"));
        assert_eq!((refused.status().as_u16(), refused.headers().len()), (204, 1));
    }
}
