//! How the senders of webhooks sign them.
//!
//! [`Message::verify`] looks at what was sent only: no clock but the one it is given, no database, no network. Signatures are compared in
//! constant time. What `PayPal` signs is verified by [`paypal`], with a certificate that the caller has fetched.

pub mod paypal;
#[cfg(test)]
mod tests;

use crate::base::certificates::Roots;
use crate::base::crypto::{self, Hash};
use crate::base::json::{Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use crate::domain::webhooks::signature::{self, Key};
use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How many signatures of one request are compared.
const MAX_SIGNATURES: usize = 20;
/// How many fields a form may have. They are sorted before the signature is compared.
const MAX_FORM_FIELDS: usize = 1000;
/// The longest part of a signature of Mailgun as JSON, in bytes.
const MAX_MAILGUN_BYTES: usize = 300;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Standard Webhooks, which Svix has begun and Clerk, Resend, `OpenAI` and others use.
    #[default]
    Standard,
    Stripe,
    GitHub,
    GitLab,
    Shopify,
    Slack,
    Paddle,
    Square,
    Twilio,
    Discord,
    Mailgun,
    /// Its certificate has to be fetched: see [`super::paypal`].
    PayPal,
    /// An HMAC of the body in a header.
    Hmac,
}

impl Provider {
    const ALL: [(&'static str, Self); 14] = [
        ("standard", Self::Standard),
        ("svix", Self::Standard),
        ("stripe", Self::Stripe),
        ("github", Self::GitHub),
        ("gitlab", Self::GitLab),
        ("shopify", Self::Shopify),
        ("slack", Self::Slack),
        ("paddle", Self::Paddle),
        ("square", Self::Square),
        ("twilio", Self::Twilio),
        ("discord", Self::Discord),
        ("mailgun", Self::Mailgun),
        ("paypal", Self::PayPal),
        ("hmac", Self::Hmac),
    ];

    /// The error lists the names.
    pub fn parse(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, provider)| *provider)
            .ok_or_else(|| format!("{name:?} is not a known sender of webhooks; known: {}", Self::names().join(", ")))
    }

    /// All names, in the order of the documentation.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(name, _)| *name).collect()
    }

    /// Whether `secret` is a public key with which anybody can make signatures that verify: it proves nothing.
    #[must_use]
    pub fn is_forgeable(self, secret: &str) -> bool {
        match self {
            Self::Discord => crypto::has_small_order(&decode_hex(secret)),
            Self::Standard => {
                matches!(Key::parse(secret), Some(Key::Public(public)) if crypto::has_small_order(&public))
            }
            _ => false,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, provider)| *provider == self).map_or("", |(name, _)| name)
    }
}

/// The bytes of hexadecimal digits. Empty if the text is no such number.
fn decode_hex(text: &str) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).unwrap_or_default()
}

/// What is compared besides the signature.
#[derive(Clone, Debug)]
pub struct Options {
    /// How old a request may be, and how far in the future, in seconds.
    pub tolerance: i64,
    /// The address to which the webhook was sent, as the sender knows it. Needed for Square and Twilio.
    pub url: Option<String>,
    /// For [`Provider::Hmac`].
    pub header: String,
    pub hash: Hash,
    pub is_base64: bool,
    /// What stands in front of the signature.
    pub prefix: String,
    /// For [`Provider::PayPal`]. `None` for those of the system.
    pub roots: Option<Roots>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tolerance: 300,
            url: None,
            header: "x-signature".to_owned(),
            hash: Hash::Sha256,
            is_base64: false,
            prefix: String::new(),
            roots: None,
        }
    }
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Names in lower case.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// Why a request is not believed. For the log.
pub type Doubt = &'static str;

const NO_SIGNATURE: Doubt = "the header with the signature is missing";
const WRONG: Doubt = "no signature matches";
const NO_TIME: Doubt = "the time of the request is missing";

impl Message<'_> {
    pub fn header(&self, name: &str) -> Result<&str, Doubt> {
        let found = self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty()).ok_or(NO_SIGNATURE)
    }

    /// Whether one of `secrets` has signed the request recently.
    ///
    /// Returns the id under which the request is remembered. It depends on what is signed only, never on how the signature, the headers or
    /// the fields of a form are written: nobody can send a recorded request under another id without the secret. (`GitLab` signs nothing.)
    pub fn verify(
        &self,
        provider: Provider,
        secrets: &[String],
        options: &Options,
        now_seconds: i64,
    ) -> Result<String, Doubt> {
        let is_recent = |text: &str| {
            let seconds: i64 = text.parse().map_err(|_| NO_TIME)?;
            let is_recent = now_seconds.abs_diff(seconds) <= options.tolerance.unsigned_abs();
            if is_recent { Ok(()) } else { Err("the request is too old, or from the future") }
        };
        match provider {
            Provider::Standard => self.verify_standard(secrets, is_recent),
            Provider::Stripe => {
                let (time, signatures) = parts(self.header("stripe-signature")?, ',', "t", "v1");
                let time = time.ok_or(NO_TIME)?;
                let signed = [time.as_bytes(), b".", self.body].concat();
                any(secrets, |key| is_hex_of(&signatures, Hash::Sha256, key, &signed))?;
                is_recent(time)?;
                Ok(self.field("id").unwrap_or_else(|| self.body_digest()))
            }
            Provider::Paddle => {
                let (time, signatures) = parts(self.header("paddle-signature")?, ';', "ts", "h1");
                let time = time.ok_or(NO_TIME)?;
                let signed = [time.as_bytes(), b":", self.body].concat();
                any(secrets, |key| is_hex_of(&signatures, Hash::Sha256, key, &signed))?;
                is_recent(time)?;
                Ok(self.field("event_id").unwrap_or_else(|| self.body_digest()))
            }
            Provider::Slack => {
                let time = self.header("x-slack-request-timestamp")?;
                let signature = self.header("x-slack-signature")?;
                let signed = [b"v0:", time.as_bytes(), b":", self.body].concat();
                let found = signature.strip_prefix("v0=").ok_or(WRONG)?;
                any(secrets, |key| is_hex_of(&[found], Hash::Sha256, key, &signed))?;
                is_recent(time)?;
                Ok(digest_of(&signed))
            }
            Provider::Discord => {
                let (time, signature) = (self.header("x-signature-timestamp")?, self.header("x-signature-ed25519")?);
                let signed = [time.as_bytes(), self.body].concat();
                any(secrets, |key| crypto::is_signed_ed25519(&decode_hex(key), &signed, &decode_hex(signature)))?;
                is_recent(time)?;
                Ok(digest_of(&signed))
            }
            // The ids of these are in headers that nobody has signed: the body tells them apart.
            Provider::GitHub => {
                let found = self.header("x-hub-signature-256")?.strip_prefix("sha256=").ok_or(WRONG)?;
                any(secrets, |key| is_hex_of(&[found], Hash::Sha256, key, self.body))?;
                Ok(self.body_digest())
            }
            Provider::Shopify => {
                let found = self.header("x-shopify-hmac-sha256")?;
                any(secrets, |key| is_base64_of(found, Hash::Sha256, key, self.body))?;
                Ok(self.body_digest())
            }
            Provider::Square => {
                let url = options.url.as_deref().unwrap_or_default();
                let signed = [url.as_bytes(), self.body].concat();
                let found = self.header("x-square-hmacsha256-signature")?;
                any(secrets, |key| is_base64_of(found, Hash::Sha256, key, &signed))?;
                Ok(self.field("event_id").unwrap_or_else(|| self.body_digest()))
            }
            // It sends its secret along, and signs nothing: a request that has it may say anything.
            Provider::GitLab => {
                let token = self.header("x-gitlab-token")?;
                any(secrets, |key| crypto::is_equal(key.as_bytes(), token.as_bytes()))?;
                Ok(self.header("x-gitlab-event-uuid").map_or_else(|_| self.body_digest(), ToOwned::to_owned))
            }
            Provider::Twilio => self.verify_twilio(secrets, options.url.as_deref().unwrap_or_default()),
            Provider::Mailgun => self.verify_mailgun(secrets, is_recent),
            Provider::PayPal => Err("the certificate of PayPal is missing"),
            Provider::Hmac => {
                let found = self.header(&options.header)?.strip_prefix(options.prefix.as_str()).ok_or(WRONG)?;
                any(secrets, |key| {
                    if options.is_base64 {
                        is_base64_of(found, options.hash, key, self.body)
                    } else {
                        is_hex_of(&[found], options.hash, key, self.body)
                    }
                })?;
                Ok(self.body_digest())
            }
        }
    }

    /// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
    fn verify_standard(
        &self,
        secrets: &[String],
        is_recent: impl Fn(&str) -> Result<(), Doubt>,
    ) -> Result<String, Doubt> {
        let either =
            |name: &str| self.header(&format!("webhook-{name}")).or_else(|_| self.header(&format!("svix-{name}")));
        let (id, time, signatures) = (either("id")?, either("timestamp")?, either("signature")?);
        any(secrets, |secret| {
            Key::parse(secret).is_some_and(|key| signature::is_signed(&key, id, time, self.body, signatures))
        })?;
        is_recent(time)?;
        Ok(id.to_owned())
    }

    /// The address with the fields of the form behind it, sorted. A body that is not a form is in the address as its digest.
    /// <https://www.twilio.com/docs/usage/security>
    fn verify_twilio(&self, secrets: &[String], url: &str) -> Result<String, Doubt> {
        let mut signed = url.as_bytes().to_vec();
        let of_body = url::Url::parse(url).ok().and_then(|url| {
            let mut pairs = url.query_pairs();
            pairs.find(|(name, _)| name == "bodySHA256").map(|(_, digest)| digest.into_owned())
        });
        if let Some(digest) = of_body {
            let expected = HEXLOWER.encode(&crypto::digest(Hash::Sha256, self.body));
            if !crypto::is_equal(digest.to_ascii_lowercase().as_bytes(), expected.as_bytes()) {
                return Err("the body is not the one that was signed");
            }
        } else {
            let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (at, (name, value)) in form_urlencoded::parse(self.body).enumerate() {
                if at >= MAX_FORM_FIELDS {
                    return Err("the form has too many fields");
                }
                fields.entry(name.into_owned()).or_default().push(value.into_owned());
            }
            for (name, mut values) in fields {
                values.sort();
                values.dedup();
                for value in values {
                    signed.extend_from_slice(name.as_bytes());
                    signed.extend_from_slice(value.as_bytes());
                }
            }
        }
        let found = self.header("x-twilio-signature")?;
        any(secrets, |key| is_base64_of(found, Hash::Sha1, key, &signed))?;
        // The same fields have many spellings: in another order, percent-encoded, twice. All of them are one signed text.
        Ok(digest_of(&signed))
    }

    /// The signature is in the body, and covers a token that is used once.
    /// <https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks>
    fn verify_mailgun(
        &self,
        secrets: &[String],
        is_recent: impl Fn(&str) -> Result<(), Doubt>,
    ) -> Result<String, Doubt> {
        // Only the signature: nobody knows yet who has sent the rest, and it may take much memory.
        #[derive(Deserialize)]
        struct Signed<'a> {
            #[serde(borrow)]
            signature: Signature<'a>,
        }
        #[derive(Deserialize)]
        struct Signature<'a> {
            #[serde(borrow)]
            timestamp: &'a RawValue,
            #[serde(borrow)]
            token: &'a RawValue,
            #[serde(borrow, rename = "signature")]
            tag: &'a RawValue,
        }
        let Signed { signature } = serde_json::from_slice(self.body).map_err(|_| "the body has no signature")?;
        let text = |raw: &RawValue| {
            let raw = Some(raw.get()).filter(|raw| raw.len() <= MAX_MAILGUN_BYTES);
            match raw.and_then(|raw| serde_json::from_str(raw).ok()) {
                Some(Value::String(text)) => Ok(text),
                Some(Value::Number(number)) => Ok(number.to_string()),
                _ => Err(NO_SIGNATURE),
            }
        };
        let (time, token, found) = (text(signature.timestamp)?, text(signature.token)?, text(signature.tag)?);
        let signed = format!("{time}{token}");
        any(secrets, |key| is_hex_of(&[&found], Hash::Sha256, key, signed.as_bytes()))?;
        is_recent(&time)?;
        Ok(token)
    }

    /// A text of the signed body.
    fn field(&self, name: &str) -> Option<String> {
        let document = parse_within(self.body, &Values::at_most(MAX_JSON_VALUES)).ok()?;
        let found = document.get(name)?.as_str()?.to_owned();
        (!found.is_empty()).then_some(found)
    }

    fn body_digest(&self) -> String {
        digest_of(self.body)
    }
}

fn digest_of(signed: &[u8]) -> String {
    HEXLOWER.encode(&crypto::digest(Hash::Sha256, signed))
}

/// Tries all secrets, also after one that fits.
fn any(secrets: &[String], is_signed: impl Fn(&str) -> bool) -> Result<(), Doubt> {
    let fitting = secrets.iter().filter(|secret| !secret.is_empty() && is_signed(secret)).count();
    if fitting == 0 { Err(WRONG) } else { Ok(()) }
}

/// Reads `t=1,v1=a,v1=b`: the time, and the signatures.
fn parts<'a>(header: &'a str, separator: char, time: &str, signature: &str) -> (Option<&'a str>, Vec<&'a str>) {
    let pairs: Vec<(&str, &str)> = header.split(separator).filter_map(|part| part.trim().split_once('=')).collect();
    let found = pairs.iter().find(|(name, _)| *name == time).map(|(_, value)| *value);
    let signatures = pairs.iter().filter(|(name, _)| *name == signature).map(|(_, value)| *value);
    (found, signatures.take(MAX_SIGNATURES).collect())
}

fn is_hex_of(found: &[&str], hash: Hash, key: &str, signed: &[u8]) -> bool {
    let expected = HEXLOWER.encode(&crypto::hmac(hash, key.as_bytes(), signed));
    found.iter().any(|found| crypto::is_equal(found.to_ascii_lowercase().as_bytes(), expected.as_bytes()))
}

fn is_base64_of(found: &str, hash: Hash, key: &str, signed: &[u8]) -> bool {
    let expected = BASE64.encode(&crypto::hmac(hash, key.as_bytes(), signed));
    crypto::is_equal(found.as_bytes(), expected.as_bytes())
}
