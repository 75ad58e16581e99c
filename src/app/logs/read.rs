//! Reading the log: a page, an entry, hourly totals. Reads have their own connections, so that a slow search never blocks
//! the writing thread.

use super::{Logs, OrderKind, store};
use crate::app::App;
use crate::base::clock::Timestamp;
use crate::db::{self, Connection, DbError, ReaderOptions, Readers, Sql};
use crate::domain::filter::FilterError;
use crate::domain::page::Totals;
use crate::domain::{Error, Result};
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};

/// Few people read logs at the same time.
const READERS: u32 = 2;
const CACHE_KIB: u32 = 2 * 1024;

/// The parameters of a list.
#[derive(Debug, Default)]
pub struct ListInput {
    pub page: i64,
    pub per_page: i64,
    pub skip_total: bool,
    pub filter: String,
    pub sort: String,
}

#[derive(Debug)]
pub struct LogView {
    pub id: String,
    pub created: String,
    pub level: i64,
    pub message: String,
    pub data: Value,
}

impl LogView {
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"id": self.id, "created": self.created, "level": self.level, "message": self.message, "data": self.data})
    }
}

/// The number of entries of one hour.
#[derive(Debug)]
pub struct HourView {
    pub date: String,
    pub total: i64,
}

impl App {
    /// Returns a page of the log, oldest first unless another order is given.
    pub async fn list_logs(&self, input: ListInput) -> Result<(Vec<LogView>, Totals)> {
        self.read_logs(move |connection| {
            let columns = store::COLUMNS;
            let filter = condition(connection, &input.filter);
            let filter = filter.map_err(|error| columns.refusal(&error, "filter", &input.filter))?;
            let sort = columns.sort(&input.sort, connection.dialect());
            let sort = sort.map_err(|error| columns.refusal(&error, "sort", &input.sort))?;
            let total = if input.skip_total { None } else { Some(store::count(connection, filter.as_ref())?) };
            let totals = Totals::new(input.page, input.per_page, total);
            Ok((store::page(connection, filter.as_ref(), sort.as_ref(), &totals)?, totals))
        })
        .await
    }

    pub async fn find_log(&self, id: String) -> Result<LogView> {
        self.read_logs(move |connection| store::find(connection, &id)?.ok_or_else(Error::not_found)).await
    }

    pub async fn log_hours(&self, filter: String) -> Result<Vec<HourView>> {
        self.read_logs(move |connection| {
            let invalid = |_| Error::bad_request("Invalid filter format.");
            let filter = condition(connection, &filter).map_err(invalid)?;
            Ok(store::hours(connection, filter.as_ref())?)
        })
        .await
    }

    /// Runs `work` on the file. If it is damaged, it is set aside and `work` runs on the new one.
    async fn read_logs<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Connection) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let (logs, work) = (&self.0.logs, Arc::new(work));
        logs.flush().await;
        let count = logs.set_aside().count;
        match self.read_log_file(Arc::clone(&work)).await {
            Err(Error::Db(DbError::Damaged(cause))) => {
                logs.order(OrderKind::SetAside { count, cause }).await?;
                self.read_log_file(work).await
            }
            outcome => outcome,
        }
    }

    async fn read_log_file<T: Send + 'static>(
        &self,
        work: Arc<impl Fn(&mut dyn Connection) -> Result<T> + Send + Sync + 'static>,
    ) -> Result<T> {
        let (logs, budget) = (self.0.logs.clone(), self.0.query_time);
        self.blocking(move || {
            let mut connection = logs.readers()?.reader()?;
            connection.limit_time(Some(budget));
            let outcome = work(connection.as_mut());
            connection.limit_time(None);
            outcome
        })
        .await?
    }
}

impl Logs {
    fn readers(&self) -> std::result::Result<Arc<dyn Readers>, DbError> {
        let mut readers = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*readers {
            return Ok(Arc::clone(opened));
        }
        let options = ReaderOptions { connections: READERS, cache_kib: CACHE_KIB, is_for_short_work: false };
        let opened = db::engine(&self.0.path).readers(options)?;
        Ok(Arc::clone(readers.insert(opened)))
    }
}

fn condition(connection: &mut dyn Connection, filter: &str) -> std::result::Result<Option<Sql>, FilterError> {
    store::COLUMNS.filter(filter, Timestamp::now(), connection.dialect())
}
