//! A mail server that stores the mails it receives: enough ESMTP for any client, including authentication.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpSocket;

/// Far longer than a mail takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A port that refuses connections until a [`Sink`] listens on it. It is bound all the time, so no other program takes it.
pub struct ClosedPort {
    pub port: u16,
    socket: TcpSocket,
}

impl ClosedPort {
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self { port: socket.local_addr().unwrap().port(), socket }
    }

    /// A port on which nobody listens as long as the tests run.
    pub fn forever() -> u16 {
        Box::leak(Box::new(Self::reserve())).port
    }

    fn listen(self) -> TcpListener {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let listener = runtime.block_on(async { self.socket.listen(128) }).unwrap().into_std().unwrap();
        listener.set_nonblocking(false).unwrap();
        listener
    }
}

/// Listens until it is dropped.
pub struct Sink {
    pub port: u16,
    mails: Receiver<Mail>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The client's commands before the mail, line by line.
    pub dialog: Vec<String>,
    pub to: Vec<String>,
    pub from: String,
    /// As received, without the dots that the transfer added.
    pub source: String,
}

impl Sink {
    pub fn start() -> Self {
        Self::start_on(ClosedPort::reserve())
    }

    pub fn start_on(closed: ClosedPort) -> Self {
        let (port, listener) = (closed.port, closed.listen());
        let (sender, mails) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let is_told = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_told.load(Ordering::Acquire) {
                    return;
                }
                let (sender, stream) = (sender.clone(), stream.unwrap());
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                std::thread::spawn(move || serve(stream, &sender));
            }
        });
        Self { port, mails, is_over, thread: Some(thread) }
    }

    /// The next mail. Fails if none comes.
    pub fn next(&self) -> Mail {
        self.mails.recv_timeout(PATIENCE).expect("no mail came")
    }

    /// All mails received so far.
    pub fn take(&self) -> Vec<Mail> {
        self.mails.try_iter().collect()
    }

    /// Checks that no mail has come, and that none comes within a short time.
    pub fn stays_empty(&self) {
        match self.mails.recv_timeout(Duration::from_millis(700)) {
            Err(RecvTimeoutError::Timeout) => {}
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // Wakes the thread, which waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: TcpStream, mails: &Sender<Mail>) {
    let mut out = stream.try_clone().unwrap();
    let mut say = move |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).is_ok();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut mail = Mail::default();
    say("220 sink ESMTP");
    while let Some(line) = lines.next() {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let is_going_on = match verb.as_str() {
            "EHLO" => say("250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN"),
            "AUTH" if line.to_uppercase().starts_with("AUTH LOGIN") => {
                say("334 VXNlcm5hbWU6");
                mail.dialog.extend(lines.next());
                say("334 UGFzc3dvcmQ6");
                mail.dialog.extend(lines.next());
                say("235 welcome")
            }
            "AUTH" => say("235 welcome"),
            "MAIL" => {
                mail.from = address(&line);
                say("250 fine")
            }
            "RCPT" if line.contains("refused@") => say("550 nobody here"),
            "RCPT" => {
                mail.to.push(address(&line));
                say("250 fine")
            }
            "DATA" => {
                say("354 go on");
                let data = lines.by_ref().take_while(|line| line != ".");
                mail.source = data.map(|line| line.strip_prefix('.').unwrap_or(&line).to_owned() + "\r\n").collect();
                let dialog = mail.dialog.clone();
                let _ = mails.send(std::mem::replace(&mut mail, Mail { dialog, ..Mail::default() }));
                say("250 taken")
            }
            "QUIT" => {
                say("221 bye");
                false
            }
            _ => say("250 fine"),
        };
        mail.dialog.push(line);
        if !is_going_on {
            return;
        }
    }
}

fn address(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}

impl Mail {
    /// The lines before the first empty one, unfolded.
    pub fn headers(&self) -> Vec<String> {
        let head = self.source.split("\r\n\r\n").next().unwrap_or_default();
        head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n").map(ToOwned::to_owned).collect()
    }

    pub fn header(&self, name: &str) -> String {
        let prefix = format!("{name}: ");
        let found: Vec<_> =
            self.headers().into_iter().filter_map(|line| line.strip_prefix(&prefix).map(ToOwned::to_owned)).collect();
        assert_eq!(found.len(), 1, "{name} in {:#?}", self.headers());
        found.into_iter().next().unwrap()
    }

    pub fn plain(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    /// The content of a part of a multipart mail, decoded.
    fn part(&self, kind: &str) -> String {
        let (_, rest) = self
            .source
            .split_once(&format!("Content-Type: {kind}"))
            .unwrap_or_else(|| panic!("no {kind}: {}", self.source));
        let (head, body) = rest.split_once("\r\n\r\n").unwrap();
        let body = body.split("\r\n--").next().unwrap();
        if head.contains("quoted-printable") {
            decoded(body)
        } else {
            assert!(!head.contains("base64"));
            body.to_owned()
        }
    }

    /// The text after `confirm-…/` in the link of the plain text part.
    pub fn token(&self, page: &str) -> String {
        let text = self.plain();
        let (_, rest) =
            text.split_once(&format!("/_/#/auth/{page}/")).unwrap_or_else(|| panic!("no link to {page}: {text}"));
        rest.split([')', '\r', '\n', ' ']).next().unwrap().to_owned()
    }

    /// The longest run of digits in the plain text part.
    pub fn code(&self) -> String {
        let text = self.plain();
        text.split(|letter: char| !letter.is_ascii_digit()).max_by_key(|run| run.len()).unwrap().to_owned()
    }
}

/// Decodes quoted-printable.
fn decoded(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'=').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}
