//! The practical ceiling: an axum handler with SQL written by hand, and nothing else. No rules, no sign-in, no schema, no
//! hooks; every path the rows of the table need is answered here with the one statement it takes.
//!
//! It runs as a child process of the bench itself (`--serve-bare`), so that its CPU time is read like any other server's.
//! With `--naive-logs` it also writes one row per request into `logs.db`, as a first version of a server would.

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Response, StatusCode, Uri, header};
use rusqlite::{Connection, Row, params};
use serde::Deserialize;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const POST: &str = "p.id, p.title, p.body, p.views, p.status, p.author, p.created, p.updated";
/// The same columns where a statement cannot name its table.
const CHANGED_POST: &str = "id, title, body, views, status, author, created, updated";
const POSTS: &str = "/api/collections/posts/records";
const NOW: &str = "strftime('%Y-%m-%d %H:%M:%fZ')";

struct Bare {
    folder: PathBuf,
    /// Read-only connections nobody is using.
    idle_readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    logs: Option<Mutex<Connection>>,
    /// What a rule is to the others, is a flag here.
    is_author_verified_only: AtomicBool,
    next_id: AtomicU64,
}

pub async fn serve(folder: &Path, address: SocketAddr, has_naive_logs: bool) -> Result<()> {
    let bare = Bare {
        folder: folder.to_owned(),
        idle_readers: Mutex::default(),
        writer: Mutex::new(open(&folder.join("data.db"))?),
        logs: if has_naive_logs { Some(Mutex::new(open_logs(folder)?)) } else { None },
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
        let Some(logs) = &self.logs else { return Ok(()) };
        let message = format!("{method} {uri}");
        let data = format!(r#"{{"type":"request","method":"{method}","remoteIP":"127.0.0.1","userAgent":"bench"}}"#);
        let logs = logs.lock().unwrap_or_else(PoisonError::into_inner);
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

    fn list(&self, query: &str) -> Result<Answer> {
        let wanted = ListQuery::parse(query)?;
        self.read(|connection| {
            let mut out = Vec::with_capacity(24 * 1024);
            out.extend_from_slice(br#"{"items":["#);
            if let Some((views, pattern)) = &wanted.filter {
                let sql = format!("SELECT {POST} FROM posts p WHERE p.views > ?1 AND p.title LIKE ?2 LIMIT 30");
                let mut statement = connection.prepare_cached(&sql)?;
                write_posts(&mut out, statement.query(params![views, pattern])?, false)?;
            } else {
                let is_verified_only = self.is_author_verified_only.load(Ordering::Relaxed);
                let sql = list_statement(&wanted, is_verified_only);
                let mut statement = connection.prepare_cached(&sql)?;
                write_posts(&mut out, statement.query([wanted.offset()])?, wanted.has_author)?;
            }
            let total = if wanted.has_total { count(connection, wanted.filter.as_ref())? } else { -1 };
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
            "INSERT INTO posts (id, title, body, views, status, author, created, updated) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, {NOW}, {NOW}) RETURNING {CHANGED_POST}"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let values = params![self.new_id(), post.title, post.body, post.views, post.status, post.author];
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

/// The rows are found first and fetched after: sorting then moves row numbers and not whole rows.
fn list_statement(wanted: &ListQuery, is_verified_only: bool) -> String {
    let order = if wanted.is_by_views { "views DESC" } else { "created DESC" };
    if is_verified_only {
        return format!(
            "SELECT {POST} FROM posts p JOIN users u ON u.id = p.author WHERE u.verified = TRUE \
             ORDER BY p.{order} LIMIT 30 OFFSET ?1"
        );
    }
    let (author, join) = if wanted.has_author {
        (", u.id, u.name, u.created, u.updated", "LEFT JOIN users u ON u.id = p.author")
    } else {
        ("", "")
    };
    format!(
        "SELECT {POST}{author} FROM posts p {join} \
         WHERE p.rowid IN (SELECT rowid FROM posts ORDER BY {order} LIMIT 30 OFFSET ?1) ORDER BY p.{order}"
    )
}

fn count(connection: &Connection, filter: Option<&(i64, String)>) -> Result<i64> {
    Ok(match filter {
        Some((views, pattern)) => connection
            .prepare_cached("SELECT COUNT(*) FROM posts WHERE views > ?1 AND title LIKE ?2")?
            .query_row(params![views, pattern], |row| row.get(0))?,
        None => connection.prepare_cached("SELECT COUNT(*) FROM posts")?.query_row([], |row| row.get(0))?,
    })
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
            write_texts(out, row, &[("id", 8), ("name", 9), ("created", 10), ("updated", 11)])?;
            out.extend_from_slice(b"}}");
        }
        out.push(b'}');
    }
    Ok(())
}

/// All of a post but the closing brace.
fn write_post(out: &mut Vec<u8>, row: &Row<'_>) -> Result<()> {
    out.extend_from_slice(br#"{"collectionId":"pbc_1125843985","collectionName":"posts","views":"#);
    write!(out, "{}", row.get::<_, i64>(3)?)?;
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
    is_by_views: bool,
    /// `views > X && title ~ "word"`, with the word already a pattern.
    filter: Option<(i64, String)>,
}

impl ListQuery {
    fn parse(query: &str) -> Result<Self> {
        let mut wanted = Self { page: 1, has_total: true, has_author: false, is_by_views: false, filter: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "page" => wanted.page = value.parse()?,
                "skipTotal" => wanted.has_total = false,
                "expand" => wanted.has_author = true,
                "sort" => wanted.is_by_views = value == "-views",
                "filter" => wanted.filter = Some(parse_filter(&value)?),
                _ => bail!("a query for {name} is not among the forms"),
            }
        }
        Ok(wanted)
    }

    fn offset(&self) -> i64 {
        (self.page - 1) * 30
    }
}

fn parse_filter(text: &str) -> Result<(i64, String)> {
    let rest = text.strip_prefix("views > ").context("not the filter this knows")?;
    let (views, title) = rest.split_once(" && title ~ ").context("not the filter this knows")?;
    Ok((views.parse()?, format!("%{}%", title.trim_matches('"'))))
}

#[derive(Deserialize)]
struct NewPost {
    title: String,
    body: String,
    views: i64,
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
