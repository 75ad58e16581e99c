//! Realtime events as clients receive them: which events each client gets, and which it must not get.
//!
//! To show without waiting that no event came, a change that all clients see (of `fence`) follows. Events that arrived
//! before it are all there were.

use crate::server::{Client, TestServer, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// A client's open stream.
pub struct Stream {
    id: String,
    client: Client,
    /// Event and data.
    events: Receiver<(String, Value)>,
}

impl Stream {
    pub fn open(client: &Client) -> Self {
        let response = client.request(Method::GET, "/api/realtime").timeout(PATIENCE * 4).send().unwrap();
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!((&*header("cache-control"), &*header("x-accel-buffering")), ("no-store", "no"));
        let (sender, events) = channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(response).lines().map_while(Result::ok);
            // id, event, data, blank: exactly these lines, in this order.
            while let (Some(id), Some(event), Some(data), Some(blank)) =
                (lines.next(), lines.next(), lines.next(), lines.next())
            {
                assert!(blank.is_empty());
                let id = id.strip_prefix("id:").unwrap().to_owned();
                let data = serde_json::from_str(data.strip_prefix("data:").unwrap()).unwrap();
                if sender.send((id, event.strip_prefix("event:").unwrap().to_owned(), data)).is_err() {
                    return;
                }
            }
        });
        let (id, event, data): (String, String, Value) = events.recv_timeout(PATIENCE).unwrap();
        assert_eq!((&*event, &data["clientId"]), ("PB_CONNECT", &json!(id)));
        let (forward, told) = channel();
        let own = id.clone();
        std::thread::spawn(move || {
            for (id, event, data) in events {
                assert_eq!(id, own);
                if forward.send((event, data)).is_err() {
                    return;
                }
            }
        });
        Self { id, client: client.clone(), events: told }
    }

    /// Subscribes to these topics and to the fence.
    pub fn subscribe(&self, topics: &[&str]) {
        assert_eq!(self.try_subscribe(&self.client, topics), 204);
    }

    pub fn try_subscribe(&self, client: &Client, topics: &[&str]) -> u16 {
        let topics: Vec<&str> = topics.iter().copied().chain(["fence/*"]).collect();
        client.post("/api/realtime", &json!({"clientId": self.id, "subscriptions": topics})).status
    }

    pub fn next(&self) -> (String, Value) {
        self.events.recv_timeout(PATIENCE).expect("an event")
    }

    /// All events up to the next fence: `posts/* update`.
    pub fn heard(&self) -> Vec<String> {
        self.heard_in_full().into_iter().map(|(event, data)| format!("{event} {}", text(&data["action"]))).collect()
    }

    pub fn heard_in_full(&self) -> Vec<(String, Value)> {
        std::iter::from_fn(|| Some(self.next()).filter(|(event, _)| event != "fence/*")).collect()
    }

    fn is_closed(&self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(error) => return error == std::sync::mpsc::RecvTimeoutError::Disconnected,
            }
        }
    }
}

fn fence(superuser: &Client) {
    superuser.create("/api/collections/fence/records", &json!({}));
}

fn collection(superuser: &Client, name: &str, fields: &Value, rule: &Value) -> String {
    let body = json!({"name": name, "type": "base", "fields": fields, "listRule": rule, "viewRule": rule});
    text(&superuser.create("/api/collections", &body)["id"])
}

fn server() -> (TestServer, Client) {
    let server = TestServer::start();
    let superuser = server.superuser();
    collection(&superuser, "fence", &json!([]), &json!(""));
    (server, superuser)
}

fn options(options: &Value) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(options.to_string().as_bytes()).collect();
    format!("?options={encoded}")
}

#[test]
fn listeners_hear_what_their_rule_shows_them_as_long_as_it_does() {
    let (server, root) = server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let fields = json!([{"name": "t", "type": "text"}, {"name": "owner", "type": "text"}]);
    collection(&root, "docs", &fields, &json!("owner = @request.auth.id"));
    let doc = text(&root.create("/api/collections/docs/records", &json!({"t": "one", "owner": ann.id}))["id"]);
    let path = format!("/api/collections/docs/records/{doc}");
    let (a, b, g) = (Stream::open(&ann), Stream::open(&bob), Stream::open(&server.anonymous()));
    a.subscribe(&["docs/*", &format!("docs/{doc}")]);
    b.subscribe(&["docs/*"]);
    g.subscribe(&["docs/*"]);
    let heard = || {
        fence(&root);
        [&a, &b, &g].map(Stream::heard)
    };
    let nothing = Vec::<String>::new;

    root.patch(&path, &json!({"t": "two"}));
    assert_eq!(heard(), [vec!["docs/* update".to_owned(), format!("docs/{doc} update")], nothing(), nothing()]);
    root.patch(&path, &json!({"owner": bob.id}));
    assert_eq!(heard(), [nothing(), vec!["docs/* update".to_owned()], nothing()]);
    root.delete(&path);
    fence(&root);
    let told = b.heard_in_full();
    assert_eq!((told.len(), &told[0].1["action"]), (1, &json!("delete")));
    assert_eq!((&told[0].1["record"]["t"], &told[0].1["record"]["id"]), (&json!("two"), &json!(doc)));
    assert_eq!([a.heard(), g.heard()], [nothing(), nothing()]);
    let body = json!({"t": "three", "owner": bob.id});
    let doc = text(&root.create("/api/collections/docs/records", &body)["id"]);
    let path = format!("/api/collections/docs/records/{doc}");
    assert_eq!(heard(), [nothing(), vec!["docs/* create".to_owned()], nothing()]);

    let password = json!({"password": "another 123", "passwordConfirm": "another 123"});
    assert_eq!(root.patch(&format!("/api/collections/users/records/{}", bob.id), &password).status, 200);
    root.patch(&path, &json!({"t": "four"}));
    assert_eq!(heard(), [nothing(), nothing(), nothing()], "Bob is a guest now");
    let again = server.sign_in("users", "bob@example.com", "another 123");
    assert_eq!(b.try_subscribe(&again, &["docs/*"]), 204);
    root.patch(&path, &json!({"t": "five"}));
    assert_eq!(heard()[1], ["docs/* update"]);
    assert_eq!(b.try_subscribe(&ann, &["docs/*"]), 403);
    assert_eq!(b.try_subscribe(&server.anonymous(), &["docs/*"]), 403);
    assert_eq!(g.try_subscribe(&ann, &["docs/*"]), 204, "a guest may become somebody");
}

#[test]
fn a_stream_whose_sign_in_ends_is_a_guests() {
    let (server, root) = server();
    collection(&root, "notes", &json!([]), &json!("@request.auth.id != ''"));
    let hears = |stream: &Stream| {
        let note = text(&root.create("/api/collections/notes/records", &json!({}))["id"]);
        fence(&root);
        let heard = !stream.heard().is_empty();
        root.delete(&format!("/api/collections/notes/records/{note}"));
        fence(&root);
        stream.heard();
        heard
    };
    let listening = |name: &str| {
        let user = server.user(name);
        let stream = Stream::open(&user);
        stream.subscribe(&["notes/*"]);
        assert!(hears(&stream), "{name}");
        (user, stream)
    };
    let (ana, stream) = listening("ana");
    let path = format!("/api/collections/users/records/{}", ana.id);
    root.patch(&path, &json!({"name": "Ana"}));
    assert!(hears(&stream), "a record that is merely changed stays who it is");
    root.delete(&path);
    assert!(!hears(&stream), "deleted");

    let (_, stream) = listening("bob");
    root.patch("/api/collections/users", &json!({"fields": [{"name": "more", "type": "text"}]}));
    assert!(hears(&stream), "other fields make nobody a guest");
    root.patch("/api/collections/users", &json!({"authToken": {"secret": "x".repeat(40)}}));
    assert!(!hears(&stream), "another secret");

    collection(&root, "closed", &json!([]), &Value::Null);
    let stream = Stream::open(&root);
    stream.subscribe(&["closed/*"]);
    root.create("/api/collections/closed/records", &json!({}));
    fence(&root);
    assert_eq!(stream.heard(), ["closed/* create"]);
    let everyone = json!({"createRule": ""});
    assert_eq!(root.patch("/api/collections/closed", &everyone).status, 200);
    assert_eq!(root.patch("/api/collections/fence", &everyone).status, 200);
    assert_eq!(root.patch("/api/settings", &json!({"superuserIPs": ["127.0.0.0/8"]})).status, 200);
    root.create("/api/collections/closed/records", &json!({}));
    fence(&root);
    assert_eq!(stream.heard(), ["closed/* create"], "an address that is still allowed");
    let asked = root.patch("/api/settings", &json!({"superuserIPs": ["10.0.0.1"]}));
    assert_eq!(asked.status, 200, "{}", asked.body);
    server.anonymous().create("/api/collections/closed/records", &json!({}));
    fence(&server.anonymous());
    assert_eq!(stream.heard(), Vec::<String>::new(), "an address that is not");
    assert_eq!(stream.try_subscribe(&root, &["closed/*"]), 403);
    let create = || drop(server.anonymous().create("/api/collections/closed/records", &json!({})));
    create();
    fence(&server.anonymous());
    assert_eq!(stream.heard(), Vec::<String>::new(), "subscribing again does not help");

    // A command changes the settings as well; the server notices it.
    let noticed = |addresses: &[&str], status: u16| {
        assert!(server.command(&[&["superuser", "ips"], addresses].concat()).status.success());
        let deadline = Instant::now() + PATIENCE;
        while root.get("/api/health").status != status {
            assert!(Instant::now() < deadline, "{addresses:?} is not noticed");
        }
    };
    noticed(&[], 200);
    assert_eq!(stream.try_subscribe(&root, &["closed/*"]), 204);
    create();
    fence(&server.anonymous());
    assert_eq!(stream.heard(), ["closed/* create"]);
    noticed(&["10.0.0.1"], 403);
    create();
    fence(&server.anonymous());
    assert_eq!(stream.heard(), Vec::<String>::new(), "forbidden by a command");
}

#[test]
fn what_a_caller_may_not_see_changes_nothing_they_hear() {
    let (server, root) = server();
    let fields = json!([{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true},
        {"name": "is_public", "type": "bool"}]);
    collection(&root, "posts", &fields, &json!("is_public = true"));
    root.patch("/api/collections/users", &json!({"listRule": "", "viewRule": ""}));
    let guest = Stream::open(&server.anonymous());
    let filtered = |filter: &str| format!("posts/*{}", options(&json!({"query": {"filter": filter}})));
    let by_title = filtered("title = 'x'");
    let topics = [
        "posts/*",
        "users/*",
        &by_title,
        &filtered("secret = 's'"),
        &filtered("secret != 's'"),
        &filtered("@request.auth.id = ''"),
        &filtered("nonsense ="),
    ];
    guest.subscribe(&topics);
    let hidden = json!({"title": "x", "secret": "s", "is_public": false});
    let post = text(&root.create("/api/collections/posts/records", &hidden)["id"]);
    let path = format!("/api/collections/posts/records/{post}");
    root.patch(&path, &json!({"secret": "t"}));
    fence(&root);
    assert_eq!(guest.heard(), Vec::<String>::new());
    root.patch(&path, &json!({"is_public": true}));
    fence(&root);
    let heard = guest.heard_in_full();
    let mut events: Vec<&str> = heard.iter().map(|(event, _)| &**event).collect();
    events.sort_unstable();
    assert_eq!(events, ["posts/*", &by_title]);
    assert!(heard.iter().all(|(_, data)| data["record"].get("secret").is_none()));
    root.patch(&path, &json!({"is_public": false}));
    root.delete(&path);
    let ana = server.user("ana");
    fence(&root);
    let heard = guest.heard_in_full();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].1["record"]["id"], json!(ana.id));
    assert!(heard[0].1["record"].get("email").is_none(), "an e-mail that is not public");
    let superuser = Stream::open(&root);
    superuser.subscribe(&["posts/*", "users/*"]);
    root.create("/api/collections/posts/records", &hidden);
    root.patch(&format!("/api/collections/users/records/{}", ana.id), &json!({"name": "Ana"}));
    fence(&root);
    let heard = superuser.heard_in_full();
    assert_eq!(heard[0].1["record"]["secret"], "s");
    assert_eq!(heard[1].1["record"]["email"], "ana@example.com");
}

#[test]
fn changes_of_one_commit_are_sent_together_and_in_order() {
    let (server, root) = server();
    root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    let text_field = json!([{"name": "name", "type": "text"}]);
    let tags = collection(&root, "tags", &text_field, &json!(""));
    let relation = |name: &str, is_cascade: bool| json!({"name": name, "type": "relation", "collectionId": tags, "cascadeDelete": is_cascade});
    // Access to a tag depends on the records that refer to it, which are deleted with it.
    collection(&root, "posts", &json!([relation("tag", false)]), &json!(""));
    collection(&root, "labels", &json!([relation("tag", true)]), &json!("tag.name = 'red'"));
    let rule = json!({"listRule": "labels_via_tag.id ?!= ''", "viewRule": ""});
    assert_eq!(root.patch("/api/collections/tags", &rule).status, 200);
    let view = json!({"name": "shown", "type": "view", "viewQuery": "SELECT id, name FROM tags", "listRule": ""});
    root.create("/api/collections", &view);
    let guest = Stream::open(&server.anonymous());
    let expanding = format!("posts/*{}", options(&json!({"query": {"expand": "tag", "fields": "expand.tag.name"}})));
    guest.subscribe(&["posts/*", "labels/*", "tags/*", "shown/*", &expanding]);

    let create = |collection: &str, body: Value| json!({"method": "POST", "url": format!("/api/collections/{collection}/records"), "body": body});
    let tag = "tag000000000001";
    let whole = json!({"requests": [create("tags", json!({"id": tag, "name": "red"})), create("labels", json!({"tag": tag})),
        create("posts", json!({"tag": tag}))]});
    let half =
        json!({"requests": [create("labels", json!({"tag": tag})), create("labels", json!({"tag": "missing"}))]});
    assert_eq!(root.post("/api/batch", &half).status, 400);
    fence(&root);
    assert_eq!(guest.heard(), Vec::<String>::new(), "what was rolled back did not happen");
    assert_eq!(root.post("/api/batch", &whole).status, 200);
    fence(&root);
    let heard = guest.heard_in_full();
    let events: Vec<&str> = heard.iter().map(|(event, _)| &**event).collect();
    assert_eq!(events, ["tags/*", "labels/*", "posts/*", &expanding]);
    assert_eq!(heard[3].1["record"], json!({"expand": {"tag": {"name": "red"}}}));
    root.delete(&format!("/api/collections/tags/records/{tag}"));
    fence(&root);
    let expected = ["labels/* delete", "posts/* update", &format!("{expanding} update"), "tags/* delete"];
    let mut heard = guest.heard();
    assert_eq!(heard.last().unwrap(), "tags/* delete");
    heard.sort_unstable_by_key(|event| expected.iter().position(|expected| expected == event));
    assert_eq!(heard, expected);

    let label = "label0000000001";
    let again = json!({"requests": [create("tags", json!({"id": tag, "name": "red"})), create("labels", json!({"id": label, "tag": tag}))]});
    assert_eq!(root.post("/api/batch", &again).status, 200);
    fence(&root);
    assert_eq!(guest.heard(), ["tags/* create", "labels/* create"]);
    let patch =
        json!({"method": "PATCH", "url": format!("/api/collections/labels/records/{label}"), "body": {"tag": tag}});
    let delete = json!({"method": "DELETE", "url": format!("/api/collections/tags/records/{tag}")});
    assert_eq!(root.post("/api/batch", &json!({"requests": [patch, delete]})).status, 200);
    fence(&root);
    assert_eq!(guest.heard(), ["labels/* delete", "tags/* delete"], "what was changed and then deleted by a cascade");
}

#[test]
fn a_commit_that_changes_the_listener_shows_what_is_left_and_what_was_deleted() {
    let (server, root) = server();
    root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    let name = json!([{"name": "name", "type": "text"}]);
    let teams = collection(&root, "teams", &name, &json!("id = @request.auth.team"));
    let mut fields = root.get("/api/collections/users").body["fields"].clone();
    fields.as_array_mut().unwrap().push(json!({"name": "team", "type": "relation", "collectionId": teams}));
    assert_eq!(root.patch("/api/collections/users", &json!({"fields": fields})).status, 200);
    let ana = server.user("ana");
    let stream = Stream::open(&ana);
    stream.subscribe(&["teams/*"]);
    let team = "team00000000001";
    let paths =
        [format!("/api/collections/teams/records/{team}"), format!("/api/collections/users/records/{}", ana.id)];
    let both = |name: &str, team: &str| {
        let [first, second] = [json!({"name": name}), json!({"team": team})];
        let requests = [(0, first), (1, second)]
            .map(|(at, body): (usize, Value)| json!({"method": "PATCH", "url": paths[at], "body": body}));
        assert_eq!(root.post("/api/batch", &json!({"requests": requests})).status, 200);
        fence(&root);
        stream.heard()
    };
    root.create("/api/collections/teams/records", &json!({"id": team}));
    assert_eq!(both("one", team), ["teams/* update"], "the team is hers after the commit");
    assert_eq!(both("two", ""), Vec::<String>::new(), "the team is not hers after the commit");
    assert_eq!(both("three", team), ["teams/* update"]);
    root.delete(&paths[0]);
    fence(&root);
    assert_eq!(stream.heard(), ["teams/* delete"], "with the team, the relation to it is gone");
}

#[test]
fn a_rule_does_not_hold_because_what_it_leads_to_was_deleted_with_the_record() {
    let (server, root) = server();
    root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    let teams = collection(&root, "teams", &json!([{"name": "owner", "type": "text"}]), &json!(null));
    let fields = json!([{"name": "text", "type": "text"}, {"name": "team", "type": "relation", "collectionId": teams, "cascadeDelete": true}]);
    collection(&root, "notes", &fields, &json!("team.owner = @request.auth.id"));
    let guest = Stream::open(&server.anonymous());
    guest.subscribe(&["notes/*", &format!("notes/*{}", options(&json!({"query": {"filter": "text != ''"}})))]);
    let (team, note) = ("team00000000001", "note00000000001");
    root.create("/api/collections/teams/records", &json!({"id": team, "owner": "ana"}));
    root.create("/api/collections/notes/records", &json!({"id": note, "text": "for ana", "team": team}));
    let patch =
        json!({"method": "PATCH", "url": format!("/api/collections/notes/records/{note}"), "body": {"text": "secret"}});
    let delete = json!({"method": "DELETE", "url": format!("/api/collections/teams/records/{team}")});
    assert_eq!(root.post("/api/batch", &json!({"requests": [patch, delete]})).status, 200);
    fence(&root);
    assert_eq!(guest.heard(), Vec::<String>::new());
}

#[test]
fn parameters_of_a_subscription_are_those_rules_see() {
    let (server, root) = server();
    let rule = json!("@request.query.key = 'k' && @request.headers.x_key = 'h' && @request.context = 'realtime'");
    collection(&root, "keyed", &json!([]), &rule);
    let guest = Stream::open(&server.anonymous());
    let right = format!("keyed/*{}", options(&json!({"query": {"key": "k"}, "headers": {"X-Key": "h"}})));
    let wrong = format!("keyed/*{}", options(&json!({"query": {"key": "k"}, "headers": {"X-Key": "x"}})));
    guest.subscribe(&[&right, &wrong, "keyed/*"]);
    root.create("/api/collections/keyed/records", &json!({}));
    fence(&root);
    assert_eq!(guest.heard(), [format!("{right} create")]);
    guest.subscribe(&[]);
    root.create("/api/collections/keyed/records", &json!({}));
    fence(&root);
    assert_eq!(guest.heard(), Vec::<String>::new(), "the list replaces the one before");
}

#[test]
fn a_client_that_does_not_read_delays_no_other_client() {
    let (server, root) = server();
    collection(&root, "posts", &json!([{"name": "body", "type": "text", "max": 1_000_000}]), &json!(""));
    let address = server.url.strip_prefix("http://").unwrap();
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"GET /api/realtime HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut seen = String::new();
    while !seen.contains("\n\n") {
        let mut bytes = [0; 1024];
        let count = slow.read(&mut bytes).unwrap();
        seen.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    let id = seen.split_once("id:").unwrap().1[..40].to_owned();
    let subscribe = json!({"clientId": id, "subscriptions": ["posts/*"]});
    assert_eq!(server.anonymous().post("/api/realtime", &subscribe).status, 204);
    let quick = Stream::open(&server.anonymous());
    quick.subscribe(&["posts/*"]);
    let body = "x".repeat(900_000);
    // More than the socket buffers between client and queue hold.
    for _ in 0..24 {
        root.create("/api/collections/posts/records", &json!({"body": body}));
        assert_eq!(quick.next().0, "posts/*");
    }
    let gone = server.anonymous().post("/api/realtime", &subscribe);
    assert_eq!((gone.status, gone.message()), (404, "Missing or invalid client id."));
    drop(slow);
}

#[test]
fn costly_subscriptions_end_their_stream_and_no_other_client_misses_an_event() {
    let (server, root) = server();
    collection(&root, "posts", &json!([{"name": "title", "type": "text"}]), &json!(""));
    let filtered = |filter: &str| format!("posts/*{}", options(&json!({"query": {"filter": filter}})));
    let [plain, light] = [(); 2].map(|()| Stream::open(&server.anonymous()));
    plain.subscribe(&["posts/*"]);
    light.subscribe(&[&filtered("title != 'x'")]);
    // Each evaluates a thousand different filters for every change.
    let costly = [(); 3].map(|()| Stream::open(&server.anonymous()));
    for (number, stream) in costly.iter().enumerate() {
        let texts: Vec<String> = (0..999).map(|at| filtered(&format!("title ~ 'never {number} {at}'"))).collect();
        stream.subscribe(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let mut reasons: [Option<Value>; 3] = [const { None }; 3];
    let mut changes = 0;
    while reasons.iter().any(Option::is_none) {
        changes += 1;
        assert!(changes < 1000, "they are never disconnected");
        root.create("/api/collections/posts/records", &json!({"title": changes.to_string()}));
        for stream in [&plain, &light] {
            assert_eq!(stream.next().1["record"]["title"], changes.to_string());
        }
        for (stream, reason) in costly.iter().zip(&mut reasons) {
            let told = stream.events.try_iter().find(|(event, _)| event == "@disconnect");
            *reason = reason.take().or(told.map(|(_, data)| data["reason"].clone()));
        }
    }
    assert!(reasons.iter().flatten().all(|reason| text(reason).contains("take too much time")), "{reasons:?}");
    assert!(costly.iter().all(Stream::is_closed));
}

#[test]
fn a_stream_does_not_outlive_its_token() {
    let (server, root) = server();
    let ana = server.user("ana");
    collection(&root, "notes", &json!([]), &json!("@request.auth.id != ''"));
    let path = format!("/api/collections/users/impersonate/{}", ana.id);
    let answer = root.post(&path, &json!({"duration": 10}));
    let mut short = ana.clone();
    short.token = Some(text(&answer.body["token"]));
    let [short, long] = [&short, &ana].map(|client| {
        let stream = Stream::open(client);
        stream.subscribe(&["notes/*"]);
        stream
    });
    let deadline = Instant::now() + PATIENCE;
    loop {
        root.create("/api/collections/notes/records", &json!({}));
        fence(&root);
        assert_eq!(long.heard(), ["notes/* create"]);
        // The fence arrives: the stream continues as a guest's.
        if short.heard().is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "the stream outlives its token");
    }
    assert_eq!(short.try_subscribe(&ana, &["notes/*"]), 204, "with another token it is ana's again");
    root.create("/api/collections/notes/records", &json!({}));
    fence(&root);
    assert_eq!(short.heard(), ["notes/* create"]);
}

#[test]
fn stopping_does_not_wait_for_streams() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "[limits]\nstop_seconds = 300\n").unwrap();
    let mut server = TestServer::start_in(folder, &[]);
    let streams = [(); 3].map(|()| Stream::open(&server.anonymous()));
    let began = Instant::now();
    assert!(server.stop().success());
    // If it waited for them, it would be as long as it may wait for requests.
    assert!(began.elapsed() < Duration::from_mins(2), "{:?}", began.elapsed());
    assert!(streams.iter().all(Stream::is_closed));
}

#[test]
fn a_sign_in_is_handed_over_once_and_to_who_waits_for_it() {
    let server = TestServer::start();
    let guest = server.anonymous();
    let stream = Stream::open(&guest);
    let redirect = |query: &str| {
        let answer = guest.get(&format!("/api/oauth2-redirect{query}"));
        assert_eq!(answer.status, 307);
        answer.headers["location"].to_str().unwrap().rsplit('-').next().unwrap().to_owned()
    };
    let query = format!("?state={}&code=c0de", stream.id);
    assert_eq!((&*redirect(""), &*redirect("?state=x&code=y"), &*redirect(&query)), ("failure", "failure", "failure"));
    assert_eq!(stream.try_subscribe(&guest, &["@oauth2"]), 204);
    assert_eq!(redirect(&query), "success");
    assert_eq!(stream.next(), ("@oauth2".to_owned(), json!({"state": stream.id, "code": "c0de"})));
    assert_eq!(redirect(&query), "failure", "only once");
    assert_eq!(stream.try_subscribe(&guest, &["@oauth2"]), 204);
    let form = format!("state={}&error=access_denied", stream.id);
    let request = guest.request(Method::POST, "/api/oauth2-redirect");
    let answer = guest.send(request.header("content-type", "application/x-www-form-urlencoded").body(form));
    assert_eq!(answer.status, 303);
    let expected = json!({"state": stream.id, "code": "", "error": "access_denied"});
    assert_eq!(stream.next(), ("@oauth2".to_owned(), expected));
}
