//! The request of a delivery: what is sent, and what of it is kept in the log.

use super::deliveries::{Attempt, Delivery};
use super::endpoint::{Secrets, Webhook, mask_url};
use super::input::MASK;
use super::template::{self, TemplateError};
use crate::base::clock::Timestamp;
use crate::domain::mail;
use crate::domain::model::{Mail, Settings, WebhookFormat};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How much of a body is kept in the log, in bytes.
pub const MAX_LOGGED_BYTES: usize = 64 * 1024;
const MAX_LOGGED_HEADERS: usize = 40;
const MAX_LOGGED_HEADER_CHARS: usize = 500;

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
    }))
}

/// The body and its media type.
fn body(webhook: &Webhook, payload: &str, settings: &Settings) -> Result<(String, String), TemplateError> {
    let config = &webhook.config;
    let json_type = || "application/json".to_owned();
    if config.format == WebhookFormat::Json {
        return Ok((json_type(), payload.to_owned()));
    }
    let text = template::render(config, &context(payload, settings))?;
    let message = text.trim();
    let body = match config.format {
        WebhookFormat::Slack => json!({"text": message}),
        WebhookFormat::Discord => {
            // Longer messages are refused.
            let content: String = message.chars().take(2000).collect();
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
                    "body": [{"type": "TextBlock", "text": message.replace('\n', "\n\n"), "wrap": true}],
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
fn context(payload: &str, settings: &Settings) -> Value {
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
    Value::Object(context)
}

fn mail_of(
    webhook: &Webhook,
    secrets: &Secrets,
    delivery: &Delivery,
    payload: &str,
    settings: &Settings,
) -> Result<Mail, TemplateError> {
    let text = template::render(&webhook.config, &context(payload, settings))?;
    let text = text.trim();
    let usual = || format!("{}: {}", settings.meta.app_name, delivery.event);
    let (subject, text) = match text.strip_prefix("Subject:") {
        Some(rest) => {
            let (subject, text) = rest.split_once('\n').unwrap_or((rest, ""));
            (subject.trim().to_owned(), text.trim())
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

/// An answer for the log, as JSON.
#[must_use]
pub fn shown_answer(headers: &[(String, String)], body: &[u8], is_cut: bool) -> String {
    let shown = |(name, value): &(String, String)| {
        let is_secret = ["set-cookie", "authorization"].contains(&name.as_str());
        let value: String =
            if is_secret { MASK.to_owned() } else { value.chars().take(MAX_LOGGED_HEADER_CHARS).collect() };
        (name.clone(), Value::from(value))
    };
    let headers: Map<String, Value> = headers.iter().take(MAX_LOGGED_HEADERS).map(shown).collect();
    let kept = body.get(..MAX_LOGGED_BYTES).unwrap_or(body);
    let is_cut = is_cut || kept.len() < body.len();
    json!({"headers": headers, "body": String::from_utf8_lossy(kept), "isCut": is_cut}).to_string()
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
