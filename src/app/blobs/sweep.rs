//! Removes files that no record names any more, in the background.
//!
//! A file is removed only after three steps in this order: the files are listed, files of writes in progress are
//! excluded, and the database is asked which of the rest are still named. A file that is added in the meantime is
//! therefore missing from the list, marked as in progress, or named by its record.

use super::{BlobError, staging};
use crate::app::App;
use crate::domain::model::{BlobKey, BlobScope};
use crate::domain::records;
use crate::domain::tx::ReadTx;
use std::collections::{BTreeMap, HashSet};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How many records are checked in one transaction.
const RECORD_BATCH: usize = 200;
/// If this many records of a collection have lost files, the collection's whole folder is swept instead.
const MAX_RECORDS: usize = 100;

/// Carries scopes from the commit to the sweep.
pub(in crate::app) struct Drops {
    sender: UnboundedSender<BlobScope>,
    receiver: Mutex<UnboundedReceiver<BlobScope>>,
}

impl Default for Drops {
    fn default() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self { sender, receiver: Mutex::new(receiver) }
    }
}

impl Drops {
    pub fn push(&self, scope: BlobScope) {
        // The receiver lives as long as the sender.
        let _ = self.sender.send(scope);
    }
}

impl App {
    /// Starts to remove files that are not named any more, and what uploads of an earlier run left behind. Only for the
    /// server: commands are short-lived and may run at the same time as it.
    pub fn start_files(&self) {
        staging::sweep(&self.0.places.folder);
        let app = self.clone();
        self.tasks().keep("files", move || app.clone().sweep_until_stopped());
    }

    async fn sweep_until_stopped(self) {
        let stopping = self.tasks().stopping();
        let mut drops = self.0.shared.drops.receiver.lock().await;
        loop {
            let first = tokio::select! {
                scope = drops.recv() => scope,
                () = stopping.cancelled() => drops.try_recv().ok(),
            };
            let Some(first) = first else { return };
            let mut scopes = HashSet::from([first]);
            while let Ok(scope) = drops.try_recv() {
                scopes.insert(scope);
            }
            for scope in widened(scopes) {
                if let Err(error) = self.sweep(&scope).await {
                    tracing::warn!(%error, ?scope, "files that are not needed any more could not be removed");
                }
            }
        }
    }

    async fn sweep(&self, scope: &BlobScope) -> Result<(), BlobError> {
        let store = self.blobs().files()?;
        let keys = store.list(&scope.prefix()).await?.into_iter().map(|meta| meta.key).collect();
        store.delete(self.unnamed(keys).await?).await
    }

    /// Returns which of `keys`, which were just listed, no record names.
    pub async fn unnamed(&self, keys: Vec<BlobKey>) -> Result<Vec<BlobKey>, BlobError> {
        let mut by_record = BTreeMap::<(String, String), Vec<StoredBlob>>::new();
        for key in keys {
            let Some((collection_id, record_id)) = key.record() else { continue };
            let Some(original) = key.original().filter(|original| !self.0.places.in_flight.contains(original)) else {
                continue;
            };
            let ids = (collection_id.to_owned(), record_id.to_owned());
            by_record.entry(ids).or_default().push(StoredBlob { key, original });
        }
        let mut unnamed = Vec::new();
        let groups: Vec<_> = by_record.into_iter().collect();
        for groups in groups.chunks(RECORD_BATCH) {
            let groups = groups.to_vec();
            let found = self.read(move |tx| unnamed_in(tx, &groups)).await;
            unnamed.extend(
                found.map_err(|error| BlobError::Other(format!("cannot tell which files are needed: {error}")))?,
            );
        }
        Ok(unnamed)
    }
}

#[derive(Clone)]
struct StoredBlob {
    key: BlobKey,
    /// The key of the file that it belongs to.
    original: BlobKey,
}

/// The blobs in the folder of a record, with the ids of collection and record.
type Group = ((String, String), Vec<StoredBlob>);

fn unnamed_in(tx: &ReadTx, groups: &[Group]) -> crate::domain::Result<Vec<BlobKey>> {
    let schema = tx.schema();
    let mut unnamed = Vec::new();
    for ((collection_id, record_id), blobs) in groups {
        let record = match schema.by_id(collection_id).filter(|collection| !collection.is_view()) {
            Some(collection) => records::find(tx, collection, record_id)?,
            None => None,
        };
        let named = record.as_ref().map(records::file_names).unwrap_or_default();
        let gone = blobs.iter().filter(|blob| !named.contains(blob.original.name()));
        unnamed.extend(gone.map(|blob| blob.key.clone()));
    }
    Ok(unnamed)
}

/// Replaces many records of one collection by the whole collection.
fn widened(scopes: HashSet<BlobScope>) -> Vec<BlobScope> {
    let mut counts = BTreeMap::<String, usize>::new();
    for scope in &scopes {
        let (BlobScope::Record { collection_id, .. } | BlobScope::Collection { collection_id }) = scope;
        let weight = if matches!(scope, BlobScope::Collection { .. }) { MAX_RECORDS + 1 } else { 1 };
        *counts.entry(collection_id.clone()).or_default() += weight;
    }
    let is_whole = |id: &str| counts.get(id).is_some_and(|count| *count > MAX_RECORDS);
    let mut wide: Vec<_> = scopes
        .into_iter()
        .filter(|scope| !matches!(scope, BlobScope::Record { collection_id, .. } if is_whole(collection_id)))
        .collect();
    let known: HashSet<BlobScope> = wide.iter().cloned().collect();
    let whole = counts.iter().filter(|(_, count)| **count > MAX_RECORDS);
    wide.extend(
        whole.map(|(id, _)| BlobScope::Collection { collection_id: id.clone() }).filter(|scope| !known.contains(scope)),
    );
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_records_are_swept_as_their_collection() {
        let record = |collection: &str, at: usize| BlobScope::Record {
            collection_id: collection.to_owned(),
            record_id: at.to_string(),
        };
        let whole = BlobScope::Collection { collection_id: "many".to_owned() };
        let mut scopes: HashSet<_> = (0..=MAX_RECORDS).map(|at| record("many", at)).collect();
        scopes.insert(record("few", 1));
        let wide: HashSet<_> = widened(scopes).into_iter().collect();
        assert_eq!(wide, HashSet::from([whole.clone(), record("few", 1)]));
        let wide = widened(HashSet::from([whole.clone(), record("many", 1)]));
        assert_eq!(wide, [whole]);
    }
}
