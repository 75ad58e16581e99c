//! A connection that behaves like one to PostgreSQL: after a statement has failed, no further one runs until a savepoint
//! around it, or the transaction, is undone.

use crate::db::{
    CancelToken, Connection, ConsoleLimits, ConsoleOutcome, DbError, DbSize, Description, Dialect, GuardedWrite,
    RowRef, Sql, WriteGuard,
};
use std::time::Duration;

pub struct Strict {
    inner: Box<dyn Connection>,
    has_failed: bool,
}

impl Strict {
    pub fn new(inner: Box<dyn Connection>) -> Self {
        Self { inner, has_failed: false }
    }

    fn run<T>(&mut self, statement: impl FnOnce(&mut dyn Connection) -> Result<T, DbError>) -> Result<T, DbError> {
        if self.has_failed {
            return Err(DbError::Other("a failed statement was tolerated outside of a savepoint".to_owned()));
        }
        let outcome = statement(&mut *self.inner);
        self.has_failed = outcome.is_err() && self.inner.is_in_transaction();
        outcome
    }
}

impl Connection for Strict {
    fn dialect(&self) -> &'static dyn Dialect {
        self.inner.dialect()
    }

    fn query(&mut self, sql: &Sql, each: &mut dyn FnMut(RowRef<'_>) -> Result<(), DbError>) -> Result<(), DbError> {
        let mut refusal = None;
        let mut visit = |row: RowRef<'_>| each(row).map_err(|error| refusal.insert(error).clone());
        let outcome = self.run(|inner| inner.query(sql, &mut visit));
        // The visitor ended the statement. It did not fail.
        if refusal.is_some() {
            self.has_failed = false;
        }
        outcome
    }

    fn execute(&mut self, sql: &Sql) -> Result<usize, DbError> {
        self.run(|inner| inner.execute(sql))
    }

    fn execute_script(&mut self, text: &str) -> Result<(), DbError> {
        self.run(|inner| inner.execute_script(text))
    }

    fn describe(&mut self, text: &str) -> Result<Description, DbError> {
        self.run(|inner| inner.describe(text))
    }

    fn run_console(&mut self, text: &str, limits: ConsoleLimits) -> Result<ConsoleOutcome, DbError> {
        self.run(|inner| inner.run_console(text, limits))
    }

    fn execute_guarded(&mut self, sql: &Sql, guard: WriteGuard) -> Result<GuardedWrite, DbError> {
        self.run(|inner| inner.execute_guarded(sql, guard))
    }

    fn begin_read(&mut self) -> Result<(), DbError> {
        self.inner.begin_read()
    }

    fn begin_write(&mut self) -> Result<(), DbError> {
        self.inner.begin_write()
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.run(|inner| inner.commit())
    }

    fn rollback(&mut self) {
        self.has_failed = false;
        self.inner.rollback();
    }

    fn begin_savepoint(&mut self) -> Result<(), DbError> {
        self.run(|inner| inner.begin_savepoint())
    }

    fn release_savepoint(&mut self) -> Result<(), DbError> {
        self.run(|inner| inner.release_savepoint())
    }

    fn undo_savepoint(&mut self) -> Result<(), DbError> {
        self.has_failed = false;
        self.inner.undo_savepoint()
    }

    fn foreign_commits(&mut self) -> Result<i64, DbError> {
        self.run(|inner| inner.foreign_commits())
    }

    fn size(&mut self) -> Result<DbSize, DbError> {
        self.run(|inner| inner.size())
    }

    fn version(&mut self) -> Result<String, DbError> {
        self.run(|inner| inner.version())
    }

    fn checkable_parts(&mut self) -> Result<Vec<String>, DbError> {
        self.run(|inner| inner.checkable_parts())
    }

    fn check_part(&mut self, name: &str, max: usize) -> Result<Vec<String>, DbError> {
        self.run(|inner| inner.check_part(name, max))
    }

    fn is_in_transaction(&self) -> bool {
        self.inner.is_in_transaction()
    }

    fn shrink(&mut self) -> Result<(), DbError> {
        self.run(|inner| inner.shrink())
    }

    fn cancel_with(&mut self, token: CancelToken) {
        self.inner.cancel_with(token);
    }

    fn limit_time(&mut self, budget: Option<Duration>) {
        self.inner.limit_time(budget);
    }
}
