//! A database in memory with the tables and views of a schema and no rows.

use super::super::{ddl, store, views};
use super::Open;
use crate::db::migrate::{self, Target};
use crate::domain::Result;
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::{ReadTx, Start, WriteTx};
use std::sync::Arc;

/// Opens it and begins a transaction. Nothing of it remains after the transaction.
pub fn begin(tx: &ReadTx, schema: &Arc<Schema>, open: Open<'_>) -> Result<WriteTx> {
    let mut connection = open()?;
    migrate::run(connection.as_mut(), Target::Data)?;
    let start = Start {
        schema: Arc::clone(schema),
        now: tx.now(),
        counts: Arc::default(),
        as_of: 0,
        hooks: tx.hooks().cloned(),
        active_endpoints: None,
    };
    let scratch = WriteTx::begin(connection, start).map_err(|(_, error)| error)?;
    let (views, tables): (Vec<_>, Vec<_>) = schema.all().iter().partition(|collection| collection.is_view());
    for table in tables {
        ddl::create_table(&scratch, &table.name, &table.fields)?;
        for index in &table.parsed_indexes {
            ddl::create_index(&scratch, &table.name, index)?;
        }
    }
    build_views(&scratch, schema, views)?;
    store::replace_all(&scratch, schema.all())?;
    Ok(scratch)
}

/// Views may read each other. Those that fail are tried again as long as others succeed; the rest are broken in the real
/// database too.
fn build_views(scratch: &WriteTx, schema: &Schema, mut waiting: Vec<&Arc<Collection>>) -> Result<()> {
    loop {
        let tried = waiting.len();
        let mut failed = Vec::new();
        for view in waiting {
            match views::infer(scratch, schema, &view.view_query) {
                Ok(found) => drop(scratch.execute(&found.create_statement(&view.name))?),
                Err(views::ViewError::Refused(_)) => failed.push(view),
                Err(views::ViewError::Failed(error)) => return Err(error),
            }
        }
        if failed.is_empty() || failed.len() == tried {
            return Ok(());
        }
        waiting = failed;
    }
}
