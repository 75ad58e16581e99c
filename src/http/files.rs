//! `/api/files`: serves the files of records, and issues the tokens for protected ones.

use super::edge::MayBeFramed;
use super::extract::{ApiPath, ApiQuery};
use super::partial::{self, Parts, Version, body_of, text_value};
use super::{ApiError, picked_json};
use crate::app::App;
use crate::app::blobs::{BlobError, BlobMeta, Served};
use crate::app::limits::Client;
use crate::app::scripts::About;
use crate::base::clock::Timestamp;
use crate::domain::auth;
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::files::{is_inline, served_type};
use crate::domain::model::Collection;
use crate::domain::records;
use crate::domain::settings::admits_superusers;
use crate::scripts::{Event, EventCall};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::json;
use std::future::ready;
use std::io;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// The content of a file name never changes.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("max-age=2592000, stale-while-revalidate=86400");
/// The maximum time that a copy of a protected file may be cached. It is also never cached for longer than its token is
/// valid.
const MAX_PRIVATE_SECONDS: i64 = 300;
/// For responses that only their recipient may have: they are not stored, not even in the browser's cache.
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
/// A file that is opened by its address cannot run or load anything, whatever it contains.
const CONTENT_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
/// The values of `Sec-Fetch-Dest` for requests of scripts of any kind.
const SCRIPT_DESTINATIONS: [&str; 7] =
    ["script", "worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet", "xslt"];

pub(super) async fn token(State(app): State<App>, request: RequestInfo, query: ApiQuery) -> Result<Response, ApiError> {
    let record = request.caller.record().ok_or_else(|| ApiError::unauthenticated(""))?;
    let event = Event::BeforeFileToken;
    let asked = || EventCall::of(event, &record.collection).asked_by(&request).with("record", record);
    app.ask_scripts(event, About::Collection(&record.collection), asked).await?;
    picked_json(&query, json!({"token": auth::token::issue_file(record, Timestamp::now())}))
}

pub(super) async fn show(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    request: RequestInfo,
    client: Client,
    ApiPath([collection, id, name]): ApiPath<[String; 3]>,
    query: ApiQuery,
) -> Result<Response, ApiError> {
    let missing = || ApiError::not_found("Missing or invalid collection context.");
    let collection = app.schema().find(&collection).cloned().ok_or_else(missing)?;
    let token = query.get("token").unwrap_or_default();
    let caller = caller(&app, token, client.address).await?;
    let request = RequestInfo { caller, ..request.in_context(Context::ProtectedFile) };
    let (info, found_in, record_id, wanted) = (request.clone(), Arc::clone(&collection), id.clone(), name.clone());
    let file = app.read(move |tx| records::find_file(tx, &info, &found_in, &record_id, &wanted)).await?;
    // What one caller was refused must not come out of a cache.
    let is_asked = ask_for_download(&app, &request, &collection, &id, &name).await?;
    let caching = if file.is_protected || is_asked { private_caching(token, Timestamp::now()) } else { CACHE_CONTROL };
    let served = app.served(&file, query.get("thumb").unwrap_or_default(), client).await.map_err(failed)?;
    let served = served.ok_or_else(|| ApiError::not_found(""))?;
    let is_download = matches!(query.get("download"), Some("1" | "t" | "T" | "true" | "TRUE" | "True"));
    answer(&method, &headers, served, is_download, caching).await
}

/// Asks the scripts whether a file may be sent. Returns whether one of them listens.
async fn ask_for_download(
    app: &App,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    name: &str,
) -> Result<bool, ApiError> {
    let (event, about) = (Event::BeforeFileDownload, About::Collection(collection));
    if app.event_handlers(&[event], about).is_none() {
        return Ok(false);
    }
    let record = app.chosen(collection, Some(id.to_owned())).await?.map(Arc::new);
    let asked = || EventCall::of(event, collection).asked_by(request).with("record", record).with("name", name);
    app.ask_scripts(event, about, asked).await?;
    Ok(true)
}

/// The caching of a protected file: shared caches must not keep it, and the browser's copy expires with the token in
/// its address.
fn private_caching(token: &str, now: Timestamp) -> HeaderValue {
    let expires = auth::token::peek(token, auth::token::Kind::File).map_or(0, |claims| claims.exp);
    match expires.saturating_sub(now.seconds()).min(MAX_PRIVATE_SECONDS) {
        seconds @ 1.. => text_value(&format!("private, max-age={seconds}")),
        // Without a token, the rule may decide differently next time.
        _ => HeaderValue::from_static("private, no-cache"),
    }
}

/// Returns the caller of a file token. The `Authorization` header is ignored, because a file's address must work by
/// itself, as in an `<img>`.
pub(super) async fn caller(app: &App, token: &str, address: IpAddr) -> Result<Caller, ApiError> {
    if token.is_empty() {
        return Ok(Caller::Anonymous);
    }
    let caller = app.authenticate_for_files(token).await?;
    let is_refused = caller.is_superuser() && !admits_superusers(&app.settings(), address);
    Ok(if is_refused { Caller::Anonymous } else { caller })
}

fn failed(error: BlobError) -> ApiError {
    ApiError::from(crate::domain::Error::from(error))
}

/// Answers with a blob, under the last part of its key.
pub(super) async fn answer(
    method: &Method,
    asked: &HeaderMap,
    served: Served,
    is_download: bool,
    caching: HeaderValue,
) -> Result<Response, ApiError> {
    let BlobMeta { size, modified, .. } = served.meta;
    // A file is written once under its name, so size and time distinguish it from another that replaced it.
    let tag = text_value(&format!("\"{size:x}-{:x}\"", modified.millis()));
    let version = Version { tag: Some(tag.clone()), modified };
    let is_known = version.is_known(asked)?;
    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), served.meta.key.name(), &served.mime, is_download);
    if is_script(&response.headers()[header::CONTENT_TYPE]) {
        if is_run_by_own_page(asked) {
            return Err(ApiError::forbidden("Pages of this site may not load uploaded files as scripts."));
        }
        // Otherwise a browser would run a copy that it has cached for another purpose.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Sec-Fetch-Dest, Sec-Fetch-Site"));
    }
    response.extensions_mut().insert(MayBeFramed);
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, caching);
    out.insert(header::LAST_MODIFIED, version.last_modified());
    out.insert(header::ETAG, tag);
    if is_known {
        out.remove(header::CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let Some(ranges) = version.ranges(asked, size) else { return Ok(partial::unsatisfiable(size)) };
    let is_sent = *method != Method::HEAD;
    if ranges.len() > 1 {
        let parts = Parts::new(&ranges, size, &out[header::CONTENT_TYPE]);
        out.insert(header::CONTENT_LENGTH, parts.length(&ranges).into());
        out.insert(header::CONTENT_TYPE, parts.content_type.clone());
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        if is_sent {
            *response.body_mut() = Body::from_stream(several(served, ranges, parts));
        }
        return Ok(response);
    }
    let range = ranges.into_iter().next();
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    out.insert(header::CONTENT_LENGTH, length.into());
    if let Some(range) = &range {
        out.insert(header::CONTENT_RANGE, partial::content_range(range, size));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if is_sent && length > 0 {
        let content = served.content(range).await.map_err(failed)?;
        *response.body_mut() = body_of(content.ok_or_else(|| ApiError::not_found(""))?);
    }
    Ok(response)
}

/// Sends ranges one after the other. Each is read when the previous one has been sent.
fn several(
    served: Served,
    ranges: Vec<Range<u64>>,
    parts: Parts,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let text = |text: String| stream::once(ready(Ok(Bytes::from(text))));
    let bodies = stream::iter(parts.heads.into_iter().zip(ranges)).then(move |(head, range)| {
        let served = served.clone();
        async move {
            let content = served.content(Some(range)).await.map_err(io::Error::other)?;
            Ok::<_, io::Error>(text(head).chain(content.ok_or(io::ErrorKind::NotFound)?.into_stream()))
        }
    });
    bodies.try_flatten().chain(text(parts.end))
}

/// Sets type and disposition, and the headers that make a hostile file harmless.
fn describe(out: &mut HeaderMap, name: &str, mime: &str, is_download: bool) {
    let disposition = if !is_download && is_inline(mime) { "inline" } else { "attachment" };
    out.insert(header::CONTENT_TYPE, text_value(served_type(name, mime)));
    out.insert(header::CONTENT_DISPOSITION, text_value(&format!("{disposition}; filename={}", quoted(name))));
    out.insert(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
}

/// Whether browsers run a response with this type as a script. They are told not to guess types.
fn is_script(content_type: &HeaderValue) -> bool {
    content_type.to_str().is_ok_and(|text| text.contains("javascript") || text.contains("ecmascript"))
}

/// Whether a page of this origin, such as the dashboard, requests a script. Scripts on other sites are not our concern.
fn is_run_by_own_page(asked: &HeaderMap) -> bool {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    text("sec-fetch-site") == "same-origin" && SCRIPT_DESTINATIONS.contains(&text("sec-fetch-dest"))
}

/// Quotes a file name. Names made by this server need no escapes, but imported ones may.
fn quoted(name: &str) -> String {
    let escaped: String = name
        .chars()
        .flat_map(|letter| match letter {
            '"' | '\\' => vec!['\\', letter],
            letter if letter.is_ascii_graphic() || letter == ' ' => vec![letter],
            _ => vec!['_'],
        })
        .collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_copy_dies_with_its_token() {
        let now = Timestamp::from_millis(1_000_000);
        let check = |kind: &str, exp, expected: &str| {
            let claims = crate::base::token::Claims {
                collection_id: "c".into(),
                exp,
                id: "r".into(),
                kind: kind.into(),
                refreshable: None,
                email: None,
                new_email: None,
            };
            assert_eq!(private_caching(&crate::base::token::sign(&claims, "key"), now), expected, "{kind} {exp}");
        };
        check("file", 1_180, "private, max-age=180");
        check("file", 90_000, "private, max-age=300");
        check("file", 1_000, "private, no-cache");
        check("auth", 1_180, "private, no-cache");
        assert_eq!(private_caching("", now), "private, no-cache");
    }

    #[test]
    fn only_harmless_types_are_shown_in_the_window() {
        let check = |name: &str, mime: &str, is_download, expected: [&str; 2]| {
            let mut out = HeaderMap::new();
            describe(&mut out, name, mime, is_download);
            let found = [header::CONTENT_TYPE, header::CONTENT_DISPOSITION].map(|name| out[name].to_str().unwrap());
            assert_eq!(found, expected, "{name}");
            assert!(out.contains_key(header::CONTENT_SECURITY_POLICY));
        };
        check("a.png", "image/png", false, ["image/png", "inline; filename=\"a.png\""]);
        check("a.png", "image/png", true, ["image/png", "attachment; filename=\"a.png\""]);
        check("a.pdf", "application/pdf", false, ["application/pdf", "inline; filename=\"a.pdf\""]);
        check("a.svg", "image/svg+xml", false, ["image/svg+xml", "attachment; filename=\"a.svg\""]);
        // HTML that calls itself an image is still HTML, and a script is not an image.
        check(
            "a.png",
            "text/html; charset=utf-8",
            false,
            ["text/html; charset=utf-8", "attachment; filename=\"a.png\""],
        );
        check("a.js", "text/plain; charset=utf-8", false, ["text/javascript", "attachment; filename=\"a.js\""]);
        check(
            "a.DOCX",
            "application/zip",
            false,
            [
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "attachment; filename=\"a.DOCX\"",
            ],
        );
        check("a\"\r\n.x", "a/b", false, ["a/b", "attachment; filename=\"a\\\"__.x\""]);
    }
}
