//! What happens to the other pieces of a batch when one fails.

use super::*;
use crate::app::testing;
use crate::app::{App, DATA_FILE};
use crate::db::{self, Sql};
use crate::domain::testing::object;
use serde_json::json;

type Work = Box<dyn FnOnce(&WriteTx) -> Result<()> + Send>;

/// The time limit of each piece.
const TIME: Duration = Duration::from_secs(1);

/// A lane whose batches run on the test's thread.
struct Driven {
    app: App,
    connection: Option<Box<dyn Connection>>,
    folder: tempfile::TempDir,
}

impl Driven {
    fn new() -> Self {
        let (app, folder) = testing::app();
        let mut connection = db::testing::writer(&folder.path().join(DATA_FILE));
        connection.execute_script("CREATE TABLE notes (text TEXT)").unwrap();
        Self { app, connection: Some(connection), folder }
    }

    /// Runs `works`, which all wait when the first batch begins. Returns the result of each and the number of batches.
    fn run(&mut self, works: Vec<Work>) -> (Vec<Result<()>>, usize) {
        let (sender, receiver) = channel();
        let mut outcomes = Vec::new();
        for work in works {
            let terms = Terms { need: Need::Ordinary, time: Some(TIME) };
            let (piece, outcome) = piece_of(terms, work);
            sender.send(piece).unwrap();
            outcomes.push(outcome);
        }
        let (mut seen, mut batches) = (None, 0);
        while let Ok(first) = receiver.try_recv() {
            let connection = self.connection.take().unwrap();
            self.connection = run_batch(connection, &self.app.0.shared, Some(first), &receiver, &mut seen);
            batches += 1;
        }
        (outcomes.into_iter().map(|mut outcome| outcome.try_recv().unwrap()).collect(), batches)
    }

    fn script(&mut self, text: &str) {
        self.connection.as_mut().unwrap().execute_script(text).unwrap();
    }

    fn notes(&mut self) -> Vec<String> {
        let mut notes = Vec::new();
        let sql = Sql::new("SELECT text FROM notes ORDER BY rowid");
        let mut keep = |row: crate::db::RowRef<'_>| {
            notes.push(row.text(0));
            Ok(())
        };
        self.connection.as_mut().unwrap().query(&sql, &mut keep).unwrap();
        notes
    }

    /// Allows no further page in the file.
    fn fill(&mut self) {
        self.script("PRAGMA max_page_count = 1");
    }
}

fn note(text: &'static str) -> Work {
    Box::new(move |tx| {
        let mut sql = Sql::new("INSERT INTO notes VALUES (");
        sql.bind(text).raw(")");
        tx.execute(&sql).map(drop)
    })
}

fn large(tx: &WriteTx) -> Result<()> {
    tx.execute(&Sql::new("INSERT INTO notes VALUES (zeroblob(1000000))")).map(drop)
}

fn is_full(outcome: &Result<()>) -> bool {
    matches!(outcome, Err(Error::Db(DbError::DiskFull)))
}

#[test]
fn what_the_engine_rolled_back_fails_as_a_whole_and_the_rest_begins_again() {
    let mut lane = Driven::new();
    lane.fill();
    let (outcomes, batches) = lane.run(vec![note("before"), Box::new(large), note("after"), note("and more")]);
    assert!(is_full(&outcomes[0]) && is_full(&outcomes[1]), "{outcomes:?}");
    assert!(outcomes[2].is_ok() && outcomes[3].is_ok(), "{outcomes:?}");
    assert_eq!((lane.notes(), batches), (vec!["after".to_owned(), "and more".to_owned()], 2));
}

#[test]
fn work_that_tolerates_a_failure_does_not_write_outside_of_its_transaction() {
    let mut lane = Driven::new();
    lane.fill();
    let tolerant: Work = Box::new(|tx| {
        tx.savepoint(|| large(tx)).unwrap_err();
        large(tx).unwrap_err();
        let _ = note("outside")(tx);
        Ok(())
    });
    let (outcomes, _) = lane.run(vec![note("before"), tolerant]);
    assert!(outcomes.iter().all(is_full), "{outcomes:?}");
    assert_eq!(lane.notes(), [""; 0]);
}

#[test]
fn a_statement_that_took_too_long_leaves_its_neighbours_with_an_error_that_says_try_again() {
    let mut lane = Driven::new();
    let endless: Work = Box::new(|tx| {
        let mut sql = Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ");
        sql.raw("INSERT INTO notes SELECT 'endless' FROM n");
        tx.within(Duration::from_millis(20), || tx.execute(&sql)).map(drop)
    });
    let (outcomes, _) = lane.run(vec![note("before"), endless, note("after")]);
    assert!(matches!(outcomes[0], Err(Error::Db(DbError::Busy))), "{outcomes:?}");
    assert!(matches!(outcomes[1], Err(Error::Db(DbError::Interrupted))), "{outcomes:?}");
    // The time limit ended with the piece that set it, although its transaction was lost.
    let many: Work = Box::new(|tx| {
        let mut sql = Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) ");
        sql.raw("INSERT INTO notes SELECT 'many' FROM n WHERE i > 99999");
        tx.execute(&sql).map(drop)
    });
    assert!(lane.run(vec![many]).0[0].is_ok());
    assert_eq!(lane.notes(), ["after", "many"]);
}

/// What a piece without time gets, whose neighbours keep their writes.
fn check_out_of_time(piece: Work) {
    let mut lane = Driven::new();
    let (outcomes, batches) = lane.run(vec![note("before"), piece, note("after")]);
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    let text = outcomes[1].as_ref().unwrap_err().to_string();
    assert!(text.contains("took too long and was undone"), "{text}");
    assert_eq!((lane.notes(), batches), (vec!["before".to_owned(), "after".to_owned()], 1));
    assert!(lane.run(vec![note("next")]).0[0].is_ok(), "the limit ended with its piece");
}

#[test]
fn a_piece_whose_statement_reads_for_too_long_harms_no_neighbour() {
    check_out_of_time(Box::new(|tx| {
        note("lost")(tx)?;
        tx.query_value(&Sql::new(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        ))
        .map(drop)
    }));
}

#[test]
fn a_piece_of_too_many_statements_harms_no_neighbour() {
    check_out_of_time(Box::new(|tx| {
        loop {
            tx.savepoint(|| note("lost")(tx))?;
        }
    }));
}

#[test]
fn a_statement_that_writes_may_end_after_the_time_of_its_piece() {
    let mut lane = Driven::new();
    // Takes a little longer than its time, and far less than the grace of statements that write, also on a busy machine.
    let slow: Work = Box::new(|tx| {
        let mut sql = Sql::new("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) ");
        sql.raw("INSERT INTO notes SELECT 'slow' FROM n WHERE i > 199999");
        tx.within(Duration::from_millis(20), || tx.execute(&sql)).map(drop)
    });
    let (outcomes, _) = lane.run(vec![note("before"), slow]);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(lane.notes(), ["before", "slow"]);
}

#[test]
fn a_panic_in_an_inner_savepoint_undoes_its_whole_piece() {
    let mut lane = Driven::new();
    let panics: Work = Box::new(|tx| {
        note("lost")(tx)?;
        tx.savepoint(|| -> Result<()> {
            note("lost, too")(tx)?;
            panic!("for the test");
        })
    });
    let (outcomes, _) = lane.run(vec![note("first"), panics, note("third")]);
    assert!(outcomes[1].is_err(), "{outcomes:?}");
    assert_eq!(lane.notes(), ["first", "third"]);
}

#[test]
fn a_panic_undoes_its_own_piece_only() {
    let mut lane = Driven::new();
    let panics: Work = Box::new(|tx| {
        note("lost")(tx)?;
        panic!("for the test");
    });
    let (outcomes, batches) = lane.run(vec![note("first"), panics, note("third")]);
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert!(matches!(&outcomes[1], Err(Error::Internal(cause)) if cause.contains("for the test")), "{outcomes:?}");
    assert_eq!((lane.notes(), batches), (vec!["first".to_owned(), "third".to_owned()], 1));
}

#[test]
fn a_failed_commit_fails_everyone_and_the_next_batch_commits() {
    let mut lane = Driven::new();
    lane.script("CREATE TABLE p (id INTEGER PRIMARY KEY)");
    lane.script("CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)");
    let dangling: Work = Box::new(|tx| tx.execute(&Sql::new("INSERT INTO c VALUES (7)")).map(drop));
    let (outcomes, _) = lane.run(vec![note("before"), dangling, note("after")]);
    assert!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
    assert_eq!(lane.notes(), [""; 0]);
    assert!(lane.run(vec![note("next")]).0[0].is_ok());
    assert_eq!(lane.notes(), ["next"]);
}

#[test]
fn a_schema_that_another_process_changed_is_seen_by_the_first_piece() {
    let mut lane = Driven::new();
    // Like a command that runs next to the server: nothing is published here.
    let other = testing::open(&lane.folder);
    let tx = WriteTx::begin(lane.connection.take().unwrap(), other.0.shared.start()).map_err(|(_, error)| error);
    let tx = tx.unwrap();
    crate::domain::collections::create(&tx, &object(json!({"name": "posts"}))).unwrap();
    lane.connection = tx.commit().0;
    let sees: Work = Box::new(|tx| {
        assert!(tx.schema().find("posts").is_some());
        Ok(())
    });
    assert!(lane.run(vec![sees]).0[0].is_ok());
    assert!(lane.app.schema().find("posts").is_some(), "published with the commit");
}

#[tokio::test]
async fn ordinary_writes_have_a_time_limit_and_long_ones_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let write_time = Duration::from_millis(50);
    let app = App::open(&crate::app::Options { write_time, ..testing::options(&folder) }).unwrap();
    // Takes some tenths of a second.
    let slow = |tx: &WriteTx| {
        let count =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n";
        tx.query_value(&Sql::new(count)).map(drop)
    };
    for outcome in [app.write(slow).await, app.write_making_room(slow).await] {
        assert!(outcome.unwrap_err().to_string().contains(TOOK_TOO_LONG));
    }
    app.write_long(slow).await.unwrap();
    app.write_long_making_room(slow).await.unwrap();
    let terms = Terms { need: Need::Ordinary, time: Some(Duration::from_mins(1)) };
    app.write_with_files_on(terms, Vec::new(), slow).await.unwrap();
}
