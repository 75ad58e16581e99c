//! `PayPal` signs with the key of a certificate that is fetched from it.
//!
//! <https://developer.paypal.com/api/rest/webhooks/rest/#link-integratewithwebhooks>

use super::providers::{Doubt, Message};
use crate::base::base64;
use crate::base::certificates::{Roots, check_signature};
use crate::scripts::ambient::{Frame, Place};
use crate::scripts::doors::{Doors, HttpCall};
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::Date;
use bytes::Bytes;
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::Url;

/// The hosts that the certificates are for: the service, and its sandbox.
const NAMES: [&str; 2] = ["messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"];
const ALGORITHM: &str = "SHA256withRSA";
/// Where certificates are, below [`HOST`].
const FOLDER: &str = "/v1/notifications/certs/";
const HOST: &str = "paypal.com";
const MAX_URL_BYTES: usize = 300;
const MAX_CHAIN_BYTES: usize = 64 * 1024;
const FETCH_TIME: Duration = Duration::from_secs(5);
/// How long a fetched certificate is kept in memory. It is checked with each request.
const KEPT: Duration = Duration::from_hours(24);
/// `PayPal` tries for three days.
pub const TOLERANCE_SECONDS: i64 = 4 * 24 * 60 * 60;

/// What `PayPal` sends along.
struct Parts<'a> {
    id: &'a str,
    time: &'a str,
    signature: Vec<u8>,
    url: Url,
}

impl<'a> Parts<'a> {
    /// Everything that can be refused without asking `PayPal` is refused here.
    fn read(message: &'a Message<'a>, tolerance: i64, now_seconds: i64) -> Result<Self, Doubt> {
        let id = message.header("paypal-transmission-id")?;
        let time = message.header("paypal-transmission-time")?;
        let signature =
            base64::decode(message.header("paypal-transmission-sig")?).ok_or("the signature is no base64")?;
        if !message.header("paypal-auth-algo")?.eq_ignore_ascii_case(ALGORITHM) {
            return Err("the algorithm is another one than SHA256withRSA");
        }
        let sent = Date::parse(time).and_then(|date| date.timestamp()).ok_or("the time of the request is missing")?;
        let sent = sent.seconds();
        if now_seconds.abs_diff(sent) > tolerance.unsigned_abs() {
            return Err("the request is too old, or from the future");
        }
        let url = certificate_url(message.header("paypal-cert-url")?).ok_or("the certificate is not PayPal's")?;
        Ok(Self { id, time, signature, url })
    }
}

/// An address from which certificates are taken: only `PayPal`'s own, so that nobody makes the server ask for something else.
fn certificate_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_URL_BYTES)?;
    let host = url.host_str()?;
    let is_of_paypal = host == HOST || host.strip_suffix(HOST).is_some_and(|start| start.ends_with('.'));
    let is_plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let is_file = url.query().is_none() && url.fragment().is_none() && url.path().starts_with(FOLDER);
    (url.scheme() == "https" && is_of_paypal && is_plain && is_file).then_some(url)
}

/// Whether `PayPal` has signed the request for one of the webhooks `ids`. Returns its id. The outer error is that of the script.
pub fn verify(
    frame: &Frame,
    message: &Message<'_>,
    ids: &[String],
    roots: Option<&Roots>,
    tolerance: i64,
    now_seconds: i64,
) -> Outcome<Result<String, Doubt>> {
    let Place::Outside(doors) = &frame.place else {
        return Err(problem(
            "verify_webhook(\"paypal\", …) asks PayPal for its certificate, so it works outside of transactions: call it before db.transaction",
        ));
    };
    let parts = match Parts::read(message, tolerance, now_seconds) {
        Ok(parts) => parts,
        Err(doubt) => return Ok(Err(doubt)),
    };
    let chain = match certificate(doors, &parts.url, frame.time_left()) {
        Ok(chain) => chain,
        Err(error) => return Err(problem(format!("PayPal's certificate cannot be fetched: {error}"))),
    };
    let checksum = crc32fast::hash(message.body);
    let roots = roots.unwrap_or_else(|| roots_of_system());
    let mut doubt = "no signature fits";
    for id in ids {
        let signed = format!("{}|{}|{id}|{checksum}", parts.id, parts.time);
        match check_signature(chain.as_bytes(), roots, &NAMES, now_seconds, signed.as_bytes(), &parts.signature) {
            Ok(()) => return Ok(Ok(parts.id.to_owned())),
            Err(found) => doubt = found,
        }
    }
    Ok(Err(doubt))
}

/// Read once: the system has more than a hundred.
fn roots_of_system() -> &'static Roots {
    static ROOTS: OnceLock<Roots> = OnceLock::new();
    ROOTS.get_or_init(Roots::of_system)
}

/// The certificate with those above it, in the PEM form.
fn certificate(doors: &Arc<dyn Doors>, url: &Url, time_left: Duration) -> Result<String, String> {
    let key = format!("verify_webhook:{url}");
    if let Some(Value::String(known)) = doors.cache().get(&key).as_deref() {
        return Ok(known.clone());
    }
    let reply = doors.http(HttpCall {
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
    let chain = String::from_utf8(reply.body).map_err(|_| format!("{url} is no certificate"))?;
    doors.cache().set(&key, chain.clone().into(), KEPT);
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_come_from_paypal_only() {
        let of = |text: &str| certificate_url(text).is_some();
        for text in [
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
            "https://paypal.com/v1/notifications/certs/CERT-1",
            "https://API.PayPal.com:443/v1/notifications/certs/CERT-1",
        ] {
            assert!(of(text), "{text}");
        }
        for text in [
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
            "https://evilpaypal.com/v1/notifications/certs/CERT-1",
            "https://evil.example/v1/notifications/certs/CERT-1?api.paypal.com",
            "https://evil.example/v1/notifications/certs/CERT-1#.paypal.com",
            "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
            "https://evil.example\\@api.paypal.com/v1/notifications/certs/CERT-1",
            "https://a:b@api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/../../x",
            "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
            "https://api.paypal.com/other",
            "https://127.0.0.1/v1/notifications/certs/CERT-1",
            "file:///v1/notifications/certs/CERT-1",
            "",
        ] {
            assert!(!of(text), "{text}");
        }
        assert!(!of(&format!("https://api.paypal.com/v1/notifications/certs/{}", "x".repeat(300))));
    }
}
