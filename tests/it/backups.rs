//! Backups through the API: made while others write, fetched, brought.

use crate::server::{Client, TestServer, text};
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use rusqlite::Connection;
use serde_json::json;
use std::collections::HashSet;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const WRITERS: usize = 4;

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

/// Writes until told to stop; gives what was acknowledged before `mark` was set.
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
    let server = TestServer::start();
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
    // The folder in a name says where it was, not where to put it.
    assert_eq!(bring(&superuser, "../../x.zip", bytes.clone()).status, 204);
    assert!(!server.folder().join("x.zip").exists() && keys(&superuser).contains(&"x.zip".to_owned()));
    let refused = |name: &str, bytes: Vec<u8>, code: &str| {
        let answer = bring(&superuser, name, bytes);
        assert_eq!((answer.status, text(&answer.body["data"]["file"]["code"])), (400, code.to_owned()), "{name}");
    };
    refused("one.zip", bytes.clone(), "validation_backup_name_exists");
    refused("three.zip", b"no zip at all".to_vec(), "validation_invalid_mime_type");
    refused("..", bytes, "validation_match_invalid");

    // Neither the header nor a user's file token opens one; a name leads nowhere else.
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
