//! Sign-in: who a token or a password proves someone to be, and the tokens they get for it.
//!
//! Every method of signing in ends in [`finish`], which asks the collection's rule and its second factor. Passwords are
//! compared outside transactions, so signing in with one is two steps: [`find_by_identity`], then [`finish`].

mod identity;
pub mod installer;
mod methods;
mod sign_in;
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
