//! Saving: the one way in which a row of a collection is created, changed or removed.
//!
//! Every change of a record takes the same steps in the same order, for a request, a batch, an import, a
//! sign-in, a cascade, a command.
//!
//! 1. **validate**: [`check`] turns a draft into a [`Ready`], which [`save`] takes. It needs no write transaction, so a
//!    rehearsal ends here. Changes that the server makes by itself begin with the next step: [`rewrite`],
//!    [`replace_hash`], [`remove`].
//! 2. **before**: [`before`] may still change the record.
//! 3. **write**: one statement. It may be refused by an index, a constraint or a trigger, and then has changed nothing.
//! 4. **effects**: [`announce`] leaves what `app` does after the commit.
//! 5. **after**: [`after`] changes other records that depend on this one, in the same transaction.
//!
//! Code that must run before or after every save belongs into [`before`] and [`after`]. Steps 2 to 5 run once; step 1 may run
//! more often, and without a write following it.
//!
//! What skips the steps, because it writes many rows that nobody follows one by one: [`insert_as_stored`],
//! [`remove_older`], and what a changed definition does to a whole table (`collections::ddl`).

use super::credentials::{self, Submitted};
use super::draft::{self, Draft};
use super::files::file_names;
use super::{store, validate};
use crate::base::clock::Timestamp;
use crate::base::password::Hash;
use crate::db::Value;
use crate::domain::Result;
use crate::domain::fields::Field;
use crate::domain::model::{BlobScope, Collection, Record};
use crate::domain::tx::{Action, Change, Effect, ReadTx, WriteTx};
use std::sync::Arc;

/// A record that may be saved: every check has passed. Only [`check`] makes one.
#[derive(Debug)]
pub struct Ready<'a> {
    draft: Draft,
    /// The record before an update.
    stored: Option<&'a Record>,
    submitted: &'a Submitted,
}

/// Checks the draft of a new record, or of a changed one if `stored` is given.
pub fn check<'a>(
    tx: &ReadTx,
    mut draft: Draft,
    stored: Option<&'a Record>,
    submitted: &'a Submitted,
) -> Result<Ready<'a>> {
    if stored.is_none() {
        // After the rule, so that the rule sees what the caller sent and no generated values.
        draft.generate_texts();
    }
    validate::validate(tx, &draft, submitted, stored)?.into_result(failed(Step::of(stored).action()))?;
    Ok(Ready { draft, stored, submitted })
}

/// Creates or updates a record.
pub fn save(tx: &WriteTx, ready: Ready<'_>) -> Result<Arc<Record>> {
    let Ready { mut draft, stored, submitted } = ready;
    credentials::seal(&mut draft, &submitted.secrets)?;
    Step::of(stored).run(tx, draft.record)
}

/// Stores a change that the server makes by itself, without checks. If it changes credentials, tokens, pending factors and
/// known origins are revoked.
pub fn rewrite(tx: &WriteTx, stored: &Record, mut record: Record) -> Result<Arc<Record>> {
    draft::stamp(&mut record, &tx.now().to_string(), false);
    Step::of(Some(stored)).run(tx, record)
}

/// Stores another hash of the same password. Nothing is revoked and no date changes.
pub fn replace_hash(tx: &WriteTx, stored: &Record, hash: Hash) -> Result<Arc<Record>> {
    let mut record = stored.clone();
    record.set("password", String::from(hash));
    Step::Update { stored, revokes: false }.run(tx, record)
}

/// Removes one record. What refers or belongs to it is the matter of [`delete`](super::delete).
pub(super) fn remove(tx: &WriteTx, record: Record) -> Result<()> {
    Step::Delete.run(tx, record).map(drop)
}

/// What happens to a record that has passed its checks.
#[derive(Clone, Copy)]
enum Step<'a> {
    Create,
    Update {
        stored: &'a Record,
        /// Whether changed credentials end what was signed in with the old ones.
        revokes: bool,
    },
    Delete,
}

impl<'a> Step<'a> {
    fn of(stored: Option<&'a Record>) -> Self {
        stored.map_or(Self::Create, |stored| Self::Update { stored, revokes: true })
    }

    fn run(self, tx: &WriteTx, mut record: Record) -> Result<Arc<Record>> {
        before(self, &mut record);
        let record = Arc::new(record);
        self.write(tx, &record)?;
        announce(self, tx, &record);
        after(self, tx, &record)?;
        Ok(record)
    }

    fn write(self, tx: &WriteTx, record: &Record) -> Result<()> {
        let written = match self {
            Self::Create => store::insert(tx, record),
            Self::Update { stored, .. } => store::update(tx, stored, record),
            Self::Delete => store::delete(tx, record),
        };
        written.map_err(|error| store::blame(error, &record.collection, failed(self.action())))
    }

    fn action(self) -> Action {
        match self {
            Self::Create => Action::Create,
            Self::Update { .. } => Action::Update,
            Self::Delete => Action::Delete,
        }
    }

    /// Whether the record is an account whose credentials this step replaces.
    fn revokes(self, record: &Record) -> bool {
        match self {
            Self::Update { stored, revokes } => {
                revokes && record.collection.is_auth() && credentials::is_changed(stored, record)
            }
            Self::Create | Self::Delete => false,
        }
    }
}

/// What runs before each save. It may change the record, which has passed its checks already: what is changed here to
/// something that a client may not send must be checked here.
fn before(step: Step<'_>, record: &mut Record) {
    if step.revokes(record) {
        credentials::refresh_token_key(record);
    }
}

/// What runs after each save, in its transaction.
fn after(step: Step<'_>, tx: &WriteTx, record: &Record) -> Result<()> {
    if step.revokes(record) {
        credentials::forget_factors(tx, record)?;
    }
    Ok(())
}

/// Leaves the effects of a save.
fn announce(step: Step<'_>, tx: &WriteTx, record: &Arc<Record>) {
    let drops_files = match step {
        Step::Create => false,
        Step::Update { stored, .. } => !file_names(stored).is_subset(&file_names(record)),
        Step::Delete => record.collection.fields.iter().any(Field::is_file),
    };
    if drops_files {
        let (collection_id, record_id) = (record.collection.id.clone(), record.id().to_owned());
        tx.effect(Effect::DropBlobs(BlobScope::Record { collection_id, record_id }));
    }
    tx.effect(Effect::RecordChanged(Change { action: step.action(), record: Arc::clone(record) }));
}

/// The message of an answer to a save that failed.
pub const fn failed(action: Action) -> &'static str {
    match action {
        Action::Create => "Failed to create record.",
        Action::Update => "Failed to update record.",
        Action::Delete => "Failed to delete record.",
    }
}

/// Inserts a row as it was stored elsewhere, without any step. `values` are in the order of the collection's fields. For
/// moving in from another installation, whose rows keep their exact form.
pub fn insert_as_stored(tx: &WriteTx, collection: &Collection, values: Vec<Value>) -> Result<()> {
    let inserted = store::insert_values(tx, collection, values.into_iter())?;
    tx.touch_rows(&collection.id, inserted);
    Ok(())
}

/// Removes the rows of the system collection `table` that belong to records of `owners` and were created before `time`,
/// in one statement and without any step. Each is a sign-in that nobody has finished in time.
pub fn remove_older(tx: &WriteTx, table: &Collection, owners: &Collection, time: Timestamp) -> Result<()> {
    store::delete_older(tx, table, owners, time)
}
