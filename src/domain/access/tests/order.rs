//! The cost of a filter reveals nothing of rows that a rule hides: a filter is not tested on them at all. The tests
//! count the calls of the function behind `~`.

use crate::db::Sql;
use crate::db::testing::like_calls;
use crate::domain::access::{BASE, QueryBuilder};
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record};
use crate::domain::records::{self, ListInput};
use crate::domain::testing::{TestTx, collection, record, seeded, user};
use serde_json::{Value, json};
use std::sync::Arc;

struct Fixture {
    tx: TestTx,
    ann: Arc<Record>,
}

/// Ann is in one of two teams. Each team has notes, and there are rows that refer to notes and rows that notes refer to.
fn fixture() -> Fixture {
    let tx = seeded();
    let person = |name: &str| {
        let email = format!("{name}@example.com");
        record(&tx, "users", json!({"email": email, "password": "1234567890", "name": name, "verified": true}))
    };
    let (ann, bob) = (person("ann"), person("bob"));
    let users = ann.collection.id.clone();
    let mine = "owner = @request.auth.id";
    let text = |name: &str| json!({"name": name, "type": "text"});
    let teams = collection(&tx, json!({"name": "teams", "listRule": "", "fields": [text("name")]}));
    collection(
        &tx,
        json!({"name": "members", "fields": [
            {"name": "team", "type": "relation", "collectionId": teams.id},
            {"name": "user", "type": "relation", "collectionId": users}]}),
    );
    let owned = |name: &str, mut fields: Vec<Value>| {
        fields.extend([
            text("code"),
            text("title"),
            json!({"name": "owner", "type": "relation", "collectionId": users}),
        ]);
        let index = format!("CREATE INDEX idx_{name} ON {name} (title)");
        collection(&tx, json!({"name": name, "listRule": mine, "fields": fields, "indexes": [index]}))
    };
    let secrets = owned("secrets", Vec::new());
    let to = |name: &str, target: &Collection, max_select: i64| json!({"name": name, "type": "relation", "collectionId": target.id, "maxSelect": max_select});
    let notes = owned("notes", vec![to("team", &teams, 1), to("secret", &secrets, 1), to("secrets", &secrets, 9)]);
    owned("replies", vec![to("note", &notes, 1)]);
    let unique = json!({"name": "seals", "listRule": mine, "fields": [
        text("code"), to("note", &notes, 1), {"name": "owner", "type": "relation", "collectionId": users}],
        "indexes": ["CREATE UNIQUE INDEX idx_seals ON seals (note)"]});
    collection(&tx, unique);
    for owner in [&ann, &bob] {
        let team = record(&tx, "teams", json!({"name": owner.text("name")}));
        record(&tx, "members", json!({"team": team.id(), "user": owner.id()}));
        for _ in 0..3 {
            let values = json!({"code": "start", "title": "title", "owner": owner.id()});
            let secret = record(&tx, "secrets", values.clone());
            let mut note = values.clone();
            (note["team"], note["secret"], note["secrets"]) =
                (team.id().into(), secret.id().into(), json!([secret.id()]));
            let note = record(&tx, "notes", note);
            for name in ["replies", "seals"] {
                let mut values = values.clone();
                values["note"] = note.id().into();
                record(&tx, name, values);
            }
        }
    }
    Fixture { tx, ann }
}

impl Fixture {
    /// The number of records that `filter` finds under `rule`, and the calls that took.
    fn list(&self, name: &str, rule: &str, filter: &str) -> (i64, u64) {
        let found = self.tx.schema().by_name(name).unwrap().clone();
        let mut changed = Collection::clone(&found);
        changed.rules.list = Some(rule.to_owned());
        let input = ListInput { filter: filter.to_owned(), ..ListInput::default() };
        let before = like_calls();
        let totals = records::list(&self.tx, &self.request(), &Arc::new(changed), &input, &mut Vec::new());
        let total = totals.unwrap_or_else(|error| panic!("{filter}: {error}")).total_items;
        (total, like_calls() - before)
    }

    fn request(&self) -> RequestInfo {
        user(&self.ann)
    }

    /// Changes the code of every row of Bob.
    fn change_what_is_hidden(&self, code: &str) {
        for table in ["notes", "secrets", "replies", "seals"] {
            let mut sql = Sql::new("UPDATE ");
            sql.ident(table).raw(" SET code = ").bind(code).raw(" WHERE owner <> ").bind(self.ann.id());
            assert_eq!(self.tx.execute(&sql).unwrap(), 3);
        }
    }

    fn check(&self, name: &str, rule: &str, filter: &str) {
        let [first, second] = ["start", "other"].map(|code| {
            self.change_what_is_hidden(code);
            self.list(name, rule, filter)
        });
        assert_eq!(first, second, "{name}: {filter} under {rule}");
        assert!(first.1 > 0, "{name}: {filter} under {rule} asks nothing");
    }
}

#[test]
fn a_filter_is_not_tested_of_rows_that_a_rule_hides() {
    let fixture = fixture();
    let rules = [
        "owner = @request.auth.id",
        "owner.name = 'ann' && owner.verified = true",
        "team.members_via_team.user ?= @request.auth.id",
        "@collection.members.user ?= @request.auth.id && @collection.members.team ?= team",
        "owner.name = 'ann' || team.members_via_team.user ?= @request.auth.id",
        "secrets.owner ?= @request.auth.id",
        "replies_via_note.owner ?= @request.auth.id",
    ];
    let filters = [
        "code ~ 's' && code ~ 'start' && title ~ 'title'",
        "title >= '' && code ~ 'start' && title ~ 't'",
        "title = 'title' && (code ~ 'x' || code ~ 'start')",
        "code = 'start' && title ~ 'title'",
        "(code = 'start' || code = 'x') && title:lower ~ 'title'",
        "title ~ code && code ~ title",
        "owner.name ~ 'b' && code ~ 'start'",
    ];
    for rule in rules {
        for filter in filters {
            fixture.check("notes", rule, filter);
        }
    }
}

#[test]
fn a_filter_is_not_tested_of_related_rows_that_their_own_rule_hides() {
    let fixture = fixture();
    let filters = [
        "secret.code ~ 'start' && title ~ 'title'",
        "secret.code = 'start' && title ~ 'title'",
        "secrets.code ?~ 'start' && title ~ 'title'",
        "secrets.code ~ 'start' && title ~ 'title'",
        "secrets.code = 'start' && title ~ 'title'",
        "replies_via_note.code ?~ 'start' && title ~ 'title'",
        "replies_via_note.code ~ 'start' || title ~ 'title'",
        "replies_via_note.code ?= 'start' && replies_via_note.title ?~ 'title'",
        "seals_via_note.code ~ 'start' && title ~ 'title'",
        "seals_via_note.code ?= 'start' && seals_via_note.owner.name ?~ 'b'",
    ];
    for filter in filters {
        fixture.check("notes", "", filter);
        fixture.check("notes", "team.name != ''", filter);
    }
}

#[test]
fn hidden_addresses_are_not_compared() {
    let fixture = fixture();
    let calls = |email: &str| {
        let mut sql = Sql::new("UPDATE users SET email = ");
        sql.bind(email).raw(" WHERE name = 'bob'");
        fixture.tx.execute(&sql).unwrap();
        fixture.list("users", "", "name ~ 'b' && email ~ 'bob' && name ~ 'bob'")
    };
    assert_eq!(calls("bob@example.com"), calls("other@example.com"));
}

#[test]
fn indexes_serve_rules_and_filters_all_the_same() {
    let fixture = fixture();
    let schema = fixture.tx.schema();
    let check = |rule: &str, filter: &str, expected: &str| {
        let request = fixture.request();
        let notes = schema.by_name("notes").unwrap();
        let mut query = QueryBuilder::new(&schema, notes, &request, fixture.tx.now(), fixture.tx.dialect());
        query.rule(rule).unwrap();
        query.client_filter(filter).unwrap();
        let conditions = query.finish().unwrap();
        let mut sql = Sql::new("EXPLAIN QUERY PLAN SELECT ");
        sql.column(BASE, "id").append(&conditions.from()).raw(" WHERE ").append(&conditions.condition.unwrap());
        let plan = fixture.tx.query_all(&sql, |row| Ok(row.text(3))).unwrap().join("; ");
        assert!(plan.contains(expected), "{rule} and {filter}: {plan}");
    };
    let members = "team.members_via_team.user ?= @request.auth.id";
    check(members, "title = 'a' && code ~ 'x'", "SEARCH base USING INDEX idx_notes (title=?)");
    check(
        members,
        "title > 'a' && title < 'b' && code ~ 'x'",
        "SEARCH base USING INDEX idx_notes (title>? AND title<?)",
    );
    check(members, "id = 'a' && code ~ 'x'", "SEARCH base USING INDEX sqlite_autoindex_notes_1 (id=?)");
    check("title = 'a'", "code ~ 'x'", "SEARCH base USING INDEX idx_notes (title=?)");
    check(
        "replies_via_note.owner ?= @request.auth.id",
        "code ~ 'x'",
        "SEARCH base USING INDEX sqlite_autoindex_notes_1 (id=?)",
    );
}
