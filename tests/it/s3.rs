//! Files and backups in a bucket, on the S3 server moto from the tests' own environment. Skipped if moto is not
//! installed, unless `STEADING_REQUIRE_PEER` is set.

use crate::backups::{bring, fetch, keys};
use crate::crons::back_up_automatically;
use crate::files::{eventually, file, files_below, url};
use crate::server::{Client, TestServer, text};
use crate::smtp::ClosedPort;
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::blocking::multipart::Form;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub const SECRET: &str = "the secret of a bucket";

/// An S3 server with two empty buckets. Stops on drop.
struct S3Server {
    child: Child,
    url: String,
}

impl S3Server {
    /// Returns `None` if moto is not installed.
    fn start() -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peer/bin/moto_server");
        if !program.exists() {
            assert!(std::env::var_os("STEADING_REQUIRE_PEER").is_none(), "moto is missing: run `make tools`");
            // Written directly to stderr, because the runner hides what a passing test prints.
            let _ = writeln!(std::io::stderr(), "skipped: moto is not installed (make tools)");
            return None;
        }
        let mut child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines
            .find_map(|line| Some(line.split_once("Running on ")?.1.trim().to_owned()))
            .expect("moto tells where it listens");
        // Keeps reading, so that the server never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Self { child, url };
        for bucket in ["files", "backups"] {
            let made = reqwest::blocking::Client::new().put(format!("{}/{bucket}", server.url)).send().unwrap();
            assert!(made.status().is_success(), "{}", made.status());
        }
        Some(server)
    }

    fn settings(&self, bucket: &str, is_enabled: bool) -> Value {
        settings(&self.url, bucket, is_enabled)
    }

    /// The keys of everything in a bucket.
    fn keys(&self, bucket: &str) -> Vec<String> {
        let listing = reqwest::blocking::get(format!("{}/{bucket}?list-type=2", self.url)).unwrap().text().unwrap();
        listing.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn settings(endpoint: &str, bucket: &str, is_enabled: bool) -> Value {
    json!({"enabled": is_enabled, "bucket": bucket, "region": "us-east-1", "endpoint": endpoint,
        "accessKey": "key", "secret": SECRET, "forcePathStyle": true})
}

/// Settings for a bucket on a port without a server.
pub fn dead_bucket() -> Value {
    settings(&format!("http://127.0.0.1:{}", ClosedPort::forever()), "backups", true)
}

fn docs(superuser: &Client) {
    superuser.create(
        "/api/collections",
        &json!({"name": "docs", "type": "base", "viewRule": "", "createRule": "", "deleteRule": "", "fields": [
            {"name": "title", "type": "text", "max": 5},
            {"name": "f", "type": "file", "maxSize": 30_000_000}]}),
    );
}

pub fn switch(superuser: &Client, settings: &Value) {
    let answer = superuser.patch("/api/settings", settings);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn files_live_in_a_bucket() {
    let Some(s3) = S3Server::start() else { return };
    let server = TestServer::start();
    let (superuser, guest) = (server.superuser(), server.anonymous());
    docs(&superuser);
    let test = |filesystem: &str| superuser.post("/api/settings/test/s3", &json!({"filesystem": filesystem}));
    assert_eq!(test("storage").status, 400);
    switch(&superuser, &json!({"s3": s3.settings("files", true), "backups": {"s3": s3.settings("backups", true)}}));
    assert_eq!((test("storage").status, test("backups").status), (204, 204));
    assert!(s3.keys("files").is_empty() && s3.keys("backups").is_empty(), "the test cleans up");

    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(300, 200)).write_to(&mut png, ImageFormat::Png).unwrap();
    let picture = guest.upload("docs", Form::new().part("f", file("a.png", png.into_inner())));
    let (status, thumb) = guest.download(&format!("{}?thumb=100x100", url(&picture, "f")));
    assert_eq!((status, image::load_from_memory(&thumb).unwrap().width()), (200, 100));
    // Larger than what one request carries.
    let content: Vec<u8> = (0..20_000_000_u32).flat_map(|at| [(at / 7) as u8]).collect();
    let large = guest.upload("docs", Form::new().part("f", file("large.bin", content.clone())));
    assert_eq!(guest.download(&url(&large, "f")), (200, content.clone()));
    let request = guest.request(reqwest::Method::GET, &url(&large, "f")).header("range", "bytes=9999990-10000009");
    let part = request.send().unwrap();
    assert_eq!(
        (part.status().as_u16(), part.bytes().unwrap().to_vec()),
        (206, content[9_999_990..10_000_010].to_vec())
    );
    assert_eq!(s3.keys("files").len(), 3);
    assert!(!server.data_dir().join("storage").join(text(&large["collectionId"])).exists());

    let refused = Form::new().part("f", file("b.txt", "x")).text("title", "too long");
    assert_eq!(guest.send_form(reqwest::Method::POST, "/api/collections/docs/records", refused).status, 400);
    assert_eq!(s3.keys("files").len(), 3, "a save that fails leaves no file");
    for record in [picture, large] {
        assert_eq!(guest.delete(&format!("/api/collections/docs/records/{}", text(&record["id"]))).status, 204);
    }
    eventually("files and thumbnails are gone", || s3.keys("files").is_empty());

    drop(s3);
    let answer = guest.send_form(
        reqwest::Method::POST,
        "/api/collections/docs/records",
        Form::new().part("f", file("b.txt", "x")),
    );
    assert_eq!(answer.status, 500, "a bucket that is down is said to be, and no record is left");
    assert_eq!(superuser.get("/api/collections/docs/records").body["totalItems"], 0);
    assert_eq!(guest.get("/api/health").status, 200);
}

#[test]
fn files_move_into_the_bucket_and_back() {
    let Some(s3) = S3Server::start() else { return };
    let server = TestServer::start();
    let (superuser, guest) = (server.superuser(), server.anonymous());
    docs(&superuser);
    let records: Vec<Value> =
        (0..12).map(|at| guest.upload("docs", Form::new().part("f", file("a.txt", at.to_string())))).collect();
    let local = || server.data_dir().join("storage").join(text(&records[0]["collectionId"]));
    let run = |to: &str| {
        let output = server.command(&["--json", "files", "move", "--to", to]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        ["copied", "present", "removed"].map(|key| json[key].as_u64().unwrap())
    };
    let all_are_served = || {
        for (at, record) in records.iter().enumerate() {
            assert_eq!(guest.download(&url(record, "f")), (200, at.to_string().into_bytes()));
        }
    };
    let failed = server.command(&["files", "move", "--to", "s3"]);
    assert!(String::from_utf8_lossy(&failed.stderr).contains("the settings name no S3 bucket"));

    switch(&superuser, &json!({"s3": s3.settings("files", false)}));
    assert_eq!(run("s3"), [12, 0, 0]);
    assert_eq!(run("s3"), [0, 12, 0], "what is there is not copied again");
    all_are_served();
    switch(&superuser, &json!({"s3": {"enabled": true}}));
    all_are_served();
    assert_eq!(run("s3"), [0, 12, 12]);
    assert!(!local().exists());
    all_are_served();

    switch(&superuser, &json!({"s3": {"enabled": false}}));
    assert_eq!(run("local"), [12, 0, 12]);
    assert!(s3.keys("files").is_empty());
    all_are_served();
}

/// The files of backups on the local disk.
fn local_backups(server: &TestServer) -> Vec<PathBuf> {
    ["backups", "backup_work"].iter().flat_map(|folder| files_below(&server.data_dir().join(folder))).collect()
}

#[test]
fn backups_live_in_a_bucket() {
    let Some(s3) = S3Server::start() else { return };
    let mut server = TestServer::start();
    let (superuser, guest) = (server.superuser(), server.anonymous());
    docs(&superuser);
    switch(&superuser, &json!({"backups": {"s3": s3.settings("backups", true)}}));
    // Larger than what one request carries, even when compressed.
    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    });
    let content: Vec<u8> = noise.take(10_000_000).collect();
    let record = guest.upload("docs", Form::new().part("f", file("large.bin", content.clone())));
    let path = format!("/api/collections/docs/records/{}", text(&record["id"]));
    assert_eq!(superuser.post("/api/backups", &json!({"name": "one.zip"})).status, 204);
    assert_eq!((keys(&superuser), s3.keys("backups")), (vec!["one.zip".to_owned()], vec!["one.zip".to_owned()]));
    let again = superuser.post("/api/backups", &json!({"name": "one.zip"}));
    assert_eq!(again.body["data"]["name"]["code"], "validation_backup_name_exists");
    let listed = superuser.get("/api/backups").body;
    let bytes = fetch(&superuser, "one.zip");
    assert_eq!(listed[0]["size"], bytes.len());
    assert_eq!(bring(&superuser, "two.zip", bytes.clone()).status, 204);
    assert_eq!(bring(&superuser, "two.zip", bytes).body["data"]["file"]["code"], "validation_backup_name_exists");
    assert_eq!(s3.keys("backups"), ["one.zip", "two.zip"]);
    let verified = server.command(&["backup", "verify", "two.zip"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(local_backups(&server), [""; 0].map(PathBuf::from), "nothing of it is kept here");

    assert_eq!(guest.delete(&path).status, 204);
    assert_eq!(superuser.post("/api/backups/two.zip/restore", &json!({})).status, 204);
    server.follow_restart();
    let guest = server.anonymous();
    assert_eq!(guest.download(&url(&record, "f")), (200, content.clone()));
    assert_eq!(local_backups(&server), [""; 0].map(PathBuf::from));

    assert_eq!(guest.delete(&path).status, 204);
    server.stop();
    let restored = server.command(&["backup", "restore", "one.zip"]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    server.restart();
    let superuser = server.superuser();
    assert_eq!(server.anonymous().download(&url(&record, "f")), (200, content));

    assert_eq!(superuser.delete("/api/backups/one.zip").status, 204);
    assert_eq!(superuser.delete("/api/backups/one.zip").status, 400);
    assert_eq!((keys(&superuser), s3.keys("backups")), (vec!["two.zip".to_owned()], vec!["two.zip".to_owned()]));
    assert_eq!(local_backups(&server), [""; 0].map(PathBuf::from));
}

#[test]
fn automatic_backups_in_a_bucket_make_room_for_newer_ones_and_for_no_others() {
    let Some(s3) = S3Server::start() else { return };
    let server = TestServer::start();
    let superuser = server.superuser();
    switch(
        &superuser,
        &json!({"backups": {"cron": "0 0 * * *", "cronMaxKeep": 2, "s3": s3.settings("backups", true)}}),
    );
    assert_eq!(superuser.post("/api/backups", &json!({"name": "mine.zip"})).status, 204);
    let mut seen = HashSet::new();
    while seen.len() < 4 {
        back_up_automatically(&superuser);
        seen.extend(s3.keys("backups").into_iter().filter(|key| key.starts_with('@')));
    }
    eventually("two of them are left", || s3.keys("backups").len() == 3);
    assert!(keys(&superuser).contains(&"mine.zip".to_owned()));
    assert_eq!(local_backups(&server), [""; 0].map(PathBuf::from));
}
