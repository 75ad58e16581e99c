//! Records: list, view, create, update, delete, expand.
//!
//! Each verb has its own file and checks the rule for its request. All of them render their answers with [`render`], which
//! decides what a caller sees, and change records through [`save`], where what runs before and after a change stands. The
//! SQL is in [`store`]. The rule language itself is in `access`.

mod credentials;
mod aggregate;
mod create;
mod delete;
mod draft;
mod dropped;
mod expand;
mod explain;
mod files;
mod links;
mod list;
mod notice;
pub mod outbox;
mod page_rows;
mod plan;
mod present;
mod render;
mod save;
mod select;
mod store;
mod trial;
mod update;
mod validate;
mod view;

pub use aggregate::aggregate;
pub use create::{
    create, create_record, create_unchecked, foresee_create, foresee_unchecked, refuse_view, rehearse_create,
};
pub use credentials::{Secret, Secrets, Submitted, forget_links, plain_passwords, refresh_token_key, text_of};
pub use delete::{delete, delete_unchecked, refuse_last_superuser, truncate};
pub use expand::Expand;
pub use explain::explain;
pub use files::{StoredFile, file_names, find_file};
pub use list::{ListInput, list};
pub use notice::{Verdict, may_notice, render_change};
pub use render::{MAX_ANSWER_BYTES, Shape, render_one};
pub use save::{failed, insert_as_stored, remove_older, replace_hash, rewrite};
pub use select::{Selection, count, each_page, find_for, related, select};
pub use store::{belongings, emails, find, find_by, find_by_value, find_first_by, has_origin, is_empty};
pub use trial::{parse_rule, try_rule};
pub use update::{foresee_update, guarded_record, rehearse_update, update, update_record, update_unchecked};
pub use view::view;

use super::access::{self, Conditions, QueryBuilder};
use super::caller::RequestInfo;
use super::model::{Collection, Record, RuleKind, Schema};
use super::tx::ReadTx;
use super::{Error, Reason, Result, Subject, UnmetRule};
use crate::db::Sql;
use std::sync::Arc;

/// Fails for callers other than superusers if the rule is null. Needs no query, so it comes before everything else,
/// including the check for a missing record.
pub fn check_open(request: &RequestInfo, collection: &Collection, kind: RuleKind) -> Result<()> {
    access::gate(&request.caller, collection.rule(kind)).map(drop).map_err(|error| {
        let reason = format!("the {} of \"{}\" is null: only superusers may", kind.as_str(), collection.name);
        error.because(Reason::known(reason))
    })
}

/// Attaches to `answer` what is needed to find out why the rule does not hold for this caller.
#[must_use]
pub fn unmet(
    answer: Error,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    (name, rule): (&'static str, Option<&str>),
    subject: Subject,
) -> Error {
    answer.because(Reason::Rule(UnmetRule {
        collection: Arc::clone(collection),
        name,
        rule: rule.unwrap_or_default().to_owned(),
        request: request.clone(),
        subject,
    }))
}

/// The error for an id that no record of `collection` has. A record that the caller may not know of gives the same answer.
fn missing(collection: &Collection, id: &str) -> Error {
    // Truncated, because the log must not contain whole tokens that were passed as an id.
    let id: String = id.chars().take(40).collect();
    Error::not_found().because(Reason::known(format!("no record of \"{}\" has the id \"{id}\"", collection.name)))
}

/// The error for a stored record `id` that the caller may not access.
fn withheld(request: &RequestInfo, collection: &Arc<Collection>, kind: RuleKind, id: &str) -> Error {
    let rule = (kind.as_str(), collection.rule(kind));
    unmet(Error::not_found(), request, collection, rule, Subject::Stored(id.to_owned()))
}

/// Builds a query over a collection with its rule AND-ed, for the caller of `request`.
fn ruled_query<'a>(
    schema: &'a Schema,
    tx: &ReadTx,
    request: &'a RequestInfo,
    collection: &'a Arc<Collection>,
    kind: RuleKind,
) -> Result<QueryBuilder<'a>> {
    let mut query = QueryBuilder::new(schema, collection, request, tx.now(), tx.dialect());
    if let Some(rule) = access::gate(&request.caller, collection.rule(kind))? {
        query.rule(rule)?;
    }
    Ok(query)
}

/// Whether the stored record `id` satisfies `rule` for any caller. `None` is never satisfied.
pub fn satisfies(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    rule: Option<&str>,
) -> Result<bool> {
    match rule {
        None => return Ok(false),
        Some("") => return Ok(true),
        Some(_) => {}
    }
    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, collection, request, tx.now(), tx.dialect());
    query.rule(rule.unwrap_or_default())?;
    allow(tx, &query.finish()?, id)
}

/// Whether the conditions hold for the record `id`, which must exist. Often this needs no query.
fn allow(tx: &ReadTx, conditions: &Conditions, id: &str) -> Result<bool> {
    if conditions.is_impossible || conditions.condition.is_none() {
        return Ok(!conditions.is_impossible);
    }
    Ok(tx.query_value(&store::exists_by_id(conditions, id))?.is_some())
}

/// Whether `record`, which is not stored yet, satisfies `rule`.
fn would_satisfy(tx: &ReadTx, request: &RequestInfo, record: &Record, rule: &str) -> Result<bool> {
    if rule.trim().is_empty() {
        return Ok(true);
    }
    let schema = tx.schema();
    let mut query = QueryBuilder::new(&schema, &record.collection, request, tx.now(), tx.dialect()).from_record(record);
    query.rule(rule)?;
    has_row(tx, &query.finish()?)
}

/// Whether any row satisfies the conditions. For conditions over a given record instead of a table.
fn has_row(tx: &ReadTx, conditions: &Conditions) -> Result<bool> {
    if conditions.is_impossible || conditions.condition.is_none() {
        return Ok(!conditions.is_impossible);
    }
    let mut sql = Sql::new("SELECT 1 ");
    sql.append(&from_where(conditions)).raw(" LIMIT 1");
    Ok(tx.query_value(&sql)?.is_some())
}

/// Returns the number that a statement selects, or 0 without a row.
fn integer(tx: &ReadTx, sql: &Sql) -> Result<i64> {
    Ok(tx.query_first(sql, |row| row.integer(0))?.unwrap_or(0))
}

/// The tail of a SELECT: `FROM … WHERE …`.
fn from_where(conditions: &Conditions) -> Sql {
    let mut sql = conditions.from();
    if let Some(condition) = &conditions.condition {
        sql.raw(" WHERE ").append(condition);
    }
    sql
}

pub use access::BASE;

#[cfg(test)]
mod tests;
