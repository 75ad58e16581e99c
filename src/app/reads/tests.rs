//! Which reads wait for which others. Slow reads are statements that never end by themselves.

use super::*;
use crate::app::testing;
use crate::db::{Sql, Value};
use std::net::IpAddr;
use std::sync::atomic::AtomicU32;
use tokio::task::JoinHandle;

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

fn guest(app: &App, network: u8) -> App {
    app.asked_by(&Caller::Anonymous, IpAddr::from([10, 0, network, 1]).into())
}

/// A read that only ends when it is interrupted. `began` counts how many have begun with time left.
fn endless(app: App, began: &Arc<AtomicU32>) -> JoinHandle<Result<Option<Value>>> {
    let began = Arc::clone(began);
    tokio::spawn(async move {
        app.read(move |tx| {
            if tx.has_time() {
                began.fetch_add(1, Ordering::SeqCst);
            }
            tx.query_value(&Sql::new(ENDLESS))
        })
        .await
    })
}

/// Waits until `condition` holds, which it must eventually.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_reads_wait_for_no_slow_one() {
    let (app, _folder) = testing::app();
    let began = Arc::default();
    let slow: Vec<_> = (0..40).map(|at| endless(guest(&app, at % 8), &began)).collect();
    until(|| began.load(Ordering::SeqCst) >= 3).await;
    for _ in 0..200 {
        let one = guest(&app, 1).read(|tx| tx.query_value(&Sql::new("SELECT 1"))).await.unwrap();
        assert_eq!(one, Some(Value::Integer(1)));
    }
    assert!(slow.iter().all(|slow| !slow.is_finished()), "the slow ones still run or wait");
    slow.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_takes_all_it_gets_leaves_a_turn_to_others_and_to_superusers() {
    let (app, _folder) = testing::app();
    let began = Arc::default();
    let slow: Vec<_> = (0..30).map(|_| endless(guest(&app, 1), &began)).collect();
    until(|| began.load(Ordering::SeqCst) >= 4).await;
    // Longer than the time on a fast connection, shorter than a brief turn.
    let brief = |tx: &ReadTx| {
        if tx.has_time() { tx.query_value(&Sql::new("SELECT 1")) } else { Err(DbError::Interrupted.into()) }
    };
    guest(&app, 2).read(brief).await.unwrap();
    let more: Vec<_> = (3..9).map(|network| endless(guest(&app, network), &began)).collect();
    let superuser = App(Arc::clone(&app.0), Requester::Superuser(IpAddr::from([10, 0, 9, 1])));
    superuser.read(brief).await.unwrap();
    assert!(slow.iter().chain(&more).all(|slow| !slow.is_finished()));
    slow.iter().chain(&more).for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_that_wait_are_told_so_and_by_client() {
    let (app, _folder) = testing::app();
    let began = Arc::default();
    let mut slow: Vec<_> = (0..MAX_WAITING_PER_REQUESTER + 20).map(|_| endless(guest(&app, 1), &began)).collect();
    let refused = loop {
        if let Some(at) = slow.iter().position(JoinHandle::is_finished) {
            break slow.swap_remove(at).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert!(matches!(refused, Err(Error::TooManyRequests { retry_after_seconds: Some(_), .. })), "{refused:?}");
    let other = endless(guest(&app, 2), &began);
    let before = began.load(Ordering::SeqCst);
    until(|| began.load(Ordering::SeqCst) > before).await;
    assert!(!other.is_finished(), "another client is not refused");
    slow.iter().chain([&other]).for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_nobody_waits_for_ends_and_leaves_its_turn() {
    let (app, _folder) = testing::app();
    let began = Arc::default();
    let client = || guest(&app, 1);
    for round in 1..=5 {
        // Brief first, then long: each round takes every turn of the client, and only two run at the same time.
        let slow: Vec<_> = (0..2).map(|_| endless(client(), &began)).collect();
        until(|| began.load(Ordering::SeqCst) >= round * 4).await;
        slow.iter().for_each(JoinHandle::abort);
    }
    let after = client().read(|tx| if tx.has_time() { Ok(()) } else { Err(DbError::Interrupted.into()) }).await;
    after.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_one_step_of_the_engine_takes_long_for_are_read_elsewhere() {
    let (app, _folder) = testing::app();
    let client = guest(&app, 1);
    let is_elsewhere = async |bytes: usize| {
        let mut sql = Sql::new("SELECT LENGTH(LOWER(");
        sql.bind("A".repeat(bytes)).raw("))");
        let read = client.read(move |tx| {
            let has_time = tx.has_time();
            Ok((tx.query_value(&sql)?, has_time))
        });
        let (length, had_time) = read.await.unwrap();
        assert_eq!(length, Some(Value::Integer(bytes as i64)));
        had_time
    };
    assert!(is_elsewhere(5_000_000).await);
    // A thread that has to wait for its processor in the middle of a short read makes that one slow as well.
    let mut tries = 1;
    while is_elsewhere(1_000).await {
        tries += 1;
        assert!(tries < 1000, "a short read is never done on the first try");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_reads_need_no_turn() {
    let (app, _folder) = testing::app();
    let began = Arc::default();
    let slow: Vec<_> = (0..40).map(|at| endless(guest(&app, at), &began)).collect();
    until(|| began.load(Ordering::SeqCst) >= 3).await;
    app.read(|tx| if tx.has_time() { Ok(()) } else { Err(DbError::Interrupted.into()) }).await.unwrap();
    assert!(slow.iter().all(|slow| !slow.is_finished()));
    slow.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_panics_leaves_its_connection_to_others() {
    let (app, _folder) = testing::app();
    for _ in 0..10 {
        let panicking = app.clone();
        let outcome = tokio::spawn(async move {
            panicking
                .read(|tx| -> Result<()> { panic!("for the test, {:?}", tx.query_value(&Sql::new("SELECT 1"))) })
                .await
        });
        assert!(outcome.await.unwrap_err().is_panic());
    }
    assert_eq!(app.read(|tx| tx.query_value(&Sql::new("SELECT 1"))).await.unwrap(), Some(Value::Integer(1)));
    assert!(app.0.shared.readers.fast().try_reader().is_some());
}
