//! The cost of the worst requests without privileges: one uses at most [`MAX_MEMORY_KIB`] and [`MAX_CPU`], and a
//! hundred of them sent together do not make other clients wait. A list may use its query limit instead of [`MAX_CPU`];
//! it is set to [`QUERY_SECONDS`].
//!
//! Every route that is not for superusers only receives every body of [`bodies`]. More expensive requests to single
//! routes are in [`attacks`]. The kernel counts CPU time, so other programs on the machine do not affect it.

#![expect(clippy::print_stderr, reason = "the figures, shown with --nocapture")]

use crate::access;
use crate::files::file;
use crate::meter::{Cost, Meter, Waits};
use crate::server::{Client, TestServer, text};
use reqwest::Method;
use reqwest::blocking::multipart::Form;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// 64 MiB, plus a quarter for memory that the allocator rounds up and keeps.
const MAX_MEMORY_KIB: u64 = 80 * 1024;
const MAX_CPU: Duration = Duration::from_millis(500);
/// How much slower the program is without optimisation.
const SLOWDOWN: u32 = if cfg!(debug_assertions) { 12 } else { 1 };
/// The query limit of the server under test.
const QUERY_SECONDS: u64 = 2;

/// Number of concurrent attacks, and how long reading a record by its id may take meanwhile.
const TOGETHER: usize = 100;
const MAX_WAIT: Duration = Duration::from_millis(100);

const MIB: usize = 1024 * 1024;
/// Sizes of bodies. The largest is refused by every route, records and batches accept one of the next two, forms the
/// smallest.
const BODY_BYTES: [usize; 4] = [31 * MIB, 11 * MIB, 5 * MIB, 60 * 1024];
const LARGE: usize = BODY_BYTES[0];
/// Just below the default limit of an editor field.
const LONG_TEXT: usize = 4_900_000;
/// Number of records that hold a [`LONG_TEXT`].
const LONG_RECORDS: usize = 30;
/// How many of them refer to the small record. Deleting it writes each of them completely.
const REFERRING: usize = 4;

/// A server on which guests have many rights, and its clients.
struct Scene {
    server: TestServer,
    strangers: Strangers,
}

struct Strangers {
    guest: Client,
    user: Client,
    /// The id of a small record of `pages`, the target of attacks.
    page: String,
    /// The id of another one.
    witness: String,
}

impl Scene {
    fn new() -> Self {
        let server = TestServer::start_with(&["--queryTimeout", &QUERY_SECONDS.to_string()]);
        let root = server.superuser();
        let settings = json!({"batch": {"enabled": true, "maxRequests": 50, "timeout": 3}});
        assert_eq!(root.patch("/api/settings", &settings).status, 200);
        root.create(
            "/api/collections",
            &json!({"name": "pages", "type": "base",
                "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "", "fields": [
                    {"name": "title", "type": "text"},
                    {"name": "content", "type": "editor"},
                    {"name": "data", "type": "json"},
                    {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"},
                    {"name": "picture", "type": "file", "thumbs": ["100x100", "1000x1000"]}]}),
        );
        let pages = text(&root.get("/api/collections/pages").body["id"]);
        let mut fields = root.get("/api/collections/pages").body["fields"].clone();
        fields.as_array_mut().unwrap().push(json!({"name": "parents", "type": "relation", "collectionId": pages,
            "maxSelect": 9}));
        assert_eq!(root.patch("/api/collections/pages", &json!({"fields": fields})).status, 200);
        let user = server.user("ana");
        let guest = server.anonymous();
        let [page, witness] = ["small", "witness"]
            .map(|title| text(&root.create("/api/collections/pages/records", &json!({"title": title}))["id"]));
        let long = "a".repeat(LONG_TEXT);
        for number in 0..LONG_RECORDS {
            let parents = if number < REFERRING { vec![page.as_str()] } else { Vec::new() };
            let record = json!({"title": format!("long {number}"), "content": long, "parents": parents});
            root.create("/api/collections/pages/records", &record);
        }
        Self { server, strangers: Strangers { guest, user, page, witness } }
    }

    /// The cost of one attack, until the server has answered.
    fn cost_of(&self, name: &str, attack: &Attack) -> Option<Cost> {
        let meter = Meter::start(&self.server)?;
        self.strangers.run(name, attack);
        Some(meter.finish())
    }
}

impl Strangers {
    /// Runs one attack. Any answer is accepted except an internal error.
    fn run(&self, name: &str, attack: &Attack) {
        // The connection may end before the whole request was accepted.
        if let Ok(response) = attack(self) {
            let status = response.status().as_u16();
            // 503 is the answer of a server that protects itself.
            assert!(status < 500 || status == 503, "{name}: {status}");
            // Reading the whole answer makes the server write it all.
            let _ = response.bytes();
        }
    }
}

type Attack = Box<dyn Fn(&Strangers) -> reqwest::Result<reqwest::blocking::Response> + Send + Sync>;

struct Named {
    name: String,
    /// Whether it mainly reads: then the query limit replaces the limit on CPU time.
    is_read: bool,
    attack: Attack,
}

fn named(
    name: impl Into<String>,
    attack: impl Fn(&Strangers) -> reqwest::Result<reqwest::blocking::Response> + Send + Sync + 'static,
) -> Named {
    Named { name: name.into(), is_read: false, attack: Box::new(attack) }
}

/// Bodies of about `size` bytes that are expensive for their size: their description, and their content type.
fn bodies(size: usize) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let repeated = |head: &str, piece: &str, tail: &str| {
        let count = (size - head.len() - tail.len()) / piece.len();
        [head, &piece.repeat(count), tail].concat().into_bytes()
    };
    let mut keys = String::from("{");
    while keys.len() < size {
        let _ = write!(keys, "\"{:x}\":0,", keys.len());
    }
    keys.push_str("\"z\":0}");
    vec![
        ("numbers in an array", "application/json", repeated("{\"data\":[0", ",0", "]}")),
        ("empty objects in an array", "application/json", repeated("{\"data\":[0", ",{}", "]}")),
        ("nested arrays", "application/json", repeated("{\"data\":[0", ",[[[[[[]]]]]]", "]}")),
        ("many keys", "application/json", keys.into_bytes()),
        ("escapes in a text", "application/json", repeated("{\"title\":\"", "\\u00e4", "\"}")),
        ("many names of a form", "application/x-www-form-urlencoded", repeated("a=1", "&b", "")),
        ("escapes of a form", "application/x-www-form-urlencoded", repeated("title=", "%C3%A4", "")),
        (
            "many parts",
            "multipart/form-data; boundary=x",
            repeated("", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n", "--x--\r\n"),
        ),
        (
            "payloads in payloads",
            "multipart/form-data; boundary=x",
            repeated(
                "--x\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n{\"data\":[0",
                ",0",
                "]}\r\n--x--\r\n",
            ),
        ),
    ]
}

/// Bodies on their own are sent to every route; these attacks are specific to single routes.
fn attacks() -> Vec<Named> {
    let list = |name: &str, query: String| Named {
        is_read: true,
        ..named(format!("list: {name}"), move |strangers: &Strangers| {
            strangers.guest.request(Method::GET, &format!("/api/collections/pages/records?{query}")).send()
        })
    };
    let filter = |text: &str| format!("perPage=1&filter={}", encoded(text));
    let chain = |piece: &str, glue: &str| {
        let count = 3_400 / (piece.len() + glue.len());
        vec![piece; count].join(glue)
    };
    let mut all = vec![
        list("large records", "perPage=1000".to_owned()),
        list("large records, expanded", "perPage=30&expand=pages_via_parents".to_owned()),
        list("a search that nearly matches everywhere", filter(&format!("content ~ '{}b'", "a".repeat(3_000)))),
        list("many searches", filter(&chain("content ~ 'ab'", "||"))),
        list("wildcards", filter(&format!("content ~ '{}b'", "%a".repeat(1_500)))),
        list("paths into large texts", filter(&chain("content.a.b != 1", "&&"))),
        list("back-relations", filter(&chain("pages_via_parents.pages_via_parents.title != 'x'", "&&"))),
        list("nested brackets", filter(&format!("{}title='a'{}", "(".repeat(1_700), ")".repeat(1_700)))),
        list("sorted by large texts", "perPage=1&sort=content,-content".to_owned()),
        list("many expands", format!("perPage=500&expand={}", chain("pages_via_parents.parents.author", ","))),
        list("many fields", format!("perPage=1000&fields={}", chain("content:excerpt(1000000)", ","))),
    ];
    let view = named("view: large expands", |strangers: &Strangers| {
        let path = format!(
            "/api/collections/pages/records/{}?expand=pages_via_parents.parents.pages_via_parents",
            strangers.page
        );
        strangers.guest.request(Method::GET, &path).send()
    });
    all.push(Named { is_read: true, ..view });
    all.push(named("batch: many records of numbers", |strangers| {
        let data: Value = vec![0; 300_000].into();
        let request = json!({"method": "POST", "url": "/api/collections/pages/records", "body": {"data": data}});
        let body = json!({"requests": vec![request; 50]}).to_string();
        strangers.guest.request(Method::POST, "/api/batch").header("content-type", "application/json").body(body).send()
    }));
    all.push(named("batch: changes of large records", |strangers| {
        let list = strangers.guest.get("/api/collections/pages/records?perPage=50&fields=id");
        let change = |page: &Value| {
            let url = format!("/api/collections/pages/records/{}", text(&page["id"]));
            json!({"method": "PATCH", "url": url, "body": {"title": "changed"}})
        };
        let requests: Vec<Value> = list.body["items"].as_array().unwrap().iter().map(change).collect();
        strangers.guest.request(Method::POST, "/api/batch").json(&json!({"requests": requests})).send()
    }));
    all.push(named("batch: sign-ups", |strangers| {
        let sign_up = |number: usize| {
            json!({"method": "POST", "url": "/api/collections/users/records", "body": {
                "email": format!("b{number}@example.com"), "password": "12345678", "passwordConfirm": "12345678"}})
        };
        let body = json!({"requests": (0..50).map(sign_up).collect::<Vec<_>>()});
        strangers.guest.request(Method::POST, "/api/batch").json(&body).send()
    }));
    all.push(named("sign-in: a long password", |strangers| {
        let body = json!({"identity": "ana@example.com", "password": "x".repeat(LARGE)});
        strangers.guest.request(Method::POST, "/api/collections/users/auth-with-password").json(&body).send()
    }));
    all.push(named("realtime: many subscriptions", |strangers| {
        let topics: Vec<String> = (0..100_000).map(|number| format!("pages/{number}")).collect();
        let body = json!({"clientId": "unknown", "subscriptions": topics});
        strangers.guest.request(Method::POST, "/api/realtime").json(&body).send()
    }));
    all.push(named("static: a long path", |strangers| {
        strangers.guest.request(Method::GET, &format!("/{}", "%2e%2e/".repeat(8_000))).send()
    }));
    all.push(named("upload: a large file that is refused", |strangers| {
        let form = Form::new().part("picture", file("a.png", vec![0; LARGE]));
        strangers.guest.request(Method::POST, "/api/collections/pages/records").multipart(form).send()
    }));
    all
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Sends each body to each route that is not for superusers only, signed in and without a declared length.
fn body_attacks(strangers: &Strangers) -> Vec<Named> {
    let mut all = Vec::new();
    for size in BODY_BYTES {
        let bodies: Vec<_> = bodies(size).into_iter().map(|(name, kind, body)| (name, kind, Arc::new(body))).collect();
        for row in access::rows(&strangers.page, &strangers.user.id).into_iter().filter(access::Row::is_for_others) {
            let takes_records = row.path.ends_with("/records") || row.path == "/api/batch";
            // All forms of a fixed shape treat bodies alike.
            let count = if takes_records { bodies.len() } else { 1 };
            for (name, kind, body) in bodies.iter().take(count).cloned() {
                let path = row.path.replace("/notes", "/pages");
                let method = Method::from_bytes(row.method.as_bytes()).unwrap();
                let what = format!("{method} {path}: {name}, {} KiB", size / 1024);
                all.push(named(what, move |strangers: &Strangers| {
                    let body = Cursor::new(Shared(Arc::clone(&body)));
                    let request = strangers.user.request(method.clone(), &path).header("content-type", kind);
                    request.body(reqwest::blocking::Body::new(body)).send()
                }));
            }
        }
    }
    all
}

/// Bytes that are sent many times.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn check(name: &str, is_read: bool, cost: &Cost) -> Option<String> {
    let max_cpu = if is_read { Duration::from_secs(QUERY_SECONDS + 1) } else { MAX_CPU } * SLOWDOWN;
    let is_fine = cost.memory_kib <= MAX_MEMORY_KIB && cost.cpu <= max_cpu;
    (!is_fine).then(|| format!("{name}: {} MiB, {:?} of CPU", cost.memory_kib / 1024, cost.cpu))
}

fn failures(scene: &Scene, attacks: &[Named]) -> Vec<String> {
    let cost = |one: &Named| {
        let cost = scene.cost_of(&one.name, &one.attack)?;
        // Visible with --nocapture.
        eprintln!("{:6} KiB {:6} ms  {}", cost.memory_kib, cost.cpu.as_millis(), one.name);
        check(&one.name, one.is_read, &cost)
    };
    // The process gives back what earlier requests took while it is measured, so some measurements are too high.
    let stays = |one: &Named| (0..3).map_while(|_| cost(one)).nth(2);
    attacks.iter().filter_map(stays).collect()
}

#[test]
fn the_worst_requests_of_single_routes_are_bounded() {
    let scene = Scene::new();
    let found = failures(&scene, &attacks());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_large_body_to_every_route_is_bounded() {
    let scene = Scene::new();
    let found = failures(&scene, &body_attacks(&scene.strangers));
    assert!(found.is_empty(), "{found:#?}");
}

/// Meanwhile, other clients read a record by its id.
#[test]
fn a_hundred_of_the_worst_requests_delay_no_other_client() {
    let scene = Scene::new();
    let attacks: Vec<Named> =
        attacks().into_iter().chain(body_attacks(&scene.strangers).into_iter().step_by(7)).collect();
    let under_way = AtomicUsize::new(TOGETHER);
    let mut waits = Waits::start();
    std::thread::scope(|scope| {
        for number in 0..TOGETHER {
            let (strangers, under_way) = (&scene.strangers, &under_way);
            let one = &attacks[number % attacks.len()];
            scope.spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| strangers.run(&one.name, &one.attack)));
                under_way.fetch_sub(1, Ordering::Relaxed);
                outcome.unwrap_or_else(|panic| resume_unwind(panic));
            });
        }
        let path = format!("/api/collections/pages/records/{}", scene.strangers.witness);
        while under_way.load(Ordering::Relaxed) > 0 {
            waits.ask(|| assert_eq!(scene.strangers.guest.get(&path).status, 200));
        }
    });
    eprintln!("{}", waits.check(MAX_WAIT * SLOWDOWN, "records by id beside them"));
}
