//! Values: what inputs become, and what is refused.

use super::*;

fn check_all(field: &Field, cases: &[(Value, Value)]) {
    for (input, expected) in cases {
        let value = field.convert(input);
        assert_eq!(&value, expected, "{input}");
        assert_eq!(value.to_string(), expected.to_string(), "{input}");
    }
}

#[test]
fn texts_take_any_scalar() {
    let cases = [
        (json!(" x "), json!(" x ")),
        (json!(123), json!("123")),
        (json!(12.5), json!("12.5")),
        (json!(1e21), json!("1000000000000000000000")),
        (json!(1e-7), json!("0.0000001")),
        (json!(12_345_678_901_234_567_890_u64), json!("12345678901234567890")),
        (json!(true), json!("true")),
        (json!(null), json!("")),
        (json!(["a"]), json!("")),
        (json!({"a": 1}), json!("")),
    ];
    for kind in ["text", "editor", "email", "url", "password"] {
        check_all(&plain(kind), &cases);
    }
}

#[test]
fn numbers_are_read_from_decimal_texts() {
    let cases = [
        (json!(5), json!(5)),
        (json!(5.5), json!(5.5)),
        (json!(-3), json!(-3)),
        (json!(1e20), json!(1e20)),
        (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64)),
        (json!(-0.0), json!(0)),
        (json!("5"), json!(5)),
        (json!("5.0"), json!(5)),
        (json!("5.5"), json!(5.5)),
        (json!("1e3"), json!(1000)),
        (json!("007"), json!(7)),
        (json!(".5"), json!(0.5)),
        (json!("1_000"), json!(1000)),
        (json!("_1"), json!(0)),
        (json!("1__0"), json!(0)),
        (json!(true), json!(1)),
        (json!(false), json!(0)),
        (json!("abc"), json!(0)),
        (json!(""), json!(0)),
        (json!(" 5 "), json!(0)),
        (json!("0x10"), json!(0)),
        (json!("1e400"), json!(0)),
        (json!("true"), json!(0)),
        (json!(null), json!(0)),
        (json!([5]), json!(0)),
        (json!({"a": 5}), json!(0)),
    ];
    check_all(&plain("number"), &cases);
}

#[test]
fn bools_know_the_usual_spellings_of_true() {
    for input in [json!(true), json!(1), json!(0.5), json!(-1)] {
        assert_eq!(plain("bool").convert(&input), json!(true), "{input}");
    }
    for text in ["true", "TRUE", "True", "t", "T", "1"] {
        assert_eq!(plain("bool").convert(&json!(text)), json!(true), "{text}");
    }
    for input in
        [json!(false), json!(0), json!(null), json!([true]), json!({}), json!("yes"), json!("on"), json!("1.0")]
    {
        assert_eq!(plain("bool").convert(&input), json!(false), "{input}");
    }
}

#[test]
fn dates_become_utc_and_what_is_no_date_becomes_empty() {
    let cases = [
        (json!("2022-01-01"), json!("2022-01-01 00:00:00.000Z")),
        (json!("2022-01-01T10:20:30+02:00"), json!("2022-01-01 08:20:30.000Z")),
        (json!("9999-12-31 23:59:59.999Z"), json!("9999-12-31 23:59:59.999Z")),
        (json!("0001-01-01T00:00:00Z"), json!("")),
        (json!(1_640_995_200), json!("")),
        (json!("1640995200"), json!("")),
        (json!("garbage"), json!("")),
        (json!(null), json!("")),
        (json!(true), json!("")),
        (json!(["2022-01-01"]), json!("")),
    ];
    check_all(&plain("date"), &cases);
    check_all(&plain("autodate"), &cases);
}

#[test]
fn single_lists_keep_the_last_text_and_multiple_ones_each_once() {
    for kind in ["select", "relation", "file"] {
        let single = [
            (json!("a"), json!("a")),
            (json!(["a"]), json!("a")),
            (json!(["a", "b"]), json!("b")),
            (json!("[\"a\",\"b\"]"), json!("b")),
            (json!(["[\"a\",\"b\"]"]), json!("b")),
            (json!(""), json!("")),
            (json!(null), json!("")),
            (json!([]), json!("")),
            (json!([null, ["a"], {}]), json!("")),
            (json!(5), json!("5")),
            (json!({"a": 1}), json!("")),
        ];
        check_all(&plain(kind), &single);
        let multiple = [
            (json!("red"), json!(["red"])),
            (json!(["red"]), json!(["red"])),
            (json!("[\"red\",\"blue\"]"), json!(["red", "blue"])),
            (json!(" [\"red\"]"), json!(["red"])),
            (json!(""), json!([])),
            (json!(null), json!([])),
            (json!(["red", "red", ""]), json!(["red"])),
            (json!("red,blue"), json!(["red,blue"])),
            (json!("[red"), json!(["[red"])),
            (json!("[5]"), json!(["[5]"])),
            (json!([5, true]), json!(["5", "true"])),
        ];
        check_all(&of(kind, &json!({"maxSelect": 3})), &multiple);
    }
}

#[test]
fn json_texts_are_inspected() {
    let cases = [
        (json!("text"), json!("text")),
        (json!("{\"a\":1}"), json!({"a": 1})),
        (json!("5"), json!(5)),
        (json!("5.50"), json!(5.5)),
        (json!("-5"), json!(-5)),
        (json!("-0"), json!(0)),
        (json!("5 "), json!(5)),
        (json!("\"quoted\""), json!("quoted")),
        (json!("[1.0,5.50]"), json!([1, 5.5])),
        (json!("null"), json!(null)),
        (json!("true"), json!(true)),
        (json!("[1"), json!("[1")),
        (json!("- 5"), json!("- 5")),
        (json!(" 5"), json!(" 5")),
        (json!("01"), json!("01")),
        (json!("nul"), json!("nul")),
        (json!("1e400"), json!("1e400")),
        (json!(""), json!("")),
        (json!(null), json!(null)),
        (json!([1.0, 1e20]), json!([1, 1e20])),
        (json!({"a": 12_345_678_901_234_567_890_u64}), json!({"a": 12_345_678_901_234_567_890_f64})),
    ];
    check_all(&plain("json"), &cases);
}

#[test]
fn geo_points_are_two_numbers_or_zero() {
    let zero = json!({"lon": 0, "lat": 0});
    let cases = [
        (json!({"lon": 1.5, "lat": 2}), json!({"lon": 1.5, "lat": 2})),
        (json!("{\"lon\":1.5,\"lat\":2}"), json!({"lon": 1.5, "lat": 2})),
        (json!({"lon": 1}), json!({"lon": 1, "lat": 0})),
        (json!({"lat": 5, "x": 1}), json!({"lon": 0, "lat": 5})),
        (json!({"lon": null, "lat": 2}), json!({"lon": 0, "lat": 2})),
        (json!({"LON": 1, "lat": 2}), json!({"lon": 0, "lat": 2})),
        (json!({"lon": "1", "lat": 2}), zero.clone()),
        (json!({"lat": true}), zero.clone()),
        (json!([1, 2]), zero.clone()),
        (json!("[1,2]"), zero.clone()),
        (json!("garbage"), zero.clone()),
        (json!(null), zero.clone()),
        (json!(""), zero.clone()),
        (json!(5), zero),
    ];
    check_all(&plain("geoPoint"), &cases);
}

#[test]
fn zero_is_what_nothing_becomes_and_what_required_refuses() {
    for kind in KINDS.iter().filter(|kind| **kind != "autodate") {
        for max_select in [1, 3] {
            let field = of(kind, &json!({"required": true, "maxSelect": max_select, "values": ["a"]}));
            assert_eq!(field.convert(&Value::Null), field.zero(), "{kind}");
            assert_eq!(refusal(&field, &Value::Null), "validation_required", "{kind}");
        }
    }
    let required = of("json", &json!({"required": true}));
    for blank in [json!(""), json!([]), json!({}), json!("null"), json!("[]"), json!("{}")] {
        assert_eq!(refusal(&required, &blank), "validation_required", "{blank}");
    }
    for given in [json!(0), json!(false), json!("0"), json!(" ")] {
        assert_eq!(refusal(&required, &given), "", "{given}");
    }
    assert_eq!(refusal(&of("bool", &json!({"required": true})), &json!("yes")), "validation_required");
}

#[test]
fn values_are_checked() {
    let check = |field: &Field, input: Value, expected: &str| {
        assert_eq!(refusal(field, &input), expected, "{} {input}", field.type_name());
    };
    let text = of("text", &json!({"min": 2, "max": 4, "pattern": "^a"}));
    check(&text, json!(""), "");
    check(&text, json!("aéé"), "");
    check(&text, json!("é"), "validation_min_text_constraint {\"min\":2}");
    check(&text, json!("aéééé"), "validation_max_text_constraint {\"max\":4}");
    check(&text, json!("bbb"), "validation_invalid_format");
    check(&plain("text"), json!("x".repeat(5001)), "validation_max_text_constraint {\"max\":5000}");

    let editor = of("editor", &json!({"maxSize": 10}));
    check(&editor, json!("ééééé"), "");
    check(&editor, json!("éééééé"), "validation_content_size_limit {\"maxSize\":10}");

    let number = of("number", &json!({"min": 1.5, "max": 100}));
    check(&number, json!(0), "");
    check(&number, json!(2), "");
    check(&number, json!(-1), "validation_min_number_constraint {\"min\":1.5}");
    check(&number, json!(101), "validation_max_number_constraint {\"max\":100}");
    for text in ["Infinity", "inf", "+Inf", "-inf", "NaN", "nan"] {
        check(&number, json!(text), "validation_not_a_number");
    }
    let integer = of("number", &json!({"onlyInt": true, "min": 3}));
    check(&integer, json!(1.5), "validation_only_int_constraint");
    check(&integer, json!(1e20), "validation_only_int_constraint");
    check(&integer, json!(4), "");

    check(&plain("email"), json!("a@b"), "validation_is_email");
    let only = of("email", &json!({"onlyDomains": ["a.com"]}));
    check(&only, json!("x@a.com"), "");
    check(&only, json!("x@A.com"), "validation_email_domain_not_allowed");
    let except = of("email", &json!({"exceptDomains": ["a.com"]}));
    check(&except, json!("x@a.com"), "validation_email_domain_not_allowed");
    check(&except, json!("x@b.com"), "");
    check(&plain("url"), json!("bad"), "validation_invalid_url");
    let only = of("url", &json!({"onlyDomains": ["a.com"]}));
    check(&only, json!("http://a.com:80/x"), "");
    check(&only, json!("http://b.com"), "validation_url_domain_not_allowed");

    let select = of("select", &json!({"values": ["a", "b", "c"], "maxSelect": 2}));
    check(&select, json!(["a", "z"]), "validation_invalid_value {\"value\":\"z\"}");
    check(&select, json!(["a", "b", "z"]), "validation_too_many_values {\"maxSelect\":2}");
    let relation = of("relation", &json!({"minSelect": 2, "maxSelect": 3}));
    check(&relation, json!([]), "");
    check(&relation, json!("a"), "validation_not_enough_values {\"minSelect\":2}");
    check(&relation, json!(["a", "b", "c", "d"]), "validation_too_many_values {\"maxSelect\":3}");
    let file = of("file", &json!({"maxSelect": 2}));
    check(&file, json!(["a", "b", "c"]), "validation_too_many_files {\"maxSelect\":2}");

    let small = of("json", &json!({"maxSize": 5}));
    check(&small, json!("abc"), "");
    check(&small, json!("abcd"), "validation_json_size_limit {\"maxSize\":5}");
    check(&small, json!({"a": 1}), "validation_json_size_limit {\"maxSize\":5}");

    let geo = plain("geoPoint");
    check(&geo, json!({"lon": 180, "lat": -90}), "");
    check(&geo, json!({"lon": 181, "lat": 91}), "validation_invalid_latitude");
    check(&geo, json!({"lon": -180.1}), "validation_invalid_longitude");

    let password = of("password", &json!({"min": 3, "max": 5, "pattern": "^a"}));
    check(&password, json!(""), "");
    check(&password, json!("aaaa"), "");
    check(&password, json!("a"), "validation_min_text_constraint");
    check(&password, json!("aaaaaa"), "validation_max_text_constraint");
    check(&password, json!("bbbb"), "validation_invalid_format");
    check(&plain("password"), json!("é".repeat(71)), "");
    check(&plain("password"), json!("a".repeat(72)), "validation_max_text_constraint");
}

#[test]
fn messages_spell_out_the_limits() {
    let check = |field: Field, input: Value, expected: &str| {
        let issue = outcome(field.validate(&field.convert(&input)));
        assert_eq!(issue["message"], json!(expected));
    };
    check(of("text", &json!({"min": 3})), json!("a"), "Must be at least 3 character(s).");
    check(of("text", &json!({"max": 3})), json!("abcd"), "Must be no more than 3 character(s).");
    check(of("number", &json!({"min": 1.5})), json!(1), "Must be greater or equal than 1.5.");
    check(of("number", &json!({"max": 3})), json!(4), "Must be less or equal than 3.");
    check(of("select", &json!({"values": ["a"]})), json!("z"), "Invalid value z.");
    check(of("password", &json!({"max": 3})), json!("abcd"), "Must be less than 3 character(s).");
}

#[test]
fn limits_of_dates_have_the_messages_of_pocketbase() {
    let date = of("date", &json!({"min": "2020-01-01", "max": "2021-01-01 10:00:00.120Z"}));
    let check = |input: &str, expected: Value| {
        assert_eq!(outcome(date.validate(&date.convert(&json!(input)))), expected, "{input}");
    };
    check("2020-01-01", json!(null));
    check("2021-01-01 10:00:00.12Z", json!(null));
    check(
        "2019-01-01",
        json!({"code": "validation_min_greater_equal_than_required", "params": {"threshold": "2020-01-01T00:00:00Z"},
               "message": "Must be no less than 2020-01-01 00:00:00 +0000 UTC."}),
    );
    check(
        "2021-01-01 10:00:00.121Z",
        json!({"code": "validation_max_less_equal_than_required", "params": {"threshold": "2021-01-01T10:00:00.12Z"},
               "message": "Must be no greater than 2021-01-01 10:00:00.12 +0000 UTC."}),
    );
}

#[test]
fn ids_stay_out_of_paths_with_any_pattern() {
    let loose = json!({"name": "id", "primaryKey": true, "required": true, "pattern": ".*"});
    let id = of("text", &loose);
    for good in ["abc", "a-b", "a#b", "é", "lpt0", "con1", "A"] {
        assert_eq!(refusal(&id, &json!(good)), "", "{good}");
    }
    for letter in "./\\|\"'`<>:?*%$\t\n\r\0 ".chars() {
        let expected = format!("validation_forbidden_pk_character {}", json!({"ch": letter}));
        assert_eq!(refusal(&id, &json!(format!("a{letter}b"))), expected);
    }
    for (name, reserved) in [("con", "CON"), ("Lpt1", "LPT1"), ("com9", "COM9"), ("NUL", "NUL")] {
        let expected = format!("validation_reserved_pk {}", json!({"reserved": reserved}));
        assert_eq!(refusal(&id, &json!(name)), expected);
    }
    assert_eq!(refusal(&id, &json!("")), "validation_required");
}

#[test]
fn only_names_of_stored_files_are_kept() {
    let FieldKind::File(options) = of("file", &json!({"maxSelect": 3})).kind else { panic!("a file field") };
    assert!(options.check_names(&json!(["a", "b"]), &json!(["b", "c", "a"]), |_| false).is_ok());
    assert!(options.check_names(&json!(""), &json!(""), |_| false).is_ok());
    let issue = outcome(options.check_names(&json!(["x", "a", "y"]), &json!(["a"]), |_| false));
    assert_eq!(
        issue,
        json!({"code": "validation_invalid_file", "message": "Invalid new files: [x y].",
               "params": {"invalidFiles": ["x", "y"]}})
    );
}
