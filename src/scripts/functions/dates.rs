//! Dates and lengths of time.

use crate::base::clock::Timestamp;
use crate::scripts::ambient::{self, Place};
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{Date, Span};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _, Zoned};
use rhai::plugin::*;
use rhai::{INT, Module};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

const OUT_OF_RANGE: &str = "the date is outside of the years -9999 to 9999";

/// The longest name of a zone, in bytes.
const MAX_ZONE_BYTES: usize = 64;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "dates", dates);
    combine_with_exported_module!(module, "spans", spans);
}

#[export_module]
mod dates {
    /// The current time. Inside a transaction it is the time at which its piece of work began.
    #[rhai_fn(volatile)]
    pub fn now() -> Date {
        Date::of(current_time())
    }

    /// Reads a date: `date("2026-12-24")`, `date("2026-12-24 18:00")`, `date("2026-12-24 18:00:00+01:00")`. Without a zone it is in UTC.
    #[rhai_fn(return_raw)]
    pub fn date(text: &str) -> Outcome<Date> {
        Date::parse(text)
            .ok_or_else(|| problem(format!("{text:?} is not a date, such as 2026-12-24 or 2026-12-24 18:00:00")))
    }

    /// Reads what the clock of a zone shows: `date("2026-12-24 18:00", "Europe/Vienna")`. A time that is left out in spring is an hour later.
    #[rhai_fn(name = "date", return_raw)]
    pub fn date_in(text: &str, zone: &str) -> Outcome<Date> {
        Date::parse_in(text.trim(), &zone_of(zone)?).ok_or_else(|| {
            problem(format!("{text:?} is not a date without a zone, such as 2026-12-24 or 2026-12-24 18:00:00"))
        })
    }

    /// The same point in time by the clock of a zone: `order.created.in_zone("Europe/Vienna").hour`. Its parts, `start_of_day`, `plus_days`,
    /// `plus_months` and `format` go by that clock. Comparing and storing do not depend on the zone.
    #[rhai_fn(name = "in_zone", pure, return_raw)]
    pub fn in_zone(date: &mut Date, zone: &str) -> Outcome<Date> {
        Ok(date.clone().in_zone(zone_of(zone)?))
    }

    /// The year.
    #[rhai_fn(get = "year", pure, return_raw)]
    pub fn year(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.year().into())
    }

    /// The month, 1 to 12.
    #[rhai_fn(get = "month", pure, return_raw)]
    pub fn month(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.month().into())
    }

    /// The day of the month, 1 to 31.
    #[rhai_fn(get = "day", pure, return_raw)]
    pub fn day(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.day().into())
    }

    /// The hour, 0 to 23.
    #[rhai_fn(get = "hour", pure, return_raw)]
    pub fn hour(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.hour().into())
    }

    /// The minute, 0 to 59.
    #[rhai_fn(get = "minute", pure, return_raw)]
    pub fn minute(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.minute().into())
    }

    /// The second, 0 to 59.
    #[rhai_fn(get = "second", pure, return_raw)]
    pub fn second(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.second().into())
    }

    /// The day of the week: 1 for Monday to 7 for Sunday.
    #[rhai_fn(get = "weekday", pure, return_raw)]
    pub fn weekday(date: &mut Date) -> Outcome<INT> {
        Ok(clock(date)?.weekday().to_monday_one_offset().into())
    }

    /// The beginning of the day.
    #[rhai_fn(name = "start_of_day", pure, return_raw)]
    pub fn start_of_day(date: &mut Date) -> Outcome<Date> {
        date.by_clock(|clock| clock.start_of_day()).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The same time of day some days later, or earlier for a negative number. With the zone of the date, a day may have 23 or 25 hours.
    #[rhai_fn(name = "plus_days", pure, return_raw)]
    pub fn plus_days(date: &mut Date, number: Dynamic) -> Outcome<Date> {
        let span = 0.days().try_days(whole(&number)?).map_err(|_| problem(OUT_OF_RANGE))?;
        date.by_clock(|clock| clock.checked_add(span)).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The same day some months later, or the last day of a shorter month: a month after January 31 is February 28.
    #[rhai_fn(name = "plus_months", pure, return_raw)]
    pub fn plus_months(date: &mut Date, number: Dynamic) -> Outcome<Date> {
        let span = 0.months().try_months(whole(&number)?).map_err(|_| problem(OUT_OF_RANGE))?;
        date.by_clock(|clock| clock.checked_add(span)).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The date in a form of your own: `date.format("%d.%m.%Y")`. `%Y` is the year, `%m` the month, `%d` the day, `%H` the hour, `%M` the
    /// minute, `%S` the second.
    #[rhai_fn(name = "format", pure, return_raw)]
    pub fn format(date: &mut Date, form: &str) -> Outcome<String> {
        jiff::fmt::strtime::format(form, &clock(date)?)
            .map_err(|error| problem(format!("{form:?} is not a date format: {error}")))
    }

    /// The date in the form of the API, in UTC: `2026-12-24 18:00:00.000Z`.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_text(date: &mut Date) -> String {
        date.to_string()
    }

    /// A later date: `now() + days(14)`.
    #[rhai_fn(name = "+", return_raw)]
    pub fn plus(date: Date, span: Span) -> Outcome<Date> {
        date.plus(span).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// An earlier date: `now() - hours(1)`.
    #[rhai_fn(name = "-", return_raw)]
    pub fn minus(date: Date, span: Span) -> Outcome<Date> {
        date.minus(span).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The time between two dates.
    #[rhai_fn(name = "-")]
    pub fn between(date: Date, earlier: Date) -> Span {
        date.since(&earlier)
    }

    /// Whether both are the same time.
    #[rhai_fn(name = "==")]
    pub fn equals(date: Date, other: Date) -> bool {
        date == other
    }

    /// Whether they are different times.
    #[rhai_fn(name = "!=")]
    pub fn differs(date: Date, other: Date) -> bool {
        date != other
    }

    /// Whether the first is earlier.
    #[rhai_fn(name = "<")]
    pub fn is_before(date: Date, other: Date) -> bool {
        date < other
    }

    /// Whether the first is not later.
    #[rhai_fn(name = "<=")]
    pub fn is_not_after(date: Date, other: Date) -> bool {
        date <= other
    }

    /// Whether the first is later.
    #[rhai_fn(name = ">")]
    pub fn is_after(date: Date, other: Date) -> bool {
        date > other
    }

    /// Whether the first is not earlier.
    #[rhai_fn(name = ">=")]
    pub fn is_not_before(date: Date, other: Date) -> bool {
        date >= other
    }
}

#[export_module]
mod spans {
    /// A number of days.
    #[rhai_fn(return_raw)]
    pub fn days(number: Dynamic) -> Outcome<Span> {
        span(&number, 24 * 60 * 60)
    }

    /// A number of hours.
    #[rhai_fn(return_raw)]
    pub fn hours(number: Dynamic) -> Outcome<Span> {
        span(&number, 60 * 60)
    }

    /// A number of minutes.
    #[rhai_fn(return_raw)]
    pub fn minutes(number: Dynamic) -> Outcome<Span> {
        span(&number, 60)
    }

    /// A number of seconds.
    #[rhai_fn(return_raw)]
    pub fn seconds(number: Dynamic) -> Outcome<Span> {
        span(&number, 1)
    }

    /// The length in days.
    #[rhai_fn(get = "days", pure)]
    pub fn in_days(span: &mut Span) -> Decimal {
        length(*span) / Decimal::from(24 * 60 * 60)
    }

    /// The length in hours.
    #[rhai_fn(get = "hours", pure)]
    pub fn in_hours(span: &mut Span) -> Decimal {
        length(*span) / Decimal::from(60 * 60)
    }

    /// The length in minutes.
    #[rhai_fn(get = "minutes", pure)]
    pub fn in_minutes(span: &mut Span) -> Decimal {
        length(*span) / Decimal::from(60)
    }

    /// The length in seconds.
    #[rhai_fn(get = "seconds", pure)]
    pub fn in_seconds(span: &mut Span) -> Decimal {
        length(*span)
    }

    /// The length in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn span_text(span: &mut Span) -> String {
        span.to_string()
    }

    /// Whether both are equally long.
    #[rhai_fn(name = "==")]
    pub fn span_equals(span: Span, other: Span) -> bool {
        span == other
    }

    /// Whether the first is shorter.
    #[rhai_fn(name = "<")]
    pub fn is_shorter(span: Span, other: Span) -> bool {
        span < other
    }

    /// Whether the first is longer.
    #[rhai_fn(name = ">")]
    pub fn is_longer(span: Span, other: Span) -> bool {
        span > other
    }
}

pub fn zone_of(name: &str) -> Outcome<TimeZone> {
    let unknown = || problem(format!("{name:?} is not a time zone, such as Europe/Vienna"));
    if name.len() > MAX_ZONE_BYTES {
        return Err(unknown());
    }
    TimeZone::get(name).map_err(|_| unknown())
}

fn clock(date: &Date) -> Outcome<Zoned> {
    date.zoned().ok_or_else(|| problem(OUT_OF_RANGE))
}

fn whole(number: &Dynamic) -> Outcome<i64> {
    let decimal = number.as_decimal().ok().filter(Decimal::is_integer).and_then(|decimal| decimal.to_i64());
    number.as_int().ok().or(decimal).ok_or_else(|| problem("the number of days or months must be a whole number"))
}

/// The current time: inside a transaction, that of its piece of work.
pub fn current_time() -> Timestamp {
    let time = ambient::current().map(|frame| match &frame.place {
        Place::Transaction(tx, _) => tx.now(),
        Place::Reading(tx, _) => tx.now(),
        Place::Outside(host) => host.now(),
    });
    time.unwrap_or_else(Timestamp::now)
}

fn span(number: &Dynamic, seconds: i64) -> Outcome<Span> {
    let number = match (number.as_int(), number.as_decimal()) {
        (Ok(integer), _) => Decimal::from(integer),
        (_, Ok(decimal)) => decimal,
        _ => return Err(problem("a duration takes a number")),
    };
    let millis = number.checked_mul(Decimal::from(seconds * 1000)).and_then(|millis| millis.round().to_i64());
    millis.map(|millis| Span(SignedDuration::from_millis(millis))).ok_or_else(|| problem("the duration is too large"))
}

fn length(span: Span) -> Decimal {
    Decimal::from_i128_with_scale(span.0.as_millis(), 3).normalize()
}
