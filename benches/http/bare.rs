//! The practical ceiling: an axum handler with SQL written by hand, and nothing else. No rules, no sign-in, no schema, no
//! hooks; every path the rows of the table need is answered here with the one statement it takes.
//!
//! It runs as a child process of the bench itself (`--serve-bare`), so that its CPU time is read like any other server's.
//! It writes one row per request into `logs.db`, as a first version of a server would.

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Response, StatusCode, Uri, header};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};
use serde::Deserialize;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const POST: &str = "p.id, p.title, p.body, p.views, p.status, p.author, p.created, p.updated, p.score";
/// The same columns where a statement cannot name its table.
const CHANGED_POST: &str = "id, title, body, views, status, author, created, updated, score";
const POSTS: &str = "/api/collections/posts/records";
const FILES: &str = "/api/files/docs/";
const NOW: &str = "strftime('%Y-%m-%d %H:%M:%fZ')";

struct Bare {
    folder: PathBuf,
    /// Read-only connections nobody is using.
    idle_readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    logs: Mutex<Connection>,
    /// What a rule is to the others, is a flag here.
    is_author_verified_only: AtomicBool,
    next_id: AtomicU64,
}

pub async fn serve(folder: &Path, address: SocketAddr) -> Result<()> {
    let bare = Bare {
        folder: folder.to_owned(),
        idle_readers: Mutex::default(),
        writer: Mutex::new(open(&folder.join("data.db"))?),
        logs: Mutex::new(open_logs(folder)?),
        is_author_verified_only: AtomicBool::new(false),
        next_id: AtomicU64::new(0),
    };
    let router = Router::new().fallback(answer).with_state(Arc::new(bare));
    let listener = tokio::net::TcpListener::bind(address).await?;
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn open_logs(folder: &Path) -> Result<Connection> {
    let connection = open(&folder.join("logs.db"))?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS logs (id TEXT PRIMARY KEY, created TEXT, level INTEGER, message TEXT, data TEXT);
         CREATE INDEX IF NOT EXISTS logs_created ON logs (created);",
    )?;
    Ok(connection)
}

async fn answer(State(bare): State<Arc<Bare>>, method: Method, uri: Uri, body: Bytes) -> Response<Body> {
    let result = bare.route(&method, &uri, &body);
    let logged = bare.log(&method, &uri);
    let (status, body) = match logged.and(result) {
        Ok(answer) => answer,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}").into_bytes()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

type Answer = (StatusCode, Vec<u8>);

impl Bare {
    fn route(&self, method: &Method, uri: &Uri, body: &[u8]) -> Result<Answer> {
        let path = uri.path();
        let id = path.strip_prefix(POSTS).and_then(|rest| rest.strip_prefix('/'));
        match (method.as_str(), id) {
            ("GET", Some(id)) => self.view(id),
            ("PATCH", Some(id)) => self.update(id, body),
            ("DELETE", Some(id)) => self.delete(id),
            ("GET", None) if path.starts_with(FILES) => self.download(&path[FILES.len()..]),
            ("GET", None) if path == POSTS => self.list(uri.query().unwrap_or_default()),
            ("POST", None) if path == POSTS => self.create(body),
            ("POST", None) if path == "/api/batch" => self.batch(body),
            ("PATCH", None) if path == "/api/collections/posts" => self.set_rule(body),
            ("GET", None) if path == "/api/health" => {
                Ok((StatusCode::OK, br#"{"message":"API is healthy.","code":200,"data":{}}"#.to_vec()))
            }
            _ => Ok((StatusCode::NOT_FOUND, Vec::new())),
        }
    }

    fn log(&self, method: &Method, uri: &Uri) -> Result<()> {
        let message = format!("{method} {uri}");
        let data = format!(r#"{{"type":"request","method":"{method}","remoteIP":"127.0.0.1","userAgent":"bench"}}"#);
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!("INSERT INTO logs VALUES (?1, {NOW}, 0, ?2, ?3)");
        logs.prepare_cached(&sql)?.execute(params![self.new_id(), message, data])?;
        Ok(())
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open(&self.folder.join("data.db"))?,
        };
        let result = work(&connection);
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    fn new_id(&self) -> String {
        format!("bare{:011}", self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    fn set_rule(&self, body: &[u8]) -> Result<Answer> {
        let rules: serde_json::Value = serde_json::from_slice(body)?;
        let is_verified_only = rules["listRule"] == "author.verified = true";
        self.is_author_verified_only.store(is_verified_only, Ordering::Relaxed);
        Ok((StatusCode::OK, b"{}".to_vec()))
    }

    fn view(&self, id: &str) -> Result<Answer> {
        self.read(|connection| {
            let sql = format!("SELECT {POST} FROM posts p WHERE p.id = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([id])?;
            let Some(row) = rows.next()? else { return Ok((StatusCode::NOT_FOUND, Vec::new())) };
            let mut out = Vec::with_capacity(1024);
            write_post(&mut out, row)?;
            out.push(b'}');
            Ok((StatusCode::OK, out))
        })
    }

    /// `path` is the id of a document and the name of its file.
    fn download(&self, path: &str) -> Result<Answer> {
        let (id, name) = path.split_once('/').context("no name of a file")?;
        let stored: String = self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT file FROM docs WHERE id = ?1")?;
            Ok(statement.query_row([id], |row| row.get(0))?)
        })?;
        if stored != name {
            return Ok((StatusCode::NOT_FOUND, Vec::new()));
        }
        Ok((StatusCode::OK, std::fs::read(self.folder.join("files").join(name))?))
    }

    fn list(&self, query: &str) -> Result<Answer> {
        let wanted = ListQuery::parse(query)?;
        let is_verified_only = self.is_author_verified_only.load(Ordering::Relaxed);
        self.read(|connection| {
            let mut out = Vec::with_capacity(24 * 1024);
            out.extend_from_slice(br#"{"items":["#);
            let values = || rusqlite::params_from_iter(wanted.values.iter());
            let mut statement = connection.prepare_cached(&wanted.page_statement(is_verified_only))?;
            write_posts(&mut out, statement.query(values())?, wanted.has_author)?;
            let total: i64 = if wanted.has_total {
                let mut statement = connection.prepare_cached(&wanted.total_statement(is_verified_only))?;
                statement.query_row(values(), |row| row.get(0))?
            } else {
                -1
            };
            write!(out, r#"],"page":{},"perPage":30,"totalItems":{total},"totalPages":1}}"#, wanted.page)?;
            Ok((StatusCode::OK, out))
        })
    }

    fn create(&self, body: &[u8]) -> Result<Answer> {
        let post: NewPost = serde_json::from_slice(body)?;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((StatusCode::OK, self.insert(&writer, &post)?))
    }

    fn batch(&self, body: &[u8]) -> Result<Answer> {
        let batch: Batch = serde_json::from_slice(body)?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction()?;
        let mut out = vec![b'['];
        for (at, request) in batch.requests.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(br#"{"status":200,"body":"#);
            out.extend_from_slice(&self.insert(&transaction, &request.body)?);
            out.push(b'}');
        }
        transaction.commit()?;
        out.push(b']');
        Ok((StatusCode::OK, out))
    }

    fn insert(&self, connection: &Connection, post: &NewPost) -> Result<Vec<u8>> {
        let sql = format!(
            "INSERT INTO posts (id, title, body, views, score, status, author, created, updated) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, {NOW}, {NOW}) RETURNING {CHANGED_POST}"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let values = params![self.new_id(), post.title, post.body, post.views, post.score, post.status, post.author];
        only_post(&mut statement.query(values)?)
    }

    fn update(&self, id: &str, body: &[u8]) -> Result<Answer> {
        let change: ViewsChange = serde_json::from_slice(body)?;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!("UPDATE posts SET views = ?2, updated = {NOW} WHERE id = ?1 RETURNING {CHANGED_POST}");
        let mut statement = writer.prepare_cached(&sql)?;
        Ok((StatusCode::OK, only_post(&mut statement.query(params![id, change.views])?)?))
    }

    fn delete(&self, id: &str) -> Result<Answer> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let deleted = writer.prepare_cached("DELETE FROM posts WHERE id = ?1")?.execute([id])?;
        Ok((if deleted == 1 { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }, Vec::new()))
    }
}

fn only_post(rows: &mut rusqlite::Rows<'_>) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(1024);
    write_post(&mut out, rows.next()?.context("no such post")?)?;
    out.push(b'}');
    while rows.next()?.is_some() {}
    Ok(out)
}

fn write_posts(out: &mut Vec<u8>, mut rows: rusqlite::Rows<'_>, has_author: bool) -> Result<()> {
    let mut is_first = true;
    while let Some(row) = rows.next()? {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        write_post(out, row)?;
        if has_author {
            out.extend_from_slice(br#","expand":{"author":{"collectionName":"users""#);
            write_texts(out, row, &[("id", 9), ("name", 10), ("created", 11), ("updated", 12)])?;
            out.extend_from_slice(b"}}");
        }
        out.push(b'}');
    }
    Ok(())
}

/// All of a post but the closing brace.
fn write_post(out: &mut Vec<u8>, row: &Row<'_>) -> Result<()> {
    out.extend_from_slice(br#"{"collectionId":"pbc_1125843985","collectionName":"posts","views":"#);
    write!(out, r#"{},"score":{}"#, row.get::<_, i64>(3)?, row.get::<_, i64>(8)?)?;
    let texts = [("id", 0), ("title", 1), ("body", 2), ("status", 4), ("author", 5), ("created", 6), ("updated", 7)];
    write_texts(out, row, &texts)
}

fn write_texts(out: &mut Vec<u8>, row: &Row<'_>, columns: &[(&str, usize)]) -> Result<()> {
    for (name, column) in columns {
        write!(out, r#","{name}":"#)?;
        serde_json::to_writer(&mut *out, row.get_ref(*column)?.as_str_or_null()?.unwrap_or_default())?;
    }
    Ok(())
}

/// The few forms of list the rows of the table ask for.
struct ListQuery {
    page: i64,
    has_total: bool,
    has_author: bool,
    /// The column, for descending order.
    sort: Option<&'static str>,
    /// Conditions in SQL, and their values.
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl ListQuery {
    fn parse(query: &str) -> Result<Self> {
        let mut wanted = Self {
            page: 1,
            has_total: true,
            has_author: false,
            sort: None,
            conditions: Vec::new(),
            values: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("page", page) => wanted.page = page.parse()?,
                ("skipTotal", _) => wanted.has_total = false,
                ("expand", _) => wanted.has_author = true,
                ("sort", "-created") => wanted.sort = Some("created"),
                ("sort", "-score") => wanted.sort = Some("score"),
                ("filter", text) => text.split(" && ").try_for_each(|one| wanted.add_condition(one))?,
                _ => bail!("a query for {name} is not among the forms"),
            }
        }
        Ok(wanted)
    }

    fn add_condition(&mut self, text: &str) -> Result<()> {
        let mut parts = text.splitn(3, ' ');
        let mut part = || parts.next().context("not a filter this knows");
        let (column, operator, value) = (part()?, part()?, part()?.trim_matches('"'));
        let (operator, value) = match (column, operator) {
            ("views", ">" | "<=") => (operator, Value::Integer(value.parse()?)),
            ("title", "~") => ("LIKE", Value::Text(format!("%{value}%"))),
            ("id", "!=") => (operator, Value::Text(value.to_owned())),
            _ => bail!("{text} is not among the filters"),
        };
        self.values.push(value);
        self.conditions.push(format!("p.{column} {operator} ?{}", self.values.len()));
        Ok(())
    }

    /// Tables and conditions.
    fn matches(&self, is_verified_only: bool) -> String {
        let mut conditions = self.conditions.clone();
        let mut join = "";
        if is_verified_only {
            join = "JOIN users v ON v.id = p.author";
            conditions.push("v.verified = TRUE".to_owned());
        }
        let conditions = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
        format!("FROM posts p {join} WHERE {conditions}")
    }

    fn total_statement(&self, is_verified_only: bool) -> String {
        format!("SELECT COUNT(*) {}", self.matches(is_verified_only))
    }

    /// The rows are found first and fetched after: sorting then moves row numbers and not whole rows.
    fn page_statement(&self, is_verified_only: bool) -> String {
        let order = self.sort.map(|column| format!("ORDER BY p.{column} DESC")).unwrap_or_default();
        let (author, join) = if self.has_author {
            (", u.id, u.name, u.created, u.updated", "LEFT JOIN users u ON u.id = p.author")
        } else {
            ("", "")
        };
        let (matches, offset) = (self.matches(is_verified_only), (self.page - 1) * 30);
        format!(
            "SELECT {POST}{author} FROM posts p {join} \
             WHERE p.rowid IN (SELECT p.rowid {matches} {order} LIMIT 30 OFFSET {offset}) {order}"
        )
    }
}

#[derive(Deserialize)]
struct NewPost {
    title: String,
    body: String,
    views: i64,
    score: i64,
    status: String,
    author: String,
}

#[derive(Deserialize)]
struct Batch {
    requests: Vec<BatchRequest>,
}

#[derive(Deserialize)]
struct BatchRequest {
    body: NewPost,
}

#[derive(Deserialize)]
struct ViewsChange {
    views: i64,
}
