use super::*;
use crate::domain::testing::{issues, seeded};
use serde_json::json;

fn add(tx: &WriteTx, job: &NewJob) -> String {
    enqueue(tx, job).unwrap()
}

fn named(payload: Value) -> NewJob {
    NewJob::new("a", payload)
}

fn payloads(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.payload.as_str().unwrap()).collect()
}

#[test]
fn higher_priorities_begin_first_and_a_delay_is_kept() {
    let tx = seeded();
    add(&tx, &NewJob { priority: Priority::Low, ..named(json!("low")) });
    add(&tx, &named(json!("normal")));
    add(&tx, &NewJob { priority: Priority::High, ..named(json!("high")) });
    add(&tx, &NewJob { delay: Duration::from_mins(1), ..named(json!("later")) });
    add(&tx, &NewJob::new("b", json!("other")));
    assert_eq!(payloads(&claim(&tx, "a", 2).unwrap()), ["high", "normal"]);
    assert_eq!(payloads(&claim(&tx, "a", 9).unwrap()), ["low"]);
    assert!(claim(&tx, "a", 9).unwrap().is_empty(), "what runs is not begun twice");
    assert_eq!(next_due(&tx, "a").unwrap(), Some(tx.now().plus_seconds(60)));
}

#[test]
fn one_job_waits_per_unique_key() {
    let tx = seeded();
    let keyed = |payload| NewJob { unique_key: Some("k".to_owned()), ..named(json!(payload)) };
    let first = add(&tx, &keyed("first"));
    assert_eq!(add(&tx, &keyed("second")), first);
    let running = &claim(&tx, "a", 9).unwrap()[0];
    let next = add(&tx, &keyed("third"));
    assert_ne!(next, first, "one that runs may have missed what the new one is about");
    conclude(&tx, running, &Err(Failure::new("no"))).unwrap();
    let (jobs, _) = list(&tx, &Selection::default(), 1, 10).unwrap();
    assert_eq!(jobs.len(), 2, "neither is lost");
}

#[test]
fn attempts_end_by_number_and_when_another_would_fail_as_well() {
    let tx = seeded();
    add(&tx, &NewJob { max_attempts: 2, ..named(json!("twice")) });
    let first = &claim(&tx, "a", 1).unwrap()[0];
    assert_eq!(conclude(&tx, first, &Err(Failure::new("1"))).unwrap(), Fate::Retried);
    retry(&tx, &first.id).unwrap();
    let second = &claim(&tx, "a", 1).unwrap()[0];
    assert_eq!(conclude(&tx, second, &Err(Failure::new("2"))).unwrap(), Fate::GivenUp);
    let failed = find(&tx, &second.id).unwrap().unwrap();
    assert_eq!((failed.state, failed.attempts, failed.error.as_str()), (State::Failed, 2, "2"));

    add(&tx, &named(json!("lasting")));
    let job = &claim(&tx, "a", 1).unwrap()[0];
    assert_eq!(conclude(&tx, job, &Err(Failure::lasting("never"))).unwrap(), Fate::GivenUp);
    let names = counts(&tx).unwrap();
    assert_eq!(names, [NameCounts { name: "a".to_owned(), failed: 2, ..NameCounts::default() }]);

    let failed = Selection { state: Some(State::Failed), ..Selection::default() };
    assert_eq!(retry_all(&tx, &failed).unwrap(), 2);
    assert_eq!(claim(&tx, "a", 9).unwrap().iter().map(|job| job.attempts).collect::<Vec<_>>(), [1, 1]);
    assert!(retry(&tx, &second.id).is_err(), "it is running");
    assert_eq!(delete_all(&tx, &Selection::default()).unwrap(), 0, "what runs stays");
}

#[test]
fn the_wait_grows_and_a_given_one_is_kept() {
    let tx = seeded();
    add(&tx, &named(json!("x")));
    let job = claim(&tx, "a", 1).unwrap().remove(0);
    let wait = |attempts| {
        let job = Job { attempts, max_attempts: 100, ..job.clone() };
        conclude(&tx, &job, &Err(Failure::new("no"))).unwrap();
        (find(&tx, &job.id).unwrap().unwrap().due.millis() - tx.now().millis()) / 1000
    };
    assert!((15..=19).contains(&wait(1)));
    assert!((60..=75).contains(&wait(3)));
    assert!((6 * 3600..=7 * 3600 + 1800).contains(&wait(60)));
    let told = Failure { wait: Some(Duration::from_secs(7)), ..Failure::new("busy") };
    conclude(&tx, &job, &Err(told)).unwrap();
    assert_eq!(next_due(&tx, "a").unwrap(), Some(tx.now().plus_seconds(7)));
}

#[test]
fn what_cannot_be_stored_is_refused_by_field() {
    let tx = seeded();
    let job = NewJob {
        unique_key: Some("k".repeat(501)),
        max_attempts: 0,
        delay: Duration::from_hours(11 * 366 * 24),
        ..NewJob::new("", json!("x".repeat(MAX_PAYLOAD_BYTES)))
    };
    let found = issues(enqueue(&tx, &job)).to_json();
    let mut fields: Vec<&String> = found.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["delay", "maxAttempts", "name", "payload", "uniqueKey"]);
}

#[test]
fn interrupted_jobs_are_due_again() {
    let tx = seeded();
    let id = add(&tx, &named(json!("x")));
    claim(&tx, "a", 1).unwrap();
    assert_eq!(release_running(&tx).unwrap(), 1);
    let job = &claim(&tx, "a", 1).unwrap()[0];
    assert_eq!((&job.id, job.attempts), (&id, 2));
}
