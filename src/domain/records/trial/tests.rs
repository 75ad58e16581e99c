use super::*;
use crate::domain::collections;
use crate::domain::records::{Shape, create, delete, update, view};
use crate::domain::testing::{TestTx, collection, guest, issues, object, record, seeded, superuser, user};
use std::collections::BTreeMap;

/// Two users, posts of one of them, and comments on the posts.
struct Fixture {
    tx: TestTx,
    ana: Arc<Record>,
    ben: Arc<Record>,
    post: String,
}

fn fixture() -> Fixture {
    let tx = seeded();
    let tags = collection(&tx, json!({"name": "tags", "fields": [{"name": "label", "type": "text"}]}));
    let posts = collection(
        &tx,
        json!({"name": "posts", "fields": [{"name": "title", "type": "text"}, {"name": "public", "type": "bool"},
               {"name": "views", "type": "number"}, {"name": "meta", "type": "json"}, {"name": "secret", "type": "text", "hidden": true},
               {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"},
               {"name": "labels", "type": "select", "values": ["x", "y", "z"], "maxSelect": 3},
               {"name": "tags", "type": "relation", "collectionId": tags.id, "maxSelect": 9}]}),
    );
    collection(
        &tx,
        json!({"name": "comments", "fields": [{"name": "text", "type": "text"},
               {"name": "post", "type": "relation", "collectionId": posts.id}]}),
    );
    let [ana, ben] = ["ana", "ben"].map(|name| {
        record(&tx, "users", json!({"email": format!("{name}@example.com"), "password": "12345678", "name": name}))
    });
    let [a, b] = ["a", "b"].map(|label| record(&tx, "tags", json!({"label": label})).id().to_owned());
    let post = json!({"title": "Hello", "public": false, "views": 3, "owner": ana.id(), "labels": ["x", "y"], "tags": [a, b],
                      "meta": {"k": 1}, "secret": "s"});
    let post = record(&tx, "posts", post).id().to_owned();
    record(&tx, "comments", json!({"text": "first", "post": post}));
    Fixture { tx, ana, ben, post }
}

fn tried(fixture: &Fixture, input: Value) -> Value {
    let posts = collections::find(&fixture.tx, "posts").unwrap();
    try_rule(&fixture.tx, &posts, &object(input)).unwrap_or_else(|error| panic!("{error}"))
}

const RULES: [&str; 24] = [
    "title = 'Hello'",
    "title:lower = 'hello' && views > 2",
    "owner = @request.auth.id",
    "@request.auth.id != ''",
    "@request.auth.name = 'ben' || public = true",
    "owner.name = @request.auth.name",
    "owner.email ~ 'ana'",
    "tags.label ?= 'a' && tags.label ?= 'b'",
    "tags.label = 'a'",
    "labels:each ?= 'y'",
    "labels:length = 2",
    "labels:each ~ 'x' || (public = false && views <= 3)",
    "comments_via_post.text ?= 'first'",
    "comments_via_post.id = ''",
    "@collection.tags.label ?= 'b'",
    "@request.body.title:isset = false",
    "@request.body.title = 'New'",
    "@request.body.views > 3",
    "@request.body.title:changed = true && @request.body.public:changed = false",
    "@request.body.labels:length >= 2",
    "@request.method = 'PATCH' || @request.method = 'DELETE'",
    "meta.k = 1",
    "secret = 's' && @now > '2020-01-01'",
    "id != '' && (title = 'New' || title = 'Hello')",
];

/// The trial gives the verdict of the real request, for each rule, caller, kind and body.
#[test]
fn a_trial_and_the_real_request_agree() {
    let fixture = fixture();
    let Fixture { tx, ana, ben, post } = &fixture;
    let callers = [
        (json!("guest"), guest()),
        (json!({"collection": "users", "id": ana.id()}), user(ana)),
        (json!({"collection": "_pb_users_auth_", "id": ben.id()}), user(ben)),
        (json!("superuser"), superuser(tx)),
    ];
    let bodies =
        [json!({}), json!({"title": "New"}), json!({"title": "Hello", "views+": 1, "labels+": "z", "public": true})];
    let mut verdicts = BTreeMap::new();
    for rule in RULES {
        let rules =
            json!({"listRule": rule, "viewRule": rule, "createRule": rule, "updateRule": rule, "deleteRule": rule});
        let posts = collections::find(tx, "posts").unwrap();
        let posts = collections::update(tx, &posts, &object(rules)).unwrap();
        for (caller, request) in &callers {
            let with_method = |method| RequestInfo { method, ..request.clone() };
            let mut check = |kind: &'static str, body: &Value, is_done: bool| {
                let input = json!({"kind": kind, "caller": caller, "record": post, "body": body});
                let answer = tried(&fixture, input);
                let is_complete = answer["issues"].as_object().is_none_or(Map::is_empty);
                let is_allowed = answer["allowed"] == true && is_complete;
                assert_eq!(is_allowed, is_done, "{kind} {rule} {caller} {body}: {answer}");
                assert_eq!(answer["isComplete"], true);
                // The tree's root says the same, and the record is as before.
                if answer["because"] == "rule" {
                    assert_eq!(answer["tree"]["holds"], answer["allowed"], "{kind} {rule} {caller} {body}: {answer}");
                    assert_eq!(answer["reason"].is_null(), answer["allowed"] == true, "{answer}");
                }
                *verdicts.entry((kind, is_done)).or_insert(0) += 1;
            };
            // What the real request writes is undone.
            let undone = |work: &dyn Fn() -> bool| {
                let mut is_done = false;
                let _ = tx.savepoint(|| {
                    is_done = work();
                    Err::<(), _>(Error::generic())
                });
                is_done
            };
            let get = with_method("GET");
            check("view", &json!({}), view(tx, &get, &posts, post, &Shape::default()).is_ok());
            let listed = || {
                let mut out = Vec::new();
                let input = crate::domain::records::ListInput::default();
                crate::domain::records::list(tx, &get, &posts, &input, &mut out).unwrap();
                !out.is_empty()
            };
            check("list", &json!({}), listed());
            for body in &bodies {
                let submitted = || Submitted::new(object(body.clone()));
                let done = undone(&|| update(tx, &with_method("PATCH"), &posts, post, &submitted()).is_ok());
                check("update", body, done);
                let done = undone(&|| create(tx, &with_method("POST"), &posts, &submitted()).is_ok());
                check("create", body, done);
            }
            check("delete", &json!({}), undone(&|| delete(tx, &with_method("DELETE"), &posts, post).is_ok()));
        }
    }
    // Each kind was both allowed and refused.
    assert_eq!(verdicts.len(), 10, "{verdicts:?}");
    assert!(verdicts.values().all(|count| *count >= 10), "{verdicts:?}");
}

#[test]
fn each_part_tells_whether_it_holds_and_what_its_sides_are() {
    let fixture = fixture();
    let rule = "owner = @request.auth.id && (tags.label ?= 'b' || views > 9)";
    let caller = json!({"collection": "users", "id": fixture.ben.id()});
    let answer = tried(&fixture, json!({"kind": "view", "rule": rule, "caller": caller, "record": fixture.post}));
    assert_eq!(
        (&answer["allowed"], &answer["because"], &answer["status"]),
        (&json!(false), &json!("rule"), &json!(404))
    );
    let tree = &answer["tree"];
    assert_eq!((&tree["type"], &tree["offset"], &tree["length"]), (&json!("all"), &json!(0), &json!(rule.len())));
    let [first, second] = &tree["parts"].as_array().unwrap()[..] else { panic!("{tree}") };
    assert_eq!(first["text"], "owner = @request.auth.id");
    assert_eq!(first["holds"], false);
    assert_eq!(first["left"]["values"], json!([fixture.ana.id()]));
    assert_eq!(
        first["left"]["path"],
        json!({"collection": "posts", "field": "owner", "fieldType": "relation", "isMultiple": false})
    );
    assert_eq!(first["right"]["values"], json!([fixture.ben.id()]));
    assert_eq!((&second["type"], &second["holds"]), (&json!("any"), &json!(true)));
    let tags = &second["parts"][0];
    assert_eq!((&tags["left"]["values"], &tags["operator"]["isAny"]), (&json!(["a", "b"]), &json!(true)));
    assert_eq!(
        (&tags["left"]["path"]["collection"], &tags["left"]["path"]["isMultiple"]),
        (&json!("tags"), &json!(true))
    );
    let views = &second["parts"][1];
    assert_eq!(
        (&views["holds"], &views["left"]["values"], &views["right"]["values"]),
        (&json!(false), &json!([3]), &json!([9.0]))
    );
    assert_eq!(answer["reason"], "the viewRule of \"posts\" does not hold: owner = @request.auth.id");

    let sides = |rule: &str, kind: &str, body: Value| {
        let answer = tried(&fixture, json!({"kind": kind, "rule": rule, "record": fixture.post, "body": body}));
        [answer["tree"]["left"]["values"].clone(), answer["tree"]["right"]["values"].clone()]
    };
    assert_eq!(sides("public = true", "view", json!({})), [json!([false]), json!([1])]);
    assert_eq!(sides("labels = null", "view", json!({})), [json!([["x", "y"]]), json!([null])]);
    assert_eq!(sides("labels:length = meta.k", "view", json!({})), [json!([2]), json!([1])]);
    assert_eq!(sides("comments_via_post.text = 1", "view", json!({}))[0], json!(["first"]));
    assert_eq!(
        sides("@request.body.labels = title", "update", json!({"labels+": "z"})),
        [json!([["x", "y", "z"]]), json!(["Hello"])]
    );
    assert_eq!(sides("title = views", "create", json!({"title": "T", "views": "5"})), [json!(["T"]), json!([5])]);
    assert_eq!(sides("@request.auth.id = @request.query.q", "view", json!({})), [json!([null]), json!([null])]);
    assert_eq!(sides("owner.tokenKey = owner.email", "view", json!({})), [Value::Null, json!(["ana@example.com"])]);
    assert_eq!(sides("strftime('%s', owner.password) = 1", "view", json!({}))[0], Value::Null);
    let long = sides("title = 1", "create", json!({"title": "é".repeat(900)}))[0][0].as_str().unwrap().chars().count();
    assert_eq!(long, MAX_SHOWN);
}

#[test]
fn it_says_what_decided() {
    let fixture = fixture();
    let ana = json!({"collection": "users", "id": fixture.ana.id()});
    let check = |input: Value, expected: [Value; 3]| {
        let answer = tried(&fixture, input.clone());
        assert_eq!(
            [&answer["allowed"], &answer["because"], &answer["status"]].map(Clone::clone),
            expected,
            "{input}: {answer}"
        );
    };
    let post = &fixture.post;
    check(json!({"kind": "view", "record": post}), [json!(false), json!("closed"), json!(403)]);
    check(
        json!({"kind": "view", "record": post, "caller": "superuser"}),
        [json!(true), json!("superuser"), json!(200)],
    );
    check(json!({"kind": "delete", "record": post, "rule": ""}), [json!(true), json!("open"), json!(204)]);
    check(json!({"kind": "view", "record": "none", "rule": ""}), [json!(false), json!("missing"), json!(404)]);
    check(json!({"kind": "list", "record": post, "rule": "title = 'x'"}), [json!(false), json!("rule"), json!(200)]);
    check(
        json!({"kind": "create", "rule": "@request.auth.id = ''", "caller": ana}),
        [json!(false), json!("rule"), json!(400)],
    );
    check(
        json!({"kind": "view", "record": post, "rule": "@request.query.code = '1' && @request.headers.x_key = 'k' && @request.context = 'expand'",
               "query": {"code": 1}, "headers": {"X-Key": "k"}, "context": "expand"}),
        [json!(true), json!("rule"), json!(200)],
    );
    let users = collections::find(&fixture.tx, "users").unwrap();
    let of_users = |input: Value| try_rule(&fixture.tx, &users, &object(input)).unwrap();
    let id = fixture.ana.id();
    let own = of_users(json!({"kind": "auth", "record": id, "rule": "verified = true"}));
    assert_eq!((&own["allowed"], &own["status"]), (&json!(false), &json!(403)));
    assert_eq!(
        of_users(json!({"kind": "manage", "record": id, "caller": ana, "rule": "id = @request.auth.id"}))["allowed"],
        true
    );
    // Stored values of credentials are never shown; what is wrong with the body is.
    let created = of_users(json!({"kind": "create", "body": {"email": "no"}}));
    assert_eq!(created["issues"]["email"]["code"], "validation_is_email");
    assert_eq!(created["issues"]["password"]["code"], "validation_required");
}

#[test]
fn hostile_input_is_refused_in_the_envelope() {
    let fixture = fixture();
    let posts = collections::find(&fixture.tx, "posts").unwrap();
    let check = |input: Value, expected: &[&str]| {
        let found = issues(try_rule(&fixture.tx, &posts, &object(input.clone())));
        let keys: Vec<&String> = found.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, expected, "{input}");
    };
    check(json!({}), &["kind"]);
    check(
        json!({"kind": 1, "record": [], "body": 3, "query": [], "headers": "x", "method": 1, "context": {}, "rule": 5, "caller": 9}),
        &["body", "caller", "context", "headers", "kind", "method", "query", "record", "rule"],
    );
    check(json!({"kind": "manage", "record": "x"}), &["kind"]);
    check(json!({"kind": "view"}), &["record"]);
    check(json!({"kind": "view", "record": "x", "caller": "root"}), &["caller"]);
    check(json!({"kind": "view", "record": "x", "caller": {"collection": "posts", "id": fixture.post}}), &["caller"]);
    check(json!({"kind": "view", "record": "x", "caller": {"collection": "users", "id": "none"}}), &["caller"]);
    check(json!({"kind": "view", "record": "x", "method": "BREW", "context": "x"}), &["context", "method"]);
    check(json!({"kind": "view", "record": "x", "query": {"a": []}}), &["query"]);
    let found =
        issues(try_rule(&fixture.tx, &posts, &object(json!({"kind": "create", "rule": "(titel = 1"})))).to_json();
    assert_eq!(found["rule"]["params"], json!({"offset": 0, "length": 1, "reason": "this bracket is never closed"}));
    let found =
        issues(try_rule(&fixture.tx, &posts, &object(json!({"kind": "create", "rule": "1 = owner.naem"})))).to_json();
    let told = "unknown field \"naem\"; did you mean \"name\"?";
    assert_eq!(found["rule"]["params"], json!({"offset": 10, "length": 4, "reason": told, "suggestion": "name"}));
    let deep = format!("{}title = 1{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(tried(&fixture, json!({"kind": "create", "rule": deep}))["tree"]["holds"], false);
    let long = format!("title = 1 {}", " ".repeat(MAX_TEXT));
    check(json!({"kind": "create", "rule": long}), &["rule"]);
    assert!(parse_rule(&fixture.tx, &posts, &long).is_err());
    let wide = vec!["title = 'x' && views > 1"; 100].join(" || ");
    let answer = tried(&fixture, json!({"kind": "create", "rule": wide}));
    assert_eq!(answer["tree"]["parts"].as_array().unwrap().len(), 100);
}

#[test]
fn parsing_gives_the_tree_with_what_is_wrong_or_doubtful() {
    let fixture = fixture();
    let posts = collections::find(&fixture.tx, "posts").unwrap();
    let parse = |text: &str| parse_rule(&fixture.tx, &posts, text).unwrap();
    assert_eq!(parse(" "), json!({"tree": null, "error": null, "warnings": []}));
    let good = parse("title = 'x' || @request.auth.nmae = 1");
    assert_eq!((&good["tree"]["type"], &good["error"]), (&json!("any"), &Value::Null));
    assert!(good["tree"].get("holds").is_none() && good["tree"]["parts"][0]["left"].get("values").is_none());
    assert_eq!(
        good["warnings"],
        json!([{"message": "no auth collection has the field \"nmae\": it is always empty",
                "offset": 29, "length": 4, "suggestion": "name"}])
    );
    let unknown = parse("'𝒳' = titel");
    assert_eq!(
        unknown["error"],
        json!({"message": "unknown field \"titel\"; did you mean \"title\"?", "offset": 7, "length": 5, "suggestion": "title"})
    );
    assert_eq!(unknown["tree"]["right"]["path"], Value::Null);
    let broken = parse("title = ");
    assert_eq!(
        (&broken["tree"], &broken["error"]["offset"], &broken["error"]["length"]),
        (&Value::Null, &json!(8), &json!(0))
    );
}
