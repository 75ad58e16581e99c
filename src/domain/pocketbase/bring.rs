//! Runs the move: definitions first, then rows as they are stored, then settings.
//!
//! Rows are not validated again: what the source accepted is kept, including ids, times and password hashes. So
//! passwords and tokens remain valid, and each hash is replaced by a stronger one when its owner signs in.

use super::source::SourceCollection;
use super::{Difference, SettingsOutcome, Source, differences, settings};
use crate::base::seal::SealKey;
use crate::db::{self, ValueRef};
use crate::domain::collections;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{AUTH_ORIGINS, Collection, EXTERNAL_AUTHS, MFAS, OTPS, SUPERUSERS, Schema};
use crate::domain::records;
use crate::domain::transfer::{OnProgress, Progress};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// Collections of pending sign-ins, whose rows live for minutes.
const SHORT_LIVED: [&str; 2] = [MFAS, OTPS];
/// Collections whose rows belong to an auth record.
const LINKED: [&str; 2] = [EXTERNAL_AUTHS, AUTH_ORIGINS];
/// The account that PocketBase uses to create the first superuser.
const INSTALLER: &str = "__pbinstaller@example.com";
const ROWS_PER_STEP: u64 = 500;

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub skips_settings: bool,
    /// The key that the source's settings are encrypted with.
    pub source_key: Option<SealKey>,
    /// The key that this server's settings are encrypted with.
    pub own_key: Option<SealKey>,
}

/// What was imported, and what differs from the source.
#[derive(Clone, Debug)]
pub struct Report {
    pub collections: Vec<Brought>,
    pub settings: SettingsOutcome,
    pub uses_s3: bool,
    pub differences: Vec<Difference>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    pub name: String,
    pub type_name: &'static str,
    pub is_system: bool,
    pub records: u64,
}

/// Imports everything from `source` into an installation that has not been used yet.
pub fn bring(tx: &WriteTx, source: &mut Source, options: &Options, on_progress: OnProgress<'_>) -> Result<Report> {
    let mut report = check(tx, source, options)?;
    Rows { tx, done: 0, total: 0, skipped_owners: HashSet::new(), report: &mut report, on_progress }.bring(source)?;
    Ok(report)
}

/// Does the same as [`bring`] without the records: definitions and settings only.
pub fn check(tx: &WriteTx, source: &mut Source, options: &Options) -> Result<Report> {
    refuse_used(tx)?;
    let mut report =
        Report { collections: Vec::new(), settings: SettingsOutcome::LeftOut, uses_s3: false, differences: Vec::new() };
    bring_definitions(tx, source, &mut report)?;
    bring_settings(tx, source, options, &mut report)?;
    report.differences.extend(source.strays()?);
    Ok(report)
}

/// Fails if the installation contains anything of the owner's. Superusers, and what a new installation contains, are
/// allowed.
fn refuse_used(tx: &ReadTx) -> Result<()> {
    let schema = tx.schema();
    let own: Vec<&str> = schema
        .all()
        .iter()
        .filter(|collection| !collections::is_built_in(&collection.name) && collection.name != "users")
        .map(|collection| collection.name.as_str())
        .collect();
    if !own.is_empty() {
        return Err(in_use(&format!("it has the collections {}", own.join(", "))));
    }
    match schema.by_name("users") {
        Some(users) if !records::is_empty(tx, users)? => Err(in_use("the collection users has records")),
        _ => Ok(()),
    }
}

fn bring_definitions(tx: &WriteTx, source: &mut Source, report: &mut Report) -> Result<()> {
    // The import creates it from the source's definition: the seeded one has other ids, and may be of another type.
    if let Some(users) = tx.schema().by_name("users").filter(|users| !users.is_system) {
        collections::delete(tx, users)?;
    }
    let mut definitions: Vec<Map<String, Value>> =
        source.collections().iter().map(|collection| collection.definition.clone()).collect();
    for (name, text) in source.violated_indexes()? {
        let is_it =
            |definition: &&mut Map<String, Value>| definition.get("name").and_then(Value::as_str) == Some(&name);
        let definition = definitions.iter_mut().find(is_it).and_then(|definition| definition.get_mut("indexes"));
        if let Some(Value::Array(indexes)) = definition {
            indexes.retain(|index| index.as_str() != Some(&text));
        }
        let why = "it is unique, was never made, and records violate it";
        report.differences.push(Difference::left_out(format!("the index {text:?} of {name}"), why));
    }
    for index in collections::take_over(tx, &mut definitions)? {
        let what = format!("the index {:?} of {}", index.definition, index.collection);
        report.differences.push(Difference::left_out(what, format!("it cannot be made: {}", index.reason)));
    }
    collections::keep_identity(tx, &source.identities())?;
    report.differences.extend(differences::of_definitions(source.collections(), &tx.schema()));
    Ok(())
}

fn in_use(why: &str) -> Error {
    Error::bad_request(format!(
        "The data folder is not empty: {why}. Import into a new one, which --dir names; it is made where it is missing."
    ))
}

fn bring_settings(tx: &WriteTx, source: &mut Source, options: &Options, report: &mut Report) -> Result<()> {
    let Some(document) = settings::read(source, options.source_key.as_ref())? else {
        report.settings = SettingsOutcome::Sealed;
        return Ok(());
    };
    report.uses_s3 = settings::uses_s3(&document);
    report.differences.extend(differences::of_settings(&document));
    if !options.skips_settings && !document.is_empty() {
        settings::apply(tx, options.own_key.as_ref(), &document)?;
        report.settings = SettingsOutcome::Brought;
    }
    Ok(())
}

struct Rows<'a, 'p> {
    tx: &'a WriteTx,
    done: u64,
    total: u64,
    /// Ids of superusers that are not imported.
    skipped_owners: HashSet<String>,
    report: &'a mut Report,
    on_progress: OnProgress<'p>,
}

impl Rows<'_, '_> {
    fn bring(&mut self, source: &mut Source) -> Result<()> {
        let schema = self.tx.schema();
        let names: Vec<String> = source.collections().iter().map(|collection| collection.name.clone()).collect();
        let stored: Vec<usize> = (0..names.len()).filter(|at| !source.collections()[*at].is_view).collect();
        for at in &stored {
            self.total += source.count(&names[*at])?;
        }
        // Superusers first: which of them are skipped decides about rows of other collections.
        let (first, rest): (Vec<usize>, Vec<usize>) = stored.iter().partition(|at| names[**at] == SUPERUSERS);
        for at in first.into_iter().chain(rest) {
            self.bring_table(source, &schema, at)?;
        }
        for view in source.collections().iter().filter(|collection| collection.is_view) {
            let brought = Brought { name: view.name.clone(), type_name: "view", is_system: view.is_system, records: 0 };
            self.report.collections.push(brought);
        }
        Ok(())
    }

    fn bring_table(&mut self, source: &mut Source, schema: &Schema, at: usize) -> Result<()> {
        let from = Arc::clone(&source.collections()[at]);
        let name = from.name.as_str();
        if SHORT_LIVED.contains(&name) {
            return self.leave_short_lived(source, name);
        }
        let missing = || Error::Internal(format!("the collection {name} was imported but is not there"));
        let into = schema.by_id(&from.id).or_else(|| schema.by_name(name)).cloned().ok_or_else(missing)?;
        let columns = columns_of(&from, &into);
        let names: Vec<&str> = columns.iter().flatten().copied().collect();
        let mut records = 0;
        source.visit(name, &names, |row| {
            let mut next = 0;
            let mut lent = |is_there: bool| {
                let value = is_there.then(|| row.get(next));
                next += usize::from(is_there);
                value
            };
            let values: Vec<db::Value> =
                into.fields.iter().zip(&columns).map(|(field, column)| stored(field, lent(column.is_some()))).collect();
            if self.takes(&into, &values)? {
                records::insert_as_stored(self.tx, &into, values)
                    .map_err(|error| refused_row(error, &into, &row.text(0)))?;
                records += 1;
            }
            self.step();
            Ok(())
        })?;
        let (name, type_name) = (name.to_owned(), into.kind.as_str());
        self.report.collections.push(Brought { name, type_name, is_system: from.is_system, records });
        Ok(())
    }

    fn leave_short_lived(&mut self, source: &mut Source, name: &str) -> Result<()> {
        let rows = source.count(name)?;
        self.done += rows;
        if rows > 0 {
            let what = format!("{rows} of {name}");
            self.report.differences.push(Difference::left_out(what, "sign-ins that were going on begin again"));
        }
        Ok(())
    }

    /// Whether a row is imported. A superuser who exists here keeps the password that was chosen here.
    fn takes(&mut self, into: &Arc<Collection>, values: &[db::Value]) -> Result<bool> {
        let text = |name: &str| match into.field_index(name).map(|at| &values[at]) {
            Some(db::Value::Text(text)) => text.as_str(),
            _ => "",
        };
        if LINKED.contains(&into.name.as_str()) {
            return Ok(!self.skipped_owners.contains(text("recordRef")));
        }
        if !into.is_superusers() {
            return Ok(true);
        }
        let (id, email) = (text("id"), text("email"));
        if email == INSTALLER {
            return Ok(false);
        }
        let is_here = records::find(self.tx, into, id)?.is_some()
            || records::find_first_by(self.tx, into, "email", email)?.is_some();
        if is_here {
            let what = format!("the superuser {email}");
            let why = "there is one here already, who keeps their password";
            self.report.differences.push(Difference::left_out(what, why));
            self.skipped_owners.insert(id.to_owned());
        }
        Ok(!is_here)
    }

    fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(ROWS_PER_STEP) || self.done == self.total {
            (self.on_progress)(Progress { done: self.done, total: self.total });
        }
    }
}

/// Returns for each field of `into` the column of the source that holds its values.
fn columns_of<'a>(from: &'a SourceCollection, into: &Collection) -> Vec<Option<&'a str>> {
    let column =
        |field: &Field| from.fields.iter().find(|known| known.name == field.name).map(|known| known.name.as_str());
    into.fields.iter().map(column).collect()
}

/// Converts a value to the form our column stores. Texts, numbers and JSON are kept exactly; values with a canonical
/// form, such as dates and lists, are converted to it.
fn stored(field: &Field, value: Option<ValueRef<'_>>) -> db::Value {
    let Some(value) = value else { return field.to_db(&field.zero()) };
    match (&field.kind, value) {
        (FieldKind::Json(_), value) | (FieldKind::Number(_), value @ (ValueRef::Integer(_) | ValueRef::Real(_))) => {
            ValueRef::to_owned(&value)
        }
        (_, value) => field.to_db(&field.from_db(value)),
    }
}

/// The id is the first field of every collection.
fn refused_row(error: Error, into: &Collection, id: &str) -> Error {
    match error {
        Error::Db(error @ (db::DbError::Constraint { .. } | db::DbError::Statement(_))) => {
            Error::bad_request(format!("The record {id} of {} cannot be stored here: {error}.", into.name))
        }
        other => other,
    }
}
