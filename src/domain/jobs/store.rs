//! The table `_jobs`.

use super::{Job, NameCounts, NewJob, Priority, Selection, State};
use crate::base::clock::Timestamp;
use crate::db::{DbError, RowRef, Sql};
use crate::domain::Result;
use crate::domain::tx::{ReadTx, WriteTx};
use serde_json::Value;

const COLUMNS: &str = "id, name, payload, unique_key, state, priority, attempts, max_attempts, due, created, error";

pub(super) fn insert(tx: &WriteTx, id: &str, job: &NewJob, payload: &str, due: Timestamp) -> Result<()> {
    let mut sql = Sql::new(
        "INSERT INTO _jobs (id, name, payload, unique_key, state, priority, max_attempts, due, created) VALUES (",
    );
    sql.bind(id).raw(", ").bind(job.name.as_str()).raw(", ").bind(payload).raw(", ");
    match &job.unique_key {
        Some(key) => sql.bind(key.as_str()),
        None => sql.raw("NULL"),
    };
    sql.raw(", 'waiting', ").integer(job.priority.number()).raw(", ").integer(job.max_attempts);
    sql.raw(", ").bind(due.millis()).raw(", ").bind(tx.now().millis()).raw(")");
    tx.execute(&sql).map(drop)
}

/// Writes everything that may change: state, attempts, due time, unique key, error.
pub(super) fn update(tx: &WriteTx, job: &Job) -> Result<()> {
    let mut sql = Sql::new("UPDATE _jobs SET state = ");
    sql.bind(job.state.as_str()).raw(", attempts = ").bind(job.attempts).raw(", due = ").bind(job.due.millis());
    sql.raw(", error = ").bind(job.error.as_str()).raw(", unique_key = ");
    match &job.unique_key {
        Some(key) => sql.bind(key.as_str()),
        None => sql.raw("NULL"),
    };
    sql.raw(" WHERE id = ").bind(job.id.as_str());
    tx.execute(&sql).map(drop)
}

pub(super) fn delete(tx: &WriteTx, id: &str) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM _jobs WHERE id = ");
    sql.bind(id);
    tx.execute(&sql).map(drop)
}

/// Deletes what is selected and not running.
pub(super) fn delete_all(tx: &WriteTx, selection: &Selection) -> Result<usize> {
    let mut sql = Sql::new("DELETE FROM _jobs WHERE state <> 'running'");
    narrow(&mut sql, selection);
    tx.execute(&sql)
}

pub(super) fn find(tx: &ReadTx, id: &str) -> Result<Option<Job>> {
    let mut sql = select();
    sql.raw(" WHERE id = ").bind(id);
    tx.query_first(&sql, job)
}

pub(super) fn waiting_with_key(tx: &ReadTx, name: &str, key: &str) -> Result<Option<String>> {
    let mut sql = Sql::new("SELECT id FROM _jobs WHERE state = 'waiting' AND name = ");
    sql.bind(name).raw(" AND unique_key = ").bind(key);
    tx.query_first(&sql, |row| Ok(row.text(0)))
}

pub(super) fn due(tx: &ReadTx, name: &str, priority: Priority, max: usize) -> Result<Vec<Job>> {
    let mut sql = select();
    waiting(&mut sql, name, priority);
    sql.raw(" AND due <= ").bind(tx.now().millis());
    sql.raw(" ORDER BY due LIMIT ").integer(i64::try_from(max).unwrap_or(i64::MAX));
    tx.query_all(&sql, job)
}

pub(super) fn next_due(tx: &ReadTx, name: &str, priority: Priority) -> Result<Option<Timestamp>> {
    let mut sql = Sql::new("SELECT due FROM _jobs");
    waiting(&mut sql, name, priority);
    sql.raw(" ORDER BY due LIMIT 1");
    tx.query_first(&sql, |row| row.integer(0).map(Timestamp::from_millis))
}

pub(super) fn ids(tx: &ReadTx, selection: &Selection) -> Result<Vec<String>> {
    let mut sql = Sql::new("SELECT id FROM _jobs WHERE 1 = 1");
    narrow(&mut sql, selection);
    tx.query_all(&sql, |row| Ok(row.text(0)))
}

pub(super) fn count(tx: &ReadTx, selection: &Selection) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM _jobs WHERE 1 = 1");
    narrow(&mut sql, selection);
    Ok(tx.query_first(&sql, |row| row.integer(0))?.unwrap_or(0))
}

pub(super) fn page(tx: &ReadTx, selection: &Selection, limit: i64, offset: i64) -> Result<Vec<Job>> {
    let mut sql = select();
    sql.raw(" WHERE 1 = 1");
    narrow(&mut sql, selection);
    sql.raw(" ORDER BY created DESC, id LIMIT ").integer(limit).raw(" OFFSET ").integer(offset);
    tx.query_all(&sql, job)
}

pub(super) fn counts(tx: &ReadTx) -> Result<Vec<NameCounts>> {
    let sql = Sql::new("SELECT name, state, COUNT(*) FROM _jobs GROUP BY name, state ORDER BY name");
    let mut counts: Vec<NameCounts> = Vec::new();
    tx.query(&sql, |row| {
        let name = row.text(0);
        if counts.last().is_none_or(|last| last.name != name) {
            counts.push(NameCounts { name, ..NameCounts::default() });
        }
        if let Some(last) = counts.last_mut() {
            let number = row.integer(2)?;
            match State::parse(&row.text(1)) {
                Some(State::Waiting) => last.waiting = number,
                Some(State::Running) => last.running = number,
                Some(State::Failed) | None => last.failed += number,
            }
        }
        Ok(())
    })?;
    Ok(counts)
}

fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.raw(COLUMNS).raw(" FROM _jobs");
    sql
}

fn waiting(sql: &mut Sql, name: &str, priority: Priority) {
    sql.raw(" WHERE state = 'waiting' AND name = ").bind(name).raw(" AND priority = ").integer(priority.number());
}

fn narrow(sql: &mut Sql, selection: &Selection) {
    if let Some(name) = &selection.name {
        sql.raw(" AND name = ").bind(name.as_str());
    }
    if let Some(state) = selection.state {
        sql.raw(" AND state = ").bind(state.as_str());
    }
}

/// A row that somebody changed by hand to something that cannot be read counts as failed, with an empty payload.
fn job(row: RowRef<'_>) -> std::result::Result<Job, DbError> {
    let key = row.text(3);
    Ok(Job {
        id: row.text(0),
        name: row.text(1),
        payload: serde_json::from_str(&row.text(2)).unwrap_or(Value::Null),
        unique_key: (!key.is_empty()).then_some(key),
        state: State::parse(&row.text(4)).unwrap_or(State::Failed),
        priority: Priority::of_number(row.integer(5)?),
        attempts: row.integer(6)?,
        max_attempts: row.integer(7)?,
        due: Timestamp::from_millis(row.integer(8)?),
        created: Timestamp::from_millis(row.integer(9)?),
        error: row.text(10),
    })
}
