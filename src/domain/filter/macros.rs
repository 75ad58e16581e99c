//! `@now` and the other date macros: in UTC, fixed once for each request.

use super::term::Term;
use crate::base::clock::Timestamp;
use jiff::civil::{Date, Time};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// All macros.
pub const NAMES: [&str; 16] = [
    "@now",
    "@yesterday",
    "@tomorrow",
    "@todayStart",
    "@todayEnd",
    "@monthStart",
    "@monthEnd",
    "@yearStart",
    "@yearEnd",
    "@second",
    "@minute",
    "@hour",
    "@day",
    "@month",
    "@weekday",
    "@year",
];

/// The value of a macro, or `None` if `name` is not one.
#[must_use]
pub fn value(name: &str, now: Timestamp) -> Option<Term> {
    let civil = now.civil();
    let today = civil.date();
    Some(match name {
        "@now" => Term::constant(now.to_string()),
        "@yesterday" => Term::constant(now.plus_seconds(-DAY_SECONDS).to_string()),
        "@tomorrow" => Term::constant(now.plus_seconds(DAY_SECONDS).to_string()),
        "@todayStart" => start_of(today),
        "@todayEnd" => end_of(today),
        "@monthStart" => start_of(today.first_of_month()),
        "@monthEnd" => end_of(today.last_of_month()),
        "@yearStart" => start_of(today.first_of_year()),
        "@yearEnd" => end_of(today.last_of_year()),
        "@second" => Term::constant(i64::from(civil.second())),
        "@minute" => Term::constant(i64::from(civil.minute())),
        "@hour" => Term::constant(i64::from(civil.hour())),
        "@day" => Term::constant(i64::from(civil.day())),
        "@month" => Term::constant(i64::from(civil.month())),
        "@weekday" => Term::constant(i64::from(civil.weekday().to_sunday_zero_offset())),
        "@year" => Term::constant(i64::from(civil.year())),
        _ => return None,
    })
}

fn start_of(date: Date) -> Term {
    at(date, Time::midnight())
}

fn end_of(date: Date) -> Term {
    at(date, Time::constant(23, 59, 59, 999_000_000))
}

fn at(date: Date, time: Time) -> Term {
    Term::constant(Timestamp::from_civil(date.to_datetime(time)).map(|moment| moment.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Value;

    #[test]
    fn macros_are_parts_of_one_moment_in_utc() {
        // Friday, 29 February 2008, 23:05:09.007
        let now = Timestamp::from_millis(1_204_326_309_007);
        let check = |name: &str, expected: Value| {
            assert_eq!(value(name, now).unwrap().as_constant(), Some(&expected), "{name}");
        };
        check("@now", "2008-02-29 23:05:09.007Z".into());
        check("@yesterday", "2008-02-28 23:05:09.007Z".into());
        check("@tomorrow", "2008-03-01 23:05:09.007Z".into());
        check("@todayStart", "2008-02-29 00:00:00.000Z".into());
        check("@todayEnd", "2008-02-29 23:59:59.999Z".into());
        check("@monthStart", "2008-02-01 00:00:00.000Z".into());
        check("@monthEnd", "2008-02-29 23:59:59.999Z".into());
        check("@yearStart", "2008-01-01 00:00:00.000Z".into());
        check("@yearEnd", "2008-12-31 23:59:59.999Z".into());
        check("@second", 9.into());
        check("@minute", 5.into());
        check("@hour", 23.into());
        check("@day", 29.into());
        check("@month", 2.into());
        check("@weekday", 5.into());
        check("@year", 2008.into());
        assert!(value("@random", now).is_none());
        assert!(NAMES.iter().all(|name| value(name, now).is_some()));
    }
}
