//! What the functions of scripts compute.

use super::tests::{before, failure, set_with, value, with_notes};
use super::{Environment, Limits};
use serde_json::{Value, json};
use std::time::Duration;

#[track_caller]
fn check(expression: &str, expected: &Value) {
    assert_eq!(value(&with_notes(), &json!({"data": {}}), expression), *expected, "{expression}");
}

/// Evaluates each expression and compares.
#[track_caller]
fn check_all(cases: &[(&str, Value)]) {
    let list: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    let Value::Array(values) = value(&with_notes(), &json!({}), &format!("[{}]", list.join(","))) else { panic!() };
    for ((expression, expected), value) in cases.iter().zip(values) {
        assert_eq!(value, *expected, "{expression}");
    }
}

/// The expression fails with a message that holds `expected`.
#[track_caller]
fn fails(expression: &str, expected: &str) {
    fails_within(expression, expected, &Limits { before: Duration::from_secs(20), ..Limits::default() });
}

#[track_caller]
fn fails_within(expression: &str, expected: &str, limits: &Limits) {
    let told = failure(&format!("before_create(\"notes\", |e| {{ let x = {expression}; }});"), limits);
    assert!(told.starts_with("a.rhai:1:") && told.contains(expected), "{expression}: {told}");
}

#[test]
fn texts_are_changed_as_owners_expect() {
    check_all(&[
        (r#"{ let t = " a "; let u = t.trim(); t + u }"#, json!(" a a")),
        (r#"{ let t = "a b c"; t.replace(" ", "-") + t }"#, json!("a-b-ca b c")),
        (r#""a.b".replace('.', ",") + "aXb".replace("X", '!') + "aXb".replace('X', 'y')"#, json!("a,ba!bayb")),
        (r#""7".pad_start(3, "0") + "é".pad_end(3, "xy")"#, json!("007éxy")),
        (r#""ab".repeat(3) + "x".repeat(0)"#, json!("ababab")),
        (r#""élan vital".capitalize()"#, json!("Élan vital")),
        (
            r#"["abcdef".shorten(4), "abc".shorten(3), "ab cd".shorten(4), "x".shorten(0)]"#,
            json!(["abc…", "abc", "ab…", ""]),
        ),
        (r#"lines("a\r\nb\n\nc")"#, json!(["a", "b", "", "c"])),
        (r#"slug("  Über uns & Größe! ")"#, json!("ueber-uns-groesse")),
        (
            r#"[slug("Čeština/日本 語"), slug("--"), slug("a--b_c"), slug("e\u0301a")]"#,
            json!(["cestina-日本-語", "", "a-b-c", "ea"]),
        ),
        (r#"escape_html("<a href='x'>\"&amp;")"#, json!("&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;")),
        (r#"html_to_text("<p>a &amp; b</p><script>x</script>")"#, json!("a & b")),
        (r#"byte_length("é")"#, json!(2)),
    ]);
    fails(r#""a".replace("", "b")"#, "looks for");
    fails(r#""a".repeat(-1)"#, "from 0");
}

/// Small texts of a visitor must not become large ones.
#[test]
fn texts_cannot_grow_beyond_their_limit() {
    let small = Limits { max_text_bytes: 1_000_000, before: Duration::from_secs(20), ..Limits::default() };
    for expression in [
        r#""x".repeat(10_000_000_000)"#,
        r#"{ let a = "a".repeat(500_000); a.replace("a", a) }"#,
        r#""x".pad_start(10_000_000_000, "ab")"#,
        r#"{ let a = "a".repeat(500_000); regex("a").replace(a, "${0}bcdefghijk") }"#,
        r#"{ let a = "a".repeat(500_000); let big = a + a; to_csv([[big], [big], [big]]) }"#,
    ] {
        fails_within(expression, "", &small);
    }
    // The engine checks what was made within a constant factor of the input.
    fails_within(r#"escape_html("<".repeat(400_000))"#, "too large", &small);
    fails_within(r#"hex_encode("<".repeat(600_000))"#, "too large", &small);
}

#[test]
fn regular_expressions_find_replace_and_split() {
    check_all(&[
        (r"regex(`^[A-Z]{2}\d+$`).is_match(`DE12`)", json!(true)),
        (r"regex(`^[A-Z]{2}\d+$`).is_match(`DE12x`)", json!(false)),
        (
            r"regex(`(?<year>\d{4})-(\d\d)(x)?`).find(`on 2026-03-01`)",
            json!({"text": "2026-03", "groups": ["2026", "03", null], "names": {"year": "2026"}}),
        ),
        (r"regex(`x`).find(`y`)", json!(null)),
        (r"regex(`(\w)\d`).find_all(`a1 b2`).map(|m| m.groups[0])", json!(["a", "b"])),
        (r"regex(`(\w+)@(\w+)`).replace(`ana@home bob@work`, `$2:$1`)", json!("home:ana work:bob")),
        (r"regex(`\d+`).replace(`1 and 20`, |m| m.text.len())", json!("1 and 2")),
        (r"regex(`[,;]\s*`).split(`a, b;c`)", json!(["a", "b", "c"])),
        (r"regex(regex_escape(`a.b`)).is_match(`axb`)", json!(false)),
        (r"regex(`(?i)ÄÖ`).is_match(`äö`)", json!(true)),
        (r"regex(`^[\p{L} .'-]{2,60}$`).is_match(`Ana-María O'Neil`)", json!(true)),
    ]);
    fails("regex(`(`)", "is not a regular expression");
    fails(r"regex(`(\w{100}){100}`)", "repeat less often");
    fails("regex(`x`.repeat(3000))", "longer than 2000 bytes");
    fails(r"regex(`(?:\w{20}|\d){2}`).is_match(`x`.repeat(300_000))", "at most 16 KiB");
}

/// An expression that takes ages in engines that try all ways, and one whose iteration takes the square of the length.
#[test]
fn a_text_cannot_keep_a_regular_expression_busy() {
    check(r"regex(`^(a+)+$`).is_match(`a`.repeat(100_000) + `b`)", &json!(false));
    let impatient = Limits { before: Duration::from_millis(300), ..Limits::default() };
    fails_within(r"regex(`.*[^A-Z]|[A-Z]`).find_all(`A`.repeat(90_000))", "took too long", &impatient);
}

#[test]
fn json_csv_and_encodings_come_back() {
    check_all(&[
        (r#"parse_json(`{"a": [1, 0.1, "x", null, true]}`).a"#, json!([1, 0.1, "x", null, true])),
        ("to_json(#{ a: [1.50, \"x\", ()] })", json!(r#"{"a":[1.5,"x",null]}"#)),
        (
            r#"to_json(#{ on: date("2026-01-02"), whole: 3.0, large: parse_json("9007199254740993") })"#,
            json!(r#"{"large":9007199254740993,"on":"2026-01-02 00:00:00.000Z","whole":3}"#),
        ),
        ("#{ whole: 3.0 }.to_json()", json!(r#"{"whole":3}"#)),
        ("to_json(#{ a: 1 }).len() < to_pretty_json(#{ a: 1 }).len()", json!(true)),
        (r#"parse_json("0.1") + parse_json("0.2")"#, json!(0.3)),
        (
            r#"parse_csv("name;price\r\nTea;\"1;5\"\nMilk\n")"#,
            json!([{"name": "Tea", "price": "1;5"}, {"name": "Milk", "price": ""}]),
        ),
        (r#"parse_csv("a,b\n1,2", #{ headings: false })"#, json!([["a", "b"], ["1", "2"]])),
        (r#"parse_csv("a|b", #{ delimiter: "|", headings: false })"#, json!([["a", "b"]])),
        (r#"to_csv([#{ b: 2, a: "x,\"y\"" }, #{ a: () , c: true }])"#, json!("a,b,c\n\"x,\"\"y\"\"\",2,\n,,true\n")),
        (r#"to_csv([#{ b: 2, a: 1 }], #{ columns: ["b", "a"], delimiter: ";" })"#, json!("b;a\n2;1\n")),
        (r#"to_csv([[1, "a"], [-5, "=SUM(A1)"]])"#, json!("1,a\n-5,'=SUM(A1)\n")),
        (r#"parse_csv(to_csv([#{ a: "=1", b: "-x" }]))"#, json!([{"a": "=1", "b": "-x"}])),
        (r#"to_csv([[1]], #{ bom: true, headings: false }).starts_with("\ufeff1")"#, json!(true)),
        (
            r#"[base64_encode("é?>"), base64url_encode("é?>"), base64_decode("w6k/Pg==").text, base64_decode("w6k_Pg").text]"#,
            json!(["w6k/Pg==", "w6k_Pg", "é?>", "é?>"]),
        ),
        (r#"[hex_encode("az"), hex_decode("617A").text]"#, json!(["617a", "az"])),
        (r#"[url_encode("a b&c/é"), url_decode("a%20b%26")]"#, json!(["a%20b%26c%2F%C3%A9", "a b&"])),
        (r#"to_query(#{ a: [1, 2], b: "x y", c: () })"#, json!("a=1&a=2&b=x%20y")),
        (r#"parse_query("?a=1&b=x+y&a=2")"#, json!({"a": "1", "b": "x y"})),
        (
            r#"parse_url("https://example.com:8080/a?b=c#d")"#,
            json!({"scheme": "https", "host": "example.com", "port": 8080, "path": "/a",
            "query": {"b": "c"}, "fragment": "d", "origin": "https://example.com:8080"}),
        ),
        (r#"parse_url("no address")"#, json!(null)),
    ]);
    fails(r#"parse_json("{")"#, "not valid JSON");
    fails(r#"parse_csv("a,b\n1,2,3")"#, "line 2 of the CSV has 3 cells");
    fails(r#"parse_csv("a,a\n1,2")"#, "twice");
    fails(r"to_csv([1])", "a row of CSV");
    fails(r#"base64_decode("!")"#, "not base64");
    fails(r#"hex_decode("zz")"#, "hexadecimal");
    let small = Limits { max_elements: 100, before: Duration::from_secs(20), ..Limits::default() };
    fails_within(r#"parse_csv("a\n" + "1\n".repeat(200))"#, "more than 100 cells", &small);
}

#[test]
fn numbers_are_written_and_read_as_in_a_language() {
    check_all(&[
        ("format_number(1234567.895, 2)", json!("1,234,567.90")),
        (r#"format_number(1234.5, 2, "de")"#, json!("1.234,50")),
        (r#"format_number(-1234, 0, "de-CH")"#, json!("-1’234")),
        (r#"format_number(1234, 0, "es") + format_number(12345, 0, "es")"#, json!("123412.345")),
        (r#"format_number(-0.001, 2, "en")"#, json!("0.00")),
        (r#"format_number(1234.5, 1, "fr_FR")"#, json!("1\u{202f}234,5")),
        (r#"format_money(1234.5, "EUR", "de")"#, json!("1.234,50\u{a0}€")),
        (r#"format_money(-1234.5, "USD", "en-US")"#, json!("-$1,234.50")),
        (r#"format_money(1234.5, "JPY", "ja")"#, json!("¥1,235")),
        (r#"format_money(1234.5, "CHF", "de-CH")"#, json!("CHF\u{a0}1’234.50")),
        (
            r#"[parse_number(" 19.99 "), parse_number("-5"), parse_number(""), parse_number("1,5"), parse_number("1e9")]"#,
            json!([19.99, -5, null, null, null]),
        ),
        (
            r#"[parse_number("1.234,50", "de"), parse_number("1.5", "de"), parse_number("12.34.567", "de"), parse_number("1'234.5", "de-CH")]"#,
            json!([1234.5, null, null, 1234.5]),
        ),
        (r#"parse_number("1 234,5", "fr")"#, json!(1234.5)),
    ]);
    fails(r#"format_number(1, 2, "tlh")"#, "not known");
    fails(r#"format_money(1, "euro", "de")"#, "not the code of a currency");
}

#[test]
fn secrets_are_signed_compared_and_encrypted() {
    check_all(&[
        (r#"sha256("abc")"#, json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
        (r#"sha256("abc", "base64")"#, json!("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")),
        (r#"md5("abc") + sha512("abc").len()"#, json!("900150983cd24fb0d6963f7d28e17f72128")),
        (
            r#"hmac_sha256("Jefe", "what do ya want for nothing?")"#,
            json!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ),
        (r#"hmac_sha1("Jefe", "what do ya want for nothing?", "base64")"#, json!("7/zfauXrL6LSdBbV8YTfnCWafHk=")),
        (r#"[equal("a", "a"), equal("a", "b"), equal("a", "aa")]"#, json!([true, false, false])),
        (
            r#"[random_text(40).len(), random_text(5, "é"), random_text(20) == random_text(20)]"#,
            json!([40, "ééééé", false]),
        ),
        (r#"[random_bytes(7).len, sha256("abc".to_bytes()) == sha256("abc")]"#, json!([7, true])),
        ("{ let n = random_int(3, 5); n >= 3 && n <= 5 }", json!(true)),
        (
            r"regex(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).is_match(uuid())",
            json!(true),
        ),
        (
            r"regex(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).is_match(uuid_v7())",
            json!(true),
        ),
        (r#"decrypt(encrypt("geheim", "k".repeat(32)), "k".repeat(32))"#, json!("geheim")),
        (r#"decrypt(encrypt("geheim", "k".repeat(32)), "x".repeat(32))"#, json!(null)),
        (r#"decrypt("garbage", "x".repeat(32))"#, json!(null)),
        (r#"verify_jwt(sign_jwt(#{ sub: "ana" }, "key"), "key").sub"#, json!("ana")),
        (r#"verify_jwt(sign_jwt(#{ sub: "ana" }, "key"), "other")"#, json!(null)),
        (r#"verify_jwt(sign_jwt(#{ a: 1 }, "key", #{ expires: -1 }), "key")"#, json!(null)),
        (
            r#"verify_jwt(sign_jwt(#{ aud: "us" }, "key", #{ expires: minutes(5) }), "key", #{ audience: "them" })"#,
            json!(null),
        ),
    ]);
    fails(r#"encrypt("a", "short")"#, "exactly 32");
    fails("sha256(5)", "bytes or a text");
    fails(r#"sign_jwt(#{}, "key", #{ algorithm: "none" })"#, "not an algorithm");
    fails("random_text(1_000_000)", "10000 letters");
}

#[test]
fn values_that_stay_belong_to_their_transaction() {
    check_all(&[
        (r#"[kv.get("a"), kv.set("a", #{ n: 1.5 }), kv.get("a").n]"#, json!([null, null, 1.5])),
        (r#"[kv.add("b", 1, hours(1)), kv.add("b", 2, 60), kv.get("b")]"#, json!([true, false, 1])),
        (r#"[kv.increment("c", 1, 60), kv.increment("c", 0.5, 60), kv.increment("c", -3)]"#, json!([1, 1.5, -1.5])),
        (r#"[kv.remove("c"), kv.remove("c"), kv.list("")]"#, json!([true, false, {"a": {"n": 1.5}, "b": 1}])),
        (
            r#"{ try { db.transaction(|db| { kv.set("d", 1); throw "back"; }); } catch (e) { } kv.get("d") }"#,
            json!(null),
        ),
        (
            r#"[cache.get("a"), cache.set("a", [1], 60), cache.get("a"), cache.get_or("a", 60, || 2), cache.get_or("b", 60, || 2)]"#,
            json!([null, null, [1], [1], 2]),
        ),
        (r#"[cache.set("a", 5, 0), cache.get("a")]"#, json!([null, null])),
        (r#"{ cache.set("c", 1, minutes(1)); cache.remove("c"); cache.get("c") }"#, json!(null)),
    ]);
    fails(r#"kv.increment("x", "1")"#, "takes a number");
    fails(r#"kv.set("x", 1, 0)"#, "one second");
    fails(r#"{ kv.set("x", "a"); kv.increment("x", 1) }"#, "is not a number");
    fails(r#"kv.set("k".repeat(600), 1)"#, "512 bytes");
}

#[test]
fn a_script_logs_with_fields_and_reads_only_what_is_listed_of_the_environment() {
    let environment = Environment([("KNOWN".to_owned(), Some("yes".to_owned())), ("UNSET".to_owned(), None)].into());
    assert_eq!(format!("{environment:?}"), r#"{"KNOWN", "UNSET"}"#);
    let limits = Limits { environment, before: Duration::from_secs(20), ..Limits::default() };
    let text = "const SECRET = env(\"KNOWN\");
        fn note(log) { log }
        before_create(\"notes\", |e| {
            log.info(\"paid\", #{ order: 7, by: SECRET });
            log.trace(\"quiet\");
            log.warn(e.record.title);
            log.error(`unset: ${env(\"UNSET\") == ()}`);
            debug(note(1));
        });";
    let (set, log) = set_with(text, &limits);
    before(&set, &with_notes(), &json!({"title": "=1"})).unwrap();
    let expected = [
        r#"a.rhai:4:17: paid {"by":"yes","order":7}"#,
        "a.rhai:5:17: quiet",
        "a.rhai:6:17: =1",
        "a.rhai:7:17: unset: true",
    ];
    let log = log.0.lock().unwrap();
    assert_eq!(log[..4], expected);
    assert!(log.len() == 5 && log[4].ends_with(": 1"), "{log:?}");
    fails_within("env(\"PATH\")", "add it to env", &limits);
}

#[test]
fn dates_follow_the_calendar_and_the_zone() {
    check_all(&[
        (r#"date("2026-07-01 12:00:00").in_zone("Europe/Berlin").hour"#, json!(14)),
        (
            r#"date("2026-01-01 12:00:00").in_zone("Europe/Berlin").format("%d.%m.%Y %H:%M %Z")"#,
            json!("01.01.2026 13:00 CET"),
        ),
        (r#"date("2026-01-01 23:30:00").in_zone("Asia/Tokyo").start_of("day")"#, json!("2026-01-01 15:00:00.000Z")),
        (r#"date("2026-03-28 23:30:00").in_zone("Europe/Berlin").plus(1, "day").hour"#, json!(0)),
        (r#"date("2026-03-28 23:30:00").in_zone("Europe/Berlin").end_of("day")"#, json!("2026-03-29 21:59:59.999Z")),
        (
            r#"{ let a = date("2026-03-29 00:30:00").in_zone("Europe/Berlin"); a + hours(1) > a && a.zone == "Europe/Berlin" }"#,
            json!(true),
        ),
        (r#"date("2026-01-31").plus(1, "month")"#, json!("2026-02-28 00:00:00.000Z")),
        (r#"date("2024-02-29 10:00:00").minus(1, "years")"#, json!("2023-02-28 10:00:00.000Z")),
        (
            r#"[date("2026-11-22 10:20:30").start_of("week"), date("2026-11-22").end_of("month"), date("2026-11-22 10:20:30").start_of("hour")]"#,
            json!(["2026-11-16 00:00:00.000Z", "2026-11-30 23:59:59.999Z", "2026-11-22 10:00:00.000Z"]),
        ),
        (
            r#"[date("2026-01-01").difference(date("2026-03-15"), "months"), date("2026-03-15").difference(date("2026-03-01"), "days")]"#,
            json!([2, -14]),
        ),
        (r#"parse_date("24.12.2026", "%d.%m.%Y")"#, json!("2026-12-24 00:00:00.000Z")),
        (r#"parse_date("24.12.2026 18:00", "%d.%m.%Y %H:%M", "Europe/Berlin")"#, json!("2026-12-24 17:00:00.000Z")),
        (
            r#"parse_date("2026-12-24T18:00:00+0500", "%Y-%m-%dT%H:%M:%S%z", "Europe/Berlin")"#,
            json!("2026-12-24 13:00:00.000Z"),
        ),
        (r#"parse_date("nonsense", "%d.%m.%Y")"#, json!(null)),
        (
            r#"{ r.when = date("2026-07-01 12:00:00").in_zone("Europe/Berlin"); r.when }"#,
            json!("2026-07-01 12:00:00.000Z"),
        ),
    ]);
    fails(r#"now().in_zone("../../etc/passwd")"#, "is not a time zone");
    fails(r#"now().in_zone("Europe/Nowhere")"#, "is not a time zone");
    fails(r#"now().plus(1, "fortnight")"#, "is not a unit");
    fails(r#"now().plus(1_000_000_000, "years")"#, "outside of the years");
}

#[test]
fn texts_are_taken_apart_into_lists_of_a_limited_length() {
    check_all(&[
        ("`a,b,,c`.split(`,`)", json!(["a", "b", "", "c"])),
        ("`a,b,c`.split(`,`, 2)", json!(["a", "b,c"])),
        ("` a  b\\tc `.split()", json!(["a", "b\\tc"])),
        ("`hello`.split('l')", json!(["he", "", "o"])),
        ("`hello`.split('l', 2)", json!(["he", "lo"])),
        ("`hello`.split('l', 0)", json!(["hello"])),
        ("`a,b,c`.split_rev(`,`)", json!(["c", "b", "a"])),
        ("`a,b,c`.split_rev(`,`, 2)", json!(["c", "a,b"])),
        ("`hello`.split_rev('l')", json!(["o", "", "he"])),
        ("`hello`.split_rev('l', 2)", json!(["o", "hel"])),
        ("`hello`.split(2)", json!(["he", "llo"])),
        ("`Ünï`.to_chars()", json!(["Ü", "n", "ï"])),
        ("[1, 2, 3].split(1)", json!([2, 3])),
    ]);
    for expression in [
        "`a`.repeat(100_001).to_chars()",
        "`a,`.repeat(100_001).split(`,`)",
        "`a,`.repeat(100_001).split(',')",
        "`a `.repeat(100_001).split()",
        "`a`.repeat(100_001).split(``)",
        "`a,`.repeat(100_001).split(`,`, 1_000_000)",
        "`a,`.repeat(100_001).split_rev(`,`)",
        "`a,`.repeat(100_001).split_rev(',')",
        r#""a\n".repeat(100_001).lines()"#,
    ] {
        fails(expression, "the list would have more than 100000 elements");
    }
}

#[test]
fn lists_of_numbers_texts_and_dates_are_sorted() {
    check_all(&[
        ("{ let list = [3.5, 1, 2.25]; list.sort(); list }", json!([1, 2.25, 3.5])),
        ("{ let list = [`b`, 'c', `a`]; list.sort_desc(); list }", json!(["c", "b", "a"])),
        (
            r#"[date("2026-02-01"), (), date("2026-01-01")].order().map(|one| if one == () { 0 } else { one.month })"#,
            json!([0, 1, 2]),
        ),
        ("[true, false].order()", json!([false, true])),
        ("[2, 1, 3].order_desc()", json!([3, 2, 1])),
        ("{ let list = [#{ a: 2 }, #{ a: 1 }]; list.sort(|x, y| x.a < y.a); list }", json!([{"a": 1}, {"a": 2}])),
    ]);
    fails("[1, `a`].order()", "a list can be sorted if");
    fails("[#{ a: 1 }, #{ a: 2 }].order()", "say how");
}
