//! `/api/files`: serves the files of records, and issues the tokens for protected ones.

use super::edge::MayBeFramed;
use super::extract::{ApiPath, ApiQuery};
use super::partial::{self, Parts, Version, text_value};
use super::{ApiError, picked_json};
use crate::app::blobs::{BlobError, BlobMeta, Content, Found, LocalFile, Store};
use crate::app::limits::Client;
use crate::app::{App, ThumbRequest};
use crate::base::clock::Timestamp;
use crate::domain::auth;
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::files::ThumbSize;
use crate::domain::records::{self, StoredFile};
use crate::domain::settings::admits_superusers;
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
use std::path::Path;
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

/// The size that is available for every image, because dashboards show it in their lists.
const DEFAULT_THUMB: &str = "100x100";

/// Types that a browser may display; all others are downloaded.
const INLINE: [&str; 25] = [
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/x-icon",
    "image/bmp",
    "video/webm",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "video/x-ms-wmv",
    "audio/basic",
    "audio/aiff",
    "audio/mpeg",
    "audio/midi",
    "audio/mp3",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-mpeg",
    "audio/x-m4a",
    "audio/aac",
    "application/pdf",
    "application/x-pdf",
];

/// The content of these types is ambiguous, so they are determined by extension.
const BY_EXTENSION: [(&str, &str); 7] = [
    ("svg", "image/svg+xml"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

pub(super) async fn token(caller: Caller, query: ApiQuery) -> Result<Response, ApiError> {
    let record = caller.record().ok_or_else(|| ApiError::unauthenticated(""))?;
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
    let caller = caller(&app, token, client.address).await;
    let request = RequestInfo { caller, ..request.in_context(Context::ProtectedFile) };
    let file = app.read(move |tx| records::find_file(tx, &request, &collection, &id, &name)).await?;
    let caching = if file.is_protected { private_caching(token, Timestamp::now()) } else { CACHE_CONTROL };
    let served = served(&app, &file, query.get("thumb").unwrap_or_default(), client).await?;
    let is_download = matches!(query.get("download"), Some("1" | "t" | "T" | "true" | "TRUE" | "True"));
    let store = app.blobs().files().map_err(failed)?;
    answer(&store, &method, &headers, served, is_download, caching).await
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
pub(super) async fn caller(app: &App, token: &str, address: IpAddr) -> Caller {
    if token.is_empty() {
        return Caller::Anonymous;
    }
    let caller = app.authenticate_for_files(token).await;
    let is_refused = caller.is_superuser() && !admits_superusers(&app.settings(), address);
    if is_refused { Caller::Anonymous } else { caller }
}

/// The blob to send, and its name.
pub(super) struct Served {
    pub meta: BlobMeta,
    /// Set if the file is already open.
    pub file: Option<LocalFile>,
    pub mime: Arc<str>,
    pub name: String,
}

impl Served {
    fn of((found, mime): (Found, Arc<str>), name: String) -> Self {
        Self { meta: found.meta, file: found.file, mime, name }
    }
}

/// Returns the requested thumbnail if there can be one, otherwise the original.
async fn served(app: &App, file: &StoredFile, thumb: &str, client: Client) -> Result<Served, ApiError> {
    let folder = format!("{}/{}", file.collection_id, file.record_id);
    let key = format!("{folder}/{}", file.name);
    let blobs = app.blobs();
    let is_offered = thumb == DEFAULT_THUMB || file.thumbs.iter().any(|size| size == thumb);
    let size = ThumbSize::parse(thumb).filter(|_| is_offered);
    let thumb_name = format!("{thumb}_{}", file.name);
    let thumb_key = format!("{folder}/thumbs_{}/{thumb_name}", file.name);
    // Usually the thumbnail exists, and the original is not needed.
    if size.is_some()
        && let Some(found) = blobs.find(&thumb_key).await.map_err(failed)?
    {
        return Ok(Served::of(found, thumb_name));
    }
    let found = blobs.find(&key).await.map_err(failed)?.ok_or_else(|| ApiError::not_found(""))?;
    if let Some(size) = size {
        let request = ThumbRequest { key, mime: found.1.to_string(), thumb_key: thumb_key.clone(), size, client };
        if app.thumb(request).await
            && let Some(found) = blobs.find(&thumb_key).await.map_err(failed)?
        {
            return Ok(Served::of(found, thumb_name));
        }
    }
    Ok(Served::of(found, file.name.clone()))
}

fn failed(error: BlobError) -> ApiError {
    ApiError::from(crate::domain::Error::from(error))
}

pub(super) async fn answer(
    store: &Store,
    method: &Method,
    asked: &HeaderMap,
    served: Served,
    is_download: bool,
    caching: HeaderValue,
) -> Result<Response, ApiError> {
    let BlobMeta { key, size, modified } = served.meta.clone();
    // A file is written once under its name, so size and time distinguish it from another that replaced it.
    let tag = text_value(&format!("\"{size:x}-{:x}\"", modified.millis()));
    let version = Version { tag: Some(tag.clone()), modified };
    let is_known = version.is_known(asked)?;
    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), &served, is_download);
    if is_script(&response.headers()[header::CONTENT_TYPE]) {
        if is_run_by_own_page(asked) {
            return Err(ApiError::forbidden("Uploaded files do not run as scripts of this site."));
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
            *response.body_mut() = Body::from_stream(several(store.clone(), key, ranges, parts));
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
        *response.body_mut() = body(store, &served, range).await?;
    }
    Ok(response)
}

/// Returns the bytes of `range`, or all of them.
async fn body(store: &Store, served: &Served, range: Option<Range<u64>>) -> Result<Body, ApiError> {
    let key = &served.meta.key;
    let Some(file) = &served.file else {
        let blob = store.get(key, range).await.map_err(failed)?;
        return Ok(Body::from_stream(blob.ok_or_else(|| ApiError::not_found(""))?.stream));
    };
    let content = file.content(range.unwrap_or(0..served.meta.size)).await;
    Ok(match content.map_err(|error| failed(BlobError::Other(format!("{key}: {error}"))))? {
        Content::Whole(bytes) => Body::from(bytes),
        Content::Stream(stream) => Body::from_stream(stream),
    })
}

/// Sends ranges one after the other. Each is opened when the previous one has been sent.
fn several(
    store: Store,
    key: String,
    ranges: Vec<Range<u64>>,
    parts: Parts,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let text = |text: String| stream::once(ready(Ok(Bytes::from(text))));
    let bodies = stream::iter(parts.heads.into_iter().zip(ranges)).then(move |(head, range)| {
        let (store, key) = (store.clone(), key.clone());
        async move {
            let blob = store.get(&key, Some(range)).await.map_err(io::Error::other)?;
            let bytes = blob.ok_or(io::ErrorKind::NotFound)?.stream;
            Ok::<_, io::Error>(text(head).chain(bytes))
        }
    });
    bodies.try_flatten().chain(text(parts.end))
}

/// Sets type and disposition, and the headers that make a hostile file harmless.
fn describe(out: &mut HeaderMap, served: &Served, is_download: bool) {
    let essence = served.mime.split(';').next().unwrap_or_default().trim();
    let is_inline = !is_download && INLINE.contains(&essence);
    let disposition = if is_inline { "inline" } else { "attachment" };
    let extension = Path::new(&served.name).extension().and_then(|text| text.to_str()).unwrap_or_default();
    let by_extension = BY_EXTENSION.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known));
    let mime = by_extension.map_or(&*served.mime, |(_, mime)| mime);
    out.insert(header::CONTENT_TYPE, text_value(mime));
    out.insert(header::CONTENT_DISPOSITION, text_value(&format!("{disposition}; filename={}", quoted(&served.name))));
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
            let meta = BlobMeta { key: String::new(), size: 1, modified: Timestamp::from_millis(0) };
            let mut out = HeaderMap::new();
            describe(&mut out, &Served { meta, file: None, mime: mime.into(), name: name.to_owned() }, is_download);
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
        check("a.DOCX", "application/zip", false, [BY_EXTENSION[5].1, "attachment; filename=\"a.DOCX\""]);
        check("a\"\r\n.x", "a/b", false, ["a/b", "attachment; filename=\"a\\\"__.x\""]);
    }
}
