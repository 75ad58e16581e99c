//! The thresholds, with simulated free space. `tests/it/full_disk.rs` fills a real small file system.

use super::*;
use crate::app::testing;
use crate::db::Sql;

/// A system whose free disk space the test sets.
struct Small {
    app: App,
    _folder: tempfile::TempDir,
}

impl Small {
    async fn new() -> Self {
        let (app, folder) = testing::app();
        app.write(|tx| tx.execute(&Sql::new("CREATE TABLE notes (text TEXT)"))).await.unwrap();
        let small = Self { app, _folder: folder };
        small.has(100 * small.disk().margin);
        small
    }

    fn disk(&self) -> &Disk {
        &self.app.0.shared.disk
    }

    /// Sets the free space in bytes.
    fn has(&self, bytes: u64) {
        self.disk().pretended.store(bytes, Ordering::Relaxed);
    }

    async fn insert(&self, bytes: usize) -> Result<usize> {
        let mut sql = Sql::new("INSERT INTO notes VALUES (");
        sql.bind("x".repeat(bytes)).raw(")");
        self.app.write(move |tx| tx.execute(&sql)).await
    }

    async fn delete(&self) -> Result<usize> {
        self.app.write_making_room(|tx| tx.execute(&Sql::new("DELETE FROM notes"))).await
    }

    async fn check(&self) -> bool {
        self.app.check_disk().await;
        self.app.disk().is_full
    }
}

fn is_refused<T: std::fmt::Debug>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Db(DbError::DiskFull)))
}

#[tokio::test]
async fn what_grows_leaves_the_margin_and_what_does_not_may_use_it() {
    let small = Small::new().await;
    let margin = small.disk().margin;
    small.insert(400_000).await.unwrap();
    assert!(!small.app.disk().is_full);
    // Not enough for the margin and twice the size, once in the log and once in the file.
    small.has(margin + 1_000_000);
    let outcome = small.insert(600_000).await;
    assert!(is_refused(&outcome), "{outcome:?}");
    assert!(small.app.disk().is_full);
    small.delete().await.unwrap();
    // The deleted rows have left unused pages in the file.
    small.insert(300_000).await.unwrap();
}

#[tokio::test]
async fn a_write_that_does_not_fit_undoes_itself_and_no_neighbour() {
    let small = Small::new().await;
    small.has(small.disk().margin + 1_000_000);
    let (before, large, after) = tokio::join!(small.insert(10), small.insert(2_000_000), small.insert(10));
    assert!(before.is_ok() && after.is_ok() && is_refused(&large), "{large:?}");
    let count = small.app.read(|tx| tx.query_value(&Sql::new("SELECT count(*) FROM notes"))).await.unwrap();
    assert_eq!(count, Some(crate::db::Value::Integer(2)));
}

#[tokio::test]
async fn the_reserve_is_given_up_for_deletions_and_comes_back() {
    let small = Small::new().await;
    let margin = small.disk().margin;
    small.check().await;
    assert_eq!(small.app.disk().reserve_bytes, margin);
    small.insert(10).await.unwrap();
    small.has(0);
    assert!(is_refused(&small.insert(10).await));
    assert_eq!(small.app.disk().reserve_bytes, margin, "what adds to the database does not get it");
    small.delete().await.unwrap();
    assert_eq!(small.app.disk().reserve_bytes, 0);
    assert!(small.check().await);
    small.has(10 * margin);
    assert!(!small.check().await, "there is room again");
    assert_eq!(small.app.disk().reserve_bytes, margin);
    small.insert(10).await.unwrap();
}

#[tokio::test]
async fn room_inside_the_file_counts_and_a_full_disk_is_noticed_before_anyone_writes() {
    let small = Small::new().await;
    let margin = small.disk().margin;
    small.check().await;
    let rows = usize::try_from(2 * margin).unwrap();
    small.insert(rows).await.unwrap();
    small.has(margin + margin / 2);
    assert!(small.check().await);
    small.delete().await.unwrap();
    assert!(!small.check().await);
}

#[tokio::test]
async fn uploads_stop_two_margins_before_the_end() {
    let small = Small::new().await;
    let margin = small.disk().margin;
    small.has(2 * margin + 1_000_000);
    assert!(small.app.check_room_for_upload(900_000).is_ok());
    assert!(matches!(small.app.check_room_for_upload(1_100_000), Err(Error::NoRoom(_))));
    let mut staging = small.app.stage().unwrap();
    staging.write(&[0; 1024]).await.unwrap();
    small.has(2 * margin - 1);
    let chunk = vec![0; 300 * 1024];
    assert!(matches!(staging.write(&chunk).await, Err(Error::NoRoom(_))));
    assert!(matches!(small.app.stage(), Err(Error::NoRoom(_))));
    assert!(small.app.disk().is_full);
}
