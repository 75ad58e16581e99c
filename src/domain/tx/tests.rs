//! What a transaction must forget, and what it must keep.

use super::write::MAX_KEPT_BYTES;
use super::*;
use crate::db::{DbError, Sql, Value};
use crate::domain::model::Record;
use crate::domain::testing::{TestTx, collection, record, seeded};
use crate::domain::{Error, Result};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

fn with_posts() -> TestTx {
    let tx = seeded();
    collection(&tx, json!({"name": "posts", "fields": [{"name": "title", "type": "text"}]}));
    tx
}

fn changes(tx: &WriteTx) -> usize {
    tx.state().effects.iter().filter(|effect| matches!(effect, Effect::RecordChanged(_))).count()
}

fn titles(tx: &WriteTx) -> Vec<String> {
    tx.query_all(&Sql::new("SELECT title FROM posts ORDER BY title"), |row| Ok(row.text(0))).unwrap()
}

#[test]
fn a_failed_savepoint_undoes_its_own_rows_effects_and_schema_only() {
    let tx = with_posts();
    record(&tx, "posts", json!({"title": "kept"}));
    let schema = tx.schema();
    tx.savepoint(|| -> Result<()> {
        record(&tx, "posts", json!({"title": "lost"}));
        collection(&tx, json!({"name": "lost"}));
        Err(Error::generic())
    })
    .unwrap_err();
    assert_eq!((titles(&tx), changes(&tx)), (vec!["kept".to_owned()], 1));
    assert!(Arc::ptr_eq(&tx.schema(), &schema));
    tx.savepoint(|| -> Result<_> { Ok(record(&tx, "posts", json!({"title": "new"}))) }).unwrap();
    assert_eq!(changes(&tx), 2);
}

#[test]
fn quiet_work_is_done_but_not_told() {
    let tx = with_posts();
    tx.quietly(|| record(&tx, "posts", json!({"title": "quiet"})));
    assert_eq!((titles(&tx).len(), changes(&tx)), (1, 0));
    record(&tx, "posts", json!({"title": "loud"}));
    assert_eq!(changes(&tx), 1);
}

/// Signed-in callers are remembered, and must be forgotten whatever writes the record.
#[test]
fn written_accounts_are_named_also_by_quiet_work() {
    let tx = seeded();
    let user = |number: usize| {
        let email = format!("{number}@example.com");
        record(&tx, "users", json!({"email": email, "password": "12345678", "passwordConfirm": "12345678"}))
    };
    let loud = user(0);
    let quiet = tx.quietly(|| user(1));
    let expected = [&loud, &quiet].map(|user| user.id().to_owned());
    assert_eq!(tx.state().accounts, Accounts::These(expected.into()));
    let rereads = || tx.state().effects.iter().filter(|effect| matches!(effect, Effect::SchemaChanged)).count();
    let before = rereads();
    let changed = |user: &Arc<Record>| {
        tx.effect(Effect::RecordChanged(Change { action: Action::Update, record: Arc::clone(user) }));
    };
    tx.quietly(|| [&loud, &quiet].map(changed));
    assert_eq!(rereads(), before + 1, "open realtime streams read their accounts again");
    for number in 2..=MAX_ACCOUNTS {
        tx.state().accounts.add(&number.to_string());
    }
    assert_eq!(tx.state().accounts, Accounts::TooMany);
}

#[test]
fn a_budget_ends_statements_and_an_outer_one_returns_after_an_inner_one() {
    let endless = Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    let is_stopped = |outcome: Result<Option<Value>>| matches!(outcome, Err(Error::Db(DbError::Interrupted)));
    let tx = seeded();
    let short = Duration::from_millis(5);
    let in_short = |work: &dyn Fn() -> Result<Option<Value>>| tx.savepoint(|| tx.within(short, work));
    assert!(is_stopped(in_short(&|| tx.query_value(&endless))));
    assert!(is_stopped(in_short(&|| tx.within(Duration::from_secs(9), || tx.query_value(&endless)))));
    assert!(is_stopped(in_short(&|| {
        tx.without_limit(|| tx.query_value(&Sql::new("SELECT 1")))?;
        tx.query_value(&endless)
    })));
    assert!(tx.query_value(&Sql::new("SELECT 1")).is_ok(), "no limit remains");
}

#[test]
fn many_large_changes_are_noted_without_their_values() {
    let tx = seeded();
    collection(&tx, json!({"name": "posts", "fields": [{"name": "title", "type": "text", "max": 10_000_000}]}));
    let large = json!({"title": "x".repeat(MAX_KEPT_BYTES / 3)});
    let failed = tx.savepoint(|| -> Result<()> {
        record(&tx, "posts", large.clone());
        Err(Error::generic())
    });
    failed.unwrap_err();
    let ids: Vec<String> = (0..4).map(|_| record(&tx, "posts", large.clone()).id().to_owned()).collect();
    assert!(tx.is_full());
    let state = tx.state();
    let noted = state.effects.iter().filter_map(|effect| match effect {
        Effect::RecordChanged(change) => Some((change.record.id().to_owned(), !change.record.text("title").is_empty())),
        Effect::LargeRecordChanged(record) => Some((record.id().to_owned(), !record.text("title").is_empty())),
        _ => None,
    });
    let expected = ids.into_iter().enumerate().map(|(at, id)| (id, at < 2));
    assert_eq!(noted.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}
