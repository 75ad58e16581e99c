//! The first superuser: a link to the dashboard's installer, printed at start while no superuser exists.
//!
//! Its token makes the bearer a superuser who is not stored. It is valid only while no superuser exists, and only for
//! the process that made it.

use super::{superusers, token};
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::base::token::Claims;
use crate::domain::Result;
use crate::domain::model::{Record, TOKEN_KEY};
use crate::domain::tx::ReadTx;
use std::sync::Arc;

const LIFETIME_SECONDS: i64 = 30 * 60;
/// The id of that superuser. It is upper case, so that no record can have it.
const ID: &str = "INSTALLER";

/// The key that a process signs its installer token with. Each start makes a new one.
#[derive(Clone, Debug)]
pub struct Installer {
    token_key: String,
}

impl Default for Installer {
    fn default() -> Self {
        Self { token_key: ids::random(50, ids::ALPHANUMERIC) }
    }
}

impl Installer {
    /// Returns a token for the link, or `None` if a superuser exists.
    pub fn token(&self, tx: &ReadTx) -> Result<Option<String>> {
        let Some(record) = self.record(tx)? else { return Ok(None) };
        Ok(Some(token::issue_auth(&record, Timestamp::now(), false, Some(LIFETIME_SECONDS))))
    }

    /// Whether the claims are those of an installer token.
    #[must_use]
    pub fn is_claimed(claims: &Claims) -> bool {
        claims.id == ID
    }

    /// Returns the superuser of the link, or `None` if a real one exists.
    pub fn record(&self, tx: &ReadTx) -> Result<Option<Arc<Record>>> {
        if superusers::exist(tx)? {
            return Ok(None);
        }
        let mut record = Record::blank(superusers::collection(tx)?);
        record.set("id", ID);
        record.set(TOKEN_KEY, self.token_key.as_str());
        record.set("verified", true);
        Ok(Some(Arc::new(record)))
    }
}
