//! Sign-in: who a token or a password proves someone to be, and the tokens they get for it.
//!
//! Every method of signing in ends in [`finish`], which asks the collection's rule and its second factor. Passwords are
//! compared outside transactions, so signing in with one is two steps: [`find_by_identity`], then [`finish`].

mod identity;
pub mod installer;
mod methods;
pub mod oauth2;
mod sign_in;
mod store;
pub mod origins;
pub mod superusers;
pub mod token;

pub use identity::find_by_identity;
pub use methods::methods;
pub use sign_in::{
    Factor, Outcome, as_itself, check_auth_rule, finish, finish_directly, has_second_factor, impersonate,
};

use super::Result;
use super::model::Record;
use super::records;
use super::tx::{ReadTx, WriteTx};
use crate::base::token::Claims;
use serde_json::Map;
use std::sync::Arc;

/// The record a token claims to be of; `None` when it, or its collection, is gone.
pub fn find_token_record(tx: &ReadTx, claims: &Claims) -> Result<Option<Arc<Record>>> {
    let schema = tx.schema();
    let Some(collection) = schema.by_id(&claims.collection_id).filter(|collection| collection.is_auth()) else {
        return Ok(None);
    };
    Ok(records::find(tx, collection, &claims.id)?.map(Arc::new))
}

/// Removes begun sign-ins whose second step, or code, comes too late by now.
pub fn forget_stale(tx: &WriteTx, kind: Stale) -> Result<()> {
    let schema = tx.schema();
    let Some(table) = schema.by_name(kind.table()) else { return Ok(()) };
    for collection in schema.all() {
        let Some(auth) = &collection.auth else { continue };
        let seconds = match kind {
            Stale::SecondFactors => auth.mfa.duration,
            Stale::Codes => auth.otp.duration,
        };
        store::delete_older(tx, table, collection, tx.now().plus_seconds(-seconds))?;
    }
    Ok(())
}

/// What [`forget_stale`] removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    SecondFactors,
    Codes,
}

impl Stale {
    fn table(self) -> &'static str {
        match self {
            Self::SecondFactors => "_mfas",
            Self::Codes => "_otps",
        }
    }
}

/// Stores a new hash of the same password, as a sign-in with an imported one asks for. Tokens stay valid.
pub fn upgrade_hash(tx: &WriteTx, record: &Record, old_hash: &str, new_hash: String) -> Result<()> {
    let Some(stored) = records::find(tx, &record.collection, record.id())? else { return Ok(()) };
    if stored.text("password") == old_hash {
        let mut upgraded = stored.clone();
        upgraded.set("password", new_hash);
        records::rewrite(tx, &stored, upgraded)?;
    }
    Ok(())
}

/// Values for a record that signs in with a password.
pub(super) fn credentials(email: &str, password: &str) -> Map<String, serde_json::Value> {
    Map::from_iter([("email".to_owned(), email.into()), ("password".to_owned(), password.into())])
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
}
