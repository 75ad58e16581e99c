//! `PayPal` signs with the key of a certificate that is fetched from it.
//!
//! <https://developer.paypal.com/api/rest/webhooks/rest/#link-integratewithwebhooks>. First [`Sent::read`], which refuses what can be
//! refused without the certificate, then the caller fetches the certificate at [`Sent::url`], then [`Sent::verify`].

use super::{Doubt, Message};
use crate::base::base64;
use crate::base::certificates::{Roots, check_signature};
use crate::base::clock::Timestamp;
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

/// The hosts that the certificates are for: the service, and its sandbox.
const NAMES: [&str; 2] = ["messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"];
const ALGORITHM: &str = "SHA256withRSA";
/// Where certificates are, at one of [`HOSTS`]. The rest of the path is hexadecimal digits and hyphens.
const START: &str = "/v1/notifications/certs/CERT-";
const HOSTS: [&str; 2] = ["api.paypal.com", "api.sandbox.paypal.com"];
const MAX_URL_BYTES: usize = 150;
/// The largest certificate with those above it, in bytes.
pub const MAX_CHAIN_BYTES: usize = 64 * 1024;
/// How long fetching a certificate may take.
pub const FETCH_TIME: Duration = Duration::from_secs(5);
/// How long a fetched certificate is kept in memory. It is checked with each request.
pub const KEPT: Duration = Duration::from_hours(24);
/// `PayPal` tries for three days.
pub const TOLERANCE_SECONDS: i64 = 4 * 24 * 60 * 60;

/// What `PayPal` sends along.
#[derive(Clone, Debug)]
pub struct Sent {
    id: String,
    time: String,
    signature: Vec<u8>,
    checksum: u32,
    url: Url,
}

impl Sent {
    /// Everything that can be refused without asking `PayPal` is refused here.
    pub fn read(message: &Message<'_>, tolerance: i64, now_seconds: i64) -> Result<Self, Doubt> {
        let id = message.header("paypal-transmission-id")?;
        let time = message.header("paypal-transmission-time")?;
        let signature =
            base64::decode(message.header("paypal-transmission-sig")?).ok_or("the signature is not base64")?;
        if !message.header("paypal-auth-algo")?.eq_ignore_ascii_case(ALGORITHM) {
            return Err("the algorithm is another one than SHA256withRSA");
        }
        let sent = Timestamp::parse(time).ok_or("the time of the request is missing")?.seconds();
        if now_seconds.abs_diff(sent) > tolerance.unsigned_abs() {
            return Err("the request is too old, or from the future");
        }
        let url = certificate_url(message.header("paypal-cert-url")?).ok_or("the certificate is not PayPal's")?;
        let checksum = crc32fast::hash(message.body);
        Ok(Self { id: id.to_owned(), time: time.to_owned(), signature, checksum, url })
    }

    /// Where the certificate is.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether `PayPal` has signed the request for one of the webhooks `ids`, with the first certificate of `chain`. Returns its id.
    /// `roots` are the certificates that are trusted, `None` for those of the system.
    pub fn verify(
        &self,
        chain: &str,
        ids: &[String],
        roots: Option<&Roots>,
        now_seconds: i64,
    ) -> Result<String, Doubt> {
        let roots = roots.unwrap_or_else(|| roots_of_system());
        let mut doubt = "no signature matches";
        for id in ids {
            let signed = format!("{}|{}|{id}|{}", self.id, self.time, self.checksum);
            match check_signature(chain.as_bytes(), roots, &NAMES, now_seconds, signed.as_bytes(), &self.signature) {
                Ok(()) => return Ok(self.id.clone()),
                Err(found) => doubt = found,
            }
        }
        Err(doubt)
    }
}

/// An address from which certificates are taken: only `PayPal`'s own, so that nobody makes the server ask for something else. Each
/// certificate has one spelling.
fn certificate_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_URL_BYTES)?;
    let is_of_paypal = url.host_str().is_some_and(|host| HOSTS.contains(&host));
    let is_plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let is_digit = |letter: u8| matches!(letter, b'0'..=b'9' | b'a'..=b'f' | b'-');
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_digit);
    let is_file =
        url.query().is_none() && url.fragment().is_none() && url.path().strip_prefix(START).is_some_and(is_name);
    (url.scheme() == "https" && is_of_paypal && is_plain && is_file).then_some(url)
}

/// Read once: the system has more than a hundred.
fn roots_of_system() -> &'static Roots {
    static ROOTS: OnceLock<Roots> = OnceLock::new();
    ROOTS.get_or_init(Roots::of_system)
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
            "https://paypal.com/v1/notifications/certs/CERT-1",
            "https://a0.paypal.com/v1/notifications/certs/CERT-1",
            "https://x.api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/CERT-",
            "https://api.paypal.com/v1/notifications/certs/C1",
            "https://api.paypal.com/v1/notifications/certs/CERT-%31",
            "https://api.paypal.com/v1/notifications/certs/CERT-A1",
            "https://api.paypal.com/v1/notifications/certs/CERT-1/2",
            "https://127.0.0.1/v1/notifications/certs/CERT-1",
            "file:///v1/notifications/certs/CERT-1",
            "",
        ] {
            assert!(!of(text), "{text}");
        }
        assert!(!of(&format!("https://api.paypal.com/v1/notifications/certs/CERT-{}", "1".repeat(300))));
    }
}
