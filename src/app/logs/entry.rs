//! A log entry and the JSON it is stored as.

use super::redact::redact;
use super::store::Row;
use crate::base::clock::Timestamp;
use crate::base::{ip, json};
use crate::domain::model::LogSettings;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

pub const LEVEL_DEBUG: i64 = -4;
pub const LEVEL_INFO: i64 = 0;
pub const LEVEL_WARNING: i64 = 4;
pub const LEVEL_ERROR: i64 = 8;
/// Longer messages are cut to this many bytes.
const MAX_MESSAGE: usize = 1024;
/// Texts that a client sends, such as the URL, are cut to this many bytes when they are received, so that a flood of entries
/// stays small.
pub const MAX_CLIENT_TEXT: usize = 1024;
/// The limit for less important texts, in bytes: the referrer and the user agent.
const MAX_CLIENT_NOTE: usize = 300;
const MAX_METHOD: usize = 16;
const DEFAULT_MAX_DATA_BYTES: usize = 16 * 1024;
/// The typical size of an entry's data, in bytes.
const TYPICAL_DATA_BYTES: usize = 384;
/// How much of each text is kept when an entry's data as a whole is too large, in bytes.
const SHORT_TEXT: usize = 200;
const MAX_KEYS_OF_CUT_EVENT: usize = 20;
/// Marks data that was cut. The name is part of the API: the dashboard reads it.
const TRUNCATED: &str = "__pb_truncated__";

#[derive(Clone, Debug)]
pub struct LogEntry {
    pub created: Timestamp,
    pub level: i64,
    pub(super) subject: Subject,
}

#[derive(Clone, Debug)]
pub(super) enum Subject {
    Request(Box<RequestEntry>),
    /// An event of the server itself. `data` is a JSON object.
    Event {
        message: String,
        data: Value,
    },
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct RequestEntry {
    pub method: Cow<'static, str>,
    /// Path and query.
    pub url: String,
    pub status: u16,
    pub elapsed: Duration,
    pub referer: String,
    pub user_agent: String,
    /// The address of the peer.
    pub remote_ip: IpAddr,
    /// The address of the client, as trusted proxies report it.
    pub user_ip: IpAddr,
    /// The collection and id of the caller's record. Empty for guests.
    pub auth: String,
    pub auth_id: String,
    pub failure: Option<(Cow<'static, str>, Option<Value>)>,
    /// Why the request was refused, if `failure` does not say so.
    pub reason: Option<String>,
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
            reason: None,
        }
    }
}

impl LogEntry {
    /// The entry of a request. Answers with a status of 400 and above are errors. Secrets are removed here, before anything
    /// is stored.
    #[must_use]
    pub fn of_request(mut request: RequestEntry) -> Self {
        request.url.truncate(request.url.floor_char_boundary(MAX_CLIENT_TEXT));
        for note in [&mut request.referer, &mut request.user_agent] {
            note.truncate(note.floor_char_boundary(MAX_CLIENT_NOTE));
        }
        if request.method.len() > MAX_METHOD {
            request.method = cut(&request.method, MAX_METHOD).to_owned().into();
        }
        for url in [&mut request.url, &mut request.referer] {
            if let Cow::Owned(clean) = redact(url) {
                *url = clean;
            }
        }
        let level = if request.status >= 400 { LEVEL_ERROR } else { LEVEL_INFO };
        Self { created: Timestamp::now(), level, subject: Subject::Request(Box::new(request)) }
    }

    /// The entry of an event of the server itself: a mail, a job, a backup. `data` is a JSON object whose `type` is not
    /// `request`.
    #[must_use]
    pub fn of_event(level: i64, message: impl Into<String>, data: Value) -> Self {
        Self { created: Timestamp::now(), level, subject: Subject::Event { message: message.into(), data } }
    }

    /// Sets the reason of a request's entry.
    pub fn set_reason(&mut self, mut text: String) {
        text.truncate(text.floor_char_boundary(MAX_CLIENT_TEXT));
        if let Subject::Request(request) = &mut self.subject {
            request.reason = Some(text);
        }
    }

    /// A line for a terminal: `POST /api/collections/posts/records 400 1.5 ms Failed to create record. (reason)`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.message();
        let Subject::Request(request) = &self.subject else { return line };
        let _ = write!(line, " {} {:.1} ms", request.status, request.elapsed.as_secs_f64() * 1e3);
        if let Some((message, details)) = &request.failure {
            let _ = write!(line, " {message}");
            if let Some(details) = details {
                let _ = write!(line, " {details}");
            }
        }
        if let Some(reason) = &request.reason {
            let _ = write!(line, " ({reason})");
        }
        line
    }

    pub(super) fn to_row(&self, settings: &LogSettings) -> Row {
        Row { created: self.created, level: self.level, message: self.message(), data: self.data(settings) }
    }

    fn message(&self) -> String {
        let mut message = match &self.subject {
            Subject::Request(request) => [&request.method, " ", &request.url].concat(),
            Subject::Event { message, .. } => message.clone(),
        };
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        message
    }

    /// The entry's `data`, limited to the size that the settings allow.
    fn data(&self, settings: &LogSettings) -> String {
        let max_bytes = match settings.max_data_size {
            0 => DEFAULT_MAX_DATA_BYTES,
            bytes => usize::try_from(bytes).unwrap_or(DEFAULT_MAX_DATA_BYTES),
        };
        let write = |max_text| match &self.subject {
            Subject::Request(request) => request.to_json(settings, max_text),
            Subject::Event { data, .. } => event_json(data, max_text),
        };
        let whole = write(usize::MAX);
        if whole.len() <= max_bytes { whole } else { write(SHORT_TEXT) }
    }
}

/// The event's data. If it must be cut, only short texts and plain values of its top level remain.
fn event_json(data: &Value, max_text: usize) -> String {
    let (Value::Object(data), true) = (data, max_text < usize::MAX) else { return data.to_string() };
    let short = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::String(text) => cut(text, max_text).into(),
            Value::Array(_) | Value::Object(_) => return None,
            plain => plain.clone(),
        };
        Some((cut(key, max_text).to_owned(), value))
    };
    let mut kept: Map<String, Value> = data.iter().take(MAX_KEYS_OF_CUT_EVENT).filter_map(short).collect();
    kept.insert(TRUNCATED.to_owned(), true.into());
    Value::Object(kept).to_string()
}

impl RequestEntry {
    /// The JSON with texts cut to `max_text` bytes. Written by hand, because it is most of the cost of logging.
    fn to_json(&self, settings: &LogSettings, max_text: usize) -> String {
        let is_cut = max_text < usize::MAX;
        let mut out = Object::new();
        let short = |text| cut(text, max_text);
        out.text("type", "request");
        out.text("method", short(&self.method));
        out.text("url", short(&self.url));
        out.json("status", &self.status);
        out.json("execTime", &(self.elapsed.as_nanos() as f64 / 1e6));
        out.text("referer", short(&self.referer));
        out.text("userAgent", short(&self.user_agent));
        out.text("auth", short(&self.auth));
        if settings.log_auth_id {
            out.text("authId", short(&self.auth_id));
        }
        if settings.log_ip {
            let remote_ip = ip::text(self.remote_ip);
            let is_direct = self.user_ip == self.remote_ip;
            let user_ip = if is_direct { Cow::Borrowed(&remote_ip) } else { Cow::Owned(ip::text(self.user_ip)) };
            out.text("remoteIP", &remote_ip);
            out.text("userIP", &user_ip);
        }
        if let Some((message, details)) = &self.failure {
            out.text("error", short(message));
            if let Some(reason) = &self.reason {
                out.text("reason", short(reason));
            }
            if !is_cut {
                out.json("details", details);
            }
        }
        if is_cut {
            out.json(TRUNCATED, &true);
        }
        out.finish()
    }
}

/// Writes a JSON object.
struct Object(Vec<u8>);

impl Object {
    fn new() -> Self {
        let mut out = Vec::with_capacity(TYPICAL_DATA_BYTES);
        out.push(b'{');
        Self(out)
    }

    fn text(&mut self, key: &'static str, value: &str) {
        self.key(key);
        json::write_string(&mut self.0, value);
    }

    fn json(&mut self, key: &'static str, value: &impl Serialize) {
        self.key(key);
        serde_json::to_writer(&mut self.0, value).expect("writing into memory cannot fail");
    }

    /// The keys need no escapes.
    fn key(&mut self, key: &'static str) {
        self.0.extend_from_slice(if self.0.len() > 1 { b",\"" } else { b"\"" });
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn finish(mut self) -> String {
        self.0.push(b'}');
        String::from_utf8(self.0).expect("JSON made of texts is text")
    }
}

fn cut(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::Settings;
    use serde_json::json;

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
        let kept = data(large.clone(), &Settings::initial().logs);
        assert_eq!(kept["userAgent"].as_str().unwrap().len(), MAX_CLIENT_NOTE);
        large.failure = Some(("Failed.".into(), Some(json!({"title": "x".repeat(20_000)}))));
        let data = data(large, &Settings::initial().logs);
        assert_eq!(data["__pb_truncated__"], json!(true));
        assert_eq!(data["userAgent"].as_str().unwrap().len(), SHORT_TEXT);
        assert_eq!(data["type"], "request");
    }

    #[test]
    fn an_event_says_what_its_maker_gave_and_is_cut_like_a_request() {
        let settings = Settings::initial().logs;
        let data = |value: Value| {
            let entry = LogEntry::of_event(LEVEL_WARNING, "Backup failed", value);
            assert_eq!((entry.message().as_str(), entry.level), ("Backup failed", 4));
            serde_json::from_str::<Value>(&entry.data(&settings)).unwrap()
        };
        assert_eq!(data(json!({"type": "backup", "n": 1})), json!({"type": "backup", "n": 1}));
        let large = data(json!({"type": "mail", "n": 1, "error": "x".repeat(20_000), "list": [1]}));
        assert_eq!(large, json!({"type": "mail", "n": 1, "error": "x".repeat(SHORT_TEXT), "__pb_truncated__": true}));
    }

    #[test]
    fn a_refused_request_says_why_in_the_log_and_on_a_line() {
        let mut refused = LogEntry::of_request(entry());
        refused.set_reason("nobody is signed in".to_owned());
        let data: Value = serde_json::from_str(&refused.data(&Settings::initial().logs)).unwrap();
        assert_eq!(data["reason"], "nobody is signed in");
        let line = "POST /api/x?a=1&Token=***&page=2 400 1.5 ms Failed to create record. {\"title\":{}} (nobody is signed \
                    in)";
        assert_eq!(refused.line(), line);
    }

    #[test]
    fn messages_are_cut_at_characters() {
        let mut long = entry();
        long.url = "é".repeat(10_000);
        // The method, a space, and as many whole two-byte characters as fit.
        assert_eq!(LogEntry::of_request(long).message().len(), MAX_MESSAGE - 1);
    }
}
