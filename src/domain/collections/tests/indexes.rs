use super::*;

/// `things` with the columns a and b.
fn with_things(work: impl FnOnce(&WriteTx)) {
    scratch(|tx| {
        made(tx, json!({"name": "things", "fields": [text("a"), text("b")]}));
        work(tx);
    });
}

fn set(tx: &WriteTx, indexes: &[&str]) -> Result<Arc<Collection>> {
    try_change(tx, "things", json!({"indexes": indexes}))
}

#[track_caller]
fn refused(tx: &WriteTx, indexes: &[&str], expected: &str) {
    assert_eq!(problems(set(tx, indexes)), expected, "{indexes:?}");
}

/// Names of the existing indexes, in order.
fn present(tx: &WriteTx, table: &str) -> Vec<String> {
    let query = format!(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = '{table}' AND sql != '' ORDER BY name"
    );
    rows(tx, &query)
}

#[test]
fn the_list_is_replaced_as_a_whole() {
    with_things(|tx| {
        set(tx, &["create index ia on things (a)", "create unique index ib on wrong (a, b)"]).unwrap();
        assert_eq!(present(tx, "things"), ["ia", "ib"]);
        set(tx, &["create index ib on things (a, b)"]).unwrap();
        assert_eq!(
            rows(tx, "SELECT sql FROM sqlite_schema WHERE name = 'ib'"),
            ["CREATE INDEX \"ib\" ON \"things\" (\"a\", \"b\")"]
        );
        assert_eq!(present(tx, "things"), ["ib"]);
        set(tx, &[]).unwrap();
        assert_eq!(present(tx, "things"), Vec::<String>::new());
    });
}

#[test]
fn what_cannot_be_an_index_is_refused_at_its_place() {
    with_things(|tx| {
        run(tx, "INSERT INTO things (id, a) VALUES ('1', 'x'), ('2', 'x')");
        set(tx, &["create index ia on things (a)"]).unwrap();
        made(tx, json!({"name": "others", "fields": [text("a")], "indexes": ["create index io on others (a)"]}));
        let before = everything(tx);
        let good = "create index good on things (b)";
        refused(tx, &[good, "nonsense"], "indexes.1 invalid_index_expression");
        refused(tx, &["create index x on things (zz)", good], "indexes.0 invalid_index_expression");
        refused(tx, &["create index x on things (a) where zz = 1"], "indexes.0 invalid_index_expression");
        refused(tx, &["create unique index x on things (a)"], "indexes.0 invalid_index_expression");
        refused(tx, &["create index things on things (a)"], "indexes.0 invalid_index_expression");
        refused(tx, &["create index sqlite_x on things (a)"], "indexes.0 invalid_index_expression");
        refused(
            tx,
            &["create index x on things (\"a\") where a = 'x'; drop table users"],
            "indexes.0 invalid_index_expression",
        );
        refused(tx, &[good, "create index GOOD on things (a)"], "indexes.1 duplicated_index_name");
        refused(tx, &[good, "create index other on things (`b`)"], "indexes.1 duplicated_index_definition");
        refused(tx, &["create index IO on things (a)"], "indexes.0 existing_index_name");
        assert_eq!(everything(tx), before);
    });
}

#[test]
fn an_index_of_a_deleted_column_must_be_deleted_too() {
    with_things(|tx| {
        let index = "create index ia on things (a)";
        for index in [
            index,
            "create index ia on things (lower(a))",
            "create index ia on things (b) where a != ''",
            "create index ia on things (b) where \"a\" != ''",
            "create index ia on things (lower(`a`))",
        ] {
            set(tx, &[index]).unwrap();
            let outcome = try_change(tx, "things", json!({"fields": [text("b")]}));
            assert_eq!(problems(outcome), "indexes.0 invalid_index_expression");
        }
        changed(tx, "things", json!({"fields": [text("b")], "indexes": []}));
    });
}

#[test]
fn an_index_does_not_follow_a_renamed_column_by_itself() {
    with_things(|tx| {
        set(tx, &["create index ia on things (a)"]).unwrap();
        let id = tx.schema().by_name("things").unwrap().field("a").unwrap().id.clone();
        let list = json!([with_id(text("c"), &id), text("b")]);
        let outcome = try_change(tx, "things", json!({"fields": list}));
        assert_eq!(problems(outcome), "indexes.0 invalid_index_expression");
        changed(tx, "things", json!({"fields": list, "indexes": ["create index ia on things (c)"]}));
        assert_eq!(present(tx, "things"), ["ia"]);
    });
}

#[test]
fn an_index_outlives_what_happens_to_other_columns() {
    with_things(|tx| {
        set(tx, &["create unique index ia on things (a)"]).unwrap();
        changed(tx, "things", json!({"fields": [text("a"), number("n"), select("many", 2)]}));
        changed(tx, "things", json!({"fields": [text("a"), select("many", 1)]}));
        assert_eq!(present(tx, "things"), ["ia"]);
        run(tx, "INSERT INTO things (id, a) VALUES ('1', 'x')");
        let mut again = Sql::default();
        again.raw_from_superuser("INSERT INTO things (id, a) VALUES ('2', 'x')");
        assert!(tx.execute(&again).is_err());
    });
}

#[test]
fn auth_collections_get_their_unique_indexes_back() {
    scratch(|tx| {
        let people = made(tx, json!({"name": "people", "type": "auth"}));
        let own = [
            format!("CREATE UNIQUE INDEX `idx_tokenKey_{}` ON `people` (`tokenKey`)", people.id),
            format!("CREATE UNIQUE INDEX `idx_email_{}` ON `people` (`email`) WHERE `email` != ''", people.id),
        ];
        assert_eq!(people.indexes, own);
        assert_eq!(changed(tx, "people", json!({"indexes": []})).indexes, own);
        let replaced =
            ["create unique index k on people (tokenKey)", "create unique index e on people (email collate nocase)"];
        assert_eq!(changed(tx, "people", json!({"indexes": replaced})).indexes, replaced);
        let plain = ["create unique index k on people (tokenKey)", "create index e on people (email)"];
        assert_eq!(changed(tx, "people", json!({"indexes": plain})).indexes[2], own[1]);
        let clash = json!({"indexes": [format!("create index idx_tokenKey_{} on people (email)", people.id)]});
        assert_eq!(problems(try_change(tx, "people", clash)), "indexes.1 duplicated_index_name");
    });
}
