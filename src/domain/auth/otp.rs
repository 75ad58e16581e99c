//! One-time codes: a few digits, sent by mail, that sign in once.
//!
//! A code is stored as a hash. It is generated and hashed before the transaction. `app::limits` limits guessing, in the
//! same way for addresses with and without an account.

use super::identity::find_by_email;
use super::mails::{self, MailKind};
use super::prove_address_and_lock;
use crate::base::ids;
use crate::base::password::Hash;
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, OTPS, Record};
use crate::domain::records::{self, Secrets, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use serde_json::Map;
use std::sync::Arc;

/// How many codes of one record may be valid at the same time.
pub const MAX_VALID: usize = 10;
const DIGITS: &str = "0123456789";

/// A code that can be redeemed, and the record it signs in.
#[derive(Clone, Debug)]
pub struct Pending {
    pub record: Arc<Record>,
    pub code: Record,
}

impl Pending {
    /// The hash that the submitted code is compared with.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.code.text("password")
    }

    /// Whether the code was sent to the record's current address. Its holder can then read the mail of that address.
    fn proves_address(&self) -> bool {
        let sent_to = self.code.text("sentTo");
        !sent_to.is_empty() && sent_to == self.record.text("email")
    }

    /// Whether [`redeem`] needs the hash of an unknown password to replace the record's. With a second factor the
    /// password stays, because it is not enough to sign in.
    #[must_use]
    pub fn needs_lock(&self) -> bool {
        self.proves_address() && !self.record.is_true("verified") && !super::has_second_factor(&self.record.collection)
    }
}

/// Fails if the collection does not allow sign-in with codes.
pub fn check_allowed(collection: &Collection) -> Result<()> {
    if collection.auth.as_ref().is_some_and(|auth| auth.otp.enabled) {
        return Ok(());
    }
    Err(Error::Forbidden("The collection is not configured to allow OTP authentication.".into()))
}

/// Generates a code with as many digits as the collection requires.
#[must_use]
pub fn fresh_code(collection: &Collection) -> String {
    let length = collection.auth.as_ref().map_or(8, |auth| auth.otp.length);
    ids::random(usize::try_from(length).unwrap_or(8), DIGITS)
}

/// Returns the record that a code would be sent to. Returns `None` also if it has too many valid codes already.
pub fn find_recipient(tx: &ReadTx, collection: &Arc<Collection>, email: &str) -> Result<Option<Record>> {
    let Some(record) = find_by_email(tx, collection, email)? else { return Ok(None) };
    let oldest = oldest_valid(tx, collection);
    let codes = records::belongings(tx, &codes(tx)?, &record)?;
    let valid = codes.iter().filter(|code| code.text("created") >= oldest.as_str()).count();
    Ok(Some(record).filter(|_| valid < MAX_VALID))
}

/// Stores `code` under the id that was promised, and queues the mail.
pub fn issue(tx: &WriteTx, postbox: &Postbox, record: &Record, otp_id: &str, code: &str, hash: Hash) -> Result<()> {
    let to = record.text("email");
    store(tx, record, otp_id, to, code, hash)?;
    let seconds = record.collection.auth.as_ref().map_or(0, |auth| auth.otp.duration);
    mails::post(tx, postbox, record, MailKind::Otp, to, &[("OTP", code), ("OTP_ID", otp_id)], seconds)
}

/// Stores a code under `otp_id`, or under a generated id if that is empty.
pub(super) fn store(
    tx: &WriteTx,
    record: &Record,
    otp_id: &str,
    sent_to: &str,
    code: &str,
    hash: Hash,
) -> Result<Arc<Record>> {
    let values = Map::from_iter([
        ("id".to_owned(), otp_id.into()),
        ("collectionRef".to_owned(), record.collection.id.as_str().into()),
        ("recordRef".to_owned(), record.id().into()),
        ("sentTo".to_owned(), sent_to.into()),
        ("password".to_owned(), code.into()),
    ]);
    let submitted = Submitted { secrets: Secrets::of(code, hash), ..Submitted::new(values) };
    records::create_unchecked(tx, &codes(tx)?, &submitted)
}

/// Finds the code with this id, if it belongs to this collection and has not expired.
pub fn find(tx: &ReadTx, collection: &Arc<Collection>, otp_id: &str) -> Result<Option<Pending>> {
    let Some(code) = records::find(tx, &codes(tx)?, otp_id)? else { return Ok(None) };
    if code.text("collectionRef") != collection.id || code.text("created") < oldest_valid(tx, collection).as_str() {
        return Ok(None);
    }
    let record = records::find(tx, collection, code.text("recordRef"))?;
    Ok(record.map(|record| Pending { record: Arc::new(record), code }))
}

/// Consumes the code. Its digits were compared earlier. Of two requests at the same moment, only one succeeds.
pub fn redeem(tx: &WriteTx, compared: &Pending, unknown_hash: Option<Hash>) -> Result<Arc<Record>> {
    let found = find(tx, &compared.record.collection, compared.code.id())?;
    let pending = found.filter(|pending| pending.hash() == compared.hash()).ok_or_else(refusal)?;
    let proves_address = pending.proves_address();
    records::delete_unchecked(tx, pending.code)?;
    if !proves_address || pending.record.is_true("verified") {
        return Ok(pending.record);
    }
    let mut record = Record::clone(&pending.record);
    prove_address_and_lock(tx, &mut record, unknown_hash)?;
    records::rewrite(tx, &pending.record, record)
}

/// The error for a wrong, expired or unknown code.
#[must_use]
pub fn refusal() -> Error {
    Error::bad_request("Invalid or expired OTP.")
}

/// The error for a guess beyond the limit.
#[must_use]
pub fn too_many_attempts() -> Error {
    Error::TooManyRequests {
        message: "Too many attempts, please try again later with a new OTP.".into(),
        retry_after_seconds: None,
    }
}

/// The creation time of the oldest code that is still valid, in the API's format.
fn oldest_valid(tx: &ReadTx, collection: &Collection) -> String {
    let seconds = collection.auth.as_ref().map_or(0, |auth| auth.otp.duration);
    tx.now().plus_seconds(-seconds).to_string()
}

fn codes(tx: &ReadTx) -> Result<Arc<Collection>> {
    tx.schema().by_name(OTPS).cloned().ok_or_else(|| Error::Internal("the collection _otps is missing".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;
    use crate::db::Sql;
    use crate::domain::model::Settings;
    use crate::domain::testing::{TestTx, record, seeded};
    use serde_json::json;

    const ID: &str = "otp000000000001";

    fn issued() -> (TestTx, Arc<Record>) {
        let tx = seeded();
        let ana = record(&tx, "users", json!({"email": "ana@example.com", "password": "12345678"}));
        let postbox = Postbox { settings: Arc::new(Settings::initial()), key: None };
        issue(&tx, &postbox, &ana, ID, "12345678", "a hash".into()).unwrap();
        (tx, ana)
    }

    fn pending(tx: &ReadTx, record: &Record) -> Option<Pending> {
        find(tx, &record.collection, ID).unwrap()
    }

    #[test]
    fn a_code_is_stored_hashed_and_redeemed_once() {
        let (tx, ana) = issued();
        let code = pending(&tx, &ana).unwrap();
        assert_eq!((code.hash(), code.needs_lock()), ("a hash", true));
        let signed_in = redeem(&tx, &code, Some("a new hash".into())).unwrap();
        assert!(signed_in.is_true("verified"));
        assert_eq!(signed_in.text("password"), "a new hash");
        assert_ne!(signed_in.text("tokenKey"), ana.text("tokenKey"));
        assert!(matches!(redeem(&tx, &code, None), Err(Error::Invalid { .. })), "two at the same moment");
    }

    #[test]
    fn a_code_to_an_earlier_address_proves_nothing_about_the_new_one() {
        let (tx, ana) = issued();
        tx.execute(&Sql::new("UPDATE users SET email = 'new@example.com'")).unwrap();
        let code = pending(&tx, &ana).unwrap();
        assert!(!code.needs_lock());
        assert!(!redeem(&tx, &code, None).unwrap().is_true("verified"));
    }

    #[test]
    fn a_code_counts_for_its_time_and_its_collection() {
        let (tx, ana) = issued();
        let others = tx.schema().by_name("_superusers").cloned().unwrap();
        assert!(find(&tx, &others, ID).unwrap().is_none());
        let seconds = ana.collection.auth.as_ref().unwrap().otp.duration;
        for (age, is_good) in [(seconds - 1, true), (seconds + 1, false)] {
            let mut sql = Sql::new("UPDATE _otps SET created = ");
            sql.bind(Timestamp::from_millis(tx.now().millis() - age * 1000).to_string());
            tx.execute(&sql).unwrap();
            assert_eq!(pending(&tx, &ana).is_some(), is_good, "{age}");
        }
    }

    #[test]
    fn a_record_has_ten_good_codes_at_most() {
        let (tx, ana) = issued();
        let postbox = Postbox { settings: Arc::new(Settings::initial()), key: None };
        let is_recipient = || find_recipient(&tx, &ana.collection, "ana@example.com").unwrap().is_some();
        for number in 2..=MAX_VALID {
            assert!(is_recipient());
            issue(&tx, &postbox, &ana, &format!("otp{number:012}"), "12345678", "h".into()).unwrap();
        }
        assert!(!is_recipient());
    }
}
