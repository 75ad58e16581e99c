//! The data every server works on: the same collections, made through the API, and the same rows, put straight into
//! `data.db` while the server is stopped (all servers keep plain tables with the field names as columns).

use crate::server::{Kind, Place};
use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::net::SocketAddr;

pub const SUPERUSER: (&str, &str) = ("root@example.com", "a long root password");
pub const USER_PASSWORD: &str = "a user's password";
/// In the folder that most rows are measured on.
pub const POSTS: u64 = 100_000;
/// In the folder that shows what grows with the number of rows.
pub const MANY_POSTS: u64 = 1_000_000;
const USERS: u64 = 1_000;
/// Users who sign in: one per connection.
pub const SIGNED_IN: u64 = 16;
/// Posts from here on belong to those who sign in, so that there is enough for them to change and delete.
pub const OWNED_FROM: u64 = 60_000;
pub const STATUSES: [&str; 3] = ["draft", "published", "archived"];

/// The largest value of `views` and of `score`, which are spread evenly.
pub const MAX_VIEWS: u64 = 1_000_000;

/// Makes the folder: collections, users, `posts` posts. The server is stopped afterwards.
pub async fn make(place: &mut Place, posts: u64) -> Result<()> {
    std::fs::create_dir_all(place.data())?;
    if !place.kind.is_complete() {
        return fill(place, posts, "").context("cannot fill the bare data.db");
    }
    place.upsert_superuser()?;
    let (server, _) = place.start("/api/health")?;
    // Later starts are timed, so they go past a wrapper script.
    place.program = server.program()?;
    let api = Api::superuser(server.address).await?;
    api.send(Method::PATCH, "/api/settings", json!({"batch": {"enabled": true, "maxRequests": 50, "timeout": 30}}))
        .await?;
    api.send(Method::PATCH, "/api/collections/users", json!({"listRule": "", "viewRule": ""})).await?;
    api.send(Method::POST, "/api/collections", posts_collection()).await?;
    let first = json!({
        "id": user_id(0), "email": user_email(0), "password": USER_PASSWORD, "passwordConfirm": USER_PASSWORD,
        "verified": true, "name": user_name(0),
    });
    api.send(Method::POST, "/api/collections/users/records", first).await?;
    server.stop()?;
    let connection = Connection::open(place.data().join("data.db"))?;
    let hash: String = connection.query_row("SELECT password FROM users", [], |row| row.get(0))?;
    fill(place, posts, &hash).with_context(|| format!("cannot fill data.db of {}", place.kind.name()))
}

fn posts_collection() -> Value {
    json!({
        "name": "posts", "type": "base",
        "listRule": "", "viewRule": "",
        "createRule": "@request.auth.id != '' && author = @request.auth.id",
        "updateRule": "author = @request.auth.id",
        "deleteRule": "author = @request.auth.id",
        "fields": [
            {"name": "title", "type": "text", "required": true, "max": 200},
            {"name": "body", "type": "text"},
            {"name": "views", "type": "number", "onlyInt": true},
            {"name": "score", "type": "number", "onlyInt": true},
            {"name": "status", "type": "select", "values": STATUSES},
            {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
            {"name": "created", "type": "autodate", "onCreate": true},
            {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true},
        ],
        "indexes": [
            "CREATE INDEX idx_posts_created ON posts (created)",
            "CREATE INDEX idx_posts_views ON posts (views)",
        ],
    })
}

/// The tables of the bare handler, as the others would make them.
const BARE_TABLES: &str = "
    CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, password TEXT NOT NULL,
        tokenKey TEXT NOT NULL, verified BOOLEAN NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
    CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, views NUMERIC NOT NULL,
        score NUMERIC NOT NULL, status TEXT NOT NULL, author TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
    CREATE INDEX idx_posts_created ON posts (created);
    CREATE INDEX idx_posts_views ON posts (views);
";

fn fill(place: &Place, posts: u64, password_hash: &str) -> Result<()> {
    let mut connection = Connection::open(place.data().join("data.db"))?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")?;
    let is_bare = place.kind == Kind::Bare;
    if is_bare {
        connection.execute_batch(BARE_TABLES)?;
    }
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO users (id, email, name, password, tokenKey, verified, created, updated) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        )?;
        for user in u64::from(!is_bare)..USERS {
            let (email, key) = (user_email(user), format!("{:0>50}", user_id(user)));
            let verified = user % 2 == 0;
            insert.execute(params![
                user_id(user),
                email,
                user_name(user),
                password_hash,
                key,
                verified,
                date(user)?
            ])?;
        }
        let mut insert = transaction.prepare(
            "INSERT INTO posts (id, title, body, views, score, status, author, created, updated) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        )?;
        for at in 0..posts {
            let post = Post::number(at);
            insert.execute(params![
                post_id(at),
                post.title,
                post.body,
                post.views as i64,
                post.score as i64,
                post.status,
                user_id(author_of(at)),
                date(at)?
            ])?;
        }
    }
    transaction.commit()?;
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
}

/// The content of a post; the same number always gives the same one.
pub struct Post {
    pub title: String,
    pub body: String,
    pub views: u64,
    pub score: u64,
    pub status: &'static str,
}

impl Post {
    pub fn number(at: u64) -> Self {
        let mut dice = Dice(at ^ 0x5057);
        let title = words(&mut dice, 30);
        let body = words(&mut dice, 200);
        let status = STATUSES[(dice.roll() % 3) as usize];
        Self { title, body, views: dice.roll() % MAX_VIEWS, score: dice.roll() % MAX_VIEWS, status }
    }
}

pub fn author_of(post: u64) -> u64 {
    if post < OWNED_FROM { post % USERS } else { post % SIGNED_IN }
}

pub fn post_id(at: u64) -> String {
    id(at ^ 0x0070_0000_0000)
}

pub fn user_id(at: u64) -> String {
    id(at ^ 0x0075_0000_0000)
}

pub fn user_email(at: u64) -> String {
    format!("user{at}@example.com")
}

fn user_name(at: u64) -> String {
    text(at, 12)
}

/// 15 characters of the alphabet of ids, as scattered as real ones are.
fn id(seed: u64) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut dice = Dice(seed);
    (0..15).map(|_| char::from(ALPHABET[(dice.roll() % 36) as usize])).collect()
}

/// A minute after the one before it.
fn date(at: u64) -> Result<String> {
    let time = jiff::Timestamp::from_second(1_750_000_000 + 60 * at as i64)?;
    Ok(time.strftime("%Y-%m-%d %H:%M:%S.123Z").to_string())
}

/// Words as they stand in posts; the same seed always gives the same ones.
pub fn text(seed: u64, length: usize) -> String {
    words(&mut Dice(seed), length)
}

/// Random lower-case words, about `length` characters of them.
fn words(dice: &mut Dice, length: usize) -> String {
    let mut text = String::with_capacity(length + 8);
    while text.len() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        for _ in 0..4 + dice.roll() % 5 {
            text.push(char::from(b'a' + (dice.roll() % 26) as u8));
        }
    }
    text
}

/// The generator `SplitMix64`: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The API of a server, for what is not measured.
pub struct Api {
    base: String,
    client: reqwest::Client,
    token: String,
}

impl Api {
    pub fn anonymous(address: SocketAddr) -> Self {
        Self { base: format!("http://{address}"), client: reqwest::Client::new(), token: String::new() }
    }

    pub async fn superuser(address: SocketAddr) -> Result<Self> {
        let mut api = Self::anonymous(address);
        api.token = api.sign_in("_superusers", SUPERUSER.0, SUPERUSER.1).await?;
        Ok(api)
    }

    pub async fn sign_in(&self, collection: &str, identity: &str, password: &str) -> Result<String> {
        let path = format!("/api/collections/{collection}/auth-with-password");
        let answer = self.send(Method::POST, &path, json!({"identity": identity, "password": password})).await?;
        Ok(answer["token"].as_str().context("no token in the answer")?.to_owned())
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        self.answer(path, self.request(method, path).json(&body)).await
    }

    pub async fn send_form(&self, path: &str, form: reqwest::multipart::Form) -> Result<Value> {
        self.answer(path, self.request(Method::POST, path).multipart(form)).await
    }

    pub async fn download(&self, path: &str) -> Result<bytes::Bytes> {
        let response = self.request(Method::GET, path).send().await?.error_for_status()?;
        Ok(response.bytes().await?)
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.header("User-Agent", "bench").header("Authorization", &self.token)
    }

    async fn answer(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Value> {
        let response = request.send().await?;
        let status = response.status();
        if status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let answer: Value = response.json().await.with_context(|| format!("{path} answered {status} without JSON"))?;
        ensure!(status.is_success(), "{path} answered {status}: {answer}");
        Ok(answer)
    }
}
