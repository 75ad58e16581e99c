//! Passwords in a file. A hash takes tens of milliseconds, so all of them are made before the import's transaction.

use super::convert::{self, Style};
use super::options::Options;
use super::plan::{Change, Plan, Target, plan};
use super::table::Table;
use crate::base::password::Hash;
use crate::domain::Result;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, Schema};
use crate::domain::records::{self, Submitted};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The hashes of a file's passwords by plain text. There is one for each row that has the text, so that equal passwords
/// do not get equal hashes.
#[derive(Debug, Default)]
pub struct Passwords(HashMap<String, Vec<Hash>>);

impl Passwords {
    /// Adds the hash of a text from [`plain_passwords`].
    pub fn add(&mut self, plain: String, hash: Hash) {
        self.0.entry(plain).or_default().push(hash);
    }

    /// Returns the values of a write, with the hashes of their passwords. Each hash is handed out once.
    pub(super) fn submit(&mut self, collection: &Collection, values: Map<String, Value>) -> Submitted {
        let mut submitted = Submitted::new(values);
        if !self.0.is_empty() {
            for plain in records::plain_passwords(collection, &submitted.values) {
                if let Some(hash) = self.0.get_mut(&plain).and_then(Vec::pop) {
                    submitted.secrets.hashes.insert(plain, hash);
                }
            }
        }
        submitted
    }
}

/// Returns the passwords that an import of `table` would store, once for each row that has one.
pub fn plain_passwords(schema: &Schema, table: &Table, options: &Options) -> Result<Vec<String>> {
    let Plan { change, columns, .. } = plan(schema, table, options)?;
    let collection = match change {
        Change::Nothing(collection) | Change::Extend(collection, _) => collection,
        // An import creates no password fields.
        Change::Create(_) => return Ok(Vec::new()),
    };
    let password_field = |name: &str| {
        let field = collection.field(name)?;
        matches!(field.kind, FieldKind::Password(_)).then_some(field)
    };
    let columns: Vec<(usize, &Field, Style)> = columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| match &column.target {
            Target::Field { name, .. } | Target::KeptKey { name, .. } => {
                Some((at, password_field(name)?, column.style))
            }
            Target::Key | Target::Ignored => None,
        })
        .collect();
    let mut found = Vec::new();
    if columns.is_empty() {
        return Ok(found);
    }
    table.visit(&mut |item| {
        let Ok(row) = item else { return Ok(true) };
        let value = |(at, field, style): &(usize, &Field, Style)| {
            let value = convert::value(field, &row.cells[*at], *style).ok()?;
            Some((field.name.clone(), value))
        };
        let values = columns.iter().filter_map(value).collect();
        found.append(&mut records::plain_passwords(&collection, &values));
        Ok(true)
    })?;
    Ok(found)
}
