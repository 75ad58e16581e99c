//! Where a record has signed in from: fingerprints of address and user agent, to notice a new location.

use super::mails::{self, ALERT_SECONDS, MailKind};
use crate::base::ip;
use crate::domain::mail::Postbox;
use crate::domain::model::{AUTH_ORIGINS, Collection, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};
use serde_json::Map;
use std::net::IpAddr;
use std::sync::Arc;

/// How many locations are kept per record: the newest.
const REMEMBERED: usize = 5;
/// A longer user agent is cut to this many bytes.
const MAX_USER_AGENT_BYTES: usize = 200;

/// The client that signs in.
#[derive(Clone, Debug)]
pub struct Origin {
    address: IpAddr,
    /// The `User-Agent` header. A long one is cut, and ends in `...`.
    user_agent: Vec<u8>,
}

impl Origin {
    #[must_use]
    pub fn new(address: IpAddr, user_agent: &[u8]) -> Self {
        let mut kept = user_agent[..user_agent.len().min(MAX_USER_AGENT_BYTES)].to_vec();
        if user_agent.len() > MAX_USER_AGENT_BYTES {
            kept.extend_from_slice(b"...");
        }
        Self { address, user_agent: kept }
    }

    /// Returns 32 hexadecimal digits: the MD5 of address and user agent, computed as in PocketBase, so that the origins
    /// of an imported folder are recognised. It is not a secret and grants nothing: two inputs with the same digest can
    /// at most suppress one alert about an account that the attacker can already sign in to.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Md5::new().chain_update(ip::text(self.address)).chain_update(&self.user_agent).finalize();
        HEXLOWER.encode(&digest)
    }
}

pub fn is_known(tx: &ReadTx, record: &Record, origin: &Origin) -> Result<bool> {
    let origins = collection(tx)?;
    records::has_origin(tx, &origins, record, &origin.fingerprint())
}

/// Stores a location, deletes the oldest beyond the limit, and sends the record's owner an alert unless this is the
/// first one. Does nothing if the location is known.
pub fn notice(tx: &WriteTx, postbox: &Postbox, record: &Record, origin: &Origin) -> Result<()> {
    if is_known(tx, record, origin)? {
        return Ok(());
    }
    let origins = collection(tx)?;
    let known = records::belongings(tx, &origins, record)?;
    if !known.is_empty() {
        alert(tx, postbox, record, origin)?;
    }
    for old in known.into_iter().rev().skip(REMEMBERED - 1) {
        records::delete_unchecked(tx, old)?;
    }
    let values = Map::from_iter([
        ("collectionRef".to_owned(), record.collection.id.as_str().into()),
        ("recordRef".to_owned(), record.id().into()),
        ("fingerprint".to_owned(), origin.fingerprint().into()),
    ]);
    records::create_unchecked(tx, &origins, &Submitted::new(values)).map(drop)
}

fn alert(tx: &WriteTx, postbox: &Postbox, record: &Record, origin: &Origin) -> Result<()> {
    let to = record.text("email");
    let is_wanted = record.collection.auth.as_ref().is_some_and(|auth| auth.auth_alert.enabled);
    if !is_wanted || to.is_empty() {
        return Ok(());
    }
    let user_agent = String::from_utf8_lossy(&origin.user_agent);
    let info = format!("{} - {} {user_agent}", tx.now(), ip::text(origin.address));
    mails::post(tx, postbox, record, MailKind::LoginAlert, to, &[("ALERT_INFO", &info)], ALERT_SECONDS)
}

fn collection(tx: &ReadTx) -> Result<Arc<Collection>> {
    let missing = || Error::Internal("the collection _authOrigins is missing".to_owned());
    tx.schema().by_name(AUTH_ORIGINS).cloned().ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::Origin;

    /// The expected values are the MD5 of the concatenated text, computed with another program.
    #[test]
    fn a_fingerprint_is_the_one_that_pocketbase_stores() {
        let check = |address: &str, user_agent: &[u8], expected| {
            assert_eq!(Origin::new(address.parse().unwrap(), user_agent).fingerprint(), expected);
        };
        check("127.0.0.1", b"curl/8.0", "b161818c7b8a5b29a0f8d95967863ddb");
        check("::ffff:127.0.0.1", b"curl/8.0", "b161818c7b8a5b29a0f8d95967863ddb");
        check("2001:db8::1", b"", "e7ccb41e66937308d8be7f16e8b7a836");
        check("127.0.0.1", "a".repeat(200).as_bytes(), "6b0cb1578626776d4a8e81d15ab11147");
        check("127.0.0.1", "a".repeat(201).as_bytes(), "f35c1b1753f705a0cb02453926511d57");
        check("127.0.0.1", "a".repeat(250).as_bytes(), "f35c1b1753f705a0cb02453926511d57");
        // Cut in the middle of a character: the limit counts bytes.
        check("127.0.0.1", format!("{}é", "a".repeat(199)).as_bytes(), "4998d7027489d4055771782edffa018b");
    }
}
