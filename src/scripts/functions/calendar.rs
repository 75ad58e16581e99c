//! Calculations with months, weeks and other units of the calendar, and dates in forms of their own.

use super::dates::zone_of;
use super::input::whole;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::Date;
use jiff::SignedDuration;
use jiff::civil::{DateTime, Time, Weekday};
use rhai::plugin::*;
use rhai::{Dynamic, INT, Module};

/// The longest form of a date, in bytes.
const MAX_FORM_BYTES: usize = 200;
const OUT_OF_RANGE: &str = "the date is outside of the years -9999 to 9999";

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "calendar", calendar);
}

#[export_module]
mod calendar {
    /// The date later by a number of `"seconds"`, `"minutes"`, `"hours"`, `"days"`, `"weeks"`, `"months"` or `"years"`, by the clock of its zone. A
    /// month after January 31st is the last day of February.
    #[rhai_fn(name = "plus", pure, return_raw)]
    pub fn plus(date: &mut Date, number: Dynamic, unit: &str) -> Outcome<Date> {
        let span = Unit::parse(unit)?.span(whole("plus", &number)?)?;
        date.by_clock(|clock| clock.checked_add(span)).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The date earlier by a number of `"days"`, `"months"` …
    #[rhai_fn(name = "minus", pure, return_raw)]
    pub fn minus(date: &mut Date, number: Dynamic, unit: &str) -> Outcome<Date> {
        let span = Unit::parse(unit)?.span(whole("minus", &number)?)?;
        date.by_clock(|clock| clock.checked_sub(span)).ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The beginning of the `"minute"`, `"hour"`, `"day"`, `"week"` (Monday), `"month"` or `"year"`, by the clock of its zone.
    #[rhai_fn(name = "start_of", pure, return_raw)]
    pub fn start_of(date: &mut Date, unit: &str) -> Outcome<Date> {
        let unit = Unit::parse(unit)?;
        date.by_clock(|clock| unit.start(clock.datetime())?.to_zoned(clock.time_zone().clone()))
            .ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// The last millisecond of the `"day"`, `"week"`, `"month"` …, by the clock of its zone.
    #[rhai_fn(name = "end_of", pure, return_raw)]
    pub fn end_of(date: &mut Date, unit: &str) -> Outcome<Date> {
        let (unit, one) = (Unit::parse(unit)?, Unit::parse(unit)?.span(1)?);
        let end = date.by_clock(|clock| {
            let next = unit.start(clock.datetime())?.checked_add(one)?.to_zoned(clock.time_zone().clone())?;
            next.checked_sub(SignedDuration::from_millis(1))
        });
        end.ok_or_else(|| problem(OUT_OF_RANGE))
    }

    /// How many whole `"days"`, `"months"`, `"years"` … pass until another date, by the clock of its zone. Negative if that is earlier.
    // `until` is a word of the language.
    #[rhai_fn(name = "difference", pure, return_raw)]
    pub fn difference(date: &mut Date, other: Date, unit: &str) -> Outcome<INT> {
        let unit = Unit::parse(unit)?;
        let out_of_range = || problem(OUT_OF_RANGE);
        let from = date.zoned().ok_or_else(out_of_range)?;
        let to = other.in_zone(from.time_zone().clone()).zoned().ok_or_else(out_of_range)?;
        from.until((unit.of_jiff(), &to)).map(|span| unit.count(&span)).map_err(|_| out_of_range())
    }

    /// The name of the zone by whose clock the parts of the date are read: `"UTC"` unless `in_zone` was called.
    #[rhai_fn(get = "zone", pure)]
    pub fn zone(date: &mut Date) -> String {
        date.zone_name().to_owned()
    }

    /// Reads a date in a form, `()` if the text does not have it: `parse_date("24.12.2026", "%d.%m.%Y")`. It is in UTC, unless the form has `%z`.
    #[rhai_fn(return_raw)]
    pub fn parse_date(text: &str, form: &str) -> Outcome<Dynamic> {
        parse_date_in(text, form, "UTC")
    }

    /// The same for a text in the time of a zone: `parse_date("24.12.2026 18:00", "%d.%m.%Y %H:%M", "Europe/Berlin")`.
    #[rhai_fn(name = "parse_date", return_raw)]
    pub fn parse_date_in(text: &str, form: &str, zone: &str) -> Outcome<Dynamic> {
        check_form(form)?;
        let zone = zone_of(zone)?;
        let read = |text: &str| -> Option<Date> {
            let parts = jiff::fmt::strtime::parse(form, text).ok()?;
            if let (Some(_), Ok(instant)) = (parts.offset(), parts.to_timestamp()) {
                return Some(Date::of_zoned(&instant.to_zoned(zone.clone())));
            }
            let civil = parts.to_datetime().or_else(|_| parts.to_date().map(|date| date.to_datetime(Time::midnight())));
            Some(Date::of_zoned(&civil.ok()?.to_zoned(zone.clone()).ok()?))
        };
        Ok(if text.len() > MAX_FORM_BYTES { Dynamic::UNIT } else { read(text).map_or(Dynamic::UNIT, Dynamic::from) })
    }
}

/// A unit of the calendar.
#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    fn parse(name: &str) -> Outcome<Self> {
        Ok(match name.strip_suffix('s').unwrap_or(name) {
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => {
                let all = "seconds, minutes, hours, days, weeks, months, years";
                return Err(problem(format!("{name:?} is not a unit of time; known units: {all}")));
            }
        })
    }

    fn span(self, number: i64) -> Outcome<jiff::Span> {
        let span = jiff::Span::new();
        let span = match self {
            Self::Second => span.try_seconds(number),
            Self::Minute => span.try_minutes(number),
            Self::Hour => span.try_hours(number),
            Self::Day => span.try_days(number),
            Self::Week => span.try_weeks(number),
            Self::Month => span.try_months(number),
            Self::Year => span.try_years(number),
        };
        span.map_err(|_| problem(OUT_OF_RANGE))
    }

    fn of_jiff(self) -> jiff::Unit {
        match self {
            Self::Second => jiff::Unit::Second,
            Self::Minute => jiff::Unit::Minute,
            Self::Hour => jiff::Unit::Hour,
            Self::Day => jiff::Unit::Day,
            Self::Week => jiff::Unit::Week,
            Self::Month => jiff::Unit::Month,
            Self::Year => jiff::Unit::Year,
        }
    }

    fn count(self, span: &jiff::Span) -> i64 {
        match self {
            Self::Second => span.get_seconds(),
            Self::Minute => span.get_minutes(),
            Self::Hour => span.get_hours().into(),
            Self::Day => span.get_days().into(),
            Self::Week => span.get_weeks().into(),
            Self::Month => span.get_months().into(),
            Self::Year => span.get_years().into(),
        }
    }

    /// The beginning of the unit in which `time` lies.
    fn start(self, time: DateTime) -> Result<DateTime, jiff::Error> {
        let date = time.date();
        let midnight = |date: jiff::civil::Date| date.to_datetime(Time::midnight());
        Ok(match self {
            Self::Second => date.at(time.hour(), time.minute(), time.second(), 0),
            Self::Minute => date.at(time.hour(), time.minute(), 0, 0),
            Self::Hour => date.at(time.hour(), 0, 0, 0),
            Self::Day => midnight(date),
            Self::Week => {
                let days = date.weekday().since(Weekday::Monday);
                midnight(date.checked_sub(jiff::Span::new().days(days))?)
            }
            Self::Month => midnight(date.first_of_month()),
            Self::Year => midnight(date.first_of_year()),
        })
    }
}

fn check_form(form: &str) -> Outcome<()> {
    if form.len() > MAX_FORM_BYTES {
        return Err(problem(format!("a date format must not be longer than {MAX_FORM_BYTES} bytes")));
    }
    Ok(())
}
