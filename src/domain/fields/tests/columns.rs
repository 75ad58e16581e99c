//! Columns: what is stored, read and shown.

use super::*;

#[test]
fn what_other_programs_wrote_is_read_as_well_as_it_goes() {
    let check = |field: &Field, column: ValueRef<'_>, expected: Value| {
        assert_eq!(field.from_db(column), expected, "{column:?}");
        if field.type_name() != "password" {
            assert_eq!(written(field, column), expected, "{column:?}");
        }
    };
    let text = plain("text");
    check(&text, ValueRef::Null, json!(""));
    check(&text, ValueRef::Text(b"a\"\xffb"), json!("a\"\u{fffd}b"));
    check(&text, ValueRef::Integer(5), json!("5"));
    check(&text, ValueRef::Real(2.5), json!("2.5"));
    let number = plain("number");
    check(&number, ValueRef::Null, json!(0));
    check(&number, ValueRef::Real(5.0), json!(5));
    check(&number, ValueRef::Text(b"7.5"), json!(7.5));
    check(&number, ValueRef::Text(b"x"), json!(0));
    check(&number, ValueRef::Real(f64::INFINITY), json!(0));
    check(&plain("bool"), ValueRef::Text(b"true"), json!(true));
    check(&plain("bool"), ValueRef::Integer(2), json!(true));
    check(&plain("bool"), ValueRef::Null, json!(false));
    check(&plain("date"), ValueRef::Text(b"2022-01-01 10:20:30"), json!("2022-01-01 10:20:30.000Z"));
    check(&plain("date"), ValueRef::Text(b"yesterday"), json!(""));
    check(&plain("autodate"), ValueRef::Null, json!(""));
    let list = of("relation", &json!({"maxSelect": 3}));
    check(&list, ValueRef::Null, json!([]));
    check(&list, ValueRef::Text(b""), json!([]));
    check(&list, ValueRef::Text(b"[]"), json!([]));
    check(&list, ValueRef::Text(b"a"), json!(["a"]));
    check(&list, ValueRef::Text(b"[ \"a\", \"b\"]"), json!(["a", "b"]));
    check(&list, ValueRef::Text(b"[\"a\",\"\"]"), json!(["a"]));
    check(&list, ValueRef::Text(b"[\"a\",\"b\\u0041\"]"), json!(["a", "bA"]));
    check(&list, ValueRef::Text(b"[\"a\",b\"]"), json!(["[\"a\",b\"]"]));
    check(&list, ValueRef::Text(b"[\"]"), json!(["[\"]"]));
    check(&list, ValueRef::Integer(5), json!(["5"]));
    check(&plain("relation"), ValueRef::Text(b"[\"a\"]"), json!("[\"a\"]"));
    let json = plain("json");
    check(&json, ValueRef::Null, json!(null));
    check(&json, ValueRef::Integer(5), json!(5));
    check(&json, ValueRef::Real(5.5), json!(5.5));
    check(&json, ValueRef::Text(b" {\"a\": [1, 2]} "), json!({"a": [1, 2]}));
    check(&json, ValueRef::Text(b"not json"), json!("not json"));
    check(&json, ValueRef::Text(b""), json!(""));
    check(&json, ValueRef::Text(b"\"\xff\""), json!("\"\u{fffd}\""));
    check(&plain("geoPoint"), ValueRef::Null, json!({"lon": 0, "lat": 0}));
    check(&plain("geoPoint"), ValueRef::Text(b"{\"lon\":1.50,\"lat\":2.0}"), json!({"lon": 1.5, "lat": 2}));
    check(&plain("geoPoint"), ValueRef::Text(b"[1,2]"), json!({"lon": 0, "lat": 0}));
}

#[test]
fn a_password_is_never_shown() {
    let password = plain("password");
    let hash = ValueRef::Text(b"$argon2id$v=19$x");
    assert_eq!(password.from_db(hash), json!("$argon2id$v=19$x"));
    assert_eq!(written(&password, hash), json!(""));
}

#[test]
fn column_types_follow_the_type_and_the_shape() {
    let check = |field: Field, expected: ColumnType| assert_eq!(field.column_type(), expected);
    check(plain("text"), ColumnType::Text);
    check(of("text", &json!({"primaryKey": true})), ColumnType::PrimaryKey);
    check(plain("number"), ColumnType::Number);
    check(plain("bool"), ColumnType::Bool);
    check(plain("date"), ColumnType::Text);
    check(plain("select"), ColumnType::Text);
    check(of("select", &json!({"maxSelect": 1})), ColumnType::Text);
    check(of("select", &json!({"maxSelect": 2})), ColumnType::JsonArray);
    check(plain("json"), ColumnType::Json);
    check(plain("geoPoint"), ColumnType::GeoPoint);
    assert!(of("file", &json!({"maxSelect": 2})).is_multiple());
    assert!(!plain("file").is_multiple());
}
