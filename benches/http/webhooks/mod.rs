//! Webhooks: what they cost ([`cost`]), and a receiver that is down for a while ([`outage`]).

pub mod cost;
pub mod outage;

use crate::folder::Api;
use crate::load::Connection;
use crate::server::Place;
use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_mins(5);

/// A folder whose server may send to this machine.
fn prepare(place: &Place) -> Result<()> {
    std::fs::create_dir_all(place.data())?;
    std::fs::write(place.folder.join("config.toml"), "[webhooks]\nallow = [\"127.0.0.0/8\"]\n")?;
    place.upsert_superuser()
}

/// A collection that everybody may write.
async fn create_orders(api: &Api) -> Result<()> {
    let fields = json!([{"name": "title", "type": "text"}, {"name": "total", "type": "number"},
                        {"name": "created", "type": "autodate", "onCreate": true}]);
    let collection = json!({"name": "orders", "type": "base", "createRule": "", "updateRule": "", "fields": fields});
    api.send(Method::POST, "/api/collections", collection).await.map(drop)
}

/// Adds an endpoint, and returns its path in the API.
async fn add_endpoint(api: &Api, name: &str, url: &str, event: &str) -> Result<String> {
    let body = json!({"name": name, "url": url, "events": [event]});
    let made = api.send(Method::POST, "/api/webhooks", body).await?;
    Ok(format!("/api/webhooks/{}", made["id"].as_str().unwrap_or_default()))
}

async fn enable(api: &Api, endpoints: &[String], is_enabled: bool) -> Result<()> {
    for endpoint in endpoints {
        api.send(Method::PATCH, endpoint, json!({"enabled": is_enabled})).await?;
    }
    Ok(())
}

/// Waits until nothing waits any more for these endpoints, and `is_done`.
async fn all_sent(api: &Api, endpoints: &[String], is_done: impl Fn() -> bool) -> Result<()> {
    let began = Instant::now();
    loop {
        if is_done() {
            let mut waiting = 0;
            for endpoint in endpoints {
                waiting += api.send(Method::GET, endpoint, json!({})).await?["health"]["waiting"].as_u64().unwrap_or(1);
            }
            if waiting == 0 {
                return Ok(());
            }
        }
        ensure!(began.elapsed() < PATIENCE, "it was never sent");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Sends `body` to `path`.
async fn write(connection: &mut Connection, address: SocketAddr, method: &str, path: &str, body: &Value) -> Result<()> {
    let body = body.to_string();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.exchange(request.as_bytes(), 200).await
}

/// Answers every request with success. `note` gets their bodies.
async fn receive(listener: TcpListener, note: impl Fn(&[u8]) + Clone + Send + 'static) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, note.clone()));
    }
}

/// Answers one connection. Requests come one after the other.
async fn serve(mut stream: TcpStream, note: impl Fn(&[u8])) {
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let end = buffer.windows(4).position(|window| window == b"\r\n\r\n");
        let body = end.and_then(|end| {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            buffer.get(end + 4..end + 4 + length?)
        });
        if let Some(body) = body {
            note(body);
            buffer.clear();
            if stream.write_all(b"HTTP/1.1 204 Taken\r\n\r\n").await.is_err() {
                return;
            }
        } else if !matches!(stream.read_buf(&mut buffer).await, Ok(read) if read > 0) {
            return;
        }
    }
}

/// An address of this machine at which nobody listens.
async fn closed_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
