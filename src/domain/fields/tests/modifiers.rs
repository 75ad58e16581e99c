//! Modifiers: which a type has and what they do.

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
