//! The request of a delivery, or its mail: what is sent.

use super::deliveries::Delivery;
use super::endpoint::{Secrets, Webhook, mask_url};
use super::input::MASK;
use super::redact::{Hidden, cut};
use super::template::{self, TemplateError};
use crate::base::clock::Timestamp;
use crate::base::jinja::SUBJECT;
use crate::domain::mail;
use crate::domain::model::{Mail, Settings, WebhookConfig, WebhookFormat};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What chats accept. Slack cuts a longer message, Discord and Teams refuse it.
const MAX_SLACK_CHARS: usize = 40_000;
const MAX_DISCORD_CHARS: usize = 2000;
/// Of 28 KiB, less what stands around the message.
const MAX_TEAMS_BYTES: usize = 26 * 1024;
const MAX_SUBJECT_CHARS: usize = 255;
/// How much of one value, and of all, is in a message without a template.
const MAX_SHOWN_VALUE_CHARS: usize = 1000;
const MAX_SHOWN_CHARS: usize = 30_000;

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
    let (content_type, body) = body(webhook, delivery, payload, settings)?;
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
fn body(
    webhook: &Webhook,
    delivery: &Delivery,
    payload: &str,
    settings: &Settings,
) -> Result<(String, String), TemplateError> {
    let config = &webhook.config;
    let json_type = || "application/json".to_owned();
    if config.format == WebhookFormat::Json {
        return Ok((json_type(), payload.to_owned()));
    }
    let text = template::render(config, &context(config, delivery, payload, settings))?.text;
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
fn context(config: &WebhookConfig, delivery: &Delivery, payload: &str, settings: &Settings) -> Value {
    let mut event: Value = serde_json::from_str(payload).unwrap_or_default();
    let is_of_record = !delivery.collection.is_empty();
    let mut context = match event["data"].take() {
        Value::Object(data) if is_of_record => data,
        data => Map::from_iter([("data".to_owned(), data)]),
    };
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
        let values: Vec<&mut Value> = match context.get_mut(name) {
            None => continue,
            Some(Value::Object(members)) => {
                members.remove("expand");
                members.values_mut().collect()
            }
            Some(value) => vec![value],
        };
        for value in values {
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
    let rendered = template::render(&webhook.config, &context(&webhook.config, delivery, payload, settings))?;
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
