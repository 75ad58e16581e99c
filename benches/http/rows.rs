//! The rows of the table: what is asked of every server. Reads are asked by guests, writes by one of sixteen users.
//!
//! No list is asked for twice, so that no server can answer it from memory: a value in its filter differs each time, or a
//! condition that always holds does ([`unique_condition`]). The exceptions are named: rows that end in "remembered" ask the same
//! again and again, and beside ten writes a second what is remembered is forgotten again and again. Files are asked for more
//! than once, as those of a site are; there are [`documents::COUNT`] of them.

use crate::documents;
use crate::folder::{self, MAX_VIEWS, OWNED_FROM, POSTS, Post, SIGNED_IN, USER_PASSWORD};
use crate::scripted;
use serde_json::json;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};

/// How one server is spoken to.
pub struct Session {
    pub host: String,
    /// One for each of the sixteen users; none where the server knows no sign-in.
    pub tokens: Vec<String>,
    /// How many posts there are.
    pub posts: u64,
    /// Paths of files of 100 KB, and of their thumbnails.
    pub files: Vec<String>,
    pub thumbs: Vec<String>,
}

#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Row {
    pub name: &'static str,
    /// CPU time of PocketBase divided by ours, with many connections.
    pub goal: Option<f64>,
    /// The rule of `posts` while the row is measured.
    pub list_rule: &'static str,
    /// How many connections are kept busy. One is measured for every row as well.
    pub connections: usize,
    pub is_bare_too: bool,
    /// Also measured with a million posts.
    pub is_scaled: bool,
    /// Measured in turns with the row before it, because the two are compared.
    pub is_compared: bool,
    /// Measured in the folder with scripts only.
    pub is_scripted: bool,
    /// A post is changed ten times a second meanwhile.
    pub has_writes_beside: bool,
    pub status: u16,
    /// The n-th request.
    pub request: fn(&Session, u64) -> Vec<u8>,
    /// How many requests there are.
    pub max_requests: u64,
}

const READ: Row = Row {
    name: "",
    goal: None,
    list_rule: "",
    connections: 16,
    is_bare_too: true,
    is_scaled: false,
    is_compared: false,
    is_scripted: false,
    has_writes_beside: false,
    status: 200,
    request: health,
    max_requests: u64::MAX,
};
const WRITE: Row = Row { is_bare_too: true, ..READ };
/// Only servers that know sign-in, or thumbnails, can answer.
const COMPLETE: Row = Row { is_bare_too: false, ..READ };
const SCRIPTED: Row = Row { is_scripted: true, ..COMPLETE };
/// The same create without and with a handler: the report compares the two.
pub const UNHANDLED: Row = Row { name: "create, no handler", request: create_unhandled, ..SCRIPTED };
pub const HANDLED: Row = Row { name: "create, empty handler", request: create_handled, is_compared: true, ..SCRIPTED };
pub const VIEW: Row = Row { name: "record by id", goal: Some(9.0), is_scaled: true, request: view, ..READ };
pub const CREATE: Row = Row { name: "create", goal: Some(6.0), request: create, ..WRITE };
/// What arrives beside some rows.
pub const UPDATE: Row = Row { name: "update", goal: Some(8.0), request: update, ..WRITE };

const RECORDS: &str = "/api/collections/posts/records";
const DOCUMENTS: &str = "/api/collections/docs/records";
const VERIFIED_AUTHOR: &str = "author.verified = true";

/// Deleting and updating share the posts of those who signed in; these many are there to be updated.
const UPDATED: u64 = 2_000;
/// Posts that match the filter on an indexed range.
const RANGE_MATCHES: u64 = 100;

/// In the order they are run: reads before the table grows.
pub const ROWS: &[Row] = &[
    Row { name: "health", ..READ },
    VIEW,
    Row { name: "30 by an indexed field, no total", goal: Some(11.0), is_scaled: true, request: list_indexed, ..READ },
    Row { name: "... with expand of one relation", goal: Some(10.0), request: list_expanded, ..READ },
    Row {
        name: "... under a relation rule",
        goal: Some(10.0),
        list_rule: VERIFIED_AUTHOR,
        request: list_indexed,
        ..READ
    },
    Row {
        name: "... under a relation rule, with total",
        goal: Some(7.0),
        list_rule: VERIFIED_AUTHOR,
        request: list_with_total,
        ..READ
    },
    Row { name: "views > X && title ~ \"abc\", with total", goal: Some(9.0), request: filter_both, ..READ },
    Row { name: "title ~ \"abc\", with total", goal: Some(5.0), request: filter_title, ..READ },
    Row {
        name: "sort without index, with total (4 conn.)",
        goal: Some(14.0),
        connections: 4,
        request: list_unindexed,
        ..READ
    },
    Row { name: "an indexed range of 100, with total", is_scaled: true, request: filter_range, ..READ },
    Row { name: "filter and total, remembered", goal: Some(8.0), request: filter_repeated, ..READ },
    Row { name: "sort without index, remembered", goal: Some(10.0), request: list_unindexed_repeated, ..READ },
    Row { name: "30 with total, 10 writes/s", has_writes_beside: true, request: first_pages, ..READ },
    Row { name: "filter and total, 10 writes/s", has_writes_beside: true, request: filter_repeated, ..READ },
    Row {
        name: "sort without index, 10 writes/s (4 conn.)",
        has_writes_beside: true,
        connections: 4,
        request: list_unindexed_repeated,
        ..READ
    },
    Row { name: "an update, then 30 with total", is_scaled: true, request: update_or_list, ..WRITE },
    Row { name: "download of 100 KB", goal: Some(7.0), request: download, ..READ },
    Row { name: "existing thumb", goal: Some(6.0), request: thumb, ..COMPLETE },
    Row { name: "upload of 100 KB", goal: Some(5.0), request: upload, ..COMPLETE },
    Row { name: "auth-refresh", goal: Some(5.0), request: auth_refresh, ..COMPLETE },
    Row { name: "auth-with-password", goal: Some(3.0), request: auth_with_password, ..COMPLETE },
    UPDATE,
    Row {
        name: "delete",
        goal: Some(6.0),
        status: 204,
        request: delete,
        max_requests: POSTS - OWNED_FROM - UPDATED,
        ..WRITE
    },
    CREATE,
    Row { name: "batch of 50 creates", goal: Some(12.0), request: batch, ..WRITE },
    UNHANDLED,
    HANDLED,
    Row { name: "create, handler looks up and saves", goal: Some(8.0), request: create_order, ..SCRIPTED },
    Row { name: "route of a script, JSON", goal: Some(5.0), request: route, ..SCRIPTED },
];

fn health(session: &Session, _: u64) -> Vec<u8> {
    get(session, "/api/health")
}

/// Strides through all posts, so that neighbours in time are not neighbours on disk.
fn view(session: &Session, serial: u64) -> Vec<u8> {
    let at = serial.wrapping_mul(61_379) % session.posts;
    get(session, &format!("{RECORDS}/{}", folder::post_id(at)))
}

fn list_indexed(session: &Session, serial: u64) -> Vec<u8> {
    list(session, &format!("page={}&sort=-created&skipTotal=1", page(serial)), unique_condition())
}

fn list_expanded(session: &Session, serial: u64) -> Vec<u8> {
    list(session, &format!("page={}&sort=-created&skipTotal=1&expand=author", page(serial)), unique_condition())
}

fn list_with_total(session: &Session, serial: u64) -> Vec<u8> {
    list(session, &format!("page={}&sort=-created", page(serial)), unique_condition())
}

fn list_unindexed(session: &Session, serial: u64) -> Vec<u8> {
    list(session, &format!("page={}&sort=-score", page(serial)), unique_condition())
}

fn list_unindexed_repeated(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &format!("{RECORDS}?page={}&sort=-score", page(serial)))
}

fn first_pages(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &format!("{RECORDS}?page={}&sort=-created", page(serial)))
}

/// About half of the posts have more views.
fn filter_both(session: &Session, serial: u64) -> Vec<u8> {
    let views = MAX_VIEWS * 9 / 20 + serial.wrapping_mul(7_919) % (MAX_VIEWS / 10);
    list(session, "page=1", format!("views > {views} && title ~ \"abc\""))
}

fn filter_repeated(session: &Session, _: u64) -> Vec<u8> {
    list(session, "page=1", format!("views > {} && title ~ \"abc\"", MAX_VIEWS / 2))
}

/// Three letters, which are others each time: there are 17,576 of these words.
fn filter_title(session: &Session, serial: u64) -> Vec<u8> {
    let word = serial.wrapping_mul(4_001);
    let letter = |at: u32| char::from(b'a' + (word / 26_u64.pow(at) % 26) as u8);
    let word: String = (0..3).map(letter).collect();
    list(session, "page=1", format!("title ~ \"{word}\""))
}

/// As many matches however many posts there are.
fn filter_range(session: &Session, serial: u64) -> Vec<u8> {
    let width = MAX_VIEWS * RANGE_MATCHES / session.posts;
    let from = serial.wrapping_mul(7_919) % (MAX_VIEWS - width);
    list(session, "page=1", format!("views > {from} && views <= {}", from + width))
}

fn update_or_list(session: &Session, serial: u64) -> Vec<u8> {
    if serial.is_multiple_of(2) { update(session, serial / 2) } else { first_pages(session, serial / 2) }
}

fn download(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &session.files[serial as usize % session.files.len()])
}

fn thumb(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &session.thumbs[serial as usize % session.thumbs.len()])
}

fn upload(session: &Session, serial: u64) -> Vec<u8> {
    const BOUNDARY: &str = "the-boundary-of-a-form";
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nreport {serial}\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"report.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&documents::content(serial));
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    request(session, "POST", DOCUMENTS, serial, &format!("multipart/form-data; boundary={BOUNDARY}"), &body)
}

fn create(session: &Session, serial: u64) -> Vec<u8> {
    json_request(session, "POST", RECORDS, serial, &new_post(session, serial))
}

fn batch(session: &Session, serial: u64) -> Vec<u8> {
    let posts = (0..50).map(|at| {
        // Every post of a batch has the caller as its author.
        let number = (serial * 50 + at) * SIGNED_IN + serial % SIGNED_IN;
        json!({"method": "POST", "url": RECORDS, "body": new_post(session, number)})
    });
    let body = json!({"requests": posts.collect::<Vec<_>>()});
    json_request(session, "POST", "/api/batch", serial, &body)
}

fn new_post(session: &Session, serial: u64) -> serde_json::Value {
    let Post { title, body, views, score, status } = Post::number(session.posts + serial);
    let author = folder::user_id(serial % SIGNED_IN);
    json!({"title": title, "body": body, "views": views, "score": score, "status": status, "author": author})
}

fn update(session: &Session, serial: u64) -> Vec<u8> {
    let at = OWNED_FROM + serial % UPDATED;
    let path = format!("{RECORDS}/{}", folder::post_id(at));
    json_request(session, "PATCH", &path, folder::author_of(at), &json!({"views": MAX_VIEWS + serial}))
}

fn delete(session: &Session, serial: u64) -> Vec<u8> {
    let at = OWNED_FROM + UPDATED + serial;
    request(session, "DELETE", &format!("{RECORDS}/{}", folder::post_id(at)), folder::author_of(at), "", b"")
}

fn auth_refresh(session: &Session, serial: u64) -> Vec<u8> {
    request(session, "POST", "/api/collections/users/auth-refresh", serial, "", b"")
}

fn auth_with_password(session: &Session, serial: u64) -> Vec<u8> {
    let identity = folder::user_email(serial % SIGNED_IN);
    let body = json!({"identity": identity, "password": USER_PASSWORD}).to_string();
    let path = "/api/collections/users/auth-with-password";
    head_and_body(session, "POST", path, "Content-Type: application/json\r\n", body.as_bytes())
}

fn create_unhandled(session: &Session, serial: u64) -> Vec<u8> {
    create_titled(session, serial, "plain")
}

fn create_handled(session: &Session, serial: u64) -> Vec<u8> {
    create_titled(session, serial, "handled")
}

fn create_titled(session: &Session, serial: u64, collection: &str) -> Vec<u8> {
    let body = json!({"title": folder::text(serial, 30), "quantity": serial});
    json_request(session, "POST", &format!("/api/collections/{collection}/records"), serial, &body)
}

fn create_order(session: &Session, serial: u64) -> Vec<u8> {
    let product = scripted::product_id(serial.wrapping_mul(7_919) % scripted::PRODUCTS);
    let body = json!({"product": product, "quantity": 1 + serial % 9});
    json_request(session, "POST", "/api/collections/orders/records", serial, &body)
}

fn route(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &format!("/stock/{serial}?page={}", page(serial)))
}

/// The first pages, as people turn them.
fn page(serial: u64) -> u64 {
    1 + serial % 8
}

/// Holds for every record, and is never the same in one run.
fn unique_condition() -> String {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    format!("id != \"{}\"", ASKED.fetch_add(1, Ordering::Relaxed))
}

fn list(session: &Session, query: &str, filter: impl Display) -> Vec<u8> {
    let filter: String = form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect();
    get(session, &format!("{RECORDS}?{query}&filter={filter}"))
}

fn get(session: &Session, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: bench\r\n\r\n", session.host).into_bytes()
}

fn json_request(session: &Session, method: &str, path: &str, user: u64, body: &serde_json::Value) -> Vec<u8> {
    request(session, method, path, user, "application/json", body.to_string().as_bytes())
}

/// A request of one of the users.
fn request(session: &Session, method: &str, path: &str, user: u64, content_type: &str, body: &[u8]) -> Vec<u8> {
    let token = session.tokens.get((user % SIGNED_IN) as usize);
    let authorization = token.map(|token| format!("Authorization: {token}\r\n")).unwrap_or_default();
    let content_type = if content_type.is_empty() { "" } else { &format!("Content-Type: {content_type}\r\n") };
    let headers = format!("{authorization}{content_type}");
    head_and_body(session, method, path, &headers, body)
}

fn head_and_body(session: &Session, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let (host, length) = (&session.host, body.len());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
