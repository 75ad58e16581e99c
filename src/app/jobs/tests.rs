use super::*;
use crate::app::testing;
use crate::domain::jobs::State;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, mpsc};

const TIME: Duration = Duration::from_mins(1);

/// A worker that hands over each payload and then does as it says: "fail", "panic", anything else succeeds.
fn reporting(name: &str) -> (Arc<Worker>, mpsc::UnboundedReceiver<Job>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let worker = Worker::new(name, 2, TIME, move |_, job: Job| {
        sender.send(job.clone()).unwrap();
        async move {
            match job.payload.as_str() {
                Some("fail") => Err(Failure::new("as asked")),
                Some("panic") => panic!("for the test"),
                _ => Ok(()),
            }
        }
    });
    (Arc::new(worker), receiver)
}

async fn next(receiver: &mut mpsc::UnboundedReceiver<Job>) -> Job {
    tokio::time::timeout(TIME, receiver.recv()).await.expect("a job runs in time").unwrap()
}

/// Waits until the queue holds these jobs, each as `payload state error`.
async fn holds(app: &App, expected: &[(&str, State, &str)]) {
    let matches = async {
        loop {
            let (jobs, _) = app.list_queue(Selection::default(), 1, 100).await.unwrap();
            let mut found: Vec<_> = jobs
                .iter()
                .map(|job| (job.payload.as_str().unwrap_or_default(), job.state, job.error.as_str()))
                .collect();
            found.sort_by_key(|(payload, ..)| *payload);
            if found == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(TIME, matches).await.expect("the queue becomes as expected");
}

#[tokio::test]
async fn a_job_runs_after_its_commit_and_one_of_a_failed_write_does_not() {
    let (app, _folder) = testing::app();
    let (worker, mut done) = reporting("note");
    app.set_workers([worker]);
    app.start_jobs();
    let undone: Result<()> = app
        .write(|tx| {
            jobs::enqueue(tx, &NewJob::new("note", json!("undone")))?;
            Err(Error::generic())
        })
        .await;
    assert!(undone.is_err());
    app.enqueue(NewJob::new("note", json!("kept"))).await.unwrap();
    assert_eq!(next(&mut done).await.payload, json!("kept"));
    holds(&app, &[]).await;
}

#[tokio::test]
async fn failures_and_panics_are_tried_again_and_keep_their_reason() {
    let (app, _folder) = testing::app();
    let (worker, mut done) = reporting("note");
    app.set_workers([worker]);
    app.start_jobs();
    let once = NewJob { max_attempts: 1, ..NewJob::new("note", json!("fail")) };
    let id = app.enqueue(once).await.unwrap().id;
    assert_eq!(next(&mut done).await.attempts, 1);
    app.enqueue(NewJob::new("note", json!("panic"))).await.unwrap();
    next(&mut done).await;
    holds(&app, &[("fail", State::Failed, "as asked"), ("panic", State::Waiting, "the job panicked")]).await;

    let again = id.clone();
    app.write(move |tx| jobs::retry(tx, &again)).await.unwrap();
    let job = next(&mut done).await;
    assert_eq!((job.id, job.attempts), (id, 1), "the same job, with all its attempts");
}

#[tokio::test]
async fn an_attempt_ends_after_its_time() {
    let (app, _folder) = testing::app();
    app.set_workers([Worker::new("slow", 1, Duration::from_millis(20), |_, _| std::future::pending()).into()]);
    app.start_jobs();
    app.enqueue(NewJob { max_attempts: 1, ..NewJob::new("slow", Value::Null) }).await.unwrap();
    holds(&app, &[("", State::Failed, "the job took longer than 0 seconds")]).await;
}

#[tokio::test]
async fn no_more_run_at_the_same_time_than_the_worker_allows() {
    let (app, _folder) = testing::app();
    let (gate, now, most) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (waits, counts, peak) = (Arc::clone(&gate), Arc::clone(&now), Arc::clone(&most));
    app.set_workers([Worker::new("few", 2, TIME, move |_, _| {
        let (waits, counts, peak) = (Arc::clone(&waits), Arc::clone(&counts), Arc::clone(&peak));
        async move {
            peak.fetch_max(counts.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            waits.acquire().await.unwrap().forget();
            counts.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    })
    .into()]);
    app.start_jobs();
    for number in 0..6 {
        app.enqueue(NewJob::new("few", json!(number.to_string()))).await.unwrap();
    }
    gate.add_permits(6);
    holds(&app, &[]).await;
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[tokio::test]
async fn a_job_of_an_unknown_name_is_refused_and_one_whose_worker_is_gone_waits() {
    let (app, _folder) = testing::app();
    assert!(app.enqueue(NewJob::new("nobody", Value::Null)).await.is_err());
    let (worker, mut done) = reporting("note");
    app.set_workers([worker]);
    app.enqueue(NewJob::new("note", json!("later"))).await.unwrap();
    app.set_workers([]);
    app.start_jobs();
    holds(&app, &[("later", State::Waiting, "")]).await;
    assert!(!app.queue_names().await.unwrap()[0].has_worker);
    let (worker, mut back) = reporting("note");
    app.set_workers([worker]);
    assert_eq!(next(&mut back).await.payload, json!("later"));
    assert!(done.try_recv().is_err());
}

#[tokio::test]
async fn what_was_running_when_the_process_ended_runs_again_with_the_same_id() {
    let (app, folder) = testing::app();
    app.set_workers([reporting("note").0]);
    let id = app.enqueue(NewJob::new("note", json!("interrupted"))).await.unwrap().id;
    app.write(|tx| jobs::claim(tx, "note", 1).map(drop)).await.unwrap();
    drop(app);

    let app = testing::open(&folder);
    let (worker, mut done) = reporting("note");
    app.set_workers([worker]);
    app.start_jobs();
    let job = next(&mut done).await;
    assert_eq!((job.id, job.attempts), (id, 2));
}
