//! Extractors for handlers: the caller, the parts of the path, the query, the request as rules see it.
//!
//! The edge (`edge.rs`) determines these before the handler runs and attaches them to the request as
//! [`RequestContext`]; the extractors only read it. The edge also refuses callers that the route's `Access` does not
//! admit.

use super::ApiError;
use super::limited_body::BodyBudget;
use crate::app::limits::Client;
use crate::domain::caller::{Caller, Context, Lookup, RequestInfo};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use std::sync::Arc;

/// The properties of a request that are determined before its handler runs.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub caller: Caller,
    /// The client, resolved through trusted proxies.
    pub client: Client,
    /// The values of the route's `{…}` segments, in order, percent-decoded.
    pub path_values: Vec<String>,
    pub body: BodyBudget,
}

impl RequestContext {
    fn of(parts: &Parts) -> Result<&Self, ApiError> {
        parts.extensions.get().ok_or_else(|| {
            tracing::error!(path = parts.uri.path(), "a handler was called past the edge");
            ApiError::internal()
        })
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::of(parts).cloned()
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(RequestContext::of(parts)?.caller.clone())
    }
}

/// The token in the `Authorization` header, without a `Bearer` prefix.
#[must_use]
pub fn token_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match text.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token.trim_start(),
        _ => text,
    };
    (!token.is_empty()).then_some(token)
}

/// The client's address.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(RequestContext::of(parts)?.client.address))
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(RequestContext::of(parts)?.client)
    }
}

/// The values of the path's `{…}` segments: `ApiPath(id): ApiPath<String>`,
/// `ApiPath([collection, id]): ApiPath<[String; 2]>`.
#[derive(Debug)]
pub struct ApiPath<T>(pub T);

impl<S: Sync> FromRequestParts<S> for ApiPath<String> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ApiPath([value]) = ApiPath::<[String; 1]>::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

impl<S: Sync, const N: usize> FromRequestParts<S> for ApiPath<[String; N]> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let values = RequestContext::of(parts)?.path_values.clone();
        let values = values.try_into().map_err(|values| {
            tracing::error!(path = parts.uri.path(), ?values, "a handler expects {N} values in its path");
            ApiError::internal()
        })?;
        Ok(Self(values))
    }
}

/// Decodes one segment of a path. Invalid UTF-8 is replaced, and so matches nothing.
pub(super) fn decode_segment(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// The query string as a list of decoded names and values. Of a repeated name, the first value counts.
#[derive(Clone, Debug, Default)]
pub struct ApiQuery(Arc<[(String, String)]>);

impl ApiQuery {
    #[must_use]
    pub fn parse(query: &str) -> Self {
        if query.is_empty() {
            return Self::default();
        }
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Lookup for ApiQuery {
    fn get(&self, name: &str) -> Option<String> {
        ApiQuery::get(self, name).map(ToOwned::to_owned)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        self.0.iter().for_each(|(name, value)| visit(name, value));
    }
}

impl<S: Sync> FromRequestParts<S> for ApiQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// The request's head. Its headers are found by the names that rules use: `user_agent` for `User-Agent`.
#[derive(Debug)]
struct Head {
    headers: HeaderMap,
    uri: Uri,
    client_ip: IpAddr,
}

impl Lookup for Head {
    fn get(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name.replace('_', "-"))?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        for (name, value) in &self.headers {
            visit(&name.as_str().replace('-', "_"), &String::from_utf8_lossy(value.as_bytes()));
        }
    }

    fn path(&self) -> Option<&str> {
        Some(self.uri.path())
    }

    fn client_ip(&self) -> Option<IpAddr> {
        Some(self.client_ip)
    }
}

/// The request as rules see it, without its body.
impl<S: Sync> FromRequestParts<S> for RequestInfo {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let RequestContext { caller, client, .. } = RequestContext::of(parts)?;
        let head = Head { headers: parts.headers.clone(), uri: parts.uri.clone(), client_ip: client.address };
        Ok(Self {
            caller: caller.clone(),
            context: Context::Default,
            method: method_name(&parts.method),
            query: parts.uri.query().map(|query| Arc::new(LazyQuery(query.to_owned())) as Arc<dyn Lookup>),
            headers: Some(Arc::new(head)),
            body: Arc::default(),
        })
    }
}

/// Parsed only if a rule reads it.
#[derive(Debug)]
struct LazyQuery(String);

impl Lookup for LazyQuery {
    fn get(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.0.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        form_urlencoded::parse(self.0.as_bytes()).for_each(|(name, value)| visit(&name, &value));
    }
}

/// `@request.method` as a static text. All methods without routes are the same to rules.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_query_name_counts_with_its_first_value() {
        let query = ApiQuery::parse("a=1&a=2&b=x%20y+z&c=%ff");
        let check = |name, expected| assert_eq!(query.get(name), expected);
        check("a", Some("1"));
        check("b", Some("x y z"));
        check("c", Some("\u{fffd}"));
        check("d", None);
    }

    #[test]
    fn rules_ask_for_headers_with_underscores() {
        let headers = Head {
            headers: HeaderMap::from_iter([(http::header::USER_AGENT, "x".parse().unwrap())]),
            uri: Uri::default(),
            client_ip: IpAddr::from([127, 0, 0, 1]),
        };
        assert_eq!(headers.get("user_agent").as_deref(), Some("x"));
        assert_eq!(headers.get("not a header name"), None);
    }
}
