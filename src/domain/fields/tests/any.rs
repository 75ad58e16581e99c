//! Properties that hold for every field and every input.

use super::*;
use crate::db::{self, Connection, Sql};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

fn any_json() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        any::<String>(),
        "[-+0-9a-fx._eE\\[\\]{}\",: TZ]{0,24}",
        proptest::sample::select(&[
            "null",
            "true",
            "Infinity",
            "[\"a\",\"b\"]",
            "{\"lon\":1,\"lat\":2}",
            "2022-01-01",
            "$2"
        ])
        .prop_map(ToOwned::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{0,3}|lon|lat", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_field() -> impl Strategy<Value = Field> {
    (proptest::sample::select(KINDS), 0..4_i64, any::<bool>()).prop_map(|(kind, max_select, is_required)| {
        let options =
            json!({"maxSelect": max_select, "required": is_required, "values": ["a", "b", "c"], "maxSize": 20});
        of(kind, &options)
    })
}

/// Numbers that [`Field::validate`] refuses never reach a column.
fn is_storable(field: &Field, value: &Value) -> bool {
    field.type_name() != "number" || value.is_number()
}

/// SQLite columns convert text that looks like a number. This must not be visible.
#[test]
fn a_table_keeps_what_was_converted() {
    let (connection, _folder) = db::testing::scratch();
    let connection = RefCell::new(connection);
    let outcome = TestRunner::default().run(&(any_field(), any_json()), |(field, input)| {
        let value = field.convert(&input);
        if is_storable(&field, &value) {
            prop_assert_eq!(kept(&mut **connection.borrow_mut(), &field, &value), value);
        }
        Ok(())
    });
    outcome.unwrap();
}

/// `value` after it was written to and read from a column of the field's type.
fn kept(connection: &mut dyn Connection, field: &Field, value: &Value) -> Value {
    let mut create = Sql::new("CREATE TABLE kept (v ");
    connection.dialect().column_type(&mut create, field.column_type());
    create.raw(")");
    let mut insert = Sql::new("INSERT INTO kept VALUES (");
    insert.bind(field.to_db(value)).raw(")");
    for statement in [Sql::new("DROP TABLE IF EXISTS kept"), create, insert] {
        connection.execute(&statement).unwrap();
    }
    let mut kept = Value::Null;
    let select = Sql::new("SELECT v FROM kept");
    let read = connection.query(&select, &mut |row| {
        kept = field.from_db(row.get(0));
        Ok(())
    });
    read.unwrap();
    kept
}

proptest! {
    #[test]
    fn any_input_has_a_form_that_columns_keep(field in any_field(), input in any_json()) {
        let value = field.convert(&input);
        prop_assert_eq!(&field.convert(&value), &value, "converting twice changes nothing");
        if is_storable(&field, &value) {
            let stored = field.to_db(&value);
            prop_assert_eq!(&field.from_db(lend(&stored)), &value);
            if field.type_name() != "password" {
                prop_assert_eq!(&written(&field, lend(&stored)), &value);
            }
        }
    }

    #[test]
    fn no_input_panics(field in any_field(), current in any_json(), input in any_json()) {
        let _ = field.validate(&field.convert(&input));
        let _ = field.validate(&input);
        let _ = field.to_db(&input);
        for modifier in [Modifier::Set, Modifier::Append, Modifier::Prepend, Modifier::Remove, Modifier::Autogenerate] {
            let value = field.modify(modifier, &current, &input);
            let _ = field.validate(&value);
        }
    }

    #[test]
    fn any_column_is_shown_as_json(field in any_field(), bytes in any::<Vec<u8>>(), integer in any::<i64>(), real in any::<f64>()) {
        for column in [ValueRef::Null, ValueRef::Integer(integer), ValueRef::Real(real), ValueRef::Text(&bytes), ValueRef::Blob(&bytes)] {
            let shown = written(&field, column);
            if field.type_name() != "password" {
                prop_assert_eq!(&shown, &field.from_db(column));
            }
        }
    }

    #[test]
    fn any_pattern_is_judged_without_panic(pattern in "[\\\\\\[\\](){}*+?^$|a-c.,0-9&~:=!<>dwsQEb-]{0,20}", text in "[a-c0-9\\[\\]-]{0,10}") {
        let options = json!({"pattern": pattern, "autogeneratePattern": pattern});
        let field = of("text", &options);
        let _ = field.validate_options();
        let _ = field.autogenerate();
        let _ = field.validate(&json!(text));
    }

    #[test]
    fn any_definition_is_read_or_refused(definition in any_json(), kind in proptest::sample::select(KINDS)) {
        if let Value::Object(mut definition) = definition {
            definition.insert("type".into(), kind.into());
            if let Some(field) = Field::from_json(&definition) {
                let _ = (field.validate_common(), field.validate_options());
                prop_assert_eq!(Field::from_json(&field.to_json()), Some(field));
            }
        }
    }
}
