//! Definitions: reading, showing and checking options.

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
        check(json!({"type": "text", "name": name}), code("validation_match_invalid", "Must be in a valid format."));
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

/// `{option: code}`, with the parameter if there is one.
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
    let not_an_id =
        json!({"name": "validation_in_invalid", "pattern": "validation_required", "required": "validation_required"});
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
