//! Previews of changes of the schema.

use super::App;
use crate::db;
use crate::domain::Result;
use crate::domain::collections::{self, Preview, SchemaChange};

impl App {
    /// Returns what `change` would do. It is tried on a database in memory; the write lane takes no part.
    pub async fn preview_schema(&self, change: SchemaChange) -> Result<Preview> {
        self.read_in_turn(move |tx| collections::preview(tx, &change, &db::scratch)).await
    }
}
