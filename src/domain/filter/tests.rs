//! Tests of the language: what is parsed to what, what is refused where, and that no text does harm.

use super::*;
use crate::base::clock::Timestamp;
use crate::db::testing::dialect;
use proptest::prelude::*;

fn printed(text: &str) -> String {
    parse(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}")).to_string()
}

#[test]
fn filters_parse_with_and_binding_tighter_than_or() {
    let check = |text: &str, expected: &str| assert_eq!(printed(text), expected, "{text:?}");
    check("a=1", "a = 1");
    check("a = 1 || b = 2 && c = 3", "a = 1 || (b = 2 && c = 3)");
    check("a=1&&b=2||c=3&&d=4", "(a = 1 && b = 2) || (c = 3 && d = 4)");
    check("(a=1 || b=2) && c=3", "(a = 1 || b = 2) && c = 3");
    check("((a = 1))", "a = 1");
    check("(a = 1 && (b = 2 && c = 3))", "a = 1 && b = 2 && c = 3");
    check("a = 1 || (b = 2 || c = 3)", "a = 1 || b = 2 || c = 3");
    check("a = 1 // note\n&& b = 2 // note", "a = 1 && b = 2");
    check("// note\na = 1", "a = 1");
    check("a = // note\n 1", "a = 1");
    check("a = '// no note'", "a = '// no note'");
    check("a\t=\n1\r\n", "a = 1");
    check("views>-1", "views > -1");
}

#[test]
fn every_sign_has_a_form_for_any() {
    for relation in Relation::ALL {
        for sign in [relation.as_str().to_owned(), format!("?{}", relation.as_str())] {
            let text = format!("a {sign} 1");
            assert_eq!(printed(&text), text);
            assert_eq!(printed(&format!("a{sign}1")), text);
        }
    }
}

#[test]
fn literals_are_decoded() {
    let check = |text: &str, expected: Operand| {
        let Ok(Filter::Compare(comparison)) = parse(&format!("a = {text}")) else { panic!("{text}") };
        assert_eq!(comparison.right, expected, "{text}");
    };
    let text = |text: &str| Operand::Text(text.to_owned());
    check("1", Operand::Number(1.0));
    check("-1.50", Operand::Number(-1.5));
    check("-.5", Operand::Number(-0.5));
    check("007", Operand::Number(7.0));
    check(&"9".repeat(400), Operand::Number(f64::MAX));
    check("TRUE", Operand::Bool(true));
    check("False", Operand::Bool(false));
    check("nuLL", Operand::Null);
    check(r#"'a\'b\"c'"#, text("a'b\"c"));
    check(r#""a\"b\\c\n\r\t""#, text("a\"b\\c\n\r\t"));
    check(r"'100\% \u00e9 \b'", text(r"100\% \u00e9 \b"));
    check("'a\nb é'", text("a\nb é"));
    check("''", text(""));
}

#[test]
fn errors_name_their_position() {
    let check = |text: &str, position: usize, reason: &str| {
        let error = parse(text).expect_err(text);
        assert_eq!((error.position, error.to_string().as_str()), (position, reason), "{text:?}");
    };
    check("", 1, "there is no condition");
    check("  ", 3, "there is no condition");
    check("()", 2, "there is no condition");
    check("// only a note", 15, "there is no condition");
    check("a", 2, "expected an operator such as =");
    check("a =", 4, "expected a value after =");
    check("a = 1 &&", 9, "expected another condition");
    check("(a) = 1", 3, "expected an operator such as = before )");
    check("= a", 1, "expected a field or a value before =");
    check("a = = 1", 5, "expected a field or a value before =");
    check("&& a = 1", 1, "expected a field or a value before &&");
    check("a = 1 && ()", 11, "there is no condition");
    check("a = (1)", 5, "expected a field or a value before (");
    check("a == 1", 3, "unknown operator \"==\"");
    check("a ? = 1", 3, "unknown operator \"?\"");
    check("a <> 1", 3, "unknown operator \"<>\"");
    check("a & b = 1", 3, "unknown operator \"&\": conditions are joined by && or ||");
    check("a = 1 b = 2", 7, "expected && or || before \"b\"");
    check("a = 'é' 'x'", 9, "expected && or || before the text \"x\"");
    check("a = 1e0", 6, "expected && or || before \"e0\"");
    check("not a = 1", 5, "expected an operator such as = before \"a\"");
    check("a = .5", 5, "unexpected character '.'; texts stand in quotes");
    check("a = 5.", 5, "\"5.\" is not a number");
    check("a = -b", 5, "\"-\" is not a number");
    check("a = 'b", 5, "this text has no closing quote");
    check("a = '\0'", 5, "a text cannot hold NUL");
    check("a = '\\\0'", 5, "a text cannot hold NUL");
    check("a = 1)", 6, "this bracket was never opened");
    check("((a = 1)", 1, "this bracket is never closed");
    check("b = 1 && (a = 1", 10, "this bracket is never closed");
    check("é = 1", 1, "unexpected character 'é'; texts stand in quotes");
    check("a. = 1", 1, "\"a.\" is not a valid name");
    check("a: = 1", 1, "\"a:\" is not a valid name");
    check("@ = 1", 1, "\"@\" is not a valid name");
    check("a / b = 1", 3, "unexpected '/': there is no division, and a comment begins with //");
    check("f(1 2) = 1", 5, "expected a comma between the arguments of \"f\"");
    check("b = 1 && f(1", 10, "the arguments of \"f\" are never closed");
    check("f(f(f(f(1)))) = 1", 7, "functions nest at most 3 deep");
}

#[test]
fn sizes_are_limited_and_depth_is_not() {
    let many = |count: usize| vec!["a = 1"; count].join(" && ");
    assert!(parse(&many(200)).is_ok());
    assert!(parse(&many(201)).is_err());
    let deep = 100_000;
    assert_eq!(printed(&format!("{}a = 1{}", "(".repeat(deep), ")".repeat(deep))), "a = 1");
    assert!(parse(&"(".repeat(deep)).is_err());
    let nested = format!("{}a = 1{}", "a = 1 && (a = 1 || (".repeat(99), "))".repeat(99));
    assert_eq!(parse(&printed(&nested)).unwrap(), parse(&nested).unwrap());
    assert!(check_client_length(&"é".repeat(3500)).is_ok());
    assert!(check_client_length(&"é".repeat(3501)).is_err());
}

#[test]
fn large_hostile_texts_are_answered_quickly() {
    // Quadratic work on any of these would take a minute.
    let large = 200_000;
    for text in [
        "a".repeat(large),
        "a.".repeat(large),
        "(".repeat(large),
        "a=".repeat(large),
        "'".repeat(large),
        format!("a = '{}'", "\\".repeat(large)),
        format!("a = {}", "9".repeat(large)),
        "/".repeat(large),
        "// \n".repeat(large),
        "&".repeat(large),
        "?".repeat(large),
        format!("f({}", "1,".repeat(large)),
        "a = 1 && ".repeat(large),
        "-".repeat(large),
        "é".repeat(large),
    ] {
        let _ = parse(&text);
        let _ = parse_sort(&text);
    }
}

const COLLECTIONS: Columns = Columns {
    alias: "c",
    plain: &[("id", Affinity::Text), ("name", Affinity::Text), ("level", Affinity::Number)],
    json: Some("data"),
};

#[test]
fn fixed_columns_filter_and_sort() {
    let now = Timestamp::from_millis(0);
    let shown = |sql: Option<Sql>| sql.map(|sql| sql.render(|out, _| out.push('?'))).unwrap_or_default();
    let filter = |text: &str| COLLECTIONS.filter(text, now, dialect()).map(shown);
    assert_eq!(filter("").unwrap(), "");
    assert_eq!(filter(" ").unwrap_err().to_string(), "there is no condition");
    assert_eq!(filter("name = 'a' && level > 3").unwrap(), "(\"c\".\"name\" = ? AND \"c\".\"level\" > ?)");
    assert!(filter("data.auth = 'x' && data.type:lower ~ 'y'").unwrap().contains("json_extract"));
    assert_eq!(filter("nope = 1").unwrap_err().to_string(), "invalid left operand \"nope\" - unknown field \"nope\"");
    assert!(filter("name.x = 1").is_err());
    let sort = |text: &str| COLLECTIONS.sort(text, dialect()).map(shown);
    assert_eq!(sort("").unwrap(), "");
    assert_eq!(sort("-name,id").unwrap(), "\"c\".\"name\" DESC, \"c\".\"id\" ASC");
    assert_eq!(sort("-@rowid,@random").unwrap(), "\"c\"._rowid_ DESC, RANDOM()");
    assert_eq!(sort("id,nope").unwrap_err().position, 4);
}

fn identifier() -> impl Strategy<Value = Operand> {
    "[a-zA-Z_@#][a-z0-9._:]{0,12}[a-z0-9]"
        .prop_filter("keywords", |name| !["true", "false", "null"].contains(&name.to_lowercase().as_str()))
        .prop_map(|name| Operand::Identifier(Identifier { name, position: Position(0) }))
}

fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![
        identifier(),
        any::<f64>().prop_filter("literals are finite", |number| number.is_finite()).prop_map(Operand::Number),
        any::<i32>().prop_map(|number| Operand::Number(f64::from(number))),
        "[^\0]{0,12}".prop_map(Operand::Text),
        any::<bool>().prop_map(Operand::Bool),
        Just(Operand::Null),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        ("[a-z][a-zA-Z]{0,6}[a-z]", prop::collection::vec(inner, 0..3))
            .prop_map(|(name, arguments)| Operand::Function(Function { name, arguments, position: Position(0) }))
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = (operand(), prop::sample::select(&Relation::ALL[..]), any::<bool>(), operand()).prop_map(
        |(left, relation, is_any, right)| {
            Filter::Compare(Comparison { left, operator: Operator { relation, is_any }, right })
        },
    );
    leaf.prop_recursive(4, 32, 4, |inner| {
        (any::<bool>(), prop::collection::vec(inner, 2..4)).prop_map(|(is_all, parts)| {
            let mut flat = Vec::new();
            for part in parts {
                match (is_all, part) {
                    (true, Filter::All(parts)) | (false, Filter::Any(parts)) => flat.extend(parts),
                    (_, part) => flat.push(part),
                }
            }
            if is_all { Filter::All(flat) } else { Filter::Any(flat) }
        })
    })
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in ".{0,200}") {
        let _ = parse(&text);
        let _ = parse_sort(&text);
    }

    #[test]
    fn any_pieces_parse_or_are_refused(pieces in prop::collection::vec(prop::sample::select(&[
        "a", "a.b", "@request.auth.id", ":lower", "=", "!=", "?~", ">", "(", ")", "&&", "||", "'x'", "\"", "'", "\\", "1",
        "-", ".5", "true", "null", ",", "geoDistance(", "//", "\n", " ", "é", "\0", "%", "@", "#", ".", "f(1",
    ][..]), 0..40)) {
        let text = pieces.concat();
        if let Ok(filter) = parse(&text) {
            prop_assert_eq!(parse(&filter.to_string()), Ok(filter));
        }
    }

    #[test]
    fn a_printed_filter_parses_to_itself(filter in filter()) {
        prop_assert_eq!(parse(&filter.to_string()), Ok(filter));
    }
}
