//! Slow reads of guests do not delay other clients.

use super::meter::Waits;
use super::server::{Client, TestServer};
use reqwest::Method;
use serde_json::json;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// On an idle machine it takes a few milliseconds; the promise is 100.
const MAX_P99: Duration = Duration::from_millis(500);

/// Creates eight records of 5 MB and a small one. Returns the id of the small one.
fn server_with_texts(arguments: &[&str]) -> (TestServer, String) {
    let server = TestServer::start_with(arguments);
    let root = server.superuser();
    root.create(
        "/api/collections",
        &json!({"name": "notes", "type": "base", "listRule": "", "viewRule": "", "fields": [
            {"name": "content", "type": "text", "max": 6_000_000}, {"name": "title", "type": "text"}]}),
    );
    let records = "/api/collections/notes/records";
    for _ in 0..8 {
        root.create(records, &json!({"content": "a".repeat(5_000_000), "title": "large"}));
    }
    let small = root.create(records, &json!({"content": "a", "title": "small"}));
    (server, small["id"].as_str().unwrap().to_owned())
}

/// A list that takes far longer than the query limit.
fn slow_list() -> String {
    let expressions: Vec<String> = (0..30).map(|at| format!("content~'%{}{at}b%'", "a_".repeat(45))).collect();
    let filter = expressions.join("||").replace('%', "%25").replace('\'', "%27").replace('|', "%7C");
    format!("/api/collections/notes/records?fields=id&filter={filter}")
}

fn get(client: &Client, path: &str) {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
}

#[test]
fn slow_filters_of_guests_delay_no_other_client() {
    let (server, id) = server_with_texts(&[]);
    let path = slow_list();
    let done = Arc::new(AtomicU32::new(0));
    for _ in 0..40 {
        let (client, path, done) = (server.anonymous(), path.clone(), Arc::clone(&done));
        // Not awaited: the server is stopped first.
        std::thread::spawn(move || {
            let _ = client.request(Method::GET, &path).send();
            done.fetch_add(1, Ordering::SeqCst);
        });
    }
    let client = server.anonymous();
    for path in ["/api/health".to_owned(), format!("/api/collections/notes/records/{id}")] {
        let mut waits = Waits::start();
        for _ in 0..200 {
            waits.ask(|| get(&client, &path));
        }
        waits.check(MAX_P99, &path);
    }
    // On a busy machine, some reach their time limit meanwhile.
    assert!(done.load(Ordering::SeqCst) < 40, "slow ones were under way all the time");
}

#[test]
fn a_query_ends_in_time() {
    let (server, _) = server_with_texts(&["--queryTimeout", "3"]);
    let started = Instant::now();
    let answer = server.anonymous().get(&slow_list());
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_query_ends_when_its_client_goes_away() {
    let (server, _) = server_with_texts(&["--queryTimeout", "600"]);
    let (client, host) = (server.anonymous(), server.url.trim_start_matches("http://"));
    let asked: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(host).unwrap();
            write!(stream, "GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", slow_list()).unwrap();
            stream
        })
        .collect();
    for _ in 0..100 {
        get(&client, "/api/health");
    }
    drop(asked);
    // Needs a turn, which this address gets only after those reads have ended: otherwise in ten minutes.
    get(&client, "/api/collections/notes/records?fields=id&filter=content~%27ab%27");
}
