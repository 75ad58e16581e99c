//! The tables of webhooks.

mod deliveries;
mod endpoints;
mod events;
mod log;

pub use deliveries::{
    add_delivery, delete_finished, delete_orphans, delivery, delivery_by_id, due, give_up_all, head, hurry, next_due,
    release_all, release_next, replay, set_delivery, waiting_hosts, waiting_since,
};
pub use endpoints::{
    all, configs, count, delete, enabled, find, find_by_name, has_name, insert, opened, seal, set_state, update,
};
pub use events::{delete_events, events, last_within};
pub use log::{add_attempt, attempts, count_deliveries, health, page};

use crate::base::clock::Timestamp;
use crate::db::{DbError, RowRef, Sql};
use crate::domain::Result;
use crate::domain::tx::ReadTx;

type Row<T> = std::result::Result<T, DbError>;

fn number(tx: &ReadTx, sql: &Sql) -> Result<i64> {
    Ok(tx.query_first(sql, |row| row.integer(0))?.unwrap_or(0))
}

fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::millis)
}

fn time(row: &RowRef<'_>, at: usize) -> Row<Option<Timestamp>> {
    if row.optional_text(at).is_none() {
        return Ok(None);
    }
    row.integer(at).map(|millis| Some(Timestamp::from_millis(millis)))
}
