//! What scripts compute, and how they end.

use super::*;
use crate::base::password::{self, Hash};
use crate::domain::jobs::{self, Selection};
use crate::domain::mail::{self, Postbox};
use crate::domain::model::{Record, Settings};
use crate::domain::testing::{TestTx, collection, record, seeded};
use crate::domain::tx::{Action, Hooks as _, Moment, ReadTx, Saved, Saving, WriteTx};
use crate::domain::{Error, Result};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Collects what scripts log. There is no system behind it.
#[derive(Debug, Default)]
pub(super) struct Closed(pub(super) Mutex<Vec<String>>, Cache);

impl Host for Closed {
    fn read(&self, _: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Result<()> {
        Err(Error::Internal("closed".to_owned()))
    }

    fn write(&self, _: Work) -> Result<()> {
        Err(Error::Internal("closed".to_owned()))
    }

    fn hash(&self, plain: &str) -> Result<Hash> {
        Ok(password::hash(plain))
    }

    fn committed(&self, _: &Arc<ScriptSet>, _: Vec<Arc<Saved>>) {}

    fn jobs(&self) -> Vec<(String, i64)> {
        vec![("export".to_owned(), 3), ("import".to_owned(), 10)]
    }

    fn postbox(&self) -> Result<Postbox> {
        Ok(Postbox { settings: Arc::new(Settings::initial()), key: None })
    }

    fn http(&self, _: HttpCall) -> std::result::Result<HttpReply, String> {
        Err("closed".to_owned())
    }

    fn verify(&self, _: &Arc<Record>, _: &str) -> Result<bool> {
        Err(Error::Internal("closed".to_owned()))
    }

    fn stage(&self, _: &str, _: bytes::Bytes) -> Result<Staged> {
        Err(Error::Internal("closed".to_owned()))
    }

    fn write_with_files(&self, _: Vec<NewFile>, _: Work) -> Result<()> {
        Err(Error::Internal("closed".to_owned()))
    }

    fn read_file(&self, _: &crate::domain::records::StoredFile, _: &str) -> Result<Option<bytes::Bytes>> {
        Err(Error::Internal("closed".to_owned()))
    }

    fn cache(&self) -> &Cache {
        &self.1
    }

    fn note(&self, _: Level, message: &str, place: &str, fields: &serde_json::Map<String, Value>) {
        let shown = if fields.is_empty() { String::new() } else { format!(" {}", Value::Object(fields.clone())) };
        self.0.lock().unwrap().push(format!("{place}: {message}{shown}"));
    }
}

/// A set of one file, and what it has logged.
pub(super) fn set_with(text: &str, limits: &Limits) -> (Arc<ScriptSet>, Arc<Closed>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rhai"), text).unwrap();
    let host = Arc::new(Closed::default());
    let set = load(&Sources::new(folder.path()), limits, &(Arc::clone(&host) as Arc<dyn Host>))
        .unwrap_or_else(|error| panic!("{error}"));
    (set, host)
}

pub(super) fn set(text: &str) -> (Arc<ScriptSet>, Arc<Closed>) {
    set_with(text, &Limits { before: Duration::from_secs(10), ..Limits::default() })
}

pub(super) fn with_notes() -> TestTx {
    let tx = seeded();
    let fields = json!([
        {"name": "title", "type": "text", "max": 100_000}, {"name": "number", "type": "number"}, {"name": "when", "type": "date"},
        {"name": "data", "type": "json"}, {"name": "tags", "type": "select", "maxSelect": 3, "values": ["a", "b", "c"]},
    ]);
    collection(&tx, json!({"name": "notes", "fields": fields}));
    tx
}

/// Runs `before_create` for a note.
pub(super) fn before(set: &ScriptSet, tx: &WriteTx, values: &Value) -> Result<Record> {
    let notes = crate::domain::collections::find(tx, "notes").unwrap();
    let mut record = Record::blank(notes);
    for (name, value) in values.as_object().unwrap() {
        record.set(name, value.clone());
    }
    let mut saving = Saving {
        moment: Moment::Before,
        action: Action::Create,
        record: &mut record,
        stored: None,
        spent: Duration::ZERO,
    };
    set.run(tx, &mut saving)?;
    Ok(record)
}

#[test]
fn calling_a_method_of_a_field_changes_no_record() {
    let tx = with_notes();
    let validate = |script: &str| {
        let (set, log) = set(&format!("validate(\"notes\", |e| {{ {script} }});"));
        let mut record = Record::blank(crate::domain::collections::find(&tx, "notes").unwrap());
        record.set("when", json!("2026-03-01 10:20:30.400Z"));
        record.set("tags", json!(["a"]));
        record.set("number", json!(2.50));
        let (moment, action) = (Moment::Validate, Action::Create);
        let mut saving = Saving { moment, action, record: &mut record, stored: None, spent: Duration::ZERO };
        let outcome = set.run(&tx, &mut saving);
        (outcome.is_ok(), format!("{log:?}"))
    };
    for reading in [
        "e.record.when.start_of_day()",
        "e.record.when.format(\"%Y\")",
        "e.record.tags.len()",
        "e.record.number.round()",
    ] {
        let (is_ok, log) = validate(&format!("let read = {reading};"));
        assert!(is_ok, "{reading}: {log}");
    }
    for change in
        ["e.record.when = now()", "e.record.tags.push(\"b\")", "e.record.number += 1", "e.record.title = \"x\""]
    {
        assert!(!validate(&format!("{change};")).0, "{change}");
    }
}

/// Evaluates an expression over the record of a handler.
pub(super) fn value(tx: &WriteTx, values: &Value, expression: &str) -> Value {
    let (set, log) = set(&format!("before_create(\"notes\", |e| {{ let r = e.record; r.data = [{expression}]; }});"));
    let record =
        before(&set, tx, values).unwrap_or_else(|error| panic!("{expression}: {error} {:?}", log.0.lock().unwrap()));
    record.get("data").unwrap()[0].clone()
}

#[test]
fn numbers_are_exact_and_halves_are_rounded_away_from_zero() {
    let tx = with_notes();
    let check = |expression: &str, expected: Value| {
        assert_eq!(value(&tx, &json!({"number": 10, "data": {"n": 0.1}}), expression), expected, "{expression}");
    };
    check("0.1 + 0.2", json!(0.3));
    check("3 * 19.99", json!(59.97));
    check("r.number / 4", json!(2.5));
    check("r.data.n + 0.2", json!(0.3));
    check("0.125.round(2)", json!(0.13));
    check("(-0.125).round(2)", json!(-0.13));
    check("2.5.round()", json!(3));
    check("7.round(2)", json!(7));
    check("[10, 20][(r.number / 10).to_int()]", json!(20));
    check("{ let n = 0; for i in 0..r.number { n += i; } n }", json!(45));
    check("r.number == 10", json!(true));
    check("`${r.number}`", json!("10"));
}

#[test]
fn a_number_that_no_decimal_holds_is_kept_as_it_is() {
    let tx = with_notes();
    for number in [json!(1e300), json!(1e-300), json!(123_456_789.123_456_78), json!(-1.797e308)] {
        let kept = value(
            &tx,
            &json!({"number": number, "data": {"big": number}}),
            "[r.number, r.data.big, r.number == r.number]",
        );
        assert_eq!(kept, json!([number, number, true]));
    }
    let (set, log) = set("before_create(\"notes\", |e| {\n e.record.number += 1;\n});");
    assert!(before(&set, &tx, &json!({"number": 1e300})).is_err());
    assert!(log.0.lock().unwrap()[0].contains("a.rhai:2:"), "{log:?}");
}

#[test]
fn fields_arrive_and_are_stored_in_their_own_form() {
    let tx = with_notes();
    let check = |expression: &str, expected: Value| {
        let values = json!({"title": "x", "when": "2026-03-01 10:20:30.400Z", "tags": ["a", "b"], "data": {"deep": [1, "two", null]}});
        assert_eq!(value(&tx, &values, expression), expected, "{expression}");
    };
    check("r.title + r.tags.len()", json!("x2"));
    check("r.data.deep", json!([1, "two", null]));
    check("`${r.when.year} ${r.when.month} ${r.when.day} ${r.when.hour} ${r.when.weekday}`", json!("2026 3 1 10 7"));
    check("r.when + days(1) - hours(0.5)", json!("2026-03-02 09:50:30.400Z"));
    check("(date(\"2026-03-02\") - date(\"2026-03-01\")).hours", json!(24));
    check("date(\"2026-03-02\") > r.when", json!(true));
    // The clock of Vienna is set forward on 2026-03-29 and back on 2026-10-25.
    let in_vienna = |text: &str| format!("date(\"{text}\").in_zone(\"Europe/Vienna\")");
    check(&format!("{{ let d = {}; `${{d.year}} ${{d.hour}}` }}", in_vienna("2025-12-31 23:30:00")), json!("2026 0"));
    check(&format!("{}.start_of_day()", in_vienna("2026-03-29 10:00:00")), json!("2026-03-28 23:00:00.000Z"));
    check(
        &format!("{}.start_of_day().plus_days(1)", in_vienna("2026-03-29 10:00:00")),
        json!("2026-03-29 22:00:00.000Z"),
    );
    check(&format!("{}.plus_months(1.0).day", in_vienna("2026-01-30 23:30:00")), json!(28));
    check(
        &format!("{}.format(\"%d.%m.%Y %H:%M %Z\")", in_vienna("2026-07-01 22:00:00")),
        json!("02.07.2026 00:00 CEST"),
    );
    check("date(\"2026-03-29 02:30\", \"Europe/Vienna\")", json!("2026-03-29 01:30:00.000Z"));
    check("date(\"2026-10-25 02:30\", \"Europe/Vienna\")", json!("2026-10-25 00:30:00.000Z"));
    check("date(\"2026-10-25\", \"Europe/Vienna\") == date(\"2026-10-24 22:00:00\")", json!(true));
    check("{ r.when = date(\"2026-07-01\", \"Asia/Tokyo\"); r.when }", json!("2026-06-30 15:00:00.000Z"));
    for wrong in [
        "now().in_zone(\"Mars/Base\")",
        "date(\"2026-07-01T00:00:00Z\", \"Asia/Tokyo\")",
        "date(\"2026-07-01 00:00:00+02:00\", \"Asia/Tokyo\")",
        "now().plus_days(1.5)",
        "now().plus_days(99999999999)",
    ] {
        let caught = format!("{{ let caught = false; try {{ {wrong}; }} catch {{ caught = true; }} caught }}");
        check(&caught, json!(true));
    }
    check("{ r.when = (); r.when == () }", json!(true));
    check("{ r.when = \"2026-12-24\"; r.when }", json!("2026-12-24 00:00:00.000Z"));
    check("{ r.tags.push(\"c\"); r.tags }", json!(["a", "b", "c"]));
    check("{ let m = r.to_map(); m.title }", json!("x"));
    check("{ let t = r; t.title += \"y\"; r.title }", json!("xy"));
    check("r.is_changed(\"title\")", json!(true));
    check("{ r.number = \"12.50\"; r.number }", json!(12.5));
}

/// The place and the text that the log has for a handler that fails.
#[track_caller]
pub(super) fn failure(script: &str, limits: &Limits) -> String {
    let tx = with_notes();
    let (set, log) = set_with(script, limits);
    let outcome = before(&set, &tx, &json!({}));
    let Err(Error::Refused { answer, .. }) = outcome else { panic!("{script}: {outcome:?}") };
    assert!(matches!(*answer, Error::Invalid { ref issues, .. } if issues.is_empty()), "{answer:?}");
    let log = log.0.lock().unwrap();
    assert_eq!(log.len(), 1, "{log:?}");
    log[0].clone()
}

#[test]
fn what_goes_too_far_ends_with_its_place() {
    let small = Limits {
        before: Duration::from_millis(100),
        max_operations: 50_000,
        max_text_bytes: 1000,
        max_elements: 100,
        max_depth: 10,
        ..Limits::default()
    };
    let patient = Limits { before: Duration::from_mins(1), ..small.clone() };
    let impatient = Limits { max_operations: u64::MAX, ..small };
    let check = |body: &str, limits: &Limits, expected: &str| {
        let told = failure(
            &format!("fn deeper(n) {{ deeper(n + 1) }}\n\nbefore_create(\"notes\", |e| {{\n {body}\n}});"),
            limits,
        );
        assert!(told.starts_with("a.rhai:") && told.contains(expected), "{body}: {told}");
    };
    check("loop { }", &patient, "took too many steps (its loop begins in line 4)");
    check("loop { }", &impatient, "took too long (its loop begins in line 4)");
    check("deeper(1);", &patient, "too deeply");
    check("let t = \"x\"; loop { t += t; }", &patient, "too large (its loop begins in line 4)");
    check("let a = []; loop { a.push(1); }", &patient, "too large (its loop begins in line 4)");
    check(
        "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }",
        &patient,
        "took too many steps (its loop begins in line 4)",
    );
    check("\"x\".pad(100_000, \"y\");", &patient, "a.rhai:3:1: before_create(\"notes\"): Length of string too large");
    check(
        "panic_for_test();",
        &patient,
        "a.rhai:3:1: before_create(\"notes\"): a function of the server panicked: for the test",
    );
    check("sleep(1);", &patient, "cannot sleep");
    check("e.record.created = 1;", &patient, "has no field");
}

/// The budget is that of a piece of work: what earlier handlers of it have used is gone.
#[test]
fn handlers_of_one_piece_of_work_share_their_time() {
    let tx = with_notes();
    let (set, log) = set_with("before_create(\"notes\", |e| { for i in 0..1000 { let x = i; } });", &Limits::default());
    let notes = crate::domain::collections::find(&tx, "notes").unwrap();
    let run = |spent: Duration| {
        let mut record = Record::blank(Arc::clone(&notes));
        let (moment, action) = (Moment::Before, Action::Create);
        set.run(&tx, &mut Saving { moment, action, record: &mut record, stored: None, spent })
    };
    run(Duration::ZERO).unwrap();
    assert!(run(Limits::default().before).is_err());
    assert!(log.0.lock().unwrap()[0].contains("took too long"));
}

#[test]
fn what_a_script_catches_leaves_nothing_half_written() {
    let tx = with_notes();
    let (set, _) = set("before_create(\"notes\", |e| {
            try {
                db.transaction(|db| { db.create(\"notes\", #{ title: \"inner\", number: 2 }); throw \"back\"; });
            } catch (error) { e.record.title = error; }
            if e.record.number == 1 { db.create(\"users\", #{ email: \"not an address\" }); }
        });");
    // The hooks of this transaction are not those of the set, so nothing nests.
    let written = before(&set, &tx, &json!({})).unwrap();
    assert_eq!(written.text("title"), "back");
    assert!(before(&set, &tx, &json!({"number": 1})).is_err());
    let notes = crate::domain::collections::find(&tx, "notes").unwrap();
    assert!(crate::domain::records::is_empty(&tx, &notes).unwrap());
    record(&tx, "notes", json!({"title": "still works"}));
}

#[test]
fn bytes_share_their_memory_and_a_call_holds_a_bounded_number_of_them() {
    let tx = with_notes();
    let (set, _) = set("before_create(\"notes\", |e| {
            let a = \"äb\".to_bytes();
            let b = a + \"c\".to_bytes();
            let parts = `${b[0]} ${b.slice(2).text} ${b.slice(2, 1).text} ${b.slice(9).is_empty}`;
            e.record.title = `${b.len} ${parts} ${a == b} ${a + \"c\".to_bytes() == b} ${b}`;
            let large = \"x\".to_bytes();
            for i in 0..22 { large += large; }
            for i in 0..40 { let larger = large + large; }
            e.record.number = large.slice(0, 3).len;
        });");
    let note = before(&set, &tx, &json!({})).unwrap();
    assert_eq!(note.text("title"), "4 195 bc b true false true (4 bytes)");
    assert_eq!(note.get("number"), Some(&json!(3)));

    let told = |body: &str| {
        let limits = Limits { before: Duration::from_secs(30), ..Limits::default() };
        failure(&format!("before_create(\"notes\", |e| {{\n {body}\n}});"), &limits)
    };
    let large = "let a = \"x\".to_bytes(); for i in 0..22 { a += a; }";
    for (body, expected) in [
        (format!("{large} loop {{ a += a; }}"), "more than 32 MiB"),
        (format!("{large} let all = []; loop {{ all.push(a + a); }}"), "holds more than 64 MiB"),
        ("e.record.title = \"x\".to_bytes();".to_owned(), "make text of them"),
        ("\"x\".to_bytes()[1];".to_owned(), "there is no byte 1"),
        ("5.to_bytes();".to_owned(), "bytes or a text"),
    ] {
        let told = told(&body);
        assert!(told.contains(expected), "{body}: {told}");
    }
}

#[test]
fn a_job_is_stored_with_its_options_and_an_unknown_name_lists_the_known_ones() {
    let tx = with_notes();
    let (set, _) = set("before_create(\"notes\", |e| {
            let options = #{ delay: minutes(2), priority: \"high\", unique_key: \"k\" };
            let id = enqueue(\"export\", #{ price: 0.1 + 0.2, list: [1, ()] }, options);
            e.record.title = `${id == enqueue(\"export\", 1, options)}`;
            enqueue(\"import\", e.record.number, #{ attempts: 2, delay: 0.5 });
        });");
    assert_eq!(before(&set, &tx, &json!({"number": 7})).unwrap().text("title"), "true", "the same id for the same key");
    let (mut found, _) = jobs::list(&tx, &Selection::default(), 1, 10).unwrap();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let about = |job: &jobs::Job| {
        let wait = job.due.millis() - tx.now().millis();
        (job.name.clone(), job.payload.clone(), job.priority, job.max_attempts, wait)
    };
    let (high, normal) = (jobs::Priority::High, jobs::Priority::Normal);
    let export = ("export".to_owned(), json!({"price": 0.3, "list": [1, null]}), high, 3, 120_000);
    let import = ("import".to_owned(), json!(7), normal, 2, 500);
    assert_eq!(found.iter().map(about).collect::<Vec<_>>(), [export, import]);

    let told = |body: &str| {
        failure(
            &format!("before_create(\"notes\", |e| {{\n {body}\n}});"),
            &Limits { before: Duration::from_secs(10), ..Limits::default() },
        )
    };
    let unknown = told("enqueue(\"exprt\");");
    assert!(unknown.contains("a.rhai:2:2:") && unknown.contains("\"export\", \"import\""), "{unknown}");
    for (body, expected) in [
        ("enqueue(\"export\", 1, #{ prio: 1 });", "unknown option \"prio\""),
        ("enqueue(\"export\", 1, #{ priority: \"urgent\" });", "\"high\", \"normal\" or \"low\""),
        ("enqueue(\"export\", 1, #{ delay: -1 });", "0 or more"),
        ("enqueue(\"export\", 1, #{ attempts: 0 });", "from 1 to 100"),
        ("enqueue(\"export\", |x| x);", "cannot be stored"),
        ("job(\"late\", |p| {});", "only while the file is loaded"),
        ("http_get(\"https://example.com\");", "not possible inside a transaction"),
        ("mail(\"nobody\", \"Hello\", \"text\");", "not an e-mail address"),
        ("mail(\"ana@example.com\", \"\", \"text\");", "subject"),
        ("mail([], \"Hello\", \"text\");", "1 to 100 recipients"),
        ("mail(#{ to: \"ana@example.com\", subject: \"x\", text: \"a\", html: \"b\" });", "one of `text`"),
        ("mail(\"ana@example.com\", \"none\", #{});", "there is no template \"mails/none.html\""),
    ] {
        let told = told(body);
        assert!(told.contains(expected), "{body}: {told}");
    }
}

#[test]
fn a_mail_that_a_script_catches_an_error_around_is_not_sent() {
    let tx = with_notes();
    let (set, _) = set("before_create(\"notes\", |e| {
            mail([\"ana@example.com\", \"ben@example.com\"], \"Hello\", \"text\");
            try { db.transaction(|db| { mail(\"eve@example.com\", \"Hello\", \"text\"); throw \"back\"; }); } catch { }
        });");
    before(&set, &tx, &json!({})).unwrap();
    let claimed = mail::claim(&tx, None, 10).unwrap();
    let to: Vec<String> = claimed.into_iter().map(|claimed| claimed.mail.unwrap().to).collect();
    assert_eq!(to, ["ana@example.com", "ben@example.com"]);
}

#[test]
fn jobs_and_crons_that_cannot_work_are_found_when_the_file_is_loaded() {
    let check = |text: &str, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.rhai"), text).unwrap();
        std::fs::write(folder.path().join("b.rhai"), "job(\"taken\", |p| {});\ncron(\"taken\", \"@daily\", || {});")
            .unwrap();
        let host: Arc<dyn Host> = Arc::new(Closed::default());
        let error =
            load(&Sources::new(folder.path()), &Limits::default(), &host).map(drop).expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    };
    check("job(\"taken\", |p| {});", "b.rhai:1:1: job(\"taken\") is defined in a.rhai:1 already");
    check("cron(\"taken\", \"@daily\", || {});", "b.rhai:2:1: cron(\"taken\") is defined in a.rhai:1 already");
    check("job(\"\", |p| {});", "a.rhai:1:1: the name of a job");
    check("job(\"a\", |p, info, more| {});", "at most 2 parameters");
    check("job(\"a\", #{ concurency: 2 }, |p| {});", "concurrency, timeout and attempts");
    check("job(\"a\", #{ concurrency: 65 }, |p| {});", "from 1 to 64");
    check("job(\"a\", #{ timeout: 0 }, |p| {});", "more than 0");
    check("cron(\"a\", \"0 25 * * *\", || {});", "Invalid value 25");
    check("cron(\"a\", \"@daily\", #{ zone: \"Europe/Wien\" }, || {});", "no time zone \"Europe/Wien\"");
    check("cron(\"a\", \"@daily\", |x| {});", "takes no parameters");
    check("cron(\"__pbLogsCleanup__\", \"@daily\", || {});", "cannot begin with __pb");
}

#[test]
fn the_reference_is_up_to_date() {
    const BEGIN: &str = "<!-- reference: begin -->";
    const END: &str = "<!-- reference: end -->";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripting.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let expected = format!("\n{}\n", reference());
    assert!(expected.len() > 3000, "{expected}");
    if written != expected {
        // The next run finds them equal. A build server has no use for the file, and fails here.
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        panic!("docs/scripting.md did not have the current reference; it was written again: look at it and commit it");
    }
}
