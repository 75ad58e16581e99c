//! Backups through the API: created during writes, downloaded, uploaded, restored.

use crate::files::{eventually, files_below};
use crate::s3::{SECRET, dead_bucket, switch};
use crate::server::{Client, TestServer, steading_command, text};
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use rusqlite::Connection;
use serde_json::json;
use std::collections::HashSet;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use zip::write::SimpleFileOptions;

const WRITERS: usize = 4;
/// Offsets in an entry of a zip's central directory: uncompressed size, Unix attributes, and offset of the content.
const LENGTH: usize = 24;
const MODE: usize = 38;
const OFFSET: usize = 42;

pub fn fetch(superuser: &Client, key: &str) -> Vec<u8> {
    let token = text(&superuser.create("/api/files/token", &json!({}))["token"]);
    let request = superuser.request(Method::GET, &format!("/api/backups/{key}?token={token}"));
    let answer = request.send().unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    answer.bytes().unwrap().to_vec()
}

pub fn bring(superuser: &Client, name: &str, bytes: Vec<u8>) -> crate::server::Answer {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    superuser.send(superuser.request(Method::POST, "/api/backups/upload").multipart(form))
}

pub fn keys(superuser: &Client) -> Vec<String> {
    let answer = superuser.get("/api/backups");
    answer.body.as_array().unwrap().iter().map(|backup| text(&backup["key"])).collect()
}

fn entry(zip: &mut zip::ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Writes until told to stop. Returns what was acknowledged before `mark` was set.
fn write(client: &Client, mark: &AtomicBool, stop: &AtomicBool) -> Vec<String> {
    let mut before = Vec::new();
    while !stop.load(Ordering::Acquire) {
        let id = text(&client.create("/api/collections/notes/records", &json!({"text": "x".repeat(300)}))["id"]);
        if !mark.load(Ordering::Acquire) {
            before.push(id);
        }
    }
    before
}

#[test]
fn a_backup_under_writers_is_whole_and_has_what_was_acknowledged_before() {
    let mut server = TestServer::start();
    let superuser = server.superuser();
    let fields = json!([{"name": "text", "type": "text"}, {"name": "file", "type": "file"}]);
    superuser.create("/api/collections", &json!({"name": "notes", "createRule": "", "viewRule": "", "fields": fields}));
    let form = Form::new().part("file", Part::bytes(b"the bytes of a file".to_vec()).file_name("a.txt"));
    let made = superuser.send(superuser.request(Method::POST, "/api/collections/notes/records").multipart(form)).body;
    let path = format!("storage/{}/{}/{}", text(&made["collectionId"]), text(&made["id"]), text(&made["file"]));

    let (mark, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let (guest, mark, stop) = (server.anonymous(), &mark, &stop);
    let before: Vec<String> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(|| write(&guest, mark, stop))).collect();
        while superuser.get("/api/collections/notes/records?perPage=1").body["totalItems"].as_u64() < Some(100) {}
        mark.store(true, Ordering::Release);
        assert_eq!(superuser.post("/api/backups", &json!({"name": "busy.zip"})).status, 204);
        stop.store(true, Ordering::Release);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });

    let mut zip = zip::ZipArchive::new(Cursor::new(fetch(&superuser, "busy.zip"))).unwrap();
    assert_eq!(entry(&mut zip, &path), b"the bytes of a file");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::write(&copy, entry(&mut zip, "data.db")).unwrap();
    let stored = ids_in(&copy);
    let lost: Vec<_> = before.iter().filter(|id| !stored.contains(*id)).collect();
    assert!(lost.is_empty() && before.len() > 50, "{} acknowledged, lost: {lost:?}", before.len());

    assert_eq!(superuser.post("/api/backups/busy.zip/restore", &json!({})).status, 204);
    server.follow_restart();
    assert_eq!(ids_in(&server.data_dir().join("data.db")), stored);
}

fn ids_in(database: &Path) -> HashSet<String> {
    let connection = Connection::open(database).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut statement = connection.prepare("SELECT id FROM notes").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn backups_are_listed_fetched_brought_and_removed_by_superusers_alone() {
    let server = TestServer::start();
    let (superuser, user) = (server.superuser(), server.user("ana"));
    assert_eq!(superuser.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    assert_eq!(superuser.post("/api/backups", &json!({})).status, 204);
    assert_eq!(keys(&superuser).len(), 2);
    let bytes = fetch(&superuser, "one.zip");

    assert_eq!(bring(&superuser, "Two B.zip", bytes.clone()).status, 204);
    // A folder in the name is ignored.
    assert_eq!(bring(&superuser, "../../x.zip", bytes.clone()).status, 204);
    assert!(!server.folder().join("x.zip").exists() && keys(&superuser).contains(&"x.zip".to_owned()));
    let refused = |name: &str, bytes: Vec<u8>, code: &str| {
        let answer = bring(&superuser, name, bytes);
        assert_eq!((answer.status, text(&answer.body["data"]["file"]["code"])), (400, code.to_owned()), "{name}");
    };
    refused("one.zip", bytes.clone(), "validation_backup_name_exists");
    refused("three.zip", b"no zip at all".to_vec(), "validation_invalid_mime_type");
    refused("..", bytes.clone(), "validation_match_invalid");
    // Short enough for our check, too long for the file system.
    let answer = bring(&superuser, &format!("{}.zip", "é".repeat(140)), bytes);
    assert!(answer.status == 400 && answer.message().starts_with("Failed to store the backup."), "{}", answer.body);

    // Neither the header nor a user's file token gives access, and a name cannot lead to other files.
    let theirs = text(&user.create("/api/files/token", &json!({}))["token"]);
    for path in ["/api/backups/one.zip", &format!("/api/backups/one.zip?token={theirs}")] {
        assert_eq!(superuser.get(path).status, 403, "{path}");
    }
    let mine = text(&superuser.create("/api/files/token", &json!({}))["token"]);
    for key in ["none.zip", "..%2Fdata.db", "%2e%2e%2fdata.db", "%2Fetc%2Fpasswd", "..%5Cdata.db"] {
        assert_eq!(superuser.get(&format!("/api/backups/{key}?token={mine}")).status, 404, "{key}");
        let removed = superuser.delete(&format!("/api/backups/{key}"));
        assert!(
            removed.status == 400 && removed.message().starts_with("Invalid or already deleted backup file."),
            "{key}"
        );
    }
    assert!(server.data_dir().join("data.db").exists());
    assert_eq!(superuser.delete("/api/backups/Two%20B.zip").status, 204);
    assert!(!keys(&superuser).contains(&"Two B.zip".to_owned()));
}

/// The temporary files that restores and backups leave in a data folder.
fn leftovers(server: &TestServer) -> Vec<String> {
    let entries = std::fs::read_dir(server.data_dir()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("restore"))
        .collect()
}

#[test]
fn a_restore_brings_back_what_was_and_nothing_else() {
    let mut server = TestServer::start();
    let superuser = server.superuser();
    let fields = json!([{"name": "text", "type": "text"}, {"name": "file", "type": "file"}]);
    superuser.create("/api/collections", &json!({"name": "notes", "viewRule": "", "fields": fields}));
    let form = Form::new().part("file", Part::bytes(b"the bytes of a file".to_vec()).file_name("a.txt"));
    let made = superuser.send(superuser.request(Method::POST, "/api/collections/notes/records").multipart(form)).body;
    let record = format!("/api/collections/notes/records/{}", text(&made["id"]));
    let file = format!("/api/files/notes/{}/{}", text(&made["id"]), text(&made["file"]));
    assert_eq!(superuser.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    assert_eq!(superuser.delete(&record).status, 204);
    let later = superuser.create("/api/collections/notes/records", &json!({"text": "later"}));
    superuser.create("/api/collections", &json!({"name": "later"}));

    assert_eq!(
        superuser.post("/api/backups/none.zip/restore", &json!({})).message(),
        "Missing or invalid backup file."
    );
    assert_eq!(superuser.post("/api/backups/one.zip/restore", &json!({})).status, 204);
    let process = server.process_id();
    server.follow_restart();
    assert_eq!(server.process_id(), process);
    // Sessions of that time are valid again.
    let superuser = server.anonymous().with_token(superuser.token.as_deref().unwrap());
    assert_eq!(superuser.get(&record).body["file"], made["file"]);
    let bytes = superuser.request(Method::GET, &file).send().unwrap().bytes().unwrap();
    assert_eq!(&bytes[..], b"the bytes of a file");
    let gone = format!("/api/collections/notes/records/{}", text(&later["id"]));
    assert_eq!(superuser.get(&gone).status, 404);
    assert_eq!(superuser.get("/api/collections/later").status, 404);
    assert_eq!(keys(&superuser), ["one.zip"]);
    assert_eq!(superuser.get("/api/health").body["data"]["canBackup"], true);
    let until = Instant::now() + Duration::from_mins(1);
    while !leftovers(&server).is_empty() {
        assert!(Instant::now() < until, "{:?}", leftovers(&server));
    }
    // The restarted server is an ordinary one: it stops when asked to.
    superuser.create("/api/collections/notes/records", &json!({"text": "goes on"}));
    assert!(server.stop().success());
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The zip `bytes`, with four bytes of the last entry of its central directory changed. `at` is the offset in that
/// entry.
fn patched(mut bytes: Vec<u8>, at: usize, value: u32) -> Vec<u8> {
    let last = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[last + at..last + at + 4].copy_from_slice(&value.to_le_bytes());
    bytes
}

/// A copy of the database `bytes`, changed by `sql`.
fn changed(bytes: &[u8], sql: &str) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let connection = Connection::open(file.path()).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.close().unwrap();
    std::fs::read(file.path()).unwrap()
}

#[test]
fn what_is_no_sound_backup_is_refused_and_changes_nothing() {
    let server = TestServer::start();
    let superuser = server.superuser();
    superuser.create("/api/collections", &json!({"name": "notes"}));
    assert_eq!(superuser.post("/api/backups", &json!({"name": "good.zip"})).status, 204);
    let good = fetch(&superuser, "good.zip");
    let data = entry(&mut zip::ZipArchive::new(Cursor::new(good.clone())).unwrap(), "data.db");

    let mut cases: Vec<(String, Vec<u8>)> = vec![
        ("garbage".into(), b"no zip at all".to_vec()),
        ("cut short".into(), good[..good.len() / 2].to_vec()),
        ("no data.db".into(), zip_of(&[("storage/a", b"a")])),
        ("no database".into(), zip_of(&[("data.db", b"SQLite format 3\0 and then nothing")])),
        ("empty database".into(), zip_of(&[("data.db", b"")])),
        ("twice".into(), zip_of(&[("data.db", &data), ("storage/a", b"1"), ("storage/A", b"2")])),
        ("bomb".into(), zip_of(&[("data.db", &data), ("storage/zeros", &vec![0; 160 * 1024 * 1024])])),
        ("foreign".into(), zip_of(&[("data.db", &data), ("auxiliary.db", &data)])),
    ];
    for name in ["../evil", "/evil", "storage/../../evil", "storage/..\\..\\evil", "C:/evil", "./evil"] {
        cases.push((name.to_owned(), zip_of(&[("data.db", &data), (name, b"evil")])));
    }
    let mut zip = zip::ZipWriter::new_append(Cursor::new(zip_of(&[("data.db", &data)]))).unwrap();
    zip.add_symlink("storage/link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    cases.push(("link".into(), zip.finish().unwrap().into_inner()));
    let two = zip_of(&[("data.db", &data), ("storage/zeros", &vec![0; 1024 * 1024])]);
    cases.push(("longer than it says".into(), patched(two.clone(), LENGTH, 10)));
    cases.push(("over another".into(), patched(two.clone(), OFFSET, 0)));
    cases.push(("device".into(), patched(two, MODE, 0o020_644 << 16)));
    let mut damaged = good.clone();
    let middle = damaged.len() / 3;
    damaged[middle] ^= 0xff;
    cases.push(("damaged".into(), damaged));
    let newer = changed(&data, "INSERT INTO _migrations VALUES ('9999_future', 'x', '')");
    cases.push(("newer".into(), zip_of(&[("data.db", &newer)])));
    let unreadable = changed(&data, "UPDATE _collections SET fields = 'nonsense'");
    cases.push(("unreadable".into(), zip_of(&[("data.db", &unreadable)])));

    for (name, bytes) in cases {
        std::fs::write(server.data_dir().join("backups/bad.zip"), bytes).unwrap();
        let answer = superuser.post("/api/backups/bad.zip/restore", &json!({}));
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.message().starts_with("Failed to restore the backup."), "{name}: {}", answer.message());
        assert_eq!(leftovers(&server), [""; 0], "{name}");
        assert!(!server.folder().join("evil").exists() && !server.data_dir().join("evil").exists(), "{name}");
        assert_eq!(superuser.get("/api/health").body["data"]["canBackup"], true, "{name}");
    }
    assert_eq!(superuser.get("/api/collections/notes").status, 200);
}

#[test]
fn commands_make_check_and_restore_backups() {
    let mut server = TestServer::start();
    let run = |server: &TestServer, arguments: &[&str], is_ok: bool, said: &str| {
        let output = server.command(arguments);
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success() == is_ok && text.contains(said), "{arguments:?}: {text}");
    };
    run(&server, &["backup", "list"], true, "There are no backups.");
    run(&server, &["backup", "create", "one.zip"], true, "Made one.zip.");
    run(&server, &["backup", "list", "--json"], true, r#""key":"one.zip""#);
    run(&server, &["backup", "verify", "one.zip"], true, "one.zip is complete and can be restored.");
    run(&server, &["backup", "verify", "none.zip"], false, "there is no backup");
    std::fs::write(server.folder().join("bad.zip"), "bad").unwrap();
    run(&server, &["backup", "verify", "bad.zip"], false, "error: ");
    run(&server, &["backup", "restore", "one.zip"], false, "the server is running");
    server.superuser().create("/api/collections", &json!({"name": "later"}));
    server.stop();
    run(&server, &["backup", "restore", "bad.zip"], false, "error: ");
    // A restore must not need anything of the current data.
    std::fs::write(server.data_dir().join("data.db"), "broken").unwrap();
    run(&server, &["backup", "restore", "one.zip", "--json"], true, r#""restored":"one.zip""#);
    assert_eq!(leftovers(&server), [""; 0]);
    server.restart();
    assert_eq!(server.superuser().get("/api/collections/later").status, 404);
}

fn signal(process: &Child, name: &str) {
    let told = Command::new("kill").args([name, &process.id().to_string()]).status().unwrap();
    assert!(told.success());
}

#[test]
fn a_server_that_starts_leaves_a_command_the_folder_it_works_in() {
    let mut server = TestServer::start();
    server.stop();
    let work = server.data_dir().join("backup_work");
    std::fs::create_dir_all(work.join("work-of-a-crash")).unwrap();
    // Long enough for the command to be seen while it works.
    std::fs::create_dir(server.data_dir().join("storage")).unwrap();
    std::fs::write(server.data_dir().join("storage/large.zip"), vec![0; 64 * 1024 * 1024]).unwrap();
    let command = steading_command(server.folder(), &["backup", "create", "beside.zip"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the command has begun", || std::fs::read_dir(&work).unwrap().count() == 2);
    // Stopped with a signal, so that the server starts while it is at work.
    signal(&command, "-STOP");
    server.restart();
    let superuser = server.superuser();
    assert_eq!(superuser.post("/api/backups", &json!({"name": "own.zip"})).status, 204);
    signal(&command, "-CONT");
    let output = command.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(keys(&superuser), ["beside.zip", "own.zip"]);
    for key in keys(&superuser) {
        let mut zip = zip::ZipArchive::new(Cursor::new(fetch(&superuser, &key))).unwrap();
        assert_eq!(entry(&mut zip, "storage/large.zip").len(), 64 * 1024 * 1024, "{key}");
    }
    server.stop();
    server.restart();
    assert!(files_below(&work).is_empty() && !work.join("work-of-a-crash").exists(), "what a crash left is removed");
}

#[test]
fn of_concurrent_uploads_under_one_name_one_is_kept_completely() {
    const UPLOADS: usize = 4;
    let server = TestServer::start();
    let superuser = &server.superuser();
    assert_eq!(superuser.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    let bytes = fetch(superuser, "one.zip");
    // Each is a valid zip, identified by its entry.
    let marked = |mark: usize| {
        let mut zip = zip::ZipWriter::new_append(Cursor::new(bytes.clone())).unwrap();
        zip.start_file("mark", SimpleFileOptions::default()).unwrap();
        zip.write_all(mark.to_string().as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let start = &Barrier::new(UPLOADS);
    for round in 0..10 {
        let name = &format!("round{round}.zip");
        let answers: Vec<_> = thread::scope(|scope| {
            let upload = |mark| {
                scope.spawn(move || {
                    let bytes = marked(mark);
                    start.wait();
                    bring(superuser, name, bytes)
                })
            };
            let uploads: Vec<_> = (0..UPLOADS).map(upload).collect();
            uploads.into_iter().map(|upload| upload.join().unwrap()).collect()
        });
        let kept: Vec<usize> = (0..UPLOADS).filter(|mark| answers[*mark].status == 204).collect();
        assert_eq!(kept.len(), 1, "{answers:?}");
        for answer in answers.iter().filter(|answer| answer.status != 204) {
            assert_eq!(answer.body["data"]["file"]["code"], "validation_backup_name_exists", "{}", answer.body);
        }
        assert_eq!(fetch(superuser, name), marked(kept[0]));
    }
    let staging = server.data_dir().join("staging");
    assert!(files_below(&staging).is_empty(), "{:?}", files_below(&staging));
}

#[test]
fn an_unreachable_bucket_is_reported() {
    let server = TestServer::start();
    let superuser = server.superuser();
    assert_eq!(superuser.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    let bytes = fetch(&superuser, "one.zip");
    switch(&superuser, &json!({"backups": {"s3": dead_bucket()}}));
    let token = text(&superuser.create("/api/files/token", &json!({}))["token"]);
    for (answer, said) in [
        (superuser.get("/api/backups"), "Failed to retrieve backup items. Raw error: \n"),
        (superuser.post("/api/backups", &json!({})), "Failed to create backup. Raw error: \n"),
        (superuser.post("/api/backups", &json!({"name": "two.zip"})), "Failed to create backup. Raw error: \n"),
        (bring(&superuser, "two.zip", bytes.clone()), "Failed to store the backup. Raw error: \n"),
        (superuser.get(&format!("/api/backups/one.zip?token={token}")), "Failed to read the backup. Raw error: \n"),
        (superuser.delete("/api/backups/one.zip"), "Invalid or already deleted backup file. Raw error: \n"),
        (superuser.post("/api/backups/one.zip/restore", &json!({})), "Missing or invalid backup file."),
    ] {
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.message().starts_with(said) && !answer.message().contains(SECRET), "{}", answer.body);
    }
    assert_eq!(superuser.get("/api/health").body["data"]["canBackup"], true);
    // A refused upload must not reserve the name.
    switch(&superuser, &json!({"backups": {"s3": {"enabled": false}}}));
    assert_eq!(bring(&superuser, "two.zip", bytes).status, 204);
    assert_eq!(keys(&superuser), ["one.zip", "two.zip"]);
}
