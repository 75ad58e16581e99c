//! Starts the built program on a free port with its own data folder, and provides clients.

use reqwest::Method;
use reqwest::blocking::{Client as Http, RequestBuilder, Response};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub const SUPERUSER: (&str, &str) = ("root@example.com", "a long root password");
pub const PASSWORD: &str = "12345678";
/// Far longer than a start takes; reached only if the server hangs.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Stops and removes its folder on drop.
pub struct TestServer {
    child: Child,
    pub url: String,
    folder: tempfile::TempDir,
    arguments: Vec<String>,
    /// Its output, line by line.
    output: Receiver<String>,
}

impl TestServer {
    /// Starts with one superuser and no other data.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// [`TestServer::start`] with more arguments for `serve`.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), arguments)
    }

    /// Starts on the data folder `data` inside `folder`, which may already contain data.
    pub fn start_in(folder: tempfile::TempDir, arguments: &[&str]) -> Self {
        let made = steading(folder.path(), &["superuser", "upsert", SUPERUSER.0, SUPERUSER.1]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let arguments = arguments.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (child, url, output) = spawn(folder.path(), &arguments);
        Self { child, url, folder, arguments, output }
    }

    /// Starts on an empty folder, like the first start of a user.
    pub fn start_empty(folder: tempfile::TempDir) -> Self {
        let (child, url, output) = spawn(folder.path(), &[]);
        Self { child, url, folder, arguments: Vec::new(), output }
    }

    pub fn data_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// The folder that contains the data folder. Commands run here.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Runs another command on the same data folder.
    pub fn command(&self, arguments: &[&str]) -> Output {
        steading(self.folder.path(), arguments)
    }

    /// Kills the process, like a power failure.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Restarts on the same folder, after [`TestServer::kill`] or [`TestServer::stop`].
    pub fn restart(&mut self) {
        let (child, url, output) = spawn(self.folder.path(), &self.arguments);
        (self.child, self.url, self.output) = (child, url, output);
    }

    /// Waits until the process has restarted itself. It then listens on a new free port.
    pub fn follow_restart(&mut self) {
        let line = self.printed("Server started at ");
        let (_, url) = line.split_once("Server started at ").unwrap();
        url.trim().clone_into(&mut self.url);
    }

    /// Asks the process to end and waits until it has.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap()
    }

    /// The next line of output that contains `text`.
    pub fn printed(&self, text: &str) -> String {
        loop {
            let line = self.output.recv_timeout(TIMEOUT).unwrap_or_else(|_| panic!("never printed {text:?}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The output since the last call.
    pub fn lines(&self) -> Vec<String> {
        self.output.try_iter().collect()
    }

    pub fn anonymous(&self) -> Client {
        Client::new(&self.url, None)
    }

    pub fn superuser(&self) -> Client {
        self.sign_in("_superusers", SUPERUSER.0, SUPERUSER.1)
    }

    /// Signs in as the record of `users` with this name, which is created on first use.
    pub fn user(&self, name: &str) -> Client {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD, "name": name});
        // Refused if the user exists already; the sign-in below shows whether it does.
        let _ = self.anonymous().post("/api/collections/users/records", &body);
        self.sign_in("users", &email, PASSWORD)
    }

    pub fn sign_in(&self, collection: &str, identity: &str, password: &str) -> Client {
        let body = json!({"identity": identity, "password": password});
        let answer = self.anonymous().post(&format!("/api/collections/{collection}/auth-with-password"), &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        Client { id: text(&answer.body["record"]["id"]), ..Client::new(&self.url, Some(text(&answer.body["token"]))) }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command of the program in `folder`, on the data folder inside, and waits for its end.
pub fn steading(folder: &Path, arguments: &[&str]) -> Output {
    steading_command(folder, arguments).output().unwrap()
}

/// Builds a command of the program.
pub fn steading_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steading"));
    command.current_dir(folder).args(arguments).arg("--dir").arg(folder.join("data"));
    command
}

fn spawn(folder: &Path, arguments: &[String]) -> (Child, String, Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_steading"))
        .current_dir(folder)
        .args(["serve", "--http", "127.0.0.1:0", "--dir"])
        .arg(folder.join("data"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, output) = channel();
    let streams: [Box<dyn std::io::Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for stream in streams {
        let sender = sender.clone();
        // Keeps reading without a receiver, so that the program never blocks on a full pipe.
        std::thread::spawn(move || {
            BufReader::new(stream).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
    }
    drop(sender);
    let mut seen = Vec::new();
    let url = loop {
        let line = output.recv_timeout(TIMEOUT).unwrap_or_else(|_| panic!("the server did not start: {seen:#?}"));
        if let Some((_, url)) = line.split_once("Server started at ") {
            break url.trim().trim_end_matches('/').to_owned();
        }
        seen.push(line);
    };
    (child, url, output)
}

/// A client of the server.
#[derive(Clone)]
pub struct Client {
    http: Http,
    url: String,
    pub token: Option<String>,
    /// The id of the record that is signed in. Empty for a guest.
    pub id: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null if the answer has no JSON body.
    pub body: Value,
}

impl Client {
    fn new(url: &str, token: Option<String>) -> Self {
        let http = Http::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: url.to_owned(), token, id: String::new() }
    }

    /// The same client with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request to extend and send with [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token),
            None => request,
        }
    }

    #[expect(clippy::unused_self, reason = "reads as the client sending")]
    pub fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().unwrap())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path))
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path))
    }

    /// [`Client::post`] that must succeed. Returns the body.
    pub fn create(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer.status, 200, "POST {path} {body}: {}", answer.body);
        answer.body
    }
}

impl Answer {
    pub fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().unwrap()).unwrap_or(Value::Null);
        Self { status, headers, body }
    }

    /// Fails unless the body is the error envelope. Returns its message.
    pub fn message(&self) -> &str {
        let keys: Vec<&String> = self.body.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        assert_eq!(keys, ["data", "message", "status"], "not the envelope: {}", self.body);
        assert_eq!(self.body["status"], self.status);
        self.body["message"].as_str().unwrap()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
