//! What one entry says, and the JSON it is kept as.

use crate::base::clock::Timestamp;
use crate::base::ip;
use crate::domain::model::LogSettings;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

const LEVEL_INFO: i64 = 0;
const LEVEL_ERROR: i64 = 8;
/// A longer message is cut, in characters.
const MAX_MESSAGE: usize = 8000;
/// Texts a client sends are cut to this many bytes when they are taken over, so that a flood of entries stays small.
pub const MAX_CLIENT_TEXT: usize = 2048;
const DEFAULT_MAX_DATA_BYTES: usize = 16 * 1024;
/// What each text keeps when the whole of an entry's data is too large, in bytes.
const SHORT_TEXT: usize = 200;
/// Query parameters that sign a request in or prove who is asking: nobody who reads logs needs their values.
const SECRET_PARAMETERS: [&str; 4] = ["token", "code", "password", "secret"];

#[derive(Clone, Debug)]
pub struct LogEntry {
    pub created: Timestamp,
    pub level: i64,
    pub request: Box<RequestEntry>,
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct RequestEntry {
    pub method: Cow<'static, str>,
    /// Path and query.
    pub url: String,
    pub status: u16,
    pub elapsed: Duration,
    pub referer: String,
    pub user_agent: String,
    /// The other end of the connection.
    pub remote_ip: IpAddr,
    /// The client, seen through trusted proxies.
    pub user_ip: IpAddr,
    /// The collection and id of the caller's record; empty for guests.
    pub auth: String,
    pub auth_id: String,
    pub failure: Option<(Cow<'static, str>, Option<Value>)>,
}

impl RequestEntry {
    #[must_use]
    pub fn new(method: impl Into<Cow<'static, str>>, remote_ip: IpAddr, user_ip: IpAddr) -> Self {
        Self {
            method: method.into(),
            url: String::new(),
            status: 0,
            elapsed: Duration::ZERO,
            referer: String::new(),
            user_agent: String::new(),
            remote_ip,
            user_ip,
            auth: String::new(),
            auth_id: String::new(),
            failure: None,
        }
    }
}

impl LogEntry {
    /// Answers of 400 and above are errors.
    #[must_use]
    pub fn of_request(request: RequestEntry) -> Self {
        let level = if request.status >= 400 { LEVEL_ERROR } else { LEVEL_INFO };
        Self { created: Timestamp::now(), level, request: Box::new(request) }
    }

    pub(super) fn message(&self) -> String {
        let message = format!("{} {}", self.request.method, without_secrets(&self.request.url));
        match message.char_indices().nth(MAX_MESSAGE) {
            Some((end, _)) => message[..end].to_owned(),
            None => message,
        }
    }

    /// The entry's `data` as JSON text, no longer than the settings allow.
    pub(super) fn data(&self, settings: &LogSettings) -> String {
        let max_bytes = match settings.max_data_size {
            0 => DEFAULT_MAX_DATA_BYTES,
            bytes => usize::try_from(bytes).unwrap_or(DEFAULT_MAX_DATA_BYTES),
        };
        let mut data = self.request.to_map(settings);
        let text = Value::Object(data.clone()).to_string();
        if text.len() <= max_bytes {
            return text;
        }
        data.remove("details");
        for value in data.values_mut() {
            if let Value::String(text) = value {
                text.truncate(text.floor_char_boundary(SHORT_TEXT));
            }
        }
        // The name is part of the API: the dashboard looks for it.
        data.insert("__pb_truncated__".to_owned(), Value::Bool(true));
        Value::Object(data).to_string()
    }
}

impl RequestEntry {
    fn to_map(&self, settings: &LogSettings) -> Map<String, Value> {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
        put("type", json!("request"));
        put("method", json!(self.method));
        put("url", json!(without_secrets(&self.url)));
        put("status", json!(self.status));
        put("execTime", json!(self.elapsed.as_nanos() as f64 / 1e6));
        put("referer", json!(without_secrets(&self.referer)));
        put("userAgent", json!(self.user_agent));
        put("auth", json!(self.auth));
        if settings.log_auth_id {
            put("authId", json!(self.auth_id));
        }
        if settings.log_ip {
            put("remoteIP", json!(ip::text(self.remote_ip)));
            put("userIP", json!(ip::text(self.user_ip)));
        }
        if let Some((message, details)) = &self.failure {
            put("error", json!(message));
            put("details", details.clone().unwrap_or_default());
        }
        map
    }
}

/// The URL with the values of [`SECRET_PARAMETERS`] blotted out.
fn without_secrets(url: &str) -> Cow<'_, str> {
    let Some((path, query)) = url.split_once('?') else { return Cow::Borrowed(url) };
    let is_secret = |pair: &str| {
        pair.split_once('=')
            .is_some_and(|(name, _)| SECRET_PARAMETERS.iter().any(|secret| name.eq_ignore_ascii_case(secret)))
    };
    if !query.split('&').any(is_secret) {
        return Cow::Borrowed(url);
    }
    let pairs: Vec<Cow<'_, str>> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(pair) => Cow::Owned(format!("{name}=***")),
            _ => Cow::Borrowed(pair),
        })
        .collect();
    Cow::Owned(format!("{path}?{}", pairs.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::Settings;

    fn entry() -> RequestEntry {
        let mut entry = RequestEntry::new("POST", IpAddr::from([127, 0, 0, 1]), "2001:db8::1".parse().unwrap());
        entry.url = "/api/x?a=1&Token=abc&page=2".to_owned();
        entry.status = 400;
        entry.elapsed = Duration::from_micros(1500);
        entry.auth = "users".to_owned();
        entry.auth_id = "u1".to_owned();
        entry.failure = Some(("Failed to create record.".into(), Some(json!({"title": {}}))));
        entry
    }

    fn data(entry: RequestEntry, settings: &LogSettings) -> Value {
        serde_json::from_str(&LogEntry::of_request(entry).data(settings)).unwrap()
    }

    #[test]
    fn an_entry_has_the_shape_the_dashboard_knows() {
        let logged = LogEntry::of_request(entry());
        assert_eq!((logged.level, logged.message().as_str()), (8, "POST /api/x?a=1&Token=***&page=2"));
        assert_eq!(
            data(entry(), &Settings::initial().logs),
            json!({"type": "request", "method": "POST", "url": "/api/x?a=1&Token=***&page=2", "status": 400,
                "execTime": 1.5, "referer": "", "userAgent": "", "auth": "users", "remoteIP": "127.0.0.1",
                "userIP": "2001:0db8:0000:0000:0000:0000:0000:0001", "error": "Failed to create record.",
                "details": {"title": {}}})
        );
    }

    #[test]
    fn the_settings_choose_what_is_known_of_the_caller() {
        let settings = LogSettings { log_ip: false, log_auth_id: true, ..Settings::initial().logs };
        let data = data(entry(), &settings);
        assert_eq!((&data["authId"], &data["userIP"]), (&json!("u1"), &Value::Null));
    }

    #[test]
    fn large_data_is_cut_and_says_so() {
        let mut large = entry();
        large.user_agent = "é".repeat(20_000);
        let data = data(large, &Settings::initial().logs);
        assert_eq!(data["__pb_truncated__"], json!(true));
        assert_eq!(data["userAgent"].as_str().unwrap().len(), SHORT_TEXT);
        assert_eq!(data["type"], "request");
    }

    #[test]
    fn messages_are_cut_at_characters() {
        let mut long = entry();
        long.url = "é".repeat(10_000);
        assert_eq!(LogEntry::of_request(long).message().chars().count(), MAX_MESSAGE);
    }
}
