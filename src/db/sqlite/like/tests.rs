//! The same answers as the engine's own, but for letters outside ASCII; in linear time.

use super::*;
use crate::db::Canceller;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn is_like(text: &str, pattern: &str) -> bool {
    Pattern::parse(pattern).matches(text.as_bytes(), &mut Vec::new())
}

fn connection() -> (Connection, Arc<Clock>) {
    let (connection, clock) = (Connection::open_in_memory().unwrap(), Arc::<Clock>::default());
    register(&connection, Arc::clone(&clock)).unwrap();
    (connection, clock)
}

#[test]
fn wildcards_and_escapes() {
    let check =
        |text: &str, pattern: &str, expected| assert_eq!(is_like(text, pattern), expected, "{text} ~ {pattern}");
    check("Alpha", "%LPH%", true);
    check("Alpha", "alpha", true);
    check("Alpha", "alph", false);
    check("Alpha", "a%", true);
    check("Alpha", "%a", true);
    check("Alpha", "l%", false);
    check("aa", "a%a", true);
    check("a", "a%a", false);
    check("abcabd", "%ab%ab_", true);
    check("Gam_ma", "%m\\_m%", true);
    check("Gamxma", "%m\\_m%", false);
    check("Gamxma", "%m_m%", true);
    check("Gamxxma", "%m_m%", false);
    check("", "%", true);
    check("", "_", false);
    check("ä", "_", true);
    check("100%", "%\\%", true);
    check("a\\", "%\\\\", true);
    check("a", "a\\", false);
    check("anything", "%\\", false);
}

#[test]
fn case_is_ignored_in_every_script() {
    let check =
        |text: &str, pattern: &str, expected| assert_eq!(is_like(text, pattern), expected, "{text} ~ {pattern}");
    check("Äxte", "%äxt%", true);
    check("äxte", "ÄXT_", true);
    check("Привет", "%ПРИ%", true);
    check("ΟΔΟΣ", "%οδος", true);
    check("straße", "%STRASSE%", false);
    check("\u{212A}elvin", "%kelvin%", false);
    check("\u{212A}elvin", "k%", false);
    check("İ", "i%", false);
}

#[test]
fn null_and_what_is_no_text() {
    let (connection, _) = connection();
    let check = |sql: &str, expected: Option<bool>| {
        let found: Option<bool> = connection.query_row(&format!("SELECT {sql}"), [], |row| row.get(0)).unwrap();
        assert_eq!(found, expected, "{sql}");
    };
    check("text_like(NULL, '%')", None);
    check("text_like('a', NULL)", None);
    check("text_like(12, '%1%')", Some(true));
    check("text_like(x'ff41', '%a')", Some(true));
    check("text_like(x'ff41', '_a')", Some(true));
    check("text_like('a' || char(0) || 'b', '%b')", Some(true));
}

proptest! {
    #[test]
    fn ascii_matches_as_the_engine_does(text in "[abAB_%\\\\]{0,12}", pattern in "[abB_%\\\\]{0,8}") {
        let (connection, _) = connection();
        let (ours, engine): (bool, bool) = connection
            .query_row("SELECT text_like(?1, ?2), ?1 LIKE ?2 ESCAPE '\\'", [&text, &pattern], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        prop_assert_eq!(ours, engine, "{} {}", text, pattern);
    }
}

/// Not a measurement: the engine's LIKE takes the better part of an hour for these.
#[test]
fn hostile_patterns_take_no_longer_than_others() {
    let text = "a".repeat(5_000_000);
    let started = Instant::now();
    let needle = "a".repeat(3_000);
    assert!(!is_like(&text, &format!("%{needle}b%")));
    assert!(!is_like(&text, &format!("%b{needle}%")));
    assert!(!is_like(&text, &format!("%{}b", "a%".repeat(1_000))));
    assert!(!is_like(&text[..500_000], &format!("%{}b%", "a_".repeat(1_500))));
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

#[test]
fn the_deadline_is_heeded_between_two_texts() {
    let (connection, clock) = connection();
    let ask = || {
        let sql = "SELECT text_like(?1, '%b%')";
        connection.query_row(sql, ["a".repeat(BYTES_BETWEEN_LOOKS)], |row| row.get::<_, Option<bool>>(0))
    };
    assert_eq!(ask().unwrap(), Some(false));
    clock.limit(Some(Duration::ZERO));
    let error = ask().unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
    clock.limit(None);
    ask().unwrap();
    let canceller = Canceller::default();
    clock.cancel_with(canceller.token());
    ask().unwrap();
    canceller.cancel();
    ask().unwrap_err();
    clock.reset();
    ask().unwrap();
}
