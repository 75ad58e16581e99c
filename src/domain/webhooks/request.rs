//! The request of a delivery: what is sent, and what of it is kept in the log.

use super::deliveries::{Attempt, Delivery};
use super::endpoint::{Secrets, Webhook, mask_url};
use super::input::MASK;
use super::template::{self, TemplateError};
use crate::base::clock::Timestamp;
use crate::base::jinja::SUBJECT;
use crate::domain::mail;
use crate::domain::model::{Mail, Settings, WebhookConfig, WebhookFormat};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::Url;

/// How much of a body is kept in the log, in bytes.
pub const MAX_LOGGED_BYTES: usize = 64 * 1024;
const MAX_LOGGED_HEADERS: usize = 40;
/// What chats accept. Slack cuts a longer message, Discord and Teams refuse it.
const MAX_SLACK_CHARS: usize = 40_000;
const MAX_DISCORD_CHARS: usize = 2000;
/// Of 28 KiB, less what stands around the message.
const MAX_TEAMS_BYTES: usize = 26 * 1024;
const MAX_SUBJECT_CHARS: usize = 255;
/// How much of one value, and of all, is in a message without a template.
const MAX_SHOWN_VALUE_CHARS: usize = 1000;
const MAX_SHOWN_CHARS: usize = 30_000;
const MAX_LOGGED_HEADER_CHARS: usize = 500;
/// Shorter texts are no credentials, and would be found everywhere.
const MIN_HIDDEN_CHARS: usize = 6;
/// How long a part of a path is that may be a token.
const MIN_TOKEN_BYTES: usize = 8;

/// What an attempt does.
#[derive(Debug)]
pub enum Outgoing {
    Request(Request),
    Mail(Mail),
}

/// A POST.
#[derive(Debug)]
pub struct Request {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub time: Duration,
    /// For the log, as JSON, without secrets.
    pub shown: String,
    /// What the log must not show, also when the receiver sends it back.
    pub hidden: Hidden,
}

/// Writes what is sent for a delivery now. `payload` is its content.
pub fn outgoing(
    webhook: &Webhook,
    secrets: &Secrets,
    delivery: &Delivery,
    payload: &str,
    settings: &Settings,
    now: Timestamp,
) -> Result<Outgoing, TemplateError> {
    let config = &webhook.config;
    if config.format == WebhookFormat::Email {
        return mail_of(webhook, secrets, delivery, payload, settings).map(Outgoing::Mail);
    }
    let (content_type, body) = body(webhook, payload, settings)?;
    let mut headers = vec![
        ("content-type".to_owned(), content_type),
        ("webhook-id".to_owned(), delivery.id.clone()),
        ("webhook-timestamp".to_owned(), now.seconds().to_string()),
    ];
    let signatures: Vec<String> =
        secrets.keys_at(now).iter().filter_map(|key| key.sign(&delivery.id, now.seconds(), body.as_bytes())).collect();
    if !signatures.is_empty() {
        headers.push(("webhook-signature".to_owned(), signatures.join(" ")));
    }
    let own = headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let masked = secrets.headers.keys().map(|name| (name.clone(), Value::from(MASK)));
    let shown_headers: Map<String, Value> = own.chain(masked).collect();
    // The body of the format `json` is the content of the delivery, which is kept with it.
    let shown_body = (config.format != WebhookFormat::Json).then(|| cut(&body));
    let shown = json!({
        "method": "POST",
        "url": mask_url(&secrets.url),
        "headers": shown_headers,
        "body": shown_body,
    });
    headers.extend(secrets.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(Outgoing::Request(Request {
        url: secrets.url.clone(),
        headers,
        body,
        time: Duration::from_secs(config.timeout_seconds),
        shown: shown.to_string(),
        hidden: Hidden::of(secrets),
    }))
}

/// The body and its media type.
fn body(webhook: &Webhook, payload: &str, settings: &Settings) -> Result<(String, String), TemplateError> {
    let config = &webhook.config;
    let json_type = || "application/json".to_owned();
    if config.format == WebhookFormat::Json {
        return Ok((json_type(), payload.to_owned()));
    }
    let text = template::render(config, &context(config, payload, settings))?.text;
    let message = text.trim();
    let body = match config.format {
        WebhookFormat::Slack => json!({"text": cut_message(message, MAX_SLACK_CHARS, |_| 1)}),
        WebhookFormat::Discord => {
            let content = cut_message(message, MAX_DISCORD_CHARS, |_| 1);
            json!({"content": content, "allowed_mentions": {"parse": []}})
        }
        WebhookFormat::Teams => json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    // A line of its own in a card ends with an empty one.
                    "body": [{"type": "TextBlock", "text": cut_message(message, MAX_TEAMS_BYTES, teams_bytes).replace('\n', "\n\n"), "wrap": true}],
                },
            }],
        }),
        WebhookFormat::Json | WebhookFormat::Email | WebhookFormat::Template => {
            if template::is_json(&config.content_type)
                && let Err(error) = serde_json::from_str::<&serde_json::value::RawValue>(&text)
            {
                let hint = "texts need quotation marks around them, or |tojson";
                return Err(TemplateError::new(format!("the result is not JSON: {error}: {hint}")));
            }
            return Ok((config.content_type.clone(), text));
        }
    };
    Ok((json_type(), body.to_string()))
}

/// What templates see.
fn context(config: &WebhookConfig, payload: &str, settings: &Settings) -> Value {
    let mut event: Value = serde_json::from_str(payload).unwrap_or_default();
    let mut context = match event.get_mut("data").map(Value::take) {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    if !context.contains_key("collection") {
        context = Map::from_iter([("data".to_owned(), Value::Object(context))]);
    }
    context.insert("event".to_owned(), event["type"].take());
    context.insert("timestamp".to_owned(), event["timestamp"].take());
    let app = json!({"name": settings.meta.app_name, "url": settings.meta.app_url});
    context.insert("app".to_owned(), app);
    if template::is_usual(config) {
        shorten(&mut context);
    }
    Value::Object(context)
}

/// Cuts the values of a message that lists them all: a long one would leave no room for the others, and chats refuse long messages.
fn shorten(context: &mut Map<String, Value>) {
    let mut left = MAX_SHOWN_CHARS;
    for name in ["record", "original", "data"] {
        let Some(Value::Object(members)) = context.get_mut(name) else { continue };
        members.remove("expand");
        for value in members.values_mut() {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Array(_) | Value::Object(_) => value.to_string(),
                Value::Null | Value::Bool(_) | Value::Number(_) => continue,
            };
            let cut = cut_message(&text, MAX_SHOWN_VALUE_CHARS.min(left), |_| 1);
            left = left.saturating_sub(cut.chars().count());
            if cut.len() < text.len() {
                *value = Value::from(cut);
            }
        }
    }
}

/// The beginning of a text whose characters cost `max` together, with an ellipsis if it is not the whole.
fn cut_message(text: &str, max: usize, cost: fn(char) -> usize) -> String {
    let ends = |max: usize| {
        let mut spent = 0;
        text.char_indices().find(|(_, letter)| {
            spent += cost(*letter);
            spent > max
        })
    };
    if ends(max).is_none() {
        return text.to_owned();
    }
    let end = ends(max.saturating_sub(cost('…'))).map_or(text.len(), |(at, _)| at);
    format!("{}…", &text[..end])
}

/// How many bytes a character takes in the JSON of a card, where each line break is doubled.
fn teams_bytes(letter: char) -> usize {
    match letter {
        '\n' => 4,
        '"' | '\\' => 2,
        letter if letter < ' ' => 6,
        letter => letter.len_utf8(),
    }
}

fn mail_of(
    webhook: &Webhook,
    secrets: &Secrets,
    delivery: &Delivery,
    payload: &str,
    settings: &Settings,
) -> Result<Mail, TemplateError> {
    let rendered = template::render(&webhook.config, &context(&webhook.config, payload, settings))?;
    let text = rendered.text.trim();
    let usual = || format!("{}: {}", settings.meta.app_name, delivery.event);
    // A value that begins with the word is text of the mail.
    let (subject, text) = match text.strip_prefix(SUBJECT).filter(|_| rendered.has_subject) {
        Some(rest) => {
            let (subject, text) = rest.split_once('\n').unwrap_or((rest, ""));
            (subject.trim().chars().take(MAX_SUBJECT_CHARS).collect(), text.trim())
        }
        None => (usual(), text),
    };
    let to = secrets.url.strip_prefix("mailto:").unwrap_or(&secrets.url);
    // Each line is a paragraph.
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Ok(mail::plain(settings, to, &subject, &lines.join("\n\n")))
}

/// An attempt that was made.
#[derive(Clone, Debug)]
pub struct Tried {
    pub at: Timestamp,
    pub duration: Duration,
    /// 0 without an answer.
    pub status: i64,
    /// Why it has failed. Empty for a success.
    pub error: String,
    /// No request can be made, because the template fails. Another attempt would fail in the same way, and nothing is said about the receiver.
    pub is_final: bool,
    /// For how long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
    pub request: String,
    pub response: String,
}

impl Tried {
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_empty()
    }

    pub(super) fn to_attempt(&self, number: i64) -> Attempt {
        Attempt {
            number,
            at: self.at,
            duration_ms: i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX),
            status: self.status,
            error: self.error.clone(),
            request: self.request.clone(),
            response: self.response.clone(),
        }
    }
}

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
