//! Shared by the tests of the domain: a database with the initial collections, and short ways to make collections,
//! records and requests.

use super::caller::{Caller, RequestInfo};
use super::model::{Collection, Record, Schema};
use super::records::{self, Submitted};
use super::tx::{Counts, Start, WriteTx};
use super::{Error, Issues, collections};
use crate::base::clock::Timestamp;
use crate::base::password;
use crate::db::migrate::{self, Target};
use crate::db::testing::Strict;
use crate::db::{self, Connection};
use serde_json::{Map, Value};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// A fixed time, 2026-01-02 03:04:05.006.
pub const NOW_MILLIS: i64 = 1_767_323_045_006;

/// An open write transaction on a new database. Both are discarded on drop.
pub struct TestTx {
    tx: WriteTx,
    counts: Arc<Counts>,
    // Declared after `tx`, so that the file is closed before its folder is removed.
    folder: tempfile::TempDir,
}

impl Deref for TestTx {
    type Target = WriteTx;

    fn deref(&self) -> &WriteTx {
        &self.tx
    }
}

impl TestTx {
    /// Commits, and begins another transaction on the same database.
    pub fn next(self) -> Self {
        let Self { tx, counts, folder } = self;
        let (connection, committed) = tx.commit();
        let committed = committed.unwrap();
        counts.written(committed.touched.iter().map(|(id, added)| (id.as_str(), *added)));
        Self { tx: begin(connection.unwrap(), committed.schema, &counts), counts, folder }
    }
}

fn begin(connection: Box<dyn Connection>, schema: Arc<Schema>, counts: &Arc<Counts>) -> WriteTx {
    let now = Timestamp::from_millis(NOW_MILLIS);
    let start =
        Start { schema, now, as_of: counts.latest(), counts: Arc::clone(counts), hooks: None, active_endpoints: None };
    WriteTx::begin(connection, start).map_err(|(_, error)| error).unwrap()
}

/// A database with the system collections and `users`. The connection is [`Strict`]: a failure that is tolerated outside of
/// a savepoint fails the test.
pub fn seeded() -> TestTx {
    seeded_on(|connection| Box::new(Strict::new(connection)))
}

/// [`seeded`] on an ordinary connection, for tests of what is left after a statement has failed.
pub fn seeded_tolerant() -> TestTx {
    seeded_on(|connection| connection)
}

fn seeded_on(wrap: fn(Box<dyn Connection>) -> Box<dyn Connection>) -> TestTx {
    let (mut connection, folder) = db::testing::scratch();
    migrate::run(connection.as_mut(), Target::Data).unwrap();
    let counts = Arc::default();
    let tx = begin(wrap(connection), Arc::default(), &counts);
    collections::seed(&tx).unwrap();
    let schema = collections::load(&tx).unwrap();
    tx.set_schema(schema);
    TestTx { tx, counts, folder }
}

/// How long this thread has computed. Unlike a clock it stands still while other programs and tests use the processor. A clock
/// where the system does not tell.
pub fn cpu_time() -> Duration {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGIN.elapsed(), Duration::from_nanos)
}

pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// Creates a collection from the JSON that a superuser would send.
pub fn collection(tx: &WriteTx, json: Value) -> Arc<Collection> {
    collections::create(tx, &object(json)).unwrap_or_else(|error| panic!("{error}"))
}

/// Creates a record without checking rules.
pub fn record(tx: &WriteTx, collection: &str, json: Value) -> Arc<Record> {
    let collection = collections::find(tx, collection).unwrap();
    let submitted = submitted(&collection, json);
    records::create_unchecked(tx, &collection, &submitted).unwrap_or_else(|error| panic!("{error}"))
}

/// The values of a write, with the hashes of their passwords.
pub fn submitted(collection: &Collection, json: Value) -> Submitted {
    let mut submitted = Submitted::new(object(json));
    for plain in records::plain_passwords(collection, &submitted.values) {
        let hash = password::hash(&plain);
        submitted.secrets.hashes.insert(plain, hash);
    }
    submitted
}

pub fn guest() -> RequestInfo {
    RequestInfo::of(Caller::Anonymous)
}

pub fn user(record: &Arc<Record>) -> RequestInfo {
    RequestInfo::of(Caller::Record(Arc::clone(record)))
}

/// A superuser that is not stored.
pub fn superuser(tx: &WriteTx) -> RequestInfo {
    let collection = collections::find(tx, super::model::SUPERUSERS).unwrap();
    RequestInfo::of(Caller::Superuser(Arc::new(Record::blank(collection))))
}

/// The issues of a 400. Panics on any other outcome.
pub fn issues<T: std::fmt::Debug>(outcome: super::Result<T>) -> Issues {
    match outcome {
        Err(Error::Invalid { issues, .. }) => issues,
        Err(Error::Refused { answer, .. }) => issues::<T>(Err(*answer)),
        other => panic!("not a refusal: {other:?}"),
    }
}
