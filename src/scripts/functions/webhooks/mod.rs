//! Webhooks. `verify_webhook`: requests of other services, believed only with their signature, and once. `webhook`: what is sent.

mod paypal;
pub mod sending;

use super::crypto::seconds_of;
use super::dates;
use super::input::{option_flag, option_text};
use crate::base::certificates::Roots;
use crate::base::crypto::{Hash, digest};
use crate::base::json::{Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use crate::domain::inbound::providers::paypal::TOLERANCE_SECONDS as PAYPAL_TOLERANCE;
use crate::domain::inbound::providers::{Message, Options, Provider};
use crate::domain::{Rejection, RejectionKind};
use crate::scripts::ambient::{self, Frame, Place};
use crate::scripts::claims::{Known, claim_in};
use crate::scripts::error::{Outcome, of_domain, problem, rejected, reply_with};
use crate::scripts::host::Level;
use crate::scripts::values::{Reply, RouteRequest, json, route_request};
use data_encoding::HEXLOWER;
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};

/// How long a webhook is remembered that was worked on. Senders try again for some days.
const REMEMBERED_SECONDS: i64 = 7 * 24 * 60 * 60;
const MAX_REMEMBERED_SECONDS: i64 = 365 * 24 * 60 * 60;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "webhooks", webhooks);
}

#[export_module]
mod webhooks {
    /// The content of a webhook, if its sender has signed it: `let event = verify_webhook("stripe", req, env("STRIPE_SECRET"));`. Else the
    /// request ends with status 401. `sender` is `"standard"` (or `"svix"`), `"stripe"`, `"github"`, `"gitlab"`, `"shopify"`, `"slack"`,
    /// `"paddle"`, `"square"`, `"twilio"`, `"discord"`, `"mailgun"`, `"paypal"` (whose `secret` is the id of the webhook) or `"hmac"`. `secret` may be a list, while a secret is being replaced.
    /// A webhook that comes again is answered with status 200 and not worked on again, unless the first call failed.
    #[rhai_fn(return_raw, volatile)]
    pub fn verify_webhook(
        context: NativeCallContext<'_>,
        sender: &str,
        req: RouteRequest,
        secret: Dynamic,
    ) -> Outcome<Dynamic> {
        verify_webhook_with(context, sender, req, secret, Map::new())
    }

    /// The same with options: `tolerance` (how old a request may be: 300 seconds, where the sender signs the time), `url` (the address that the
    /// sender was given, for Square and Twilio), `remember` (how long a webhook is left out if it comes again: 7 days), `once: false` (it is
    /// never left out). For `"hmac"`: `header` (`"X-Signature"`), `algorithm` (`"sha256"`, `"sha1"`, `"sha512"`), `encoding` (`"hex"`,
    /// `"base64"`), `prefix` (what stands before the signature). For `"paypal"`: `roots` (certificates in the PEM form that are trusted in place of
    /// the system's, for tests).
    #[rhai_fn(name = "verify_webhook", return_raw, volatile)]
    pub fn verify_webhook_with(
        context: NativeCallContext<'_>,
        sender: &str,
        req: RouteRequest,
        secret: Dynamic,
        options: Map,
    ) -> Outcome<Dynamic> {
        ambient::note(&context);
        let frame = ambient::running("verify_webhook")?;
        let provider = Provider::parse(sender).map_err(problem)?;
        let (options, remembered) = read_options(provider, &options)?;
        let secrets = secrets(&secret)?;
        if secrets.iter().any(|secret| provider.is_forgeable(secret)) {
            return Err(problem(
                "the secret of verify_webhook is no valid public key: anybody could make signatures that it accepts",
            ));
        }
        let message = Message { headers: &req.parts().headers, body: &req.parts().body };
        let now = dates::current_time().seconds();
        let verified = if provider == Provider::PayPal {
            paypal::verify(&frame, &message, &secrets, options.roots.as_ref(), options.tolerance, now)?
        } else {
            message.verify(provider, &secrets, &options, now)
        };
        match verified {
            Ok(id) => {
                if let Some(seconds) = remembered {
                    take_once(&frame, provider, &secrets, &id, seconds)?;
                }
                content(&req)
            }
            Err(doubt) => {
                let text = format!("a webhook of {sender} was refused: {doubt}");
                frame.host().log(Level::Warn, &text, &frame.file.name);
                Err(rejected(Rejection::new(
                    RejectionKind::Unauthenticated,
                    "The signature of the webhook is not valid.",
                )))
            }
        }
    }
}

/// Goes on only with a webhook that is not known yet.
///
/// It is remembered for each of the `secrets`, whichever of them has signed it: a header may have several signatures, and the sender of a
/// copy chooses which ones stay. A sender with another secret cannot use up its ids.
fn take_once(frame: &Frame, provider: Provider, secrets: &[String], id: &str, seconds: i64) -> Outcome<()> {
    // Ids come from outside, in any length. Two routes of one sender are told apart by nothing: it has one id for both.
    let key = |secret: &String| {
        let text = format!("{}:{secret}{id}", secret.len());
        format!("{}:{}", provider.name(), HEXLOWER.encode(&digest(Hash::Sha256, text.as_bytes())))
    };
    let keys: Vec<String> = secrets.iter().map(key).collect();
    let known = match &frame.place {
        Place::Transaction(..) => {
            let claimed = ambient::write(move |tx| claim_in(tx, &keys, seconds))?;
            if claimed { Known::New } else { Known::Done }
        }
        Place::Reading(..) => return Err(problem("verify_webhook works in routes only")),
        Place::Outside(host) => frame.claims.claim(host, keys, seconds, frame.time_left()).map_err(of_domain)?,
    };
    match known {
        Known::New => Ok(()),
        Known::Done => {
            Err(reply_with(Reply::new(200, "text/plain; charset=utf-8", "This webhook has been received before.")?))
        }
        Known::Running => Err(rejected(Rejection::new(RejectionKind::Conflict, "This webhook is being worked on."))),
    }
}

/// JSON as a value, a form as a map, anything else as text.
fn content(req: &RouteRequest) -> Outcome<Dynamic> {
    let parts = req.parts();
    if parts.is_form {
        return Ok(Dynamic::from_map(route_request::to_map(req.form())));
    }
    Ok(match parse_within(&parts.body, &Values::at_most(MAX_JSON_VALUES)) {
        Ok(value) => json::to_dynamic(&value),
        Err(_) => String::from_utf8_lossy(&parts.body).into_owned().into(),
    })
}

fn secrets(value: &Dynamic) -> Outcome<Vec<String>> {
    let text = |value: &Dynamic| {
        let text = value.as_immutable_string_ref().ok().filter(|text| !text.is_empty());
        text.map(|text| text.to_string()).ok_or_else(|| {
            problem("the secret of verify_webhook is missing: it is a text, or a list of texts; is its variable set in the environment?")
        })
    };
    match value.as_array_ref() {
        Ok(items) if !items.is_empty() => items.iter().map(text).collect(),
        _ => Ok(vec![text(value)?]),
    }
}

/// The options, and for how long a webhook is remembered.
fn read_options(provider: Provider, map: &Map) -> Outcome<(Options, Option<i64>)> {
    let (mut options, mut remembered) = (Options::default(), Some(REMEMBERED_SECONDS));
    if provider == Provider::PayPal {
        options.tolerance = PAYPAL_TOLERANCE;
    }
    for (name, value) in map {
        match name.as_str() {
            "tolerance" => options.tolerance = seconds_of(name, value)?.max(0),
            "url" => options.url = Some(option_text(name, value)?),
            "remember" => remembered = Some(seconds_of(name, value)?.clamp(1, MAX_REMEMBERED_SECONDS)),
            "once" if option_flag(name, value)? => {}
            "once" => remembered = None,
            "roots" if provider == Provider::PayPal => {
                let roots = Roots::parse(option_text(name, value)?.as_bytes());
                options.roots =
                    Some(roots.ok_or_else(|| problem("roots is a text with certificates in the PEM form"))?);
            }
            "header" if provider == Provider::Hmac => options.header = option_text(name, value)?.to_lowercase(),
            "prefix" if provider == Provider::Hmac => options.prefix = option_text(name, value)?,
            "algorithm" if provider == Provider::Hmac => {
                options.hash = match option_text(name, value)?.as_str() {
                    "sha1" => Hash::Sha1,
                    "sha256" => Hash::Sha256,
                    "sha512" => Hash::Sha512,
                    _ => return Err(problem("algorithm is \"sha256\", \"sha1\" or \"sha512\"")),
                }
            }
            "encoding" if provider == Provider::Hmac => {
                options.is_base64 = match option_text(name, value)?.as_str() {
                    "hex" => false,
                    "base64" => true,
                    _ => return Err(problem("encoding is \"hex\" or \"base64\"")),
                }
            }
            _ => {
                return Err(problem(
                    "verify_webhook has the options tolerance, url, remember and once, for \"hmac\" header, algorithm, encoding and prefix, and for \"paypal\" roots",
                ));
            }
        }
    }
    if matches!(provider, Provider::Square | Provider::Twilio) && options.url.is_none() {
        let text = "needs the option url: the address that it was told to send its webhooks to, which it signs";
        return Err(problem(format!("{} {text}", provider.name())));
    }
    Ok((options, remembered))
}
