//! The tables of the field types, a line for each case.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn field(definition: &Value) -> Field {
    Field::from_json(definition.as_object().unwrap()).unwrap_or_else(|| panic!("no field: {definition}"))
}

/// A field of type `kind` with some options.
fn of(kind: &str, options: &Value) -> Field {
    let mut definition = options.as_object().unwrap().clone();
    definition.insert("type".into(), kind.into());
    definition.entry("name").or_insert_with(|| "f".into());
    field(&definition.into())
}

fn plain(kind: &str) -> Field {
    of(kind, &json!({}))
}

fn outcome(result: Result<(), Issue>) -> Value {
    result.map_or_else(|issue| issue.to_json(), |()| Value::Null)
}

/// What a validated input is refused with, as `code` or `code params`; empty where it is accepted.
fn refusal(field: &Field, input: &Value) -> String {
    let issue = outcome(field.validate(&field.convert(input)));
    match (issue["code"].as_str(), issue.get("params")) {
        (None, _) => String::new(),
        (Some(code), None) => code.to_owned(),
        (Some(code), Some(params)) => format!("{code} {params}"),
    }
}

mod definitions {
    use super::*;

    #[test]
    fn a_definition_comes_back_with_all_its_keys() {
        let check = |kind: &str, options: Value| {
            let mut expected = options.as_object().unwrap().clone();
            expected.insert("type".into(), kind.into());
            for (key, value) in [("name", json!("f")), ("system", json!(false)), ("hidden", json!(false))] {
                expected.insert(key.into(), value);
            }
            expected.insert("presentable".into(), json!(false));
            expected.insert("id".into(), Field::default_id(kind, "f").into());
            if kind != "autodate" {
                expected.insert("help".into(), json!(""));
                expected.insert("required".into(), json!(false));
            }
            assert_eq!(Value::Object(plain(kind).to_json()), Value::Object(expected.clone()));
            assert_eq!(field(&expected.into()), plain(kind));
        };
        check("text", json!({"min": 0, "max": 0, "pattern": "", "autogeneratePattern": "", "primaryKey": false}));
        check("editor", json!({"maxSize": 0, "convertURLs": false}));
        check("number", json!({"min": null, "max": null, "onlyInt": false}));
        check("bool", json!({}));
        check("email", json!({"onlyDomains": [], "exceptDomains": []}));
        check("url", json!({"onlyDomains": [], "exceptDomains": []}));
        check("date", json!({"min": "", "max": ""}));
        check("autodate", json!({"onCreate": false, "onUpdate": false}));
        check("select", json!({"values": [], "maxSelect": 0}));
        check("relation", json!({"collectionId": "", "cascadeDelete": false, "minSelect": 0, "maxSelect": 0}));
        check("file", json!({"maxSelect": 0, "maxSize": 0, "mimeTypes": [], "thumbs": [], "protected": false}));
        check("json", json!({"maxSize": 0}));
        check("geoPoint", json!({}));
        check("password", json!({"min": 0, "max": 0, "cost": 0, "pattern": ""}));
    }

    #[test]
    fn a_filled_definition_survives_the_round_trip() {
        for definition in [
            json!({"type": "text", "name": "a", "id": "x", "required": true, "hidden": true, "system": true, "help": "h",
                   "presentable": true, "min": 1, "max": 2, "pattern": "a", "autogeneratePattern": "b", "primaryKey": true}),
            json!({"type": "number", "name": "a", "min": 1.5, "max": 3, "onlyInt": true}),
            json!({"type": "email", "name": "a", "onlyDomains": ["a.com"]}),
            json!({"type": "date", "name": "a", "min": "2022-01-01 00:00:00.000Z"}),
            json!({"type": "autodate", "name": "a", "onCreate": true, "onUpdate": true}),
            json!({"type": "relation", "name": "a", "collectionId": "c", "cascadeDelete": true, "minSelect": 1, "maxSelect": 2}),
            json!({"type": "file", "name": "a", "thumbs": ["1x1"], "mimeTypes": ["a/b"], "protected": true, "maxSelect": 2}),
        ] {
            let shown = field(&definition).to_json();
            for (key, value) in definition.as_object().unwrap() {
                assert_eq!(&shown[key], value, "{key}");
            }
            assert_eq!(field(&shown.clone().into()).to_json(), shown);
        }
    }

    #[test]
    fn absent_null_and_unknown_keys_are_fine_and_wrong_types_are_not() {
        let parse = |definition: Value| Field::from_json(definition.as_object().unwrap());
        assert!(parse(json!({"type": "text", "name": "a", "min": null, "Max": 3, "x": 1})).is_some());
        assert_eq!(parse(json!({"type": "date", "name": "a", "min": "garbage"})).unwrap().to_json()["min"], json!(""));
        for definition in [
            json!({}),
            json!({"type": "nope"}),
            json!({"type": 5}),
            json!({"type": "text", "min": "1"}),
            json!({"type": "text", "min": 1.5}),
            json!({"type": "text", "required": 1}),
            json!({"type": "text", "name": 5}),
            json!({"type": "number", "min": "5"}),
            json!({"type": "date", "min": 5}),
            json!({"type": "select", "values": [5]}),
            json!({"type": "email", "onlyDomains": "a.com"}),
            json!({"type": "text", "pattern": 5}),
        ] {
            assert!(parse(definition.clone()).is_none(), "{definition}");
        }
    }

    #[test]
    fn names_ids_and_help_texts_are_checked() {
        let check = |definition: Value, expected: Value| {
            assert_eq!(field(&definition).validate_common().to_json(), expected, "{definition}");
        };
        let code = |code: &str, message: &str| json!({"name": {"code": code, "message": message}});
        for name in ["a", "_x", "1a", "id", "oid", &"a".repeat(100)] {
            check(json!({"type": "text", "name": name}), json!({}));
        }
        check(json!({"type": "text"}), code("validation_required", "Cannot be blank."));
        for name in ["a b", "é", "a-b", "a.b"] {
            check(
                json!({"type": "text", "name": name}),
                code("validation_match_invalid", "Must be in a valid format."),
            );
        }
        let via = code("validation_found_via", "The value cannot contain \"_via_\".");
        check(json!({"type": "text", "name": "a_via_b"}), via);
        for name in ["null", "TRUE", "_rowid_", "_ROWID_", "collectionId", "expand"] {
            check(json!({"type": "text", "name": name}), code("validation_not_in_invalid", "Must not be in list."));
        }
        let length = |max: u32| {
            let message = format!("The length must be between 1 and {max}.");
            json!({"code": "validation_length_out_of_range", "message": message, "params": {"min": 1, "max": max}})
        };
        check(json!({"type": "text", "name": "a".repeat(101)}), json!({"name": length(100)}));
        check(json!({"type": "text", "name": "a", "id": "x".repeat(101)}), json!({"id": length(100)}));
        check(json!({"type": "text", "name": "a", "help": "é".repeat(300)}), json!({}));
        check(json!({"type": "text", "name": "a", "help": "x".repeat(301)}), json!({"help": length(300)}));
    }

    /// `{option: code}`, with the parameter where there is one.
    fn codes(issues: &Value) -> Value {
        let short = |issue: &Value| match (issue["code"].as_str(), issue["params"].as_object()) {
            (None, _) => codes(issue),
            (Some(code), None) => json!(code),
            (Some(code), Some(params)) => {
                json!(format!("{code} {}", params.values().next().unwrap()))
            }
        };
        issues.as_object().unwrap().iter().map(|(key, issue)| (key.clone(), short(issue))).collect()
    }

    #[test]
    fn options_are_checked() {
        let check = |kind: &str, options: Value, expected: Value| {
            let issues = of(kind, &options).validate_options().to_json();
            assert_eq!(codes(&issues), expected, "{kind} {options}");
        };
        let least = |n: i64| json!(format!("validation_min_greater_equal_than_required {n}"));
        let most = |n: i64| json!(format!("validation_max_less_equal_than_required {n}"));

        check("text", json!({"min": -1}), json!({"min": least(0)}));
        check("text", json!({"max": -1}), json!({"max": least(0)}));
        check("text", json!({"min": 5, "max": 3}), json!({"max": least(5)}));
        check("text", json!({"min": 6000}), json!({}));
        check("text", json!({"max": (1_i64 << 53) - 1}), json!({}));
        check("text", json!({"max": 1_i64 << 53}), json!({"max": most((1 << 53) - 1)}));
        check("text", json!({"pattern": "("}), json!({"pattern": "validation_invalid_regex"}));
        check("text", json!({"autogeneratePattern": "("}), json!({"autogeneratePattern": "validation_invalid_regex"}));
        let operator = json!({"autogeneratePattern": "validation_invalid_autogenerate_pattern"});
        check("text", json!({"autogeneratePattern": "^a\\b$"}), operator);
        let sample = json!({"autogeneratePattern": "validation_invalid_autogenerate_pattern_value"});
        check("text", json!({"autogeneratePattern": "[a-z]{5}", "pattern": "^[0-9]+$"}), sample.clone());
        check("text", json!({"autogeneratePattern": "[a-z]{5}", "min": 6}), sample.clone());
        check("text", json!({"autogeneratePattern": "[a-z]{5}", "max": 4}), sample);
        check("text", json!({"autogeneratePattern": ".*\\w+[^a]"}), json!({}));
        let id = json!({"primaryKey": true, "name": "id", "pattern": "a", "required": true});
        check("text", id, json!({}));
        let not_an_id = json!({"name": "validation_in_invalid", "pattern": "validation_required", "required": "validation_required"});
        check("text", json!({"primaryKey": true}), not_an_id);

        check("editor", json!({"maxSize": -1}), json!({"maxSize": least(0)}));
        check("number", json!({"min": 5, "max": 3}), json!({"max": "validation_min_number_constraint 5"}));
        check("number", json!({"min": -5, "max": -5}), json!({}));
        let both = json!({"min": "validation_only_int_constraint", "max": "validation_only_int_constraint"});
        check("number", json!({"min": 3.5, "max": 1.5, "onlyInt": true}), both);

        let blank = json!({"onlyDomains": "validation_empty", "exceptDomains": "validation_empty"});
        check("email", json!({"onlyDomains": ["a.com"], "exceptDomains": ["b.com"]}), blank.clone());
        check("url", json!({"onlyDomains": ["a.com"], "exceptDomains": ["b.com"]}), blank);
        let domains = json!({"onlyDomains": {"0": "validation_is_domain", "2": "validation_is_domain"}});
        check("url", json!({"onlyDomains": ["bad domain", "ok.com", "http://x.com"]}), domains);
        check("date", json!({"min": "2022-01-01", "max": "2021-01-01"}), json!({}));
        check("autodate", json!({}), json!({"onCreate": "validation_required", "onUpdate": "validation_required"}));
        check("autodate", json!({"onUpdate": true}), json!({}));

        check("select", json!({"maxSelect": 5}), json!({"values": "validation_required"}));
        check("select", json!({"values": ["a", "a"], "maxSelect": 3}), json!({"maxSelect": most(2)}));
        check("select", json!({"values": ["a"], "maxSelect": -1}), json!({"maxSelect": least(0)}));
        check("relation", json!({}), json!({"collectionId": "validation_required"}));
        check("relation", json!({"collectionId": "c", "minSelect": -1}), json!({"minSelect": least(0)}));
        check("relation", json!({"collectionId": "c", "maxSelect": -1}), json!({"maxSelect": least(0)}));
        check("relation", json!({"collectionId": "c", "minSelect": 3, "maxSelect": 2}), json!({"maxSelect": least(3)}));
        check("relation", json!({"collectionId": "c", "minSelect": 1}), json!({"maxSelect": "validation_required"}));

        let thumbs = json!(["0x100t", "00x00", "0x0t", "100x100z", "a", "", "5x5", "1x1tt", "x", "1x"]);
        let refused = json!({"1": "validation_not_in_invalid", "2": "validation_not_in_invalid",
            "3": "validation_match_invalid", "4": "validation_match_invalid", "7": "validation_match_invalid",
            "8": "validation_match_invalid", "9": "validation_match_invalid"});
        check("file", json!({"thumbs": thumbs}), json!({"thumbs": refused}));
        check("file", json!({"maxSelect": -1, "maxSize": -1}), json!({"maxSelect": least(0), "maxSize": least(0)}));
        check("json", json!({"maxSize": -1}), json!({"maxSize": least(0)}));
        check("password", json!({"min": -1}), json!({"min": least(1)}));
        check("password", json!({"min": 72}), json!({"min": most(71)}));
        check("password", json!({"max": 72, "cost": 32}), json!({"max": most(71), "cost": most(31)}));
        check("password", json!({"min": 5, "max": 3, "cost": 3}), json!({"max": least(5), "cost": least(4)}));
        check("password", json!({"min": 71, "pattern": "("}), json!({"pattern": "validation_invalid_regex"}));
    }
}

mod values {
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
    fn dates_are_limited_in_the_words_of_the_reference() {
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
    fn ids_keep_out_of_paths_whatever_their_pattern() {
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
        assert!(options.check_names(&json!(["a", "b"]), &json!(["b", "c", "a"])).is_ok());
        assert!(options.check_names(&json!(""), &json!("")).is_ok());
        let issue = outcome(options.check_names(&json!(["x", "a", "y"]), &json!(["a"])));
        assert_eq!(
            issue,
            json!({"code": "validation_invalid_file", "message": "Invalid new files: [x y].",
                   "params": {"invalidFiles": ["x", "y"]}})
        );
    }
}

mod modifiers {
    use super::*;

    #[test]
    fn each_type_knows_its_own() {
        use Modifier::{Append, Autogenerate, Prepend, Remove, Set};
        let check = |kind: &str, expected: &[Modifier]| {
            let field = plain(kind);
            let keys = [("f", Set), ("f+", Append), ("+f", Prepend), ("f-", Remove), ("f:autogenerate", Autogenerate)];
            for (key, modifier) in keys {
                let known = (modifier == Set || expected.contains(&modifier)).then_some(modifier);
                assert_eq!(field.modifier_of(key), known, "{kind} {key}");
            }
            for key in ["", "g", "ff", "-f", "+f+", "f++", "F", "f:x", "f.a"] {
                assert_eq!(field.modifier_of(key), None, "{kind} {key}");
            }
        };
        for kind in KINDS {
            match *kind {
                "text" => check(kind, &[Autogenerate]),
                "number" => check(kind, &[Append, Remove]),
                "select" | "relation" | "file" => check(kind, &[Append, Prepend, Remove]),
                _ => check(kind, &[]),
            }
        }
    }

    fn check(field: &Field, key: &str, current: &Value, input: &Value, expected: &Value) {
        let modifier = field.modifier_of(key).unwrap();
        assert_eq!(&field.modify(modifier, current, input), expected, "{key} {input}");
    }

    #[test]
    fn numbers_are_counted_up_and_down() {
        let number = plain("number");
        check(&number, "f", &json!(5), &json!("7"), &json!(7));
        check(&number, "f+", &json!(5), &json!(1), &json!(6));
        check(&number, "f+", &json!(5), &json!("3"), &json!(8));
        check(&number, "f-", &json!(5), &json!(7.5), &json!(-2.5));
        for garbage in [json!("x"), json!(null), json!([1]), json!({})] {
            check(&number, "f+", &json!(5), &garbage, &json!(5));
            check(&number, "f-", &json!(5), &garbage, &json!(5));
        }
        let endless = number.modify(Modifier::Append, &json!(1), &json!("inf"));
        assert_eq!(outcome(number.validate(&endless))["code"], json!("validation_not_a_number"));
        let overflow = number.modify(Modifier::Append, &json!(1e308), &json!(1e308));
        assert_eq!(outcome(number.validate(&overflow))["code"], json!("validation_not_a_number"));
    }

    #[test]
    fn lists_grow_and_shrink() {
        let list = of("select", &json!({"maxSelect": 3}));
        let red_blue = json!(["red", "blue"]);
        check(&list, "f+", &json!(["red"]), &json!("blue"), &red_blue);
        check(&list, "f+", &red_blue, &json!(["red", "x"]), &json!(["red", "blue", "x"]));
        check(&list, "f+", &json!(["red"]), &json!("[\"blue\"]"), &red_blue);
        check(&list, "f+", &red_blue, &json!(null), &red_blue);
        check(&list, "+f", &red_blue, &json!("x"), &json!(["x", "red", "blue"]));
        check(&list, "+f", &red_blue, &json!(["blue", "x"]), &json!(["blue", "x", "red"]));
        check(&list, "f-", &red_blue, &json!("red"), &json!(["blue"]));
        check(&list, "f-", &red_blue, &json!(["blue", "nope"]), &json!(["red"]));
        check(&list, "f-", &red_blue, &json!(null), &red_blue);

        let single = plain("select");
        check(&single, "f+", &json!("a"), &json!("b"), &json!("b"));
        check(&single, "f+", &json!("a"), &json!(""), &json!("a"));
        check(&single, "+f", &json!("a"), &json!("b"), &json!("a"));
        check(&single, "+f", &json!(""), &json!("b"), &json!("b"));
        check(&single, "f-", &json!("a"), &json!("a"), &json!(""));
        check(&single, "f-", &json!("a"), &json!("b"), &json!("a"));
    }

    #[test]
    fn texts_are_generated_behind_a_prefix() {
        let slug = of("text", &json!({"autogeneratePattern": "[a-z]{5}"}));
        let made = slug.modify(Modifier::Autogenerate, &json!("old"), &json!("pre-"));
        let made = made.as_str().unwrap();
        assert!(made.len() == 9 && made.starts_with("pre-"), "{made}");
        assert_eq!(slug.autogenerate().unwrap().len(), 5);
        assert_eq!(plain("text").autogenerate(), None);
        assert_eq!(plain("text").modify(Modifier::Autogenerate, &json!(""), &json!("pre-")), json!("pre-"));
    }
}

const KINDS: &[&str] = &[
    "text", "editor", "number", "bool", "email", "url", "date", "autodate", "select", "relation", "file", "json",
    "geoPoint", "password",
];

fn lend(value: &db::Value) -> ValueRef<'_> {
    match value {
        db::Value::Null => ValueRef::Null,
        db::Value::Integer(integer) => ValueRef::Integer(*integer),
        db::Value::Real(real) => ValueRef::Real(*real),
        db::Value::Text(text) => ValueRef::Text(text.as_bytes()),
    }
}

fn written(field: &Field, column: ValueRef<'_>) -> Value {
    let mut out = Vec::new();
    field.write_json(&mut out, column);
    serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{:?} is JSON", String::from_utf8_lossy(&out)))
}

mod columns {
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
    fn a_password_is_stored_as_a_hash_or_not_at_all_and_never_shown() {
        let password = plain("password");
        assert_eq!(password.to_db(&json!("secret")), db::Value::from(""));
        for hash in ["$argon2id$v=19$x", "$2a$10$x"] {
            assert_eq!(password.to_db(&json!(hash)), db::Value::from(hash));
            assert_eq!(password.from_db(ValueRef::Text(hash.as_bytes())), json!(hash));
            assert_eq!(written(&password, ValueRef::Text(hash.as_bytes())), json!(""));
        }
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
}

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

proptest! {
    #[test]
    fn any_input_has_a_form_that_columns_keep(field in any_field(), input in any_json()) {
        let value = field.convert(&input);
        prop_assert_eq!(&field.convert(&value), &value, "converting twice changes nothing");
        let is_refused_number = field.type_name() == "number" && value.is_string();
        let is_plain_password = field.type_name() == "password";
        if !is_refused_number && !is_plain_password {
            let stored = field.to_db(&value);
            prop_assert_eq!(&field.from_db(lend(&stored)), &value);
            prop_assert_eq!(&written(&field, lend(&stored)), &value);
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
