//! Runs the SQL that superusers type into the console.

use super::App;
use crate::db::ConsoleResult;
use crate::domain::{Error, Result, collections, console};

impl App {
    /// Runs the statements of `query`: on a reader if they only read, otherwise in the write lane, all or nothing. After the
    /// commit no cache holds a stale value, whatever they wrote.
    pub async fn run_sql(&self, query: String) -> Result<ConsoleResult> {
        console::check(&query)?;
        let text = query.clone();
        if let Some(result) = self.read_in_turn(move |tx| console::read(tx, &text)).await? {
            return Ok(result);
        }
        let app = self.clone();
        self.write_long_making_room(move |tx| {
            // Problems that existed before are not caused by this query. It may solve them or leave them.
            let before = tx.savepoint(|| collections::problems(tx)).unwrap_or_default();
            let result = console::write(tx, &query)?;
            let after = collections::problems(tx).map_err(unusable)?;
            if let Some(problem) = after.difference(&before).next() {
                return Err(console::failed(problem));
            }
            // The statements may have changed definitions, settings and superusers.
            app.0.shared.reload(tx).map_err(unusable)?;
            Ok(result)
        })
        .await
    }
}

fn unusable(error: Error) -> Error {
    match error {
        Error::Internal(text) => console::failed(&text),
        Error::Db(error) => console::failed(&format!("the collections cannot be loaded after it: {error}")),
        other => other,
    }
}
