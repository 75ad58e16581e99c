//! The write-ahead log stays short whatever is read. The engine's part is in `db/sqlite/upkeep.rs`.

use super::*;
use crate::app::{App, DATA_FILE, testing};
use crate::db::{self, DbError, Sql};
use crate::domain::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};

/// Far longer than it takes to give the log's space back.
const TIMEOUT: Duration = Duration::from_mins(1);
/// The largest size of the log, in bytes, whatever is read.
const BOUND: u64 = 64 * 1000 * 1000;
const MIB: u64 = 1024 * 1024;
/// How much is written between two attempts to start the log over.
const MAX_RETRY_BYTES: u64 = 16 * MIB;
/// More steps than any read of a test can finish.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
const SHORT: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) SELECT count(*) FROM n, (SELECT count(*) FROM notes)";

async fn app() -> (App, tempfile::TempDir) {
    let (app, folder) = testing::app();
    app.write(|tx| tx.execute(&Sql::new("CREATE TABLE notes (text TEXT)"))).await.unwrap();
    (app, folder)
}

/// Commits a megabyte.
async fn write(app: &App) {
    let mut sql = Sql::new("INSERT INTO notes VALUES (");
    sql.bind("x".repeat(1_000_000)).raw(")");
    app.write(move |tx| tx.execute(&sql)).await.unwrap();
}

/// Writes at most as much as may be written before the next attempt and while pages are copied.
async fn write_until_it_starts_over(app: &App) {
    let log_bytes = || db::testing::log_bytes(&app.0.data_dir.join(DATA_FILE));
    let began = log_bytes();
    let max_written = MAX_RETRY_BYTES + u64::midpoint(began, MAX_RETRY_BYTES) + 2 * MIB;
    for _ in 0..max_written / 1_000_000 {
        write(app).await;
        if log_bytes() < began {
            return;
        }
    }
    panic!("the log holds {} bytes", log_bytes());
}

fn log_file_bytes(folder: &tempfile::TempDir) -> u64 {
    std::fs::metadata(folder.path().join("data.db-wal")).unwrap().len()
}

#[tokio::test]
async fn reads_that_overlap_do_not_keep_the_log_growing() {
    let (app, folder) = app().await;
    let is_over = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (app, is_over) = (app.clone(), Arc::clone(&is_over));
            thread::spawn(move || {
                while is_over.load(Ordering::Relaxed) == 0 {
                    app.read_now(|tx| tx.query_value(&Sql::new(SHORT))).unwrap();
                }
            })
        })
        .collect();
    let mut max = 0;
    for _ in 0..150 {
        write(&app).await;
        max = max.max(log_file_bytes(&folder));
    }
    is_over.store(1, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
    assert!(max < BOUND, "{max}");
}

#[tokio::test]
async fn a_slow_read_is_run_again_before_the_log_grows_too_long() {
    let (app, folder) = app().await;
    let runs = Arc::new(AtomicU64::new(0));
    let (reading, counter) = (app.clone(), Arc::clone(&runs));
    let slow = thread::spawn(move || {
        reading.read_now(|tx| {
            let is_last = counter.fetch_add(1, Ordering::Relaxed) == 2;
            if is_last { Ok(None) } else { tx.query_value(&Sql::new(ENDLESS)) }
        })
    });
    let (mut max, mut written) = (0, 0);
    while !slow.is_finished() && written < 400 {
        write(&app).await;
        written += 1;
        max = max.max(log_file_bytes(&folder));
    }
    assert!(max < BOUND, "{max}");
    assert_eq!(runs.load(Ordering::Relaxed), 3, "after {written} MB");
    assert_eq!(slow.join().unwrap().unwrap(), None);
}

#[tokio::test]
async fn the_time_of_a_read_is_counted_over_all_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let query_time = std::time::Duration::from_millis(400);
    let app = App::open(&crate::app::Options { query_time, ..testing::options(&folder) }).unwrap();
    let reading = app.clone();
    let slow = thread::spawn(move || reading.read_now(|tx| tx.query_value(&Sql::new(ENDLESS))));
    let began = std::time::Instant::now();
    while !slow.is_finished() {
        app.0.shared.gate.close().cancel_snapshots();
        assert!(began.elapsed().as_secs() < 20, "it is run again and again");
        thread::yield_now();
    }
    let outcome = slow.join().unwrap();
    assert!(matches!(outcome, Err(Error::Db(DbError::Interrupted))), "{outcome:?}");
}

#[tokio::test]
async fn a_snapshot_of_another_process_refuses_no_write_and_the_log_starts_over_when_it_ends() {
    let (app, folder) = app().await;
    // Not controlled by the gate.
    let mut foreign = db::testing::reader(&folder.path().join(DATA_FILE));
    foreign.begin_read().unwrap();
    for _ in 0..80 {
        write(&app).await;
    }
    assert!(log_file_bytes(&folder) > 80_000_000, "nothing of it may be lost to the snapshot");
    foreign.commit().unwrap();
    drop(foreign);
    write_until_it_starts_over(&app).await;
}

#[tokio::test]
async fn the_log_is_given_back_when_nothing_is_written() {
    let (app, folder) = app().await;
    for _ in 0..20 {
        write(&app).await;
    }
    assert!(log_file_bytes(&folder) > 10 * MIB);
    let mut upkeep = app.0.shared.engine.upkeep().unwrap();
    // The lane does the same about every second. One of the two may find that the other is doing it.
    let began = Instant::now();
    while began.elapsed() < TIMEOUT {
        upkeep.at_rest(&*app.0.shared);
        thread::yield_now();
        if log_file_bytes(&folder) == 0 {
            return;
        }
    }
    panic!("the log still takes {} bytes", log_file_bytes(&folder));
}

#[tokio::test]
async fn one_large_transaction_is_given_back_after_it() {
    let (app, folder) = app().await;
    app.write(|tx| {
        let mut sql = Sql::new("INSERT INTO notes SELECT printf('%.*c', 1000000, 'x') FROM json_each(");
        sql.bind(format!("[{}0]", "0,".repeat(99))).raw(")");
        tx.execute(&sql)
    })
    .await
    .unwrap();
    assert!(log_file_bytes(&folder) > 100_000_000);
    write_until_it_starts_over(&app).await;
    // The first commit after that truncates the file to its limit.
    let log = log_file_bytes(&folder);
    assert!(log < BOUND, "{log}");
}

#[tokio::test]
async fn many_short_reads_do_not_keep_the_log_growing() {
    /// Enough reads for a snapshot to be held open between commits.
    const BUSY: u64 = 64;
    let (app, folder) = app().await;
    for _ in 0..20 {
        for _ in 0..=BUSY {
            app.read(|tx| tx.query_value(&Sql::new("SELECT count(*) FROM notes"))).await.unwrap();
        }
        let mut sql = Sql::new("INSERT INTO notes VALUES (");
        sql.bind("x".repeat(4_000_000)).raw(")");
        app.write(move |tx| tx.execute(&sql)).await.unwrap();
    }
    let log = log_file_bytes(&folder);
    assert!(log < 48 * MIB, "{log}");
}
