use super::*;
use crate::domain::collections::{Missing, import};
use crate::domain::testing::cpu_time;

/// Hostile input ends in an error and changes nothing. The time limit is generous.
fn refused_quickly(tx: &WriteTx, input: Value) -> String {
    let before = everything(tx);
    let input = object(input);
    let start = cpu_time();
    let outcome = problems(create(tx, &input));
    let took = cpu_time().saturating_sub(start);
    assert!(took.as_secs() < 5, "took {took:?}");
    assert_eq!(everything(tx), before);
    outcome
}

#[test]
fn lists_without_end_are_refused() {
    scratch(|tx| {
        let many: Vec<Value> = (0..10_000).map(|n| text(&format!("f{n}"))).collect();
        assert_eq!(refused_quickly(tx, json!({"name": "t", "fields": many})), "fields length_too_long");
        let many = vec!["create index i on t (a)"; 10_000];
        assert_eq!(refused_quickly(tx, json!({"name": "t", "indexes": many})), "indexes length_too_long");
        assert_eq!(refused_quickly(tx, json!({"name": "x".repeat(10_000_000)})), "name length_out_of_range");
    });
}

#[test]
fn as_many_fields_as_are_allowed_work() {
    scratch(|tx| {
        let many: Vec<Value> = (1..1500).map(|n| text(&format!("f{n}"))).collect();
        made(tx, json!({"name": "wide", "fields": many}));
        run(tx, "INSERT INTO wide (id, f1499) VALUES ('1', 'x')");
        let fewer: Vec<Value> = (1..1499).map(|n| text(&format!("f{n}"))).collect();
        changed(tx, "wide", json!({"fields": fewer}));
        let clashing: Vec<Value> = vec![text("same"); 1500];
        assert_eq!(fields(&made(tx, json!({"name": "narrow", "fields": clashing}))), "id:text same:text");
    });
}

#[test]
fn nothing_breaks_out_of_a_name() {
    scratch(|tx| {
        let before = everything(tx);
        for evil in ["x\"); DROP TABLE users; --", "x`", "x'", "x\0", "\u{1}", "x;", "x]", "", "../x", "x y", "ｘ", "é"]
        {
            for input in [
                json!({"name": evil}),
                json!({"name": "t", "id": format!("a{evil}b c")}),
                json!({"name": "t", "fields": [text(evil)]}),
                json!({"name": "t", "fields": [with_id(text(evil), evil)]}),
                json!({"name": "t", "fields": [relation("r", &format!("no {evil}"))]}),
                json!({"name": "t", "fields": [text("a")], "indexes": [format!("create index i on t ({evil})")]}),
                json!({"name": "t", "fields": [text("a")], "indexes": [format!("create index i on t (a) where {evil}")]}),
                json!({"name": "t", "type": "view", "viewQuery": format!("select id from users where {evil}")}),
                json!({"name": "t", "type": format!("no {evil}")}),
            ] {
                let shown = input.to_string();
                assert!(create(tx, &object(input)).is_err(), "{shown}");
            }
        }
        assert_eq!(everything(tx), before);
    });
}

#[test]
fn an_import_of_thousands_is_linear() {
    scratch(|tx| {
        let items: Vec<Value> = (0..1000).map(|n| json!({"name": format!("c{n}"), "fields": [text("a")]})).collect();
        let start = cpu_time();
        import(tx, &items, Missing::Keep).unwrap();
        import(tx, &items, Missing::Keep).unwrap();
        let took = cpu_time().saturating_sub(start);
        assert!(took.as_secs() < 20, "took {took:?}");
    });
}

#[test]
fn depth_and_length_of_texts_do_no_harm() {
    scratch(|tx| {
        for depth in [2_000, 200_000] {
            let (open, close) = ("(".repeat(depth), ")".repeat(depth));
            for input in [
                json!({"name": "t", "listRule": format!("{open}id = ''")}),
                json!({"name": "t", "listRule": format!("id = '{}", "x".repeat(depth))}),
                json!({"name": "t", "listRule": "id.".repeat(depth) + "x = 1"}),
                json!({"name": "t", "fields": [text("a")], "indexes": [format!("create index i on t ({open}a{close} + {open})")]}),
                json!({"name": "t", "type": "view", "viewQuery": format!("select {open}id{close}, {open} as b from users")}),
                json!({"name": "t", "type": "view", "viewQuery": format!("select id, a from users{}", ", users".repeat(depth))}),
                json!({"name": "t", "fields": [{"type": "text", "name": "a", "pattern": open.clone()}]}),
            ] {
                refused_quickly(tx, input);
            }
        }
    });
}

#[test]
fn a_wide_table_can_be_emptied_of_its_fields() {
    scratch(|tx| {
        let many: Vec<Value> = (1..1500).map(|n| text(&format!("f{n}"))).collect();
        made(tx, json!({"name": "wide", "fields": many}));
        let start = cpu_time();
        assert_eq!(fields(&changed(tx, "wide", json!({"fields": []}))), "id:text");
        let took = cpu_time().saturating_sub(start);
        assert!(took.as_secs() < 20, "took {took:?}");
        assert_eq!(rows(tx, "SELECT name FROM pragma_table_info('wide')"), ["id"]);
    });
}
