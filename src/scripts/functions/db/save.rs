//! Saving a record of a script, with its files and with the rights of a caller.

use crate::domain::caller::RequestInfo;
use crate::domain::files::Uploads;
use crate::domain::model::Record;
use crate::domain::records::{self, Secret, Submitted};
use crate::domain::tx::{Source, WriteTx};
use crate::domain::{Error, Result, collections};
use crate::scripts::ambient::{self, Place};
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::host::{NewFile, Staged};
use crate::scripts::values::{Db, RecordParts, RecordState, RecordValue};
use rhai::Map;
use std::sync::Arc;

/// The longest id of a record with files, in bytes, as over HTTP.
const MAX_ID_WITH_FILES: usize = 80;

pub fn set_all(record: &RecordValue, values: &Map) -> Outcome<()> {
    values.iter().try_for_each(|(name, value)| record.set(name, value))
}

/// Saves a record and notes in it what was saved.
pub fn store(db: &Db, record: &RecordValue) -> Outcome<()> {
    match record.state() {
        RecordState::Changing => {
            return Err(problem("the record of the handler is saved when the handler has ended, without db.save"));
        }
        RecordState::New | RecordState::Stored => {}
        RecordState::Leaving
        | RecordState::Checked
        | RecordState::Written
        | RecordState::Past
        | RecordState::Shown
        | RecordState::Ended => {
            return Err(problem(
                "this record cannot be saved: read it again with db.find, change that one and save it",
            ));
        }
    }
    let files = record.take_files();
    if !files.is_empty() {
        return store_with_files(db, record, files);
    }
    let (parts, acting) = (record.parts(), db.acting.clone());
    let saved = ambient::write(move |tx| {
        let _acting = tx.because_of(Source::Script);
        save(tx, acting.as_deref(), &parts, Uploads::default())
    })?;
    record.saved(&saved);
    Ok(())
}

/// Saves a record with new files, which are removed again if it fails.
fn store_with_files(db: &Db, record: &RecordValue, files: Vec<Staged>) -> Outcome<()> {
    let frame = ambient::running("db.save")?;
    let Place::Outside(host) = &frame.place else {
        return Err(problem(
            "a record with new files cannot be saved inside a transaction: save it outside of db.transaction",
        ));
    };
    let (record_id, collection_id) = (record.settled_id(), record.collection().id.clone());
    if record_id.is_empty() || record_id.len() > MAX_ID_WITH_FILES {
        return Err(problem(format!("the id of a record with files must have 1 to {MAX_ID_WITH_FILES} bytes")));
    }
    let by_name = files.iter().map(|file| (file.name.clone(), file.upload.clone())).collect();
    let uploads = Uploads { record_id: record_id.clone(), by_name };
    let place = |staged| NewFile { collection_id: collection_id.clone(), record_id: record_id.clone(), staged };
    let (parts, acting) = (record.parts(), db.acting.clone());
    let (sender, receiver) = std::sync::mpsc::channel();
    let (file, generation) = (Arc::clone(&frame.file), frame.generation);
    let work = move |tx: &WriteTx| {
        file.with_own_hooks(tx, generation, |tx| {
            let _acting = tx.because_of(Source::Script);
            // The receiver exists until the call below returns.
            let _ = sender.send(save(tx, acting.as_deref(), &parts, uploads)?);
            Ok(())
        })
    };
    host.write_with_files(files.into_iter().map(place).collect(), Box::new(work)).map_err(of_domain)?;
    let saved = receiver.try_recv().map_err(|_| problem("the write ended without a result"))?;
    record.saved(&saved);
    Ok(())
}

/// Saves a record as it was read, or a new one.
fn save(tx: &WriteTx, acting: Option<&RequestInfo>, parts: &RecordParts, uploads: Uploads) -> Result<Arc<Record>> {
    let RecordParts { record: new, read, passwords } = parts;
    match (acting, read.as_deref()) {
        (Some(request), read) => save_for(tx, request, new, read, passwords, uploads),
        (None, None) => records::create_record(tx, new.as_ref().clone(), passwords, uploads),
        (None, Some(read)) => {
            let missing = || Error::bad_request(format!("the record {:?} was deleted meanwhile", read.id()));
            let stored = records::find(tx, &read.collection, read.id())?.ok_or_else(missing)?;
            records::update_record(tx, &stored, merged(&stored, new, read), passwords, uploads)
        }
    }
}

/// `stored` with the fields that the script has changed: others may have changed meanwhile.
fn merged(stored: &Record, new: &Record, read: &Record) -> Record {
    let mut merged = stored.clone();
    for (at, field) in new.collection.fields.iter().enumerate() {
        if new.values[at] != read.values[at] {
            merged.set(&field.name, new.values[at].clone());
        }
    }
    merged
}

/// Saves with the rights of a caller, as a request with the changed fields would.
fn save_for(
    tx: &WriteTx,
    request: &RequestInfo,
    new: &Record,
    read: Option<&Record>,
    passwords: &[(String, Secret)],
    uploads: Uploads,
) -> Result<Arc<Record>> {
    let collection = collections::current(tx, &new.collection)?;
    let blank = Record::blank(Arc::clone(&new.collection));
    let before = read.unwrap_or(&blank);
    let changed = new.collection.fields.iter().enumerate().filter(|(at, _)| new.values[*at] != before.values[*at]);
    let mut submitted =
        Submitted::new(changed.map(|(at, field)| (field.name.clone(), new.values[at].clone())).collect());
    submitted.uploads = uploads;
    for (name, secret) in passwords {
        submitted.values.insert(name.clone(), secret.plain.clone().into());
        submitted.values.insert(format!("{name}Confirm"), secret.plain.clone().into());
        submitted.secrets.hashes.insert(secret.plain.clone(), secret.hash.clone());
    }
    match read {
        Some(read) => records::update(tx, request, &collection, read.id(), &submitted),
        None => records::create(tx, request, &collection, &submitted),
    }
}
