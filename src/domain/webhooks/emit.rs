//! Events that are no change of a record: those of scripts.

use super::{find_by_name, input, store};
use crate::base::seal::SealKey;
use crate::domain::records::outbox::{self, MAX_RECORD_BYTES, Target};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use serde_json::Value;
use url::Url;

const MAX_EVENT_BYTES: usize = 100;

/// Sends `payload` to the endpoint with the name `to`, or to the address `to`, after the commit. Such a request to an address has no
/// signature. Returns whether it is sent: not if the endpoint is disabled.
pub fn emit(tx: &WriteTx, key: Option<&SealKey>, to: &str, event: &str, payload: &Value) -> Result<bool> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if event.is_empty() || event.len() > MAX_EVENT_BYTES || !event.bytes().all(is_name) {
        let text = "The name of an event may contain only letters, digits, dots, hyphens and underscores, such as order.shipped.";
        return Err(Error::bad_request(text));
    }
    let payload = payload.to_string();
    if payload.len() > MAX_RECORD_BYTES {
        return Err(Error::bad_request(format!(
            "The content of an event must not be larger than {MAX_RECORD_BYTES} bytes as JSON."
        )));
    }
    let (id, url) = if to.contains("://") {
        input::check_url(to, false)
            .map_err(|message| Error::bad_request(format!("The address of a webhook: {message}")))?;
        let host = Url::parse(to).ok().and_then(|url| url.host_str().map(ToOwned::to_owned)).unwrap_or_default();
        (format!("url:{host}"), store::seal(key, Value::from(to).to_string()))
    } else {
        let found = find_by_name(tx, None, to)?;
        let webhook = found.ok_or_else(|| Error::bad_request(format!("There is no webhook {to:?}.")))?.webhook;
        if !webhook.is_enabled {
            return Ok(false);
        }
        (webhook.id, String::new())
    };
    let target = Target { id, url, event: event.to_owned(), expand: None, error: String::new() };
    outbox::write(tx, &[target], "", "", &format!("{{\"data\":{payload}}}"))?;
    Ok(true)
}
