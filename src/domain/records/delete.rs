//! Deletes records, and updates or deletes the records that refer to them.

use super::create::refuse_view;
use super::{allow, check_open, credentials, missing, ruled_query, save, store, withheld};
use crate::domain::caller::RequestInfo;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{BELONGINGS, Collection, Record, RuleKind};
use crate::domain::tx::{Action, Moment, Source, WriteTx};
use crate::domain::{Error, Result};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

const BLOCKED: &str =
    "Failed to delete record. Make sure that the record is not part of a required relation reference.";

/// Deletes the record for the caller of `request`, if the delete rule holds for it. Fails with [`Error::NotFound`] if
/// the record is missing and if the rule does not hold, so that the two cannot be told apart.
pub fn delete(tx: &WriteTx, request: &RequestInfo, collection: &Arc<Collection>, id: &str) -> Result<()> {
    refuse_view(collection)?;
    check_open(request, collection, RuleKind::Delete)?;
    let record = store::find(tx, collection, id)?.ok_or_else(|| missing(collection, id))?;
    let schema = tx.schema();
    let conditions = ruled_query(&schema, tx, request, collection, RuleKind::Delete)?.finish()?;
    if !allow(tx, &conditions, id)? {
        return Err(withheld(request, collection, RuleKind::Delete, id));
    }
    refuse_last_superuser(tx, collection)?;
    let _acting = tx.on_behalf_of(request, &Arc::default());
    delete_unchecked(tx, record)
}

/// Deletes the record and applies all consequences, without checking a rule.
pub fn delete_unchecked(tx: &WriteTx, record: Record) -> Result<()> {
    Deletion::default().delete(tx, record)
}

/// Fails if this is the last superuser: at least one must be able to sign in.
pub fn refuse_last_superuser(tx: &WriteTx, collection: &Collection) -> Result<()> {
    if collection.is_superusers() && store::ids(tx, collection)?.len() <= 1 {
        return Err(Error::bad_request("You can't delete the only existing superuser."));
    }
    Ok(())
}

/// Deletes every record of a collection, and applies the consequences of each deletion. Fails for views and for superusers,
/// and if a record that must stay refers to one of these.
pub fn truncate(tx: &WriteTx, collection: &Arc<Collection>) -> Result<()> {
    if collection.is_view() {
        let message = "View collections cannot be truncated since they don't store their own records.";
        return Err(Error::bad_request(message));
    }
    let blocked = || {
        Error::bad_request(
            "Failed to truncate collection (most likely due to required cascade delete record references).",
        )
    };
    if collection.is_superusers() {
        return Err(blocked());
    }
    delete_all(tx, collection).map_err(|error| match error {
        Error::Invalid { .. } => blocked(),
        Error::Refused { answer, reason } if matches!(*answer, Error::Invalid { .. }) => blocked().because(reason),
        other => other,
    })
}

fn delete_all(tx: &WriteTx, collection: &Arc<Collection>) -> Result<()> {
    let mut deletion = Deletion::default();
    for id in store::ids(tx, collection)? {
        // An earlier deletion may have deleted this one too.
        if let Some(record) = store::find(tx, collection, &id)? {
            deletion.delete(tx, record)?;
        }
    }
    Ok(())
}

/// One deletion with its cascade: first the dependants, then the record itself. Uses a list of steps instead of
/// recursion, so that the length of a chain is not limited by the stack.
#[derive(Default)]
struct Deletion {
    /// (collection id, record id) of everything that is being deleted, so that cycles end.
    pending: HashSet<(String, String)>,
    steps: Vec<Step>,
}

/// Steps hold ids instead of records, because many large records may be deleted together.
enum Step {
    /// Updates or deletes the records that refer to this one.
    Release(Target),
    /// Removes the record. Nothing refers to it any more.
    Remove(Target),
}

struct Target {
    collection: Arc<Collection>,
    id: String,
    /// Whether this is the record that the deletion began with, for which the hooks before it have run.
    is_root: bool,
}

impl Deletion {
    fn delete(&mut self, tx: &WriteTx, record: Record) -> Result<()> {
        let Some(record) = save::before_removal(tx, record)? else { return Ok(()) };
        if tx.schema().relations_to(&record.collection.id).next().is_none() {
            self.remove(tx, record)?;
        } else {
            self.schedule(&record.collection, record.id(), true);
            drop(record);
        }
        while let Some(step) = self.steps.pop() {
            match step {
                Step::Release(target) => self.release(tx, target)?,
                Step::Remove(Target { collection, id, is_root }) => {
                    let _acting = (!is_root).then(|| tx.because_of(Source::Cascade));
                    if let Some(record) = store::find(tx, &collection, &id)? {
                        self.remove(tx, record)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn schedule(&mut self, collection: &Arc<Collection>, id: &str, is_root: bool) {
        if self.pending.insert((collection.id.clone(), id.to_owned())) {
            self.steps.push(Step::Release(Target { collection: Arc::clone(collection), id: id.to_owned(), is_root }));
        }
    }

    fn release(&mut self, tx: &WriteTx, target: Target) -> Result<()> {
        let schema = tx.schema();
        let (collection_id, id) = (target.collection.id.clone(), target.id.clone());
        let _acting = tx.because_of(Source::Cascade);
        if !target.is_root && tx.listens(Moment::Before, Action::Delete, &target.collection) {
            let Some(record) = store::find(tx, &target.collection, &id)? else { return Ok(()) };
            if save::before_removal(tx, record)?.is_none() {
                return Ok(());
            }
        }
        self.steps.push(Step::Remove(target));
        for (collection, field) in schema.relations_to(&collection_id) {
            self.release_from(tx, collection, field, &id)?;
        }
        Ok(())
    }

    /// Removes `id` from `field` of every record that contains it. If that would leave the field empty, a cascading
    /// relation deletes the record too, and a required one fails the whole deletion.
    fn release_from(&mut self, tx: &WriteTx, collection: &Arc<Collection>, field: &Field, id: &str) -> Result<()> {
        let FieldKind::Relation(options) = &field.kind else { return Ok(()) };
        for (referring_id, _) in store::referring(tx, collection, field, &[id.to_owned()])? {
            if self.pending.contains(&(collection.id.clone(), referring_id.clone())) {
                continue;
            }
            let Some(referring) = store::find(tx, collection, &referring_id)? else { continue };
            let value = without(referring.get(&field.name), id);
            let is_left_empty = matches!(&value, Value::String(text) if text.is_empty())
                || matches!(&value, Value::Array(ids) if ids.is_empty());
            if is_left_empty && options.cascade_delete {
                self.schedule(collection, &referring_id, false);
            } else if is_left_empty && field.is_required {
                return Err(Error::bad_request(BLOCKED));
            } else {
                let mut record = referring.clone();
                record.set(&field.name, value);
                save::rewrite(tx, &referring, record).map_err(blocked)?;
            }
        }
        Ok(())
    }

    /// Removes the record itself. What belongs to an account is removed after it.
    fn remove(&mut self, tx: &WriteTx, record: Record) -> Result<()> {
        let belongings = credentials::belongings(tx, &record, &BELONGINGS)?;
        save::remove(tx, record)?;
        for belonging in belongings {
            self.schedule(&belonging.collection, belonging.id(), false);
        }
        Ok(())
    }
}

/// The error for a deletion that failed because a record that refers to the deleted one could not be changed.
fn blocked(error: Error) -> Error {
    match error {
        Error::Invalid { issues, .. } => Error::Invalid { message: BLOCKED.into(), issues },
        Error::Refused { answer, reason } => Error::Refused { answer: Box::new(blocked(*answer)), reason },
        other => other,
    }
}

fn without(value: Option<&Value>, id: &str) -> Value {
    match value {
        Some(Value::Array(ids)) => Value::Array(ids.iter().filter(|present| *present != id).cloned().collect()),
        _ => Value::String(String::new()),
    }
}
