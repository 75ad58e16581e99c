//! Commands, the config file, and error messages for people.

use crate::server::{TestServer, steading, steading_command};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn superusers_are_managed_while_the_server_runs() {
    let server = TestServer::start();
    let check = |arguments: &[&str], is_ok: bool, said: &str| {
        let output = server.command(arguments);
        assert_eq!(output.status.success(), is_ok, "{arguments:?}: {}", err(&output));
        let text = if is_ok { out(&output) } else { err(&output) };
        assert!(text.contains(said), "{arguments:?}: {text}");
    };
    check(&["superuser", "create", "second@example.com", "12345678"], true, "Saved superuser second@example.com.");
    check(&["superuser", "create", "second@example.com", "12345678"], false, "error: ");
    check(&["superuser", "update", "second@example.com", "another one"], true, "Saved");
    check(&["superuser", "update", "third@example.com", "12345678"], false, "no superuser");
    check(&["superuser", "create", "no address", "12345678"], false, "email: ");
    check(&["superuser", "upsert", "second@example.com", "yet another"], true, "Saved");
    server.sign_in("_superusers", "second@example.com", "yet another");
    check(&["superuser", "delete", "second@example.com"], true, "Removed");
    check(&["superuser", "ips", "127.0.0.1", "10.0.0.0/8"], true, "127.0.0.1, 10.0.0.0/8");
    check(&["superuser", "ips", "nonsense"], false, "superuserIPs");
    check(&["superuser", "ips"], true, "from anywhere");
    check(&["trust-proxy", "X-Forwarded-For", "X-Real-IP"], true, "read from X-Forwarded-For, or else X-Real-IP");
    let root = server.superuser();
    let trusted = || root.get("/api/settings?fields=trustedProxy").body["trustedProxy"].clone();
    let deadline = Instant::now() + Duration::from_mins(1);
    while trusted() != json!({"headers": ["X-Forwarded-For", "X-Real-IP"], "useLeftmostIP": false}) {
        assert!(Instant::now() < deadline, "the server does not notice: {}", trusted());
    }
    check(&["trust-proxy", "not a name"], false, "not a valid header name");
    check(&["trust-proxy"], true, "No header is trusted");
    check(&["--json", "superuser", "upsert", "a@example.com", "12345678"], true, r#"{"email":"a@example.com"}"#);
}

#[test]
fn a_running_server_notices_what_a_command_changed() {
    let server = TestServer::start();
    let superuser = server.superuser();
    assert_eq!(superuser.get("/api/settings").status, 200);
    // Waits until the server checks for changes.
    let eventually = |what: &str, is_so: &dyn Fn() -> bool| {
        let until = Instant::now() + Duration::from_mins(1);
        while !is_so() {
            assert!(Instant::now() < until, "not noticed: {what}");
        }
    };
    assert!(server.command(&["superuser", "ips", "10.0.0.1"]).status.success());
    eventually("settings", &|| superuser.get("/api/health").status == 403);
    assert!(server.command(&["superuser", "ips"]).status.success());
    eventually("settings", &|| superuser.get("/api/health").status == 200);
    fs::write(server.folder().join("notes.csv"), "title\none\n").unwrap();
    assert!(server.command(&["import", "notes.csv", "--into", "notes"]).status.success());
    eventually("a collection", &|| superuser.get("/api/collections/notes/records").status == 200);
}

/// A running server looks for what others have written about once a second. Superusers are read with each request.
#[test]
fn a_command_ends_the_sign_ins_of_a_superuser_immediately() {
    let server = TestServer::start();
    let mut root = server.superuser();
    for round in 0..5 {
        assert_eq!(root.get("/api/settings").status, 200);
        let password = format!("password {round}");
        assert!(server.command(&["superuser", "update", "root@example.com", &password]).status.success());
        assert_eq!(root.get("/api/settings").status, 401, "round {round}");
        root = server.sign_in("_superusers", "root@example.com", &password);
    }
    let second = server.command(&["superuser", "create", "second@example.com", "12345678"]);
    assert!(second.status.success());
    let second = server.sign_in("_superusers", "second@example.com", "12345678");
    assert_eq!(second.get("/api/settings").status, 200);
    assert!(server.command(&["superuser", "delete", "second@example.com"]).status.success());
    assert_eq!(second.get("/api/settings").status, 401);
}

#[test]
fn a_folder_has_one_server_which_may_end_in_any_way() {
    let mut server = TestServer::start();
    let second = server.command(&["serve", "--http", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("another server uses the folder"), "{said}");
    assert_eq!(server.anonymous().get("/api/health").status, 200, "the first goes on");
    server.kill();
    server.restart();
}

#[test]
fn a_database_that_lost_its_content_is_not_taken_for_a_new_one() {
    let mut server = TestServer::start();
    let (superuser, data) = (server.superuser(), server.data_dir());
    superuser.create("/api/collections", &json!({"name": "kept", "fields": []}));
    assert_eq!(superuser.post("/api/backups", &json!({"name": "whole.zip"})).status, 204);
    assert!(server.stop().success());
    fs::write(data.join("data.db"), "").unwrap();
    for command in [&["serve", "--http", "127.0.0.1:0"][..], &["backup", "list"], &["superuser", "ips"], &["openapi"]] {
        let refused = server.command(command);
        let said = err(&refused);
        assert!(!refused.status.success() && said.contains("data.db") && said.contains("is empty (0 bytes)"), "{said}");
        assert!(said.contains("logs.db, backups") && said.contains("whole.zip"), "{said}");
    }
    assert_eq!(fs::metadata(data.join("data.db")).unwrap().len(), 0, "nothing was begun");
    let restored = server.command(&["backup", "restore", "whole.zip"]);
    assert!(restored.status.success(), "{}", err(&restored));
    server.restart();
    assert_eq!(server.superuser().get("/api/collections/kept").status, 200);

    // Deliberately, and where the very first start was interrupted.
    assert!(server.stop().success());
    fs::remove_file(data.join("data.db")).unwrap();
    server.restart();
    assert!(server.printed("/_/#/pbinstall/").contains("http"));
    assert!(server.stop().success());
    fs::remove_dir_all(&data).unwrap();
    fs::create_dir(&data).unwrap();
    for name in ["data.db", "in_use.lock", "server.lock"] {
        fs::write(data.join(name), "").unwrap();
    }
    server.restart();
    assert!(server.printed("/_/#/pbinstall/").contains("http"));
}

#[test]
fn a_first_start_prints_a_link_that_makes_the_first_superuser() {
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::start_empty(folder);
    let next = server.printed("Made the folder ");
    assert!(next.contains("data for the data. Next: open this link") && next.contains("first superuser"), "{next}");
    let link = server.printed("/_/#/pbinstall/");
    let token = link.rsplit('/').next().unwrap().trim();
    let credentials = json!({"email": "me@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    let installer = server.anonymous().with_token(token);
    installer.create("/api/collections/_superusers/records", &credentials);
    server.sign_in("_superusers", "me@example.com", "12345678");
    assert_eq!(installer.get("/api/settings").status, 401, "the link has done its work");
}

#[test]
fn the_link_for_the_first_superuser_works_only_where_superusers_may_come_from() {
    let server = TestServer::start_empty(tempfile::tempdir().unwrap());
    let link = server.printed("/_/#/pbinstall/");
    let installer = server.anonymous().with_token(link.rsplit('/').next().unwrap().trim());
    assert_eq!(installer.get("/api/settings").status, 200);
    assert!(server.command(&["superuser", "ips", "10.0.0.1"]).status.success());
    let until = Instant::now() + Duration::from_mins(1);
    while installer.get("/api/settings").status != 403 {
        assert!(Instant::now() < until, "not noticed");
    }
    let credentials = json!({"email": "me@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    assert_eq!(installer.post("/api/collections/_superusers/records", &credentials).status, 403);
}

#[test]
fn each_setting_tells_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.toml"), "[lockout]\nper_address = 7\nper_identity = 70").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_steading"))
        .current_dir(folder.path())
        .env("STEADING_LOCKOUT_PER_IDENTITY", "77")
        .args(["config", "--json", "--http", "127.0.0.1:1"])
        .output()
        .unwrap();
    let shown: Value = serde_json::from_str(out(&output)).unwrap();
    let check = |key: &str, value: Value, origin: &str| {
        assert_eq!(shown[key], json!({"value": value, "origin": origin}), "{key}");
    };
    check("listen", json!("127.0.0.1:1"), "--http");
    check("lockout.per_identity", json!(77), "STEADING_LOCKOUT_PER_IDENTITY");
    check("lockout.per_address", json!(7), "config.toml");
    check("lockout.enabled", json!(true), "default");
}

#[test]
fn config_finds_what_keeps_a_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], file: &str| {
        fs::write(folder.path().join("config.toml"), file).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_steading"));
        command.current_dir(folder.path()).env("STEADING_LISTN", "127.0.0.1:1").args(arguments).output().unwrap()
    };
    let wrong = "public_url = \"example.com\"\nlisten = \"127.0.0.1:99999\"\nencryption_key_env = \"STEADING_TEST_NO_SUCH\"\n\
                 [log]\nlevel = \"verbose\"\n[webhooks]\nallow = [\"a b\"]\n[scripts]\nhttp_allow = [\"http://a\"]";
    let said = [
        "cannot listen on \"127.0.0.1:99999\": expected an address and a port",
        "public_url must be the address",
        "the encryption key variable STEADING_TEST_NO_SUCH is not set",
        "log.level is \"verbose\": expected error, warn",
        "webhooks.allow: \"a b\" is not an address",
        "scripts.http_allow: \"http://a\" is not an address",
    ];
    for command in ["config", "serve"] {
        let output = run(&[command], wrong);
        assert!(!output.status.success() && out(&output).is_empty(), "{command}: {}", out(&output));
        let lines: Vec<&str> = err(&output).trim_start_matches("error: ").lines().collect();
        assert!(lines.len() == said.len(), "{lines:#?}");
        assert!(lines.iter().zip(said).all(|(line, said)| line.starts_with(said)), "{lines:#?}");
    }
    for command in ["config", "serve"] {
        let output =
            run(&[command, "--log-format", "xml"], "[limits]\nreader = 4\nquery_seconds = 9223372036854775807");
        assert!(!output.status.success());
        let said = [
            "error: config.toml:2: there is no setting limits.reader; did you mean limits.readers?",
            "config.toml:3: limits.query_seconds is 9223372036854775807: expected 315360000 at most",
            "--log-format is \"xml\": unknown variant `xml`, expected `text` or `json`",
        ];
        assert_eq!(err(&output).lines().collect::<Vec<_>>(), said, "{command}");
    }
    let output = run(&["config"], "");
    assert!(output.status.success() && out(&output).contains("listen = \"127.0.0.1:8090\""), "{}", err(&output));
    assert!(err(&output).contains("STEADING_LISTN (did you mean STEADING_LISTEN?)"), "{}", err(&output));
}

#[test]
fn a_variable_that_is_no_setting_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let child = steading_command(folder.path(), &["serve", "--http", "127.0.0.1:0"])
        .env("STEADING_LISTN", "127.0.0.1:1")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Ended(child);
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("STEADING_LISTN (did you mean STEADING_LISTEN?)")));
}

/// Kills the process when it is dropped.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn errors_at_the_start_are_reported_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], said: &str| {
        let output = steading(folder.path(), arguments);
        assert!(!output.status.success() && err(&output).contains(said), "{arguments:?}: {}", err(&output));
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    check(&["serve", "--http", &taken.local_addr().unwrap().to_string()], "another program is using this port");
    check(&["serve", "--http", "nonsense"], "such as 127.0.0.1:8090");
    check(&["serve", "--https", "0.0.0.0:443"], "HTTPS is not supported yet");
    check(&["serve", "example.com"], "HTTPS is not supported yet");
    check(&["serve", "--encryptionEnv", "STEADING_TEST_NO_SUCH"], "STEADING_TEST_NO_SUCH is not set");
    check(&["serve", "--config", "missing.toml"], "cannot read missing.toml");
    fs::write(folder.path().join("config.toml"), "listen = \"127.0.0.1:0\"\n[limits]\nreader = 4").unwrap();
    check(&["serve"], "config.toml:3: there is no setting limits.reader; did you mean limits.readers?");
    fs::write(folder.path().join("data"), "a file, where a folder should be").unwrap();
    fs::remove_file(folder.path().join("config.toml")).unwrap();
    check(&["serve", "--http", "127.0.0.1:0"], "cannot create the folder");
    fs::remove_file(folder.path().join("data")).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/data.db"), "no database. ".repeat(1000)).unwrap();
    check(&["serve", "--http", "127.0.0.1:0"], "if it is damaged, `steading backup restore` brings one back");
}

#[test]
fn sealed_settings_open_only_with_their_key() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"encryption_key_env = \"HOME_OF_KEY\"").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = |key: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steading"));
        command.current_dir(folder.path()).args(["superuser", "ips", "10.0.0.1", "--config"]).arg(file.path());
        if let Some(key) = key {
            command.env("HOME_OF_KEY", key);
        }
        command.output().unwrap()
    };
    let key = "k".repeat(32);
    assert!(run(Some(&key)).status.success());
    assert!(run(Some(&key)).status.success());
    assert!(err(&run(Some("short"))).contains("must be 32 bytes long"));
    assert!(err(&run(Some(&"x".repeat(32)))).contains("the encryption key is not the one they were saved with"));
    assert!(err(&run(None)).contains("HOME_OF_KEY is not set"));
    let stored = fs::read(folder.path().join("steading_data/data.db")).unwrap();
    assert!(!stored.windows(8).any(|window| window == b"10.0.0.1"), "nothing readable is on disk");
}
