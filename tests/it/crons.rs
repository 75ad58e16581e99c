//! Scheduled jobs, started by request so that the tests do not depend on the clock.

use crate::backups::keys;
use crate::files::eventually;
use crate::s3::{SECRET, dead_bucket, switch};
use crate::scripts::{collection, records, server_with_options, soon, text_field};
use crate::server::{Client, TestServer};
use crate::smtp::Sink;
use serde_json::json;
use std::fs;

const AUTOMATIC: &str = "__pbAutoBackup__";

/// Starts a job without waiting for its end.
pub fn back_up_automatically(superuser: &Client) {
    assert_eq!(superuser.post(&format!("/api/crons/{AUTOMATIC}"), &json!({})).status, 204);
}

fn schedule_of(superuser: &Client, job: &str) -> Option<String> {
    let answer = superuser.get("/api/crons");
    let jobs = answer.body.as_array().unwrap();
    jobs.iter().find(|found| found["id"] == job).map(|found| found["expression"].as_str().unwrap().to_owned())
}

#[test]
fn automatic_backups_are_a_job_while_they_have_a_schedule() {
    let server = TestServer::start();
    let superuser = server.superuser();
    let missing = |job: &str| {
        let answer = superuser.post(&format!("/api/crons/{job}"), &json!({}));
        assert_eq!((answer.status, answer.message()), (404, "Missing or invalid cron job."), "{job}");
    };
    assert_eq!(schedule_of(&superuser, AUTOMATIC), None);
    missing(AUTOMATIC);
    missing("nope");

    switch(&superuser, &json!({"backups": {"cron": "30 3 * * *"}}));
    assert_eq!(schedule_of(&superuser, AUTOMATIC).as_deref(), Some("30 3 * * *"));
    missing("nope");
    back_up_automatically(&superuser);
    eventually("the backup is made", || keys(&superuser).len() == 1);
    assert!(keys(&superuser)[0].starts_with("@auto_pb_backup_"));

    switch(&superuser, &json!({"backups": {"cron": "@daily"}}));
    assert_eq!(schedule_of(&superuser, AUTOMATIC).as_deref(), Some("0 0 * * *"));
    switch(&superuser, &json!({"backups": {"cron": ""}}));
    assert_eq!(schedule_of(&superuser, AUTOMATIC), None);
    missing(AUTOMATIC);
}

#[test]
fn superusers_are_mailed_when_an_automatic_backup_fails() {
    let (server, sink) = (TestServer::start(), Sink::start());
    let superuser = server.superuser();
    let other = json!({"email": "other@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    superuser.create("/api/collections/_superusers/records", &other);
    let bucket = dead_bucket();
    switch(
        &superuser,
        &json!({"smtp": {"enabled": true, "host": "127.0.0.1", "port": sink.port},
            "backups": {"cron": "0 0 * * *", "s3": bucket}}),
    );

    back_up_automatically(&superuser);
    let mails = [sink.next(), sink.next()];
    let mut receivers: Vec<String> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
    receivers.sort();
    assert_eq!(receivers, ["other@example.com", "root@example.com"]);
    for mail in &mails {
        assert!(mail.header("Subject").contains("Automatic backup failed"), "{}", mail.source);
        assert!(mail.plain().contains(bucket["endpoint"].as_str().unwrap()), "{}", mail.source);
        assert!(!mail.plain().contains(SECRET), "{}", mail.source);
    }
    sink.stays_empty();
    let work = server.data_dir().join("backup_work");
    eventually("nothing is left of it", || !work.exists() || fs::read_dir(&work).unwrap().next().is_none());
    assert_eq!(superuser.get("/api/health").body["data"]["canBackup"], true);

    // The next backup goes to the configured place, and nothing fails.
    switch(&superuser, &json!({"backups": {"s3": {"enabled": false}}}));
    eventually("the backup is made", || {
        // Skipped while the previous run is still ending.
        back_up_automatically(&superuser);
        !keys(&superuser).is_empty()
    });
    sink.stays_empty();
}

#[test]
fn the_last_runs_of_a_cron_are_told_also_after_a_restart() {
    const REPORT: &str = r#"cron("report", "0 0 1 1 *", #{ zone: "Europe/Vienna", catch_up: true }, || if db.count("broken") > 0 { throw "it broke"; });"#;
    let mut server = server_with_options(&[("report.rhai", REPORT)], "");
    let superuser = server.superuser();
    collection(&superuser, "broken", &json!([text_field("title")]));
    let report = |superuser: &Client| {
        let jobs = superuser.get("/api/crons").body;
        jobs.as_array().unwrap().iter().find(|job| job["id"] == "report").unwrap().clone()
    };
    let before = report(&superuser);
    assert_eq!((before.get("lastRun"), before.get("lastSuccess"), &before["catchUp"]), (None, None, &json!(true)));
    let run = || assert_eq!(superuser.post("/api/crons/report", &json!({})).status, 204);
    run();
    let good = soon("the first run", || report(&superuser).get("lastSuccess").cloned());
    assert_eq!(good["error"], "");
    assert!(good["milliseconds"].is_u64() && good["started"].as_str().unwrap().ends_with('Z'), "{good}");
    superuser.create(&records("broken"), &json!({"title": "x"}));
    run();
    let failed = soon("the second run", || {
        Some(report(&superuser)).filter(|job| job["lastRun"]["error"] != "" && job.get("running").is_none())
    });
    assert!(failed["lastRun"]["error"].as_str().unwrap().contains("it broke"), "{failed}");
    assert_eq!(failed["lastSuccess"], good);
    // What is stored is stored before the log tells of the failure.
    soon("the log", || {
        let found = superuser.get("/api/logs?filter=data.job='report'").body;
        Some(()).filter(|()| found["totalItems"] == 1)
    });
    server.stop();
    server.restart();
    let superuser = server.superuser();
    let recalled = soon("the start", || Some(report(&superuser)).filter(|job| job.get("lastRun").is_some()));
    assert_eq!((&recalled["lastRun"], &recalled["lastSuccess"]), (&failed["lastRun"], &good));
}
