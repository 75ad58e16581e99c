//! One attempt: a request, or a mail into the outbox of mails.

use crate::app::App;
use crate::app::outbound::{Call, Method};
use crate::base::clock::Timestamp;
use crate::domain::Result;
use crate::domain::mail;
use crate::domain::model::{Mail, WebhookFormat};
use crate::domain::webhooks::deliveries::{AttemptResult, Delivery};
use crate::domain::webhooks::queue::{self, Job};
use crate::domain::webhooks::redact::{self, MAX_LOGGED_BYTES};
use crate::domain::webhooks::request::{self, Outgoing, Request};
use crate::domain::webhooks::{Secrets, TemplateError, Webhook};
use futures_util::FutureExt;
use serde_json::json;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

/// How long a mail is tried to be handed to the mail server.
const MAIL_SECONDS: i64 = 3 * 86_400;
/// A worker that has read this much content reads no further delivery before it has sent these.
const MAX_READ_BYTES: usize = 256 * 1024;

impl App {
    /// Reads what is to be sent of these deliveries, at least one, and how many of them were looked at. `None` if they cannot be read now.
    pub(super) async fn open_deliveries(&self, seqs: Vec<i64>) -> Option<(Vec<Job>, usize)> {
        let key = self.0.shared.seal_key.clone();
        match self.read(move |tx| queue::open(tx, key.as_ref(), &seqs, MAX_READ_BYTES)).await {
            Ok(found) => Some(found),
            Err(error) => {
                tracing::error!(%error, "deliveries cannot be read");
                None
            }
        }
    }

    pub(super) async fn try_delivery(
        &self,
        webhook: &Webhook,
        secrets: Option<&Secrets>,
        delivery: &Delivery,
        payload: &str,
    ) -> AttemptResult {
        let (began, at) = (Instant::now(), Timestamp::now());
        let mut result = AttemptResult {
            at,
            duration: Duration::ZERO,
            status: 0,
            error: String::new(),
            is_final: false,
            retry_after: None,
            request: "{}".to_owned(),
            response: "{}".to_owned(),
        };
        // A panic is a failed attempt like others: the delivery waits longer each time, and others of its endpoint go on.
        let attempt = AssertUnwindSafe(self.try_once(webhook, secrets, delivery, payload, &mut result)).catch_unwind();
        if attempt.await.is_err() {
            "an error in this server, which its output tells".clone_into(&mut result.error);
        }
        result.duration = began.elapsed();
        result
    }

    async fn try_once(
        &self,
        webhook: &Webhook,
        secrets: Option<&Secrets>,
        delivery: &Delivery,
        payload: &str,
        result: &mut AttemptResult,
    ) {
        let Some(secrets) = secrets else {
            "the secrets of the endpoint cannot be decrypted: they were saved with another encryption key"
                .clone_into(&mut result.error);
            return;
        };
        match self.write_outgoing(webhook, secrets, delivery, payload, result.at).await {
            Err(error) => result.error = error.to_string(),
            Ok(Err(error)) => (result.error, result.is_final) = (error.to_string(), true),
            Ok(Ok(Outgoing::Mail(mail))) => self.post_delivery(mail, result).await,
            Ok(Ok(Outgoing::Request(request))) => self.send_delivery(request, result).await,
        }
    }

    /// Writes what is sent. A template may take many steps, so it is filled in where that blocks nobody.
    pub(super) async fn write_outgoing(
        &self,
        webhook: &Webhook,
        secrets: &Secrets,
        delivery: &Delivery,
        payload: &str,
        at: Timestamp,
    ) -> Result<std::result::Result<Outgoing, TemplateError>> {
        let settings = self.postbox().settings;
        if webhook.config.format == WebhookFormat::Json {
            return Ok(request::outgoing(webhook, secrets, delivery, payload, &settings, at));
        }
        let (webhook, secrets, delivery) = (webhook.clone(), secrets.clone(), delivery.clone());
        let payload = payload.to_owned();
        self.blocking(move || request::outgoing(&webhook, &secrets, &delivery, &payload, &settings, at)).await
    }

    async fn send_delivery(&self, request: Request, result: &mut AttemptResult) {
        let Request { url, headers, body, time, shown, hidden } = request;
        result.request = shown;
        let call = Call {
            method: Method::POST,
            url,
            headers,
            body: body.into(),
            time,
            max_redirects: 0,
            max_bytes: MAX_LOGGED_BYTES,
            cuts_body: true,
        };
        match self.0.webhooks.outbound.send(call).await {
            Err(error) => result.error = error.to_string(),
            Ok(reply) => {
                result.status = i64::from(reply.status);
                result.response = redact::shown_answer(&reply.headers, &reply.body, reply.is_cut, &hidden);
                match reply.status {
                    200..=299 => {}
                    300..=399 => result.error = format!("the answer is {}: redirects are not followed", reply.status),
                    status => result.error = format!("the answer is {status}"),
                }
                if !result.is_success() {
                    result.retry_after = retry_after(&reply.headers, result.at);
                }
            }
        }
    }

    /// Hands a mail over to the outbox of mails, which has attempts of its own.
    async fn post_delivery(&self, mail: Mail, result: &mut AttemptResult) {
        let shown = json!({
            "method": "MAIL",
            "url": format!("mailto:{}", mail.to),
            "headers": {"subject": mail.subject},
            "body": redact::cut(&mail.html),
        });
        result.request = shown.to_string();
        let postbox = self.postbox();
        let posted = self.write(move |tx| {
            let expires = tx.now().plus_seconds(MAIL_SECONDS);
            mail::post(tx, &postbox, &mail, expires, mail::Purpose { name: "webhook", record: None })
        });
        if let Err(error) = posted.await {
            result.error = error.to_string();
        }
    }
}

/// For how long the receiver wants to be left alone: a number of seconds, or a date.
fn retry_after(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let (_, value) = headers.iter().find(|(name, _)| name == "retry-after")?;
    let value = value.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => u64::try_from(Timestamp::from_http_date(value)?.seconds() - now.seconds()).ok()?,
    };
    Some(Duration::from_secs(seconds))
}
