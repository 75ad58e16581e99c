//! Sign-in: verifies tokens and credentials, and issues tokens.
//!
//! Every sign-in method ends in [`finish`], which checks the collection's rule and its second factor. Passwords are
//! compared outside transactions, so a password sign-in takes two steps: [`find_by_identity`], then [`finish`].

mod answer;
pub mod email_change;
mod identity;
pub mod installer;
pub mod mails;
mod methods;
pub mod oauth2;
pub mod mfa;
pub mod otp;
pub mod password_reset;
mod sign_in;
mod store;
pub mod origins;
pub mod superusers;
pub mod token;
pub mod verification;

pub use answer::answer;
pub use identity::{find_by_email, find_by_identity};
pub use methods::methods;
pub use sign_in::{
    Factor, Outcome, as_itself, check_auth_rule, finish, finish_directly, has_second_factor, impersonate,
};

use super::model::{Collection, MFAS, OTPS, Record};
use super::records;
use super::tx::{ReadTx, WriteTx};
use super::{Error, Issues, Result};
use crate::base::password::Hash;
use crate::base::token::Claims;
use std::sync::Arc;

/// The message of every form in this room that fails validation.
pub const INVALID: &str = "An error occurred while validating the submitted data.";

/// Returns the record that a token names. Returns `None` if the record or its collection no longer exists.
pub fn find_token_record(tx: &ReadTx, claims: &Claims) -> Result<Option<Arc<Record>>> {
    let schema = tx.schema();
    let Some(collection) = schema.by_id(&claims.collection_id).filter(|collection| collection.is_auth()) else {
        return Ok(None);
    };
    Ok(records::find(tx, collection, &claims.id)?.map(Arc::new))
}

/// Deletes pending sign-ins whose second factor or code has expired.
pub fn forget_stale(tx: &WriteTx, kind: Stale) -> Result<()> {
    let schema = tx.schema();
    let Some(table) = schema.by_name(kind.table()) else { return Ok(()) };
    for collection in schema.all() {
        let Some(auth) = &collection.auth else { continue };
        let seconds = match kind {
            Stale::SecondFactors => auth.mfa.duration,
            Stale::Codes => auth.otp.duration,
        };
        records::remove_older(tx, table, collection, tx.now().plus_seconds(-seconds))?;
    }
    Ok(())
}

/// What [`forget_stale`] deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    SecondFactors,
    Codes,
}

impl Stale {
    fn table(self) -> &'static str {
        match self {
            Self::SecondFactors => MFAS,
            Self::Codes => OTPS,
        }
    }
}

/// Returns the highest cost of the bcrypt hashes among the passwords of `collection`; they come from an import. Returns
/// `None` if there are none. Scans the whole table.
pub fn imported_hash_cost(tx: &ReadTx, collection: &Collection) -> Result<Option<u32>> {
    store::max_bcrypt_cost(tx, collection)
}

/// Stores a new hash of the same password, after a sign-in with an imported hash. Tokens stay valid.
pub fn upgrade_hash(tx: &WriteTx, record: &Record, old_hash: &str, new_hash: Hash) -> Result<()> {
    let Some(stored) = records::find(tx, &record.collection, record.id())? else { return Ok(()) };
    if stored.text("password") == old_hash {
        records::replace_hash(tx, &stored, new_hash)?;
    }
    Ok(())
}

/// The error for a form with these problems.
fn invalid<T>(issues: Issues) -> Result<T> {
    Err(Error::Invalid { message: INVALID.into(), issues })
}

/// Records that the person who signs in can read the mail of the record's address. Anyone may sign up with an address
/// that is not theirs, so links to provider accounts, by which such a person could get in again, are removed.
fn prove_address(tx: &WriteTx, record: &mut Record) -> Result<()> {
    if record.is_true("verified") {
        return Ok(());
    }
    record.set("verified", true);
    if records::forget_links(tx, record)? {
        records::refresh_token_key(record);
    }
    Ok(())
}

/// Does the same as [`prove_address`], and also sets `hash`, if given, as the password of an unverified record: it is
/// of a password that is not known to anyone. For sign-ins that do not need the password.
fn prove_address_and_lock(tx: &WriteTx, record: &mut Record, hash: Option<Hash>) -> Result<()> {
    if let Some(hash) = hash.filter(|_| !record.is_true("verified")) {
        record.set("password", String::from(hash));
    }
    prove_address(tx, record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;
    use crate::db::Sql;
    use crate::domain::testing::{record, seeded};
    use serde_json::json;

    #[test]
    fn stale_codes_go_and_fresh_ones_stay() {
        let tx = seeded();
        let values = json!({"name": "ana", "email": "ana@example.com", "password": "12345678"});
        let ana = record(&tx, "users", values);
        let seconds = ana.collection.auth.as_ref().unwrap().otp.duration;
        for age in [0, seconds - 1, seconds + 1, 10 * seconds] {
            let values = json!({"collectionRef": ana.collection.id, "recordRef": ana.id(), "password": "123456"});
            let code = record(&tx, "_otps", values);
            let mut sql = Sql::new("UPDATE _otps SET created = ");
            sql.bind(Timestamp::from_millis(tx.now().millis() - age * 1000).to_string());
            sql.raw(" WHERE id = ").bind(code.id());
            tx.execute(&sql).unwrap();
        }
        forget_stale(&tx, Stale::SecondFactors).unwrap();
        forget_stale(&tx, Stale::Codes).unwrap();
        let left = tx.query_all(&Sql::new("SELECT id FROM _otps"), |row| Ok(row.text(0))).unwrap();
        assert_eq!(left.len(), 2);
    }

    #[test]
    fn only_the_newest_sign_ins_wait_for_their_second_factor() {
        let tx = seeded();
        let values = json!({"name": "ana", "email": "ana@example.com", "password": "12345678"});
        let (ana, bea) = (record(&tx, "users", values), json!({"email": "bea@example.com", "password": "12345678"}));
        let bea = record(&tx, "users", bea);
        let other = mfa::begin(&tx, &bea, Factor::Password).unwrap();
        let ids: Vec<String> = (0..15).map(|_| mfa::begin(&tx, &ana, Factor::Password).unwrap()).collect();
        let count = tx.query_value(&Sql::new("SELECT count(*) FROM _mfas")).unwrap();
        assert_eq!(count, Some(crate::db::Value::Integer(11)));
        assert!(mfa::redeem(&tx, &ana, Factor::Otp, &ids[0]).is_err());
        mfa::redeem(&tx, &ana, Factor::Otp, &ids[14]).unwrap();
        mfa::redeem(&tx, &bea, Factor::Otp, &other).unwrap();
    }
}
