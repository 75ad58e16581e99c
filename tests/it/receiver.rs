//! A receiver of webhooks on a free port: keeps what arrives, and answers as a test wants.

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The `webhook-id`.
    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    /// Whether the owner of `secret` has signed it.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        let signed = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.text);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        let expected = format!("v1,{}", BASE64.encode(tag.as_ref()));
        self.header("webhook-signature").split(' ').any(|found| found == expected)
    }
}

/// What the receiver does.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    With(u16, Vec<(&'static str, String)>, String),
    /// Keeps the connection open without an answer.
    Nothing,
    /// No HTTP.
    Garbage,
    /// An answer that never ends.
    Endless,
}

type Handler = dyn Fn(&Received) -> Reply + Send + Sync;

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    handler: Arc<Mutex<Arc<Handler>>>,
}

impl Receiver {
    /// Answers everything with 204.
    pub fn start() -> Self {
        Self::answering(|_| Reply::Status(204))
    }

    pub fn answering(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let handler: Arc<Handler> = Arc::new(handler);
        let receiver = Self { url, received: Arc::default(), handler: Arc::new(Mutex::new(handler)) };
        let shared = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                thread::spawn(move || shared.serve(stream));
            }
        });
        receiver
    }

    pub fn answer(&self, handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) {
        *self.handler.lock().unwrap() = Arc::new(handler);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    pub fn forget(&self) {
        self.received.lock().unwrap().clear();
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader) {
            self.received.lock().unwrap().push(request.clone());
            let handler = Arc::clone(&self.handler.lock().unwrap());
            let stream = reader.get_mut();
            let written = match handler(&request) {
                Reply::Status(status) => respond(stream, status, &[], ""),
                Reply::With(status, headers, body) => respond(stream, status, &headers, &body),
                Reply::Nothing => {
                    // Ends when the other side closes the connection.
                    let _ = stream.read(&mut [0]);
                    return;
                }
                Reply::Garbage => {
                    let _ = stream.write_all(b"\x00\x01garbage\r\n\r\n");
                    return;
                }
                Reply::Endless => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                    let chunk = [b"400\r\n".as_slice(), &[b'x'; 1024], b"\r\n"].concat();
                    while stream.write_all(&chunk).is_ok() {
                        thread::sleep(Duration::from_millis(1));
                    }
                    return;
                }
            };
            if written.is_err() {
                return;
            }
        }
    }
}

fn respond(stream: &mut TcpStream, status: u16, headers: &[(&'static str, String)], body: &str) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { path, headers, text: String::from_utf8(body).ok()? })
}
