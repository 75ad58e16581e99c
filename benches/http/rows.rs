//! The rows of the table: what is asked of every server. Reads are asked by guests, writes by one of sixteen users.

use crate::folder::{self, MAX_VIEWS, OWNED_FROM, POSTS, Post, SIGNED_IN, USER_PASSWORD};
use serde_json::json;

/// How one server is spoken to.
#[derive(Clone)]
pub struct Session {
    pub host: String,
    /// One for each of the sixteen users; none where the server knows no sign-in.
    pub tokens: Vec<String>,
}

#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    /// The goal: CPU time of the reference divided by ours.
    pub at_least: Option<f64>,
    /// The rule of `posts` while the row is measured.
    pub list_rule: &'static str,
    pub is_bare_too: bool,
    pub status: u16,
    /// The n-th request.
    pub request: fn(&Session, u64) -> Vec<u8>,
    /// How many there are.
    pub most: u64,
}

const READ: Row =
    Row { name: "", at_least: None, list_rule: "", is_bare_too: true, status: 200, request: health, most: u64::MAX };
pub const VIEW: Row = Row { name: "record by id", at_least: Some(6.0), request: view, ..READ };
pub const CREATE: Row = Row { name: "create", at_least: Some(6.0), request: create, ..READ };
const RECORDS: &str = "/api/collections/posts/records";

/// Deleting and updating share the posts of those who signed in; these many are there to be updated.
const UPDATED: u64 = 2_000;

/// In the order they are run: reads before the table grows.
pub const ROWS: &[Row] = &[
    Row { name: "health", ..READ },
    VIEW,
    Row { name: "list 30 by an indexed field, no total", at_least: Some(11.0), request: list_indexed, ..READ },
    Row { name: "the same with expand of one relation", at_least: Some(10.0), request: list_expanded, ..READ },
    Row {
        name: "list under a relation rule, no total",
        at_least: Some(10.0),
        list_rule: "author.verified = true",
        request: list_indexed,
        ..READ
    },
    Row { name: "list with a filter and total", at_least: Some(8.0), request: filter_repeated, ..READ },
    Row { name: "... never the same twice", request: filter_varied, ..READ },
    Row { name: "list sorted without index, with total", at_least: Some(10.0), request: list_unindexed, ..READ },
    Row { name: "... never the same twice", is_bare_too: false, request: list_unindexed_varied, ..READ },
    Row { name: "auth-refresh", at_least: Some(5.0), is_bare_too: false, request: auth_refresh, ..READ },
    Row { name: "auth-with-password", at_least: Some(3.0), is_bare_too: false, request: auth_with_password, ..READ },
    Row { name: "update", at_least: Some(8.0), request: update, ..READ },
    Row {
        name: "delete",
        at_least: Some(6.0),
        status: 204,
        request: delete,
        most: POSTS - OWNED_FROM - UPDATED,
        ..READ
    },
    CREATE,
    Row { name: "batch of 50 creates", at_least: Some(12.0), request: batch, ..READ },
];

fn health(session: &Session, _: u64) -> Vec<u8> {
    get(session, "/api/health")
}

/// Strides through all posts, so that neighbours in time are not neighbours on disk.
fn view(session: &Session, serial: u64) -> Vec<u8> {
    let at = serial.wrapping_mul(61_379) % POSTS;
    get(session, &format!("{RECORDS}/{}", folder::post_id(at)))
}

fn list_indexed(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &format!("{RECORDS}?page={}&sort=-created&skipTotal=1", page(serial)))
}

fn list_expanded(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &format!("{RECORDS}?page={}&sort=-created&skipTotal=1&expand=author", page(serial)))
}

fn list_unindexed(session: &Session, serial: u64) -> Vec<u8> {
    get(session, &format!("{RECORDS}?page={}&sort=-views", page(serial)))
}

/// Another statement each time, of which nothing can be remembered.
fn list_unindexed_varied(session: &Session, serial: u64) -> Vec<u8> {
    let filter: String = form_urlencoded::byte_serialize(format!("id != \"{serial}\"").as_bytes()).collect();
    get(session, &format!("{RECORDS}?page={}&sort=-views&filter={filter}", page(serial)))
}

/// The middle of the range, and never the same number twice.
fn filter_varied(session: &Session, serial: u64) -> Vec<u8> {
    filter(session, MAX_VIEWS * 9 / 20 + serial.wrapping_mul(7_919) % (MAX_VIEWS / 10))
}

/// A total may be remembered until the next write.
fn filter_repeated(session: &Session, _: u64) -> Vec<u8> {
    filter(session, MAX_VIEWS / 2)
}

fn filter(session: &Session, views: u64) -> Vec<u8> {
    let text = format!("views > {views} && title ~ \"abc\"");
    let filter: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    get(session, &format!("{RECORDS}?filter={filter}"))
}

fn create(session: &Session, serial: u64) -> Vec<u8> {
    let body = new_post(serial).to_string();
    request(session, "POST", RECORDS, serial, &body)
}

fn batch(session: &Session, serial: u64) -> Vec<u8> {
    let posts = (0..50).map(|at| {
        // Every post of a batch has the caller as its author.
        let number = (serial * 50 + at) * SIGNED_IN + serial % SIGNED_IN;
        json!({"method": "POST", "url": RECORDS, "body": new_post(number)})
    });
    let body = json!({"requests": posts.collect::<Vec<_>>()}).to_string();
    request(session, "POST", "/api/batch", serial, &body)
}

fn new_post(serial: u64) -> serde_json::Value {
    let Post { title, body, views, status } = Post::number(POSTS + serial);
    let author = folder::user_id(serial % SIGNED_IN);
    json!({"title": title, "body": body, "views": views, "status": status, "author": author})
}

fn update(session: &Session, serial: u64) -> Vec<u8> {
    let at = OWNED_FROM + serial % UPDATED;
    let body = format!(r#"{{"views":{}}}"#, MAX_VIEWS + serial);
    request(session, "PATCH", &format!("{RECORDS}/{}", folder::post_id(at)), folder::author_of(at), &body)
}

fn delete(session: &Session, serial: u64) -> Vec<u8> {
    let at = OWNED_FROM + UPDATED + serial;
    request(session, "DELETE", &format!("{RECORDS}/{}", folder::post_id(at)), folder::author_of(at), "")
}

fn auth_refresh(session: &Session, serial: u64) -> Vec<u8> {
    request(session, "POST", "/api/collections/users/auth-refresh", serial, "")
}

fn auth_with_password(session: &Session, serial: u64) -> Vec<u8> {
    let identity = folder::user_email(serial % SIGNED_IN);
    let body = json!({"identity": identity, "password": USER_PASSWORD}).to_string();
    let guest = Session { tokens: Vec::new(), ..session.clone() };
    request(&guest, "POST", "/api/collections/users/auth-with-password", serial, &body)
}

/// The first pages, as people turn them.
fn page(serial: u64) -> u64 {
    1 + serial % 8
}

fn get(session: &Session, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: bench\r\n\r\n", session.host).into_bytes()
}

fn request(session: &Session, method: &str, path: &str, user: u64, body: &str) -> Vec<u8> {
    let token = session.tokens.get((user % SIGNED_IN) as usize);
    let authorization = token.map(|token| format!("Authorization: {token}\r\n")).unwrap_or_default();
    let content_type = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: bench\r\n{authorization}{content_type}Content-Length: {}\r\n\r\n{body}",
        session.host,
        body.len(),
    )
    .into_bytes()
}
