//! The certificate with which `PayPal` signs, fetched and kept for scripts.

use crate::base::certificates::Roots;
use crate::domain::inbound::providers::paypal::{FETCH_TIME, KEPT, MAX_CHAIN_BYTES, Sent};
use crate::domain::inbound::providers::{Doubt, Message};
use crate::scripts::ambient::{Frame, Place};
use crate::scripts::error::{Outcome, problem};
use crate::scripts::host::{Host, HttpCall};
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Whether `PayPal` has signed the request for one of the webhooks `ids`. Returns its id. The outer error is that of the script.
pub fn verify(
    frame: &Frame,
    message: &Message<'_>,
    ids: &[String],
    roots: Option<&Roots>,
    tolerance: i64,
    now_seconds: i64,
) -> Outcome<Result<String, Doubt>> {
    let Place::Outside(host) = &frame.place else {
        return Err(problem(
            "verify_webhook(\"paypal\", …) asks PayPal for its certificate, so it works outside of transactions: call it before db.transaction",
        ));
    };
    let sent = match Sent::read(message, tolerance, now_seconds) {
        Ok(sent) => sent,
        Err(doubt) => return Ok(Err(doubt)),
    };
    match certificate(host, sent.url(), frame.time_left()) {
        Ok(chain) => {
            let verified = sent.verify(&chain, ids, roots, now_seconds);
            if verified.is_ok() {
                host.cache().set(&cache_key(sent.url()), chain.into(), KEPT);
            }
            Ok(verified)
        }
        Err(error) => Err(problem(format!("PayPal's certificate cannot be fetched: {error}"))),
    }
}

/// The certificate with those above it, in the PEM form.
fn certificate(host: &Arc<dyn Host>, url: &Url, time_left: Duration) -> Result<String, String> {
    if let Some(Value::String(known)) = host.cache().get(&cache_key(url)).as_deref() {
        return Ok(known.clone());
    }
    let reply = host.http(HttpCall {
        method: "GET".to_owned(),
        url: url.to_string(),
        headers: Vec::new(),
        body: Bytes::new(),
        time: FETCH_TIME.min(time_left),
        max_redirects: 0,
    })?;
    if reply.status != 200 || reply.body.len() > MAX_CHAIN_BYTES {
        return Err(format!("{url} answers with status {} and {} bytes", reply.status, reply.body.len()));
    }
    String::from_utf8(reply.body).map_err(|_| format!("{url} is not a certificate"))
}

/// Under which a certificate is kept that has verified a request.
fn cache_key(url: &Url) -> String {
    format!("verify_webhook:{url}")
}
