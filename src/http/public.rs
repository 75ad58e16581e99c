//! The optional static site: the files of one folder, served on paths that have no route.

use super::{ApiError, static_file};
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Public {
    pub folder: PathBuf,
    /// Whether unknown paths get the folder's `index.html`, as single-page apps need.
    pub has_index_fallback: bool,
}

impl Public {
    pub(super) async fn answer(
        &self,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Response, ApiError> {
        if let Some(place) = self.locate(path) {
            // A file whose metadata cannot be read, for any reason, counts as missing.
            match tokio::fs::metadata(&place).await {
                Ok(metadata) if metadata.is_dir() => {
                    if !path.ends_with('/') {
                        return Ok(redirect(&format!("{}/", last_segment(path)), query));
                    }
                    if let Some(response) = static_file::answer(&place.join("index.html"), headers).await? {
                        return Ok(response);
                    }
                }
                Ok(_) if path.ends_with('/') => {
                    return Ok(redirect(&format!("../{}", last_segment(path.trim_end_matches('/'))), query));
                }
                Ok(_) if path.ends_with("/index.html") => return Ok(redirect("", query)),
                Ok(_) => {
                    if let Some(response) = static_file::answer(&place, headers).await? {
                        return Ok(response);
                    }
                }
                Err(_) => {}
            }
        }
        if self.has_index_fallback
            && let Some(response) = static_file::answer(&self.folder.join("index.html"), headers).await?
        {
            return Ok(response);
        }
        Err(ApiError::not_found("File not found."))
    }

    /// The file that `path` names inside the folder. Returns `None` for any path that could leave the folder.
    fn locate(&self, path: &str) -> Option<PathBuf> {
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        let inner = decoded.strip_prefix('/')?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let mut place = self.folder.clone();
        if inner.is_empty() {
            return Some(place);
        }
        for segment in inner.split('/') {
            // On some systems, a backslash is a separator and a colon follows a drive letter.
            if matches!(segment, "" | "." | "..") || segment.contains(['\\', ':', '\0']) {
                return None;
            }
            place.push(segment);
        }
        Some(place)
    }
}

/// As sent, percent-encoded.
fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Redirects to a location relative to this one, so that no path can turn it into a link to another host.
fn redirect(relative: &str, query: Option<&str>) -> Response {
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(location) = HeaderValue::from_str(&format!("./{relative}{query}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let public = Public { folder: PathBuf::from("/site"), has_index_fallback: true };
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(public.locate(path), expected.map(PathBuf::from), "{path}");
        };
        check("/", Some("/site"));
        check("/a/b.css", Some("/site/a/b.css"));
        check("/a/", Some("/site/a"));
        check("/.well-known/x", Some("/site/.well-known/x"));
        check("/caf%C3%A9", Some("/site/café"));
        for bad in [
            "/../x",
            "/a/../../x",
            "/%2e%2e/x",
            "/..%2fx",
            "/a/./b",
            "//etc/passwd",
            "/a//b",
            "/..\\x",
            "/%5c..%5cx",
            "/c:/x",
            "/a%00",
            "/%ff",
            "",
        ] {
            check(bad, None);
        }
    }
}
