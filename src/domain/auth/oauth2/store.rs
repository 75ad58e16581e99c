//! The rows of `_externalAuths`: which provider account signs in as which record.

use super::Identity;
use crate::db::Sql;
use crate::domain::model::{Collection, EXTERNAL_AUTHS, Record};
use crate::domain::records::{self, Submitted};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use serde_json::Map;
use std::sync::Arc;

/// Finds the link of this account to a record of `collection`.
pub fn find(tx: &ReadTx, collection: &Collection, identity: &Identity) -> Result<Option<Record>> {
    let mut condition = Sql::default();
    condition.ident("collectionRef").raw(" = ").bind(collection.id.as_str());
    condition.raw(" AND ").ident("provider").raw(" = ").bind(identity.provider);
    condition.raw(" AND ").ident("providerId").raw(" = ").bind(identity.profile.id.as_str());
    records::find_by(tx, &links(tx)?, &condition)
}

/// Links `record`, unless it is linked already.
pub fn ensure(tx: &WriteTx, record: &Record, identity: &Identity) -> Result<()> {
    if let Some(link) = find(tx, &record.collection, identity)? {
        if is_of(&link, record) {
            return Ok(());
        }
        // The link's record no longer exists; otherwise the account would have been found by it.
        records::delete_unchecked(tx, link)?;
    }
    let values = Map::from_iter([
        ("collectionRef".to_owned(), record.collection.id.as_str().into()),
        ("recordRef".to_owned(), record.id().into()),
        ("provider".to_owned(), identity.provider.into()),
        ("providerId".to_owned(), identity.profile.id.as_str().into()),
    ]);
    records::create_unchecked(tx, &links(tx)?, &Submitted::new(values)).map(drop)
}

/// Removes every link of `record` except the one of this account.
pub fn drop_others(tx: &WriteTx, record: &Record, identity: &Identity) -> Result<()> {
    for link in records::belongings(tx, &links(tx)?, record)? {
        let is_this = link.text("provider") == identity.provider && link.text("providerId") == identity.profile.id;
        if !is_this {
            records::delete_unchecked(tx, link)?;
        }
    }
    Ok(())
}

/// Whether the link belongs to `record`.
pub fn is_of(link: &Record, record: &Record) -> bool {
    link.text("recordRef") == record.id() && link.text("collectionRef") == record.collection.id
}

fn links(tx: &ReadTx) -> Result<Arc<Collection>> {
    let missing = || Error::Internal("the collection _externalAuths is missing".to_owned());
    tx.schema().by_name(EXTERNAL_AUTHS).cloned().ok_or_else(missing)
}
