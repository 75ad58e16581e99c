//! What the log shows of a request and its answer: the beginnings of their texts, without the credentials of the endpoint.

use super::endpoint::Secrets;
use super::input::MASK;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::Url;

/// How much of a body is kept in the log, in bytes.
pub const MAX_LOGGED_BYTES: usize = 64 * 1024;
const MAX_LOGGED_HEADERS: usize = 40;
const MAX_LOGGED_HEADER_CHARS: usize = 500;
/// Shorter texts are no credentials, and would be found everywhere.
const MIN_HIDDEN_CHARS: usize = 6;
/// How long a part of a path is that may be a token.
const MIN_TOKEN_BYTES: usize = 8;

/// The texts of an endpoint that may be credentials. The longest first.
#[derive(Debug)]
pub struct Hidden(Vec<String>);

impl Hidden {
    #[must_use]
    pub fn of(secrets: &Secrets) -> Self {
        let mut texts: Vec<String> = secrets.headers.values().cloned().chain(secrets.key_texts()).collect();
        // `Bearer abc`: the credential alone.
        texts.extend(secrets.headers.values().filter_map(|value| Some(value.split_once(' ')?.1.to_owned())));
        texts.extend(secrets.key_texts().filter_map(|key| Some(key.split_once('_')?.1.to_owned())));
        if let Ok(url) = Url::parse(&secrets.url) {
            let (user, password) = (url.username(), url.password().unwrap_or_default());
            let basic = format!("{}:{}", decoded(user), decoded(password));
            texts.push(data_encoding::BASE64.encode(basic.as_bytes()));
            texts.extend([user, password].map(ToOwned::to_owned));
            texts.push(basic);
            texts.push(url.path().to_owned());
            texts.extend(url.path_segments().into_iter().flatten().filter(|part| is_long(part)).map(ToOwned::to_owned));
            texts.extend(url.query().map(ToOwned::to_owned));
            let query = url.query().unwrap_or_default().split('&');
            texts.extend(query.filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())));
        }
        // As they are, and decoded: a receiver may send back what it has read.
        let read: Vec<String> = texts.iter().map(|text| decoded(text)).collect();
        texts.extend(read);
        texts.retain(|text| text.chars().count() >= MIN_HIDDEN_CHARS);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self(texts)
    }

    /// The text without what is hidden. `is_cut` says that it ends anywhere, so that the beginning of a credential may stand at its end.
    fn remove_from(&self, text: &str, is_cut: bool) -> String {
        let mut shown = text.to_owned();
        for hidden in &self.0 {
            if shown.contains(hidden.as_str()) {
                shown = shown.replace(hidden.as_str(), MASK);
            }
        }
        if is_cut {
            let starts = self
                .0
                .iter()
                .flat_map(|hidden| hidden.char_indices().skip(MIN_HIDDEN_CHARS).map(|(at, _)| &hidden[..at]));
            if let Some(start) = starts.filter(|start| shown.ends_with(start)).max_by_key(|start| start.len()) {
                shown.truncate(shown.len() - start.len());
                shown.push_str(MASK);
            }
        }
        shown
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A segment of a path that may be a token, and not a word such as `hooks`.
fn is_long(segment: &str) -> bool {
    segment.len() >= MIN_TOKEN_BYTES
}

/// An answer for the log, as JSON, without what is `hidden`.
#[must_use]
pub fn shown_answer(headers: &[(String, String)], body: &[u8], is_cut: bool, hidden: &Hidden) -> String {
    let shown = |(name, value): &(String, String)| {
        let is_secret = ["set-cookie", "authorization"].contains(&name.as_str());
        let value: String = if is_secret {
            MASK.to_owned()
        } else {
            hidden.remove_from(value, false).chars().take(MAX_LOGGED_HEADER_CHARS).collect()
        };
        (name.clone(), Value::from(value))
    };
    let headers: Map<String, Value> = headers.iter().take(MAX_LOGGED_HEADERS).map(shown).collect();
    let kept = body.get(..MAX_LOGGED_BYTES).unwrap_or(body);
    let is_cut = is_cut || kept.len() < body.len();
    let body = hidden.remove_from(&String::from_utf8_lossy(kept), is_cut);
    json!({"headers": headers, "body": body, "isCut": is_cut}).to_string()
}

/// The beginning of a text, for the log.
#[must_use]
pub fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_LOGGED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_receiver_sends_back_is_shown_without_credentials() {
        let secrets = Secrets {
            url: "https://user:pass%20word@example.com/hooks/T0123456789?token=topsecret%21&id=7".to_owned(),
            headers: [("x-key".to_owned(), "Bearer hushhush".to_owned())].into(),
            ..Secrets::default()
        };
        let hidden = Hidden::of(&secrets);
        let shown =
            |body: &str| shown_answer(&[("x-back".to_owned(), body.to_owned())], body.as_bytes(), false, &hidden);
        let basic = data_encoding::BASE64.encode(b"user:pass word");
        for (echoed, secret) in [
            ("POST /hooks/T0123456789?token=topsecret%21&id=7 HTTP/1.1", "topsecret"),
            ("{\"path\":\"\\/hooks\\/T0123456789\"}", "T0123456789"),
            ("token is topsecret!", "topsecret"),
            ("x-key: Bearer hushhush", "hushhush"),
            ("key=hushhush", "hushhush"),
            (&format!("authorization: Basic {basic}"), &basic),
            ("it was pass word", "pass word"),
        ] {
            let shown = shown(echoed);
            assert!(!shown.contains(secret) && shown.contains(MASK), "{shown}");
        }
        assert!(shown("all is well, id 7").contains("all is well, id 7"));
        let cut = shown_answer(&[], b"token=topsec", true, &hidden);
        assert!(!cut.contains("topsec"), "{cut}");
    }
}
