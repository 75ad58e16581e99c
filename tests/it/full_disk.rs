//! A data folder on a file system of 24 MB that is filled completely. Requires the right to mount one; otherwise the
//! tests print a note and pass.

use crate::server::{Client, TestServer};
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FULL: &str = "The disk of the server is full. Reading and deleting are still possible.";
const PATIENCE: Duration = Duration::from_mins(1);

/// An in-memory file system. Unmounted on drop, which must come after the server on it.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        let _ = writeln!(std::io::stderr(), "skipped: this test needs the right to mount a file system");
        None
    }

    fn server(&self) -> TestServer {
        let server = TestServer::start_in(tempfile::tempdir_in(self.0.path()).unwrap(), &[]);
        let superuser = server.superuser();
        superuser.create(
            "/api/collections",
            &json!({"name": "notes", "listRule": "", "viewRule": "", "fields": [
                {"name": "text", "type": "text", "max": 5_000_000},
                {"name": "file", "type": "file", "maxSize": 20_000_000},
                {"name": "parent", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1, "cascadeDelete": true}]}),
        );
        server
    }

    /// Fills all remaining space, as another program would.
    fn fill(&self) -> std::path::PathBuf {
        let path = self.0.path().join("of_another_program");
        let mut file = File::create(&path).unwrap();
        for chunk in [vec![1_u8; 64 * 1024], vec![1_u8; 1024]] {
            while file.write_all(&chunk).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, in case a process still has a file open there.
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

fn bytes(server: &TestServer, name: &str) -> u64 {
    fs::metadata(server.data_dir().join(name)).map_or(0, |metadata| metadata.len())
}

fn disk(superuser: &Client) -> Value {
    superuser.get("/api/health").body["data"]["disk"].clone()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Creates records of `size` bytes until one is refused. Returns the ids of those that were created.
fn create_until_full(superuser: &Client, size: usize) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let answer = superuser.post("/api/collections/notes/records", &json!({"text": "x".repeat(size)}));
        if answer.status != 200 {
            assert_eq!((answer.status, answer.message()), (507, FULL), "{}", answer.body);
            assert_eq!((&answer.body["status"], &answer.body["data"]), (&json!(507), &json!({})));
            return ids;
        }
        ids.push(answer.body["id"].as_str().unwrap().to_owned());
        assert!(ids.len() < 10_000, "24 MB never end");
    }
}

#[test]
fn records_fill_the_disk_and_deleting_them_makes_room() {
    let Some(small) = SmallDisk::mount() else { return };
    let mut server = small.server();
    let superuser = server.superuser();
    let ids = create_until_full(&superuser, 100_000);
    assert!(ids.len() > 50, "{}", ids.len());
    // Until small ones do not fit either.
    create_until_full(&superuser, 3000);
    assert_eq!(disk(&superuser)["isFull"], true);
    assert_eq!(server.anonymous().get("/api/health").body["data"], json!({}));

    // Logged once at the beginning, not for each request. Some may fit: an idle server frees the space of its log.
    let large = json!({"text": "x".repeat(1_000_000)});
    let statuses: Vec<u16> = (0..50).map(|_| superuser.post("/api/collections/notes/records", &large).status).collect();
    assert!(statuses.iter().all(|status| [200, 507].contains(status)), "{statuses:?}");
    let refused = statuses.iter().filter(|status| **status == 507).count();
    let lines = server.lines();
    let told = lines.iter().filter(|line| line.contains("full") || line.contains("rolled back")).count();
    assert!(refused >= 30 && (1..10).contains(&told), "{refused} refused: {lines:#?}");

    // Nothing is lost, and reads still work.
    let count = || superuser.get("/api/collections/notes/records?perPage=1").body["totalItems"].as_u64().unwrap();
    let before = count();
    assert!(before >= ids.len() as u64);
    assert_eq!(superuser.get(&format!("/api/collections/notes/records/{}", ids[0])).status, 200);
    // The log is moved into the file, and its space is freed.
    until("the write-ahead log is short", || bytes(&server, "data.db-wal") < 1_000_000);

    // Starting on the full disk works, and so does signing in.
    server.kill();
    server.restart();
    let superuser = server.superuser();
    let total = || superuser.get("/api/collections/notes/records?perPage=1").body["totalItems"].as_u64().unwrap();
    assert_eq!(total(), before);
    // The space of the log is available.
    let before = before + create_until_full(&superuser, 3000).len() as u64;
    for id in &ids[..40] {
        assert_eq!(superuser.delete(&format!("/api/collections/notes/records/{id}")).status, 204);
    }
    assert_eq!(total(), before - 40);
    // Deleted records free space for others, and the log says once that there is space again.
    until("there is room again", || disk(&superuser)["isFull"] == false);
    superuser.create("/api/collections/notes/records", &json!({"text": "x".repeat(100_000)}));

    server.kill();
    assert_eq!(integrity(&server.data_dir().join("data.db")), "ok");
}

#[test]
fn deletions_use_the_reserve_when_another_program_has_taken_everything() {
    let Some(small) = SmallDisk::mount() else { return };
    let mut server = small.server();
    let superuser = server.superuser();
    let mut ids = Vec::new();
    for _ in 0..30 {
        let answer = superuser.create("/api/collections/notes/records", &json!({"text": "x".repeat(100_000)}));
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    until("there is a reserve", || disk(&superuser)["reserveBytes"].as_u64().unwrap() > 0);
    // Otherwise its space would be freed, and the other program would have to take that as well.
    until("the log is given back", || bytes(&server, "data.db-wal") <= 1024 * 1024);
    let filler = small.fill();
    // It may fit into the existing log.
    until("writes are refused", || {
        superuser.post("/api/collections/notes/records", &json!({"text": "x".repeat(100_000)})).status == 507
    });
    // Filled again, in case the log was truncated meanwhile.
    let path = small.0.path().join("more_of_another_program");
    until("nothing is free but the reserve", || {
        let mut file = File::options().create(true).append(true).open(&path).unwrap();
        for chunk in [vec![1_u8; 64 * 1024], vec![1_u8; 1024]] {
            while file.write_all(&chunk).is_ok() {}
        }
        let state = disk(&superuser);
        if state["reserveBytes"] == 0 {
            // The server had removed the reserve to shorten its log, and this has taken the space. It is given back.
            file.set_len(0).unwrap();
            let file = File::options().write(true).open(&filler).unwrap();
            file.set_len(file.metadata().unwrap().len() - 1024 * 1024).unwrap();
            until("there is a reserve again", || disk(&superuser)["reserveBytes"].as_u64().unwrap() > 0);
            return false;
        }
        state["freeBytes"].as_u64().unwrap() < 8192
    });

    for id in &ids[..10] {
        let answer = superuser.delete(&format!("/api/collections/notes/records/{id}"));
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    let settings = superuser.patch("/api/settings", &json!({"meta": {"appName": "Changed while full"}}));
    assert_eq!(settings.status, 200, "{}", settings.body);
    let deleted = superuser.post("/api/sql", &json!({"query": format!("DELETE FROM notes WHERE id = '{}'", ids[10])}));
    assert_eq!(deleted.status, 200, "{}", deleted.body);

    // Starting with no free space works, and so does signing in.
    server.kill();
    server.restart();
    let superuser = server.superuser();
    assert_eq!(superuser.delete(&format!("/api/collections/notes/records/{}", ids[11])).status, 204);
    assert_eq!(superuser.delete("/api/collections/notes/truncate").status, 204);
    assert_eq!(superuser.delete("/api/logs").status, 204);

    fs::remove_file(filler).unwrap();
    until("there is room again", || {
        let disk = disk(&superuser);
        disk["isFull"] == false && disk["reserveBytes"].as_u64().unwrap() > 0
    });
    superuser.create("/api/collections/notes/records", &json!({"text": "x".repeat(100_000)}));
}

#[test]
fn uploads_are_refused_before_they_take_what_is_left() {
    let Some(small) = SmallDisk::mount() else { return };
    let server = small.server();
    let superuser = server.superuser();
    let upload = |bytes: usize| {
        let part = Part::bytes(vec![7; bytes]).file_name("a.bin");
        let form = Form::new().part("file", part);
        superuser.send(superuser.request(Method::POST, "/api/collections/notes/records").multipart(form))
    };
    assert_eq!(upload(5_000_000).status, 200);
    let refused = upload(19_000_000);
    let text = "There is not enough room left on the disk of the server for this upload.";
    assert_eq!((refused.status, refused.message()), (507, text), "{}", refused.body);
    assert_eq!(disk(&superuser)["isFull"], false, "a smaller one fits");
    let mut kept = 0;
    while upload(2_000_000).status == 200 {
        kept += 1;
        assert!(kept < 12);
    }
    assert_eq!(fs::read_dir(server.data_dir().join("staging")).map_or(0, Iterator::count), 0, "nothing half received");
    // Records without files can still be created. A backup is refused before it begins.
    superuser.create("/api/collections/notes/records", &json!({"text": "small"}));
    let backup = superuser.post("/api/backups", &json!({}));
    assert_eq!(backup.status, 507, "{}", backup.body);
    assert!(backup.message().contains("too little free disk space"), "{}", backup.body);
    assert_eq!(fs::read_dir(server.data_dir().join("backup_work")).map_or(0, Iterator::count), 0);
}

fn integrity(path: &Path) -> String {
    let out = Command::new("sqlite3").arg(path).arg("PRAGMA integrity_check").output();
    // Not installed everywhere; the server itself has already reopened the file.
    out.map_or_else(|_| "ok".to_owned(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}
