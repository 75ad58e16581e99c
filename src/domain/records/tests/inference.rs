//! A caller cannot infer what that caller may not see: several worlds that differ only in hidden data must give the
//! same answer to any question.
//!
//! The questions are random: filters, sorts and expansions over readable and unreadable paths, with values that hidden
//! data often equals, so that a leak makes some world answer differently.

use crate::base::picker::Picker;
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::collections;
use crate::domain::error::Error;
use crate::domain::model::{Collection, RuleKind};
use crate::domain::records::{Expand, ListInput, Shape, find, list, may_notice, render_change, rewrite, view};
use crate::domain::testing::{TestTx, collection, guest, record, seeded, user};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use std::sync::Arc;

const WORLDS: usize = 5;
const QUESTIONS: u32 = 1200;
/// Minimum number of questions that must be answered, about half of the expected number. If all were refused, the test
/// would prove nothing.
const ENOUGH: u32 = 60;
const PEOPLE: [&str; 3] = ["me0000000000000", "ann000000000000", "bob000000000000"];
/// Records that are viewed and listened to: one that the caller may see, of each kind.
const SHOWN: [&str; 5] =
    ["post00000000000", "me0000000000000", "ann000000000000", "note00000000000", "one000000000000"];
const POSTS: [&str; 4] = ["post00000000000", "post00000000001", "post00000000002", "post00000000003"];

struct World {
    tx: TestTx,
    me: RequestInfo,
}

/// Random values, the same for the same seed of the runner.
struct Dice(TestRng);

impl Dice {
    /// Picks one of a few values, so that guesses often hit.
    fn of<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.0.random_range(0..options.len())].clone()
    }
}

fn hidden(mut field: Value) -> Value {
    field["hidden"] = json!(true);
    field
}

fn world(dice: &mut Dice) -> World {
    let tx = seeded();
    let people = collection(
        &tx,
        json!({"name": "people", "type": "auth", "listRule": "", "viewRule": "", "fields": [
            {"name": "name", "type": "text"},
            hidden(json!({"name": "secret", "type": "text"})),
            hidden(json!({"name": "rank", "type": "number"}))]}),
    );
    let posts = collection(
        &tx,
        json!({"name": "posts", "listRule": "", "viewRule": "", "fields": [
            {"name": "title", "type": "text"},
            {"name": "score", "type": "number"},
            {"name": "author", "type": "relation", "collectionId": people.id},
            {"name": "friends", "type": "relation", "collectionId": people.id, "maxSelect": 3},
            hidden(json!({"name": "hush", "type": "text"})),
            hidden(json!({"name": "pin", "type": "number"})),
            hidden(json!({"name": "draft", "type": "bool"})),
            hidden(json!({"name": "when", "type": "date"})),
            hidden(json!({"name": "tags", "type": "select", "maxSelect": 3, "values": ["a", "b", "c"]})),
            hidden(json!({"name": "meta", "type": "json"})),
            hidden(json!({"name": "spot", "type": "geoPoint"})),
            hidden(json!({"name": "reviewer", "type": "relation", "collectionId": people.id})),
            hidden(json!({"name": "readers", "type": "relation", "collectionId": people.id, "maxSelect": 3}))]}),
    );
    let about_posts = |name: &str, rule: Value, indexes: Value| {
        collection(
            &tx,
            json!({"name": name, "listRule": rule, "viewRule": rule, "indexes": indexes, "fields": [
                {"name": "text", "type": "text"},
                {"name": "n", "type": "number"},
                {"name": "owner", "type": "relation", "collectionId": people.id},
                {"name": "post", "type": "relation", "collectionId": posts.id},
                {"name": "posts", "type": "relation", "collectionId": posts.id, "maxSelect": 3}]}),
        )
    };
    about_posts("notes", json!("owner = @request.auth.id"), json!([]));
    about_posts("vault", Value::Null, json!([]));
    about_posts("single", json!("n > 1"), json!(["CREATE UNIQUE INDEX idx_single ON single (post)"]));

    for (at, id) in PEOPLE.into_iter().enumerate() {
        let is_me = at == 0;
        let email =
            if is_me { "me@example.com".to_owned() } else { format!("{}{at}@example.com", dice.of(&["a", "b", "c"])) };
        record(
            &tx,
            "people",
            json!({"id": id, "name": any_name(at), "email": email, "password": "12345678", "emailVisibility": is_me,
                "secret": dice.of(&["", "a", "b", "c"]), "rank": dice.of(&[0, 1, 2])}),
        );
    }
    for (at, id) in POSTS.into_iter().enumerate() {
        record(
            &tx,
            "posts",
            json!({"id": id, "title": any_name(at), "score": at, "author": PEOPLE[at % 3], "friends": [PEOPLE[(at + 1) % 3]],
                "hush": dice.of(&["", "a", "b", "c"]), "pin": dice.of(&[0, 1, 2]), "draft": dice.of(&[true, false]),
                "when": dice.of(&["", "2022-01-01 00:00:00.000Z", "2023-01-01 00:00:00.000Z"]),
                "tags": dice.of(&[json!([]), json!(["a"]), json!(["a", "b"]), json!(["c"])]),
                "meta": dice.of(&[Value::Null, json!({"a": "a"}), json!({"a": 1}), json!(["a", "b"])]),
                "spot": {"lon": dice.of(&[0, 1, 50]), "lat": dice.of(&[0, 1, 50])},
                "reviewer": dice.of(&["", PEOPLE[0], PEOPLE[1]]),
                "readers": dice.of(&[json!([]), json!([PEOPLE[1]]), json!([PEOPLE[0], PEOPLE[2]])])}),
        );
    }
    // The caller's notes, the same in every world, and notes of other users, which may differ.
    record(&tx, "notes", json!({"id": "note00000000000", "text": "a", "n": 1, "owner": PEOPLE[0], "post": POSTS[0]}));
    record(
        &tx,
        "notes",
        json!({"id": "note00000000001", "text": "b", "n": 2, "owner": PEOPLE[0], "posts": POSTS[..3]}),
    );
    for _ in 0..dice.of(&[0, 1, 2, 3]) {
        record(&tx, "notes", row(dice, &PEOPLE[1..]));
        record(&tx, "vault", row(dice, &PEOPLE));
    }
    // One for each post. Some of them are visible to the caller.
    for (at, post) in POSTS.into_iter().enumerate() {
        let mut single = row(dice, &PEOPLE[at % 3..=at % 3]);
        single["post"] = json!(post);
        if at == 0 {
            single = json!({"id": "one000000000000", "text": "a", "n": 2, "owner": PEOPLE[0], "post": post});
        }
        record(&tx, "single", single);
    }
    let people = collections::find(&tx, "people").unwrap();
    let me = user(&Arc::new(find(&tx, &people, PEOPLE[0]).unwrap().unwrap()));
    World { tx, me }
}

fn any_name(at: usize) -> &'static str {
    ["a", "b", "c", ""][at]
}

fn row(dice: &mut Dice, owners: &[&str]) -> Value {
    json!({"text": dice.of(&["", "a", "b"]), "n": dice.of(&[0, 1]), "owner": dice.of(owners), "post": dice.of(&POSTS),
        "posts": dice.of(&[json!([]), json!([POSTS[0]]), json!([POSTS[1], POSTS[2]])])})
}

const OPERATORS: &[&str] =
    &["=", "!=", ">", ">=", "<", "<=", "~", "!~", "?=", "?!=", "?>", "?>=", "?<", "?<=", "?~", "?!~"];
const VALUES: &[&str] = &[
    "''",
    "'a'",
    "'b'",
    "'c'",
    "'a%'",
    "'%'",
    "'me%'",
    "0",
    "1",
    "2",
    "50",
    "true",
    "false",
    "null",
    "'2022-01-01'",
    "@now",
    "'post00000000000'",
    "'me0000000000000'",
    "'ann000000000000'",
    "'@example.com'",
];
/// Steps of paths. Most combinations lead to something in one of the collections.
const STEPS: &[&str] = &[
    "author",
    "friends",
    "reviewer",
    "readers",
    "owner",
    "post",
    "posts",
    "notes_via_post",
    "notes_via_posts",
    "notes_via_owner",
    "vault_via_post",
    "vault_via_posts",
    "vault_via_owner",
    "single_via_post",
    "single_via_posts",
    "posts_via_author",
    "posts_via_friends",
    "posts_via_reviewer",
    "posts_via_readers",
    "meta",
    "spot",
];
const LEAVES: &[&str] = &[
    "id",
    "title",
    "score",
    "name",
    "text",
    "n",
    "hush",
    "pin",
    "draft",
    "when",
    "tags",
    "tags:each",
    "tags:length",
    "meta",
    "meta.a",
    "spot",
    "spot.lon",
    "reviewer",
    "readers",
    "readers:length",
    "friends:length",
    "secret",
    "secret:lower",
    "rank",
    "email",
    "email:lower",
    "emailVisibility",
    "verified",
    "tokenKey",
    "password",
    "author",
    "friends",
    "owner",
    "post",
    "posts:each",
    "collectionId",
    "@rowid",
];

fn path() -> impl Strategy<Value = String> {
    (proptest::collection::vec(select(STEPS), 0..3), select(LEAVES)).prop_map(|(steps, leaf)| {
        let mut path = steps.join(".");
        if !path.is_empty() {
            path.push('.');
        }
        path + leaf
    })
}

fn term() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => path(),
        1 => Just("geoDistance(spot.lon, spot.lat, 0, 0)".to_owned()),
        1 => Just("strftime('%Y', when)".to_owned()),
        1 => select(&["@request.auth.secret", "@request.auth.id", "@collection.vault.text", "@collection.people.secret"][..])
            .prop_map(ToOwned::to_owned),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    let right = prop_oneof![3 => select(VALUES).prop_map(ToOwned::to_owned), 1 => term()];
    let comparison =
        (term(), select(OPERATORS), right).prop_map(|(left, operator, right)| format!("{left} {operator} {right}"));
    // Most parts of a longer filter must be allowed, so that the rest is evaluated.
    let readable = prop_oneof![Just("score >= 0".to_owned()), Just("id != ''".to_owned()), Just("n = 1".to_owned())];
    let one = prop_oneof![3 => comparison, 1 => readable];
    one.prop_recursive(2, 6, 2, |inner| {
        (inner.clone(), select(&["&&", "||"][..]), inner)
            .prop_map(|(left, joint, right)| format!("({left} {joint} {right})"))
    })
}

fn sort() -> impl Strategy<Value = String> {
    proptest::collection::vec((select(&["", "-", "+"][..]), path()), 0..3)
        .prop_map(|keys| keys.into_iter().map(|(order, path)| format!("{order}{path}")).collect::<Vec<_>>().join(","))
}

fn expand() -> impl Strategy<Value = String> {
    let path = proptest::collection::vec(select(STEPS), 1..4).prop_map(|steps| steps.join("."));
    proptest::collection::vec(path, 0..3).prop_map(|paths| paths.join(","))
}

#[derive(Clone, Debug)]
struct Question {
    collection: &'static str,
    filter: String,
    sort: String,
    expand: String,
    page: i64,
    per_page: i64,
    is_guest: bool,
}

fn question() -> impl Strategy<Value = Question> {
    let frame = (1..3_i64, select(&[0, 1, 2][..]), prop::bool::weighted(0.2));
    let collection = select(&["posts", "posts", "people", "notes", "single", "vault"][..]);
    let filter = prop_oneof![4 => filter(), 1 => Just(String::new())];
    let sort = prop_oneof![1 => sort(), 1 => Just(String::new())];
    (collection, filter, sort, expand(), frame).prop_map(
        |(collection, filter, sort, expand, (page, per_page, is_guest))| Question {
            collection,
            filter,
            sort,
            expand,
            page,
            per_page,
            is_guest,
        },
    )
}

impl Question {
    fn shape(&self) -> Shape {
        Shape { expand: Expand::parse(&self.expand), fields: Picker::default() }
    }

    fn input(&self) -> ListInput {
        ListInput {
            page: self.page,
            per_page: self.per_page,
            skip_total: false,
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            shape: self.shape(),
        }
    }
}

/// Everything the caller sees: records, totals, or the error.
fn answer(world: &World, question: &Question) -> String {
    let request = if question.is_guest { guest() } else { world.me.clone() };
    let collection = collections::find(&world.tx, question.collection).unwrap();
    let mut out = Vec::new();
    let listed = list(&world.tx, &request, &collection, &question.input(), &mut out);
    let viewed = SHOWN.map(|id| match view(&world.tx, &request, &collection, id, &question.shape()) {
        Ok(json) => String::from_utf8(json).unwrap(),
        Err(error) => refusal(&error),
    });
    let listed = listed.map_err(|error| refusal(&error));
    let told = SHOWN.map(|id| told(world, &request, &collection, id, question));
    format!("{listed:?}\n{}\n{viewed:#?}\n{told:#?}", String::from_utf8(out).unwrap())
}

/// What the caller is told. A question may be refused, but no question makes a statement fail.
fn refusal(error: &Error) -> String {
    assert!(!matches!(error, Error::Db(_) | Error::Internal(_)), "{error:?}");
    format!("{:?}", error.answer())
}

/// What a listener with the same filter and expansion receives for a change of the record.
fn told(world: &World, request: &RequestInfo, collection: &Arc<Collection>, id: &str, question: &Question) -> String {
    let Some(record) = find(&world.tx, collection, id).unwrap() else { return String::new() };
    let request = request.in_context(Context::Realtime);
    let rule = collection.rule(RuleKind::List);
    let verdict = may_notice(&world.tx, &request, &record, rule, &question.filter);
    match verdict {
        Ok(verdict) if verdict.is_allowed => {}
        Ok(_) => return String::new(),
        Err(error) => return refusal(&error),
    }
    String::from_utf8(render_change(&world.tx, &request, &record, &question.shape()).unwrap()).unwrap()
}

#[test]
fn hidden_relations_lead_somewhere_for_superusers_only() {
    let World { tx, me } = world(&mut Dice(TestRunner::default().new_rng()));
    let posts = collections::find(&tx, "posts").unwrap();
    let people = collections::find(&tx, "people").unwrap();
    for post in POSTS {
        let stored = find(&tx, &posts, post).unwrap().unwrap();
        let mut changed = stored.clone();
        changed.set("reviewer", PEOPLE[1]);
        rewrite(&tx, &stored, changed).unwrap();
    }
    let shown = |request: &RequestInfo, collection, id, expand: &str| {
        let shape = Shape { expand: Expand::parse(expand), fields: Picker::default() };
        let json: Value = serde_json::from_slice(&view(&tx, request, collection, id, &shape).unwrap()).unwrap();
        json["expand"].clone()
    };
    let superuser = crate::domain::testing::superuser(&tx);
    assert_eq!(shown(&me, &posts, POSTS[0], "reviewer"), json!({}));
    assert_eq!(shown(&me, &people, PEOPLE[1], "posts_via_reviewer"), json!({}));
    assert_eq!(shown(&superuser, &posts, POSTS[0], "reviewer")["reviewer"]["id"], PEOPLE[1]);
    let reviewed = shown(&superuser, &people, PEOPLE[1], "posts_via_reviewer");
    assert_eq!(reviewed["posts_via_reviewer"].as_array().map(Vec::len), Some(POSTS.len()));
}

#[test]
fn what_a_caller_may_not_see_changes_no_answer() {
    let mut runner = TestRunner::new(Config { cases: QUESTIONS, failure_persistence: None, ..Config::default() });
    let mut dice = Dice(runner.new_rng());
    let worlds: Vec<World> = (0..WORLDS).map(|_| world(&mut dice)).collect();
    let answered = std::cell::Cell::new(0);
    let outcome = runner.run(&question(), |question| {
        let first = answer(&worlds[0], &question);
        if first.starts_with("Ok") {
            answered.set(answered.get() + 1);
        }
        for other in &worlds[1..] {
            let other = answer(other, &question);
            if other != first {
                return Err(TestCaseError::fail(format!("{question:?} is answered\n{first}\nand\n{other}")));
            }
        }
        Ok(())
    });
    if let Err(problem) = outcome {
        panic!("{problem}");
    }
    assert!(answered.get() > ENOUGH, "only {} of {QUESTIONS} questions were answered", answered.get());
}

#[test]
fn listeners_hear_of_what_a_list_with_their_filter_shows() {
    let mut runner = TestRunner::new(Config { cases: QUESTIONS, failure_persistence: None, ..Config::default() });
    let world = world(&mut Dice(runner.new_rng()));
    let heard = std::cell::Cell::new(0);
    let outcome = runner.run(&question(), |question| {
        let request = if question.is_guest { guest() } else { world.me.clone() };
        let collection = collections::find(&world.tx, question.collection).unwrap();
        let all = Question { sort: String::new(), expand: String::new(), page: 1, per_page: 100, ..question };
        let mut records = b"[".to_vec();
        let listed = list(&world.tx, &request, &collection, &all.input(), &mut records);
        records.push(b']');
        let records: Vec<Value> = serde_json::from_slice(&records).unwrap();
        for id in SHOWN {
            let told = told(&world, &request, &collection, id, &all);
            let is_told = told.starts_with('{');
            heard.set(heard.get() + u32::from(is_told));
            if is_told != records.iter().any(|record| record["id"] == id) {
                return Err(TestCaseError::fail(format!(
                    "{all:?}: {id} is told {told:?}, listed are {listed:?} {records:?}"
                )));
            }
        }
        Ok(())
    });
    if let Err(problem) = outcome {
        panic!("{problem}");
    }
    assert!(heard.get() > ENOUGH, "only {} changes were heard of", heard.get());
}
