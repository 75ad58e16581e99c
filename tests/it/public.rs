//! The static site and the dashboard's files.

use crate::server::{Answer, TestServer};
use reqwest::Method;
use std::fs;

/// A server with a small site, and a secret file outside of it.
fn start(arguments: &[&str]) -> (TestServer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    fs::create_dir_all(site.join("sub")).unwrap();
    fs::create_dir_all(site.join("empty")).unwrap();
    for (name, content) in [
        ("index.html", "front"),
        ("sub/index.html", "sub"),
        ("app.js", "plain"),
        ("app.js.gz", "zipped"),
        (".well-known", "dot"),
        ("big.bin", "0123456789"),
        ("../secret.txt", "secret"),
    ] {
        fs::write(site.join(name), content).unwrap();
    }
    let site = site.to_str().unwrap().to_owned();
    let arguments: Vec<&str> = ["--publicDir", &site].into_iter().chain(arguments.iter().copied()).collect();
    (TestServer::start_with(&arguments), folder)
}

/// Sends the path unchanged, including dots.
fn get(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> (Answer, String) {
    let guest = server.anonymous();
    let mut request = guest.request(Method::GET, "/").build().unwrap();
    assert!(request.url().path().starts_with('/'));
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    request.url_mut().set_path(path);
    request.url_mut().set_query(query);
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(reqwest::header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = client.execute(request).unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().unwrap();
    (Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default() }, text)
}

#[test]
fn files_and_folders_of_the_site_are_served() {
    let (server, _folder) = start(&[]);
    let page = |path: &str| {
        let (answer, text) = get(&server, path, &[]);
        (answer.status, text)
    };
    let check = |path: &str, expected: &str| assert_eq!(page(path), (200, expected.to_owned()), "{path}");
    check("/", "front");
    check("/sub/", "sub");
    check("/app.js", "plain");
    check("/.well-known", "dot");
    check("/unknown/page", "front");
    check("/empty/", "front");

    let redirected = |path: &str| {
        let (answer, _) = get(&server, path, &[]);
        (answer.status, answer.headers["location"].to_str().unwrap().to_owned())
    };
    let check = |path: &str, expected: &str| assert_eq!(redirected(path), (301, expected.to_owned()), "{path}");
    check("/index.html", "./");
    check("/sub", "./sub/");
    check("/sub?a=1", "./sub/?a=1");
    check("/sub/index.html", "./");
    check("/app.js/", "./../app.js");
    assert_eq!(redirected("/_"), (307, "/_/".to_owned()));
}

#[test]
fn no_path_leads_out_of_the_site() {
    let (server, _folder) = start(&["--indexFallback=false"]);
    for path in ["/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/..%2f..%2fsecret.txt", "/%2e%2e%5csecret.txt"] {
        let (answer, text) = get(&server, path, &[]);
        assert_eq!((answer.status, answer.message()), (404, "File not found."), "{path}");
        assert!(!text.contains("secret"));
    }
    assert_eq!(get(&server, "/unknown", &[]).0.status, 404);
    assert_eq!(get(&server, "/empty/", &[]).0.status, 404);
}

#[test]
fn unknown_api_paths_never_get_the_site() {
    let (server, _folder) = start(&[]);
    for path in ["/api", "/api/", "/api/nope", "/_/nope"] {
        assert_eq!(get(&server, path, &[]).0.message(), "File not found.", "{path}");
    }
}

#[test]
fn files_come_zipped_in_parts_or_not_at_all() {
    let (server, _folder) = start(&[]);
    let (zipped, text) = get(&server, "/app.js", &[("accept-encoding", "gzip")]);
    assert_eq!((zipped.headers["content-encoding"].to_str().unwrap(), text.as_str()), ("gzip", "zipped"));
    let (part, text) = get(&server, "/big.bin", &[("range", "bytes=2-4")]);
    assert_eq!((part.status, part.headers["content-range"].to_str().unwrap()), (206, "bytes 2-4/10"));
    assert_eq!(text, "234");
    for none in ["bytes=10-", "bytes=4-2", "nonsense"] {
        let (refused, _) = get(&server, "/big.bin", &[("range", none)]);
        assert_eq!((refused.status, refused.headers["content-range"].to_str().unwrap()), (416, "bytes */10"), "{none}");
    }
    assert_eq!(get(&server, "/big.bin", &[("range", "bytes=0-1,4-5")]).1, "0123456789");
    let (whole, _) = get(&server, "/big.bin", &[]);
    let version = whole.headers["last-modified"].to_str().unwrap();
    assert_eq!(get(&server, "/big.bin", &[("if-modified-since", version)]).0.status, 304);
    let long_ago = "Mon, 01 Jan 2001 00:00:00 GMT";
    assert_eq!(get(&server, "/big.bin", &[("if-unmodified-since", long_ago)]).0.status, 412);
}

#[test]
fn the_dashboard_is_part_of_the_program() {
    let server = TestServer::start();
    let (page, text) = get(&server, "/_/", &[]);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(text.starts_with("<!doctype html>"));
    let policies: Vec<&str> = page.headers["content-security-policy"].to_str().unwrap().split(", ").collect();
    assert!(policies[0].starts_with("default-src 'self'"), "nothing from elsewhere");
    // An image of another host would tell it who looks at a record. The map's pictures are the one exception.
    assert!(policies[0].contains("; img-src 'self' data: blob: https://tile.openstreetmap.org;"), "{}", policies[0]);
    assert!(policies[0].matches("http").count() == 1 && !policies[0].contains('*'), "{}", policies[0]);
    // Uploaded files have the same origin but another path.
    assert_eq!(policies[1], "script-src *:*/_/; style-src *:*/_/ 'unsafe-inline'; worker-src *:*/_/");
    assert_eq!((policies.len(), &page.headers["x-content-type-options"]), (2, &"nosniff".parse().unwrap()));
    let tag = page.headers["etag"].to_str().unwrap();
    assert_eq!(get(&server, "/_/", &[("if-none-match", tag)]).0.status, 304);
}
