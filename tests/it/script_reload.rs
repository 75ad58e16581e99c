//! Files of scripts that change while requests run: each request meets one version of all files.

use crate::scripts::{collection, records, server, soon, text_field, titles, write_files};
use crate::server::{Client, TestServer, text};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const SWAPS: usize = 12;
const LOADERS: usize = 3;
/// The server reads files that nobody has changed for twice this time.
const MAX_SWAP_TIME: Duration = Duration::from_millis(50);

/// Two files of a version. One sets `title`, the other sets `body`.
fn files(version: usize) -> [(&'static str, String); 2] {
    let a = format!(
        r#"
before_create("notes", |e| {{ e.record.title = "v{version}"; }});
route("POST", "/make", |req| {{
    let made = [];
    for turn in 0..5 {{
        let note = db.create("notes", #{{}});
        made.push(`${{note.title}} ${{note.body}}`);
    }}
    #{{ version: "v{version}", made: made }}
}});
fn wait() {{ loop {{ if db.exists("gates", "title = 'open'") {{ break; }} }} }}
route("POST", "/held", #{{ timeout: 60 }}, |req| {{
    db.create("gates", #{{ title: "begun" }});
    wait();
    let single = db.create("notes", #{{}});
    let grouped = db.transaction(|db| db.create("notes", #{{}}));
    #{{ version: "v{version}", single: single.body, grouped: grouped.body }}
}});
job("held", #{{ timeout: 60 }}, |payload| {{
    db.create("gates", #{{ title: "begun" }});
    wait();
    db.create("results", #{{ title: db.create("notes", #{{}}).body }});
}});
"#
    );
    let b = format!("before_create(\"notes\", |e| {{ e.record.body = \"v{version}\"; }});\n");
    [("a.rhai", a), ("b.rhai", b)]
}

/// Puts both files in place, one right after the other. Returns false if this took so long that the server may have read one of
/// them between: the machine had something else to do.
fn swap(folder: &Path, version: usize) -> bool {
    let files = files(version);
    let folder = folder.join("scripts");
    for (name, content) in &files {
        std::fs::write(folder.join(format!(".{name}")), content).unwrap();
    }
    let began = Instant::now();
    for (name, _) in &files {
        std::fs::rename(folder.join(format!(".{name}")), folder.join(name)).unwrap();
    }
    began.elapsed() < MAX_SWAP_TIME
}

fn start() -> (TestServer, Client) {
    let [a, b] = files(0);
    let server = server(&[(a.0, &a.1), (b.0, &b.1)]);
    let root = server.superuser();
    collection(&root, "notes", &json!([text_field("title"), text_field("body")]));
    collection(&root, "gates", &json!([text_field("title")]));
    collection(&root, "results", &json!([text_field("title")]));
    (server, root)
}

/// The version of each file that handles a new note.
fn versions(client: &Client) -> [String; 2] {
    let note = client.create(&records("notes"), &json!({}));
    [text(&note["title"]), text(&note["body"])]
}

#[test]
fn no_request_fails_or_meets_two_versions_while_files_are_swapped() {
    let (server, _) = start();
    let (is_over, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mixed, mut torn) = (Mutex::new(BTreeSet::new()), BTreeSet::new());
    thread::scope(|scope| {
        for _ in 0..LOADERS {
            let client = server.anonymous();
            let (is_over, calls, mixed) = (&is_over, &calls, &mixed);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let [a, b] = versions(&client);
                    let made = client.post("/make", &json!({}));
                    assert_eq!(made.status, 200, "{}", made.body);
                    let own = text(&made.body["version"]);
                    let notes = made.body["made"].as_array().unwrap();
                    assert_eq!((notes.len(), notes.iter().all(|note| *note == notes[0])), (5, true), "{notes:?}");
                    let (own_a, own_b) = notes[0].as_str().unwrap().split_once(' ').unwrap();
                    assert_eq!(own_a, own, "a route and a handler of the same file");
                    let met = [(a, b), (own_a.to_owned(), own_b.to_owned())];
                    mixed.lock().unwrap().extend(met.into_iter().filter(|(a, b)| a != b));
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let client = server.anonymous();
        for next in 1..=SWAPS {
            let before = calls.load(Ordering::Relaxed);
            let version = format!("v{next}");
            if !swap(server.folder(), next) {
                torn.insert(version.clone());
            }
            soon("the next version", || versions(&client).iter().all(|found| *found == version).then_some(()));
            soon("calls in this version", || (calls.load(Ordering::Relaxed) > before + LOADERS).then_some(()));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let mut mixed = mixed.into_inner().unwrap();
    mixed.retain(|(a, _)| !torn.contains(a));
    assert!(mixed.is_empty(), "half of one version and half of another: {mixed:?}");
}

#[test]
fn a_call_that_began_before_a_swap_ends_with_the_handlers_it_began_with() {
    let (server, root) = start();
    let guest = server.anonymous();
    assert_eq!(root.post("/api/jobs", &json!({"name": "held"})).status, 200);
    thread::scope(|scope| {
        let held = scope.spawn(|| guest.post("/held", &json!({})));
        soon("both have begun", || (titles(&guest, "gates").len() == 2).then_some(()));
        swap(server.folder(), 1);
        soon("the next version", || (versions(&guest) == ["v1", "v1"]).then_some(()));
        guest.create(&records("gates"), &json!({"title": "open"}));
        let held = held.join().unwrap();
        assert_eq!(held.body, json!({"version": "v0", "single": "v0", "grouped": "v0"}));
    });
    soon("the job is done", || (!titles(&guest, "results").is_empty()).then_some(()));
    assert_eq!(titles(&guest, "results"), ["v0"]);
}

#[test]
fn a_changed_template_counts() {
    let page = "route(\"GET\", \"/page\", |req| page(\"page\"));";
    let server = server(&[("a.rhai", page), ("templates/page.html", "one")]);
    let shown = || server.anonymous().request(reqwest::Method::GET, "/page").send().unwrap().text().unwrap();
    assert_eq!(shown(), "one");
    write_files(server.folder(), &[("templates/page.html", "two")]);
    soon("the changed template", || (shown() == "two").then_some(()));
}

/// The system tells of changes in the folder, and not of those behind a link.
#[test]
fn a_script_behind_a_symbolic_link_is_loaded_when_its_target_changes() {
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("target.rhai");
    let say = |word: &str| {
        std::fs::write(&target, format!("route(\"GET\", \"/said\", |req| #{{ said: \"{word}\" }});")).unwrap();
    };
    say("one");
    let server = server(&[("b.rhai", "route(\"GET\", \"/other\", |req| 1);")]);
    std::os::unix::fs::symlink(&target, server.folder().join("scripts/a.rhai")).unwrap();
    let guest = server.anonymous();
    let hears = |word: &str| soon("what is said", || (guest.get("/said").body["said"] == word).then_some(()));
    hears("one");
    say("two, which is another length");
    hears("two, which is another length");
}
