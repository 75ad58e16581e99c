//! `steading import` and `steading export`. Conversion of cells is tested next to the code, the demo in `chinook`.

use crate::meter;
use crate::server::{TestServer, steading, steading_command};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

const BOOKS: &str = "Title,Pages,Since\nDune,412,1965-08-01\nMomo,many,1973-01-01\nEmma,474,\n";

fn folder_with(name: &str, content: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    folder
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = steading(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn fails(folder: &Path, arguments: &[&str]) -> Output {
    let output = steading(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn exported(folder: &Path, collection: &str) -> Vec<Value> {
    let text = succeeds(folder, &["export", collection, "--json"]);
    let mut records: Vec<Value> = serde_json::from_str(&text).unwrap();
    for record in &mut records {
        for key in ["id", "created", "updated"] {
            record.as_object_mut().unwrap().remove(key);
        }
    }
    records
}

#[test]
fn one_bad_row_keeps_all_rows_and_the_collection_out() {
    let folder = folder_with("books.csv", BOOKS);
    let import = ["import", "books.csv", "--into", "books", "--field", "Pages=pages:number"];
    let output = fails(folder.path(), &import);
    assert!(text(&output.stdout).contains("line 3: Pages: not a number: \"many\""), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("nothing was imported"), "{}", text(&output.stderr));
    fails(folder.path(), &["export", "books"]);

    let mut skipping = import.to_vec();
    skipping.push("--skip-bad-rows");
    assert!(succeeds(folder.path(), &skipping).contains("2 records created"));
    let expected = [
        json!({"title": "Dune", "pages": 412, "since": "1965-08-01 00:00:00.000Z"}),
        json!({"title": "Emma", "pages": 474, "since": ""}),
    ];
    assert_eq!(exported(folder.path(), "books"), expected);
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let folder = folder_with("books.csv", BOOKS);
    let said = succeeds(folder.path(), &["import", "books.csv", "--into", "books", "--dry-run", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["isImported"], false);
    assert_eq!(said["created"], 3);
    let types: Vec<&Value> = said["columns"].as_array().unwrap().iter().map(|column| &column["type"]).collect();
    assert_eq!(types, ["text", "text", "date"]);
    fails(folder.path(), &["export", "books"]);
}

/// A file may be larger than the memory of a small machine.
#[test]
fn an_import_takes_no_more_memory_for_a_longer_file() {
    const ROWS: usize = 12_000;
    const MAX_MORE_KIB: u64 = 32 * 1024;
    let long = "x".repeat(4_000);
    let lines = |rows: usize, head: &str, row: &dyn Fn(usize) -> String, between: &str, end: &str| {
        [head, &(0..rows).map(row).collect::<Vec<_>>().join(between), end].concat()
    };
    let csv = |rows| lines(rows, "Name,Text\n", &|number| format!("{number},{long}"), "\n", "\n");
    let object = |number| format!("{{\"name\":\"{number}\",\"text\":\"{long}\"}}");
    let json = |rows| lines(rows, "[", &object, ",", "]");
    let highest = |name: &str, rows: usize, content: &str| {
        let folder = folder_with(name, content);
        let mut command = steading_command(folder.path(), &["import", name, "--into", "rows"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut highest = 0;
        while child.try_wait().unwrap().is_none() {
            highest = meter::peak_kib(child.id()).unwrap_or_default().max(highest);
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().unwrap();
        assert!(text(&output.stdout).contains(&format!("{rows} records created")), "{}", text(&output.stdout));
        highest
    };
    let few = ROWS / 100;
    for (name, short, long) in [("rows.csv", csv(few), csv(ROWS)), ("rows.json", json(few), json(ROWS))] {
        // A short run may end before it is looked at, so the highest of several counts.
        let usual = (0..5).map(|_| highest(name, few, &short)).max().unwrap();
        let highest = highest(name, ROWS, &long);
        assert!(
            highest < usual + MAX_MORE_KIB,
            "{name}: {highest} KiB for a file of {} MB, {usual} KiB for a short one",
            long.len() / 1_000_000
        );
    }
}

#[test]
fn mistakes_are_named() {
    let folder = folder_with("books.csv", BOOKS);
    let check = |arguments: &[&str], expected: &str| {
        let said = text(&fails(folder.path(), arguments).stderr);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    };
    check(&["import", "nope.csv", "--into", "books"], "cannot read nope.csv");
    check(&["import", "books.csv", "--into", "books", "--id", "Nr"], "The file has no column \"Nr\"");
    check(&["import", "books.csv", "--into", "books", "--field", "Title=title:file"], "the type must be one of");
    check(&["import", "books.csv", "--into", "books", "--field", "Title=a b"], "name");
    check(&["import", "books.csv", "--into", "no good"], "name");
    check(&["import", "books.csv", "--into", "books", "--update"], "--id");
    succeeds(folder.path(), &["import", "books.csv", "--into", "books"]);
    check(&["export", "nope"], "nope");
}

#[test]
fn an_export_goes_to_a_file_or_to_standard_output() {
    let folder = folder_with("books.csv", "Title\n=Dune\n\"Mo,mo\"\n");
    succeeds(folder.path(), &["import", "books.csv", "--into", "books"]);
    let csv = succeeds(folder.path(), &["export", "books"]);
    assert!(csv.starts_with("id,title,created,updated\n") && csv.contains(",'=Dune,") && csv.contains(",\"Mo,mo\","));
    assert_eq!(succeeds(folder.path(), &["export", "books", "--out", "out.jsonl"]), "");
    let lines = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    let titles: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["title"].clone()).collect();
    assert_eq!(titles, ["=Dune", "Mo,mo"]);
}

/// The server polls every second; a write makes it poll immediately, so that the test need not wait.
#[test]
fn a_running_server_sees_what_a_command_has_imported() {
    let server = TestServer::start();
    let superuser = server.superuser();
    std::fs::write(server.folder().join("books.csv"), "Title\nDune\n").unwrap();
    let records = "/api/collections/books/records";
    assert_eq!(superuser.get(records).status, 404);
    for expected in [1, 2] {
        succeeds(server.folder(), &["import", "books.csv", "--into", "books"]);
        assert_eq!(superuser.patch("/api/settings", &json!({})).status, 200);
        let answer = superuser.get(records);
        assert_eq!(answer.body["totalItems"], expected, "{}", answer.body);
    }
    superuser.create(records, &json!({"title": "Momo"}));
    assert_eq!(superuser.get(records).body["totalItems"], 3);
}

#[test]
fn a_password_changed_by_a_command_ends_the_sessions_of_a_running_server() {
    let server = TestServer::start();
    let superuser = server.superuser();
    assert_eq!(superuser.get("/api/settings").status, 200);
    let second = server.superuser();
    succeeds(server.folder(), &["superuser", "update", "root@example.com", "another password"]);
    // Any write will do; this one is made as a guest.
    server.anonymous().post("/api/collections/users/records", &json!({}));
    let user = json!({"email": "a@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    server.anonymous().create("/api/collections/users/records", &user);
    assert_eq!(second.get("/api/settings").status, 401);
}

#[test]
fn commands_that_only_read_or_try_make_no_data_folder() {
    let folder = folder_with("books.csv", BOOKS);
    for arguments in [
        &["export", "books"][..],
        &["backup", "list"],
        &["backup", "create"],
        &["superuser", "delete", "a@example.com"],
        &["superuser", "update", "a@example.com", "12345678"],
        &["files", "move", "--to", "s3"],
        &["types", "ts"],
    ] {
        let said = text(&fails(folder.path(), arguments).stderr);
        assert!(said.contains("There is no data in "), "{arguments:?}: {said}");
        assert!(!folder.path().join("data").exists(), "{arguments:?}");
    }
    let tried = steading(folder.path(), &["import", "books.csv", "--into", "books", "--dry-run"]);
    assert!(text(&tried.stdout).contains("3 records"), "{}", text(&tried.stdout));
    assert_eq!(text(&tried.stderr), "");
    assert!(!folder.path().join("data").exists());
    let output = steading(folder.path(), &["import", "books.csv", "--into", "books"]);
    assert!(text(&output.stderr).contains("Made the folder "), "{}", text(&output.stderr));
    let again = steading(folder.path(), &["import", "books.csv", "--into", "others"]);
    assert_eq!(text(&again.stderr), "");
}

#[test]
fn a_command_that_stores_nothing_leaves_no_new_data_folder() {
    let folder = folder_with("books.csv", BOOKS);
    for arguments in [
        &["import", "books.csv", "--into", "books", "--relation", "Title=nowhere"][..],
        &["import", "books.csv", "--into", "books", "--field", "Title=title:number"],
        &["superuser", "create", "a@example.com", "short"],
        &["import-pocketbase", "."],
    ] {
        let said = text(&fails(folder.path(), arguments).stderr);
        assert!(!said.contains("Made the folder"), "{arguments:?}: {said}");
        assert!(!folder.path().join("data").exists(), "{arguments:?}");
    }
    // A folder that was there before stays, with what is in it.
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/notes.txt"), "mine").unwrap();
    fails(folder.path(), &["superuser", "create", "a@example.com", "short"]);
    assert!(folder.path().join("data/notes.txt").exists());
}

#[test]
fn null_texts_are_recognised_and_a_bad_name_is_corrected() {
    let folder = folder_with("goods.csv", "Name,Price\nDune,NULL\nMomo,N/A\nEmma,7\n");
    let import = ["import", "goods.csv", "--into", "goods", "--field", "Price=price:number"];
    let said = text(&fails(folder.path(), &import).stdout);
    assert!(said.contains("line 2: Price: not a number: \"NULL\"; likewise in 1 other row"), "{said}");
    assert!(said.contains("import with --null TEXT"), "{said}");
    let with_nulls = [&import[..], &["--null", "NULL", "--null", "N/A"]].concat();
    assert!(succeeds(folder.path(), &with_nulls).contains("3 records created"));
    assert_eq!(exported(folder.path(), "goods")[0], json!({"name": "Dune", "price": 0}));
    let said = text(&fails(folder.path(), &["import", "goods.csv", "--into", "order-details"]).stderr);
    assert!(said.contains("Try order_details."), "{said}");
}

#[test]
fn an_import_next_to_a_running_server_warns_that_listeners_get_no_events() {
    let server = TestServer::start();
    std::fs::write(server.folder().join("books.csv"), BOOKS).unwrap();
    let said = succeeds(server.folder(), &["import", "books.csv", "--into", "books"]);
    assert!(said.contains("clients that listen to changes (realtime) are not told"), "{said}");
    let alone = folder_with("books.csv", BOOKS);
    assert!(!succeeds(alone.path(), &["import", "books.csv", "--into", "books"]).contains("realtime"));
}
