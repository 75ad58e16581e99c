//! Rows of auth collections.

use crate::db::Sql;
use crate::domain::Result;
use crate::domain::model::Collection;
use crate::domain::tx::ReadTx;

/// Returns the highest cost of the bcrypt hashes in `collection`, which start with `$2b$10$` for a cost of 10.
pub(super) fn max_bcrypt_cost(tx: &ReadTx, collection: &Collection) -> Result<Option<u32>> {
    let mut sql = Sql::new("SELECT MAX(SUBSTR(");
    sql.ident("password").raw(", 5, 2)) FROM ").ident(&collection.name);
    sql.raw(" WHERE ").ident("password").raw(" >= '$2' AND ").ident("password").raw(" < '$3'");
    let cost = tx.query_first(&sql, |row| Ok(row.optional_text(0)))?.flatten();
    Ok(cost.and_then(|cost| cost.parse().ok()))
}
