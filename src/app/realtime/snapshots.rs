//! Snapshots kept open for deleted records. They show the database as it was before the commit that deleted the records.

use crate::domain::tx::ReadTx;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many snapshots are kept at a time.
pub(super) const MAX_KEPT: usize = 8;

/// The open snapshots.
#[derive(Default)]
pub(super) struct Snapshots(Mutex<Open>);

#[derive(Default)]
struct Open {
    last_id: u64,
    by_id: HashMap<u64, ReadTx>,
}

/// A snapshot that ends when this is dropped, or earlier if the write-ahead log has grown too long.
pub(super) struct KeptSnapshot {
    id: u64,
    tx: ReadTx,
    all: Arc<Snapshots>,
}

impl Snapshots {
    /// Keeps the snapshot that `begin` opens. `None` if too many are open, or if `begin` cannot open one.
    pub fn keep(self: &Arc<Self>, begin: impl FnOnce() -> Option<ReadTx>) -> Option<KeptSnapshot> {
        let mut open = self.open();
        if open.by_id.len() >= MAX_KEPT {
            return None;
        }
        let tx = begin()?;
        open.last_id += 1;
        let id = open.last_id;
        open.by_id.insert(id, tx.clone());
        Some(KeptSnapshot { id, tx, all: Arc::clone(self) })
    }

    /// Ends all snapshots. Waits for statements that run on them, so cancel those first.
    pub fn release(&self) {
        let all: Vec<ReadTx> = self.open().by_id.drain().map(|(_, tx)| tx).collect();
        all.into_iter().for_each(end);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptSnapshot {
    /// `None` if the snapshot has ended.
    pub fn tx(&self) -> Option<&ReadTx> {
        self.all.open().by_id.contains_key(&self.id).then_some(&self.tx)
    }
}

impl Drop for KeptSnapshot {
    fn drop(&mut self) {
        let tx = self.all.open().by_id.remove(&self.id);
        tx.into_iter().for_each(end);
    }
}

fn end(tx: ReadTx) {
    if let Err(error) = tx.end() {
        tracing::debug!(%error, "a snapshot did not end");
    }
}

impl std::fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Snapshots")
    }
}

impl std::fmt::Debug for KeptSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptSnapshot")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing;

    #[test]
    fn what_is_released_early_has_ended_and_makes_room() {
        let (app, _folder) = testing::app();
        let shared = &app.0.shared;
        let begin = || ReadTx::begin(shared.readers.fast().reader().unwrap(), shared.start()).ok();
        let snapshots = Arc::<Snapshots>::default();
        let kept = [snapshots.keep(begin).unwrap(), snapshots.keep(begin).unwrap()];
        assert!(kept.iter().all(|kept| kept.tx().is_some()));
        assert!(shared.readers.fast().try_reader().is_none(), "both connections are lent");
        snapshots.release();
        assert!(kept.iter().all(|kept| kept.tx().is_none()));
        let again = snapshots.keep(begin).unwrap();
        drop(kept);
        assert!(again.tx().is_some());
    }
}
