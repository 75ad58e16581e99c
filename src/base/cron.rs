//! Cron expressions: five fields of numbers, ranges, steps and lists, or a macro such as `@daily`. By the clock of UTC, or of another
//! time zone.
//!
//! [`Schedule`] both validates an owner's input and decides whether a job is due, so the two always agree.

use super::clock::Timestamp;
use jiff::Span;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::ops::RangeInclusive;

const MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// No clock is set forward by more in one step, except in two zones that once left out a day.
const MAX_LEFT_OUT_MINUTES: i64 = 24 * 60;

/// Valid values of each field: minutes, hours, days of the month, months, days of the week (Sunday is 0).
const FIELDS: [RangeInclusive<u32>; 5] = [0..=59, 0..=23, 1..=31, 1..=12, 0..=6];

/// The minutes at which a job runs. Both the day of the month and the day of the week must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// With macros expanded.
    expression: String,
    /// For each field, one bit per matching value.
    fits: [u64; 5],
}

impl Schedule {
    /// The error is a sentence that says what is wrong.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let written_out =
            MACROS.iter().find(|(name, _)| *name == expression).map_or(expression, |(_, meaning)| *meaning);
        let parts: Vec<&str> = written_out.split(' ').collect();
        let parts: [&str; 5] = parts.try_into().map_err(|_| {
            "Invalid cron expression - must be a macro or exactly 5 segments with one space between.".to_owned()
        })?;
        let mut fits = [0; 5];
        for ((fits, allowed), part) in fits.iter_mut().zip(&FIELDS).zip(parts) {
            for item in part.split(',') {
                *fits |= one(item, allowed)?;
            }
        }
        Ok(Self { expression: written_out.to_owned(), fits })
    }

    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Whether the minute of `now` belongs to the schedule by the clock of `zone`. To be asked once a minute.
    ///
    /// When the clock is set forward, what falls into the time that is left out is due right after it. When it is set back, the
    /// hour that comes again is not due again. A schedule for every hour follows the hours as they pass.
    #[must_use]
    pub fn is_due_in(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let local = zone.to_datetime(now.instant());
        let is_hourly = self.fits[1].count_ones() == 24;
        if is_hourly || *zone == TimeZone::UTC {
            return self.is_due(local);
        }
        let is_repeated = match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { after, .. } => zone.to_offset(now.instant()) == after,
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => false,
        };
        !is_repeated && (self.is_due(local) || left_out(now, zone).any(|time| self.is_due(time)))
    }

    /// Whether `time` falls into a minute of the schedule.
    #[must_use]
    pub fn is_due(&self, time: DateTime) -> bool {
        let values = [time.minute(), time.hour(), time.day(), time.month(), time.weekday().to_sunday_zero_offset()];
        self.fits.iter().zip(values).all(|(fits, value)| fits >> value & 1 == 1)
    }
}

/// How far back missed runs are looked for.
const MAX_MISSED_MINUTES: i64 = 366 * 24 * 60;

impl Schedule {
    /// Whether a run was due after the minute of `last` and before that of `now`. Looks back a year at most.
    #[must_use]
    pub fn was_due(&self, last: Timestamp, now: Timestamp, zone: &TimeZone) -> bool {
        let minute = |time: Timestamp| time.millis().div_euclid(60_000);
        let first = (minute(last) + 1).max(minute(now) - MAX_MISSED_MINUTES);
        (first..minute(now)).rev().any(|minute| self.is_due_in(Timestamp::from_millis(minute * 60_000), zone))
    }
}

/// The minutes by the clock of `zone` between the minute before `now` and that of `now`: none on most days.
fn left_out(now: Timestamp, zone: &TimeZone) -> impl Iterator<Item = DateTime> + use<> {
    let local = zone.to_datetime(now.instant());
    let before = zone.to_datetime(now.plus_seconds(-60).instant());
    let minutes = local.duration_since(before).as_mins();
    (1..minutes.clamp(1, MAX_LEFT_OUT_MINUTES)).map(move |passed| before.saturating_add(Span::new().minutes(passed)))
}

/// Parses `*`, `5`, `1-5`, `*/2` or `1-5/2` to the bits of its values.
fn one(item: &str, allowed: &RangeInclusive<u32>) -> Result<u64, String> {
    let (min, max) = (*allowed.start(), *allowed.end());
    let (span, step) = item.split_once('/').map_or((item, None), |(span, step)| (span, Some(step)));
    let step = match step.map(number).transpose()? {
        Some(step) if !(1..=max).contains(&step) => {
            return Err(format!("Invalid step {step} - must be between 1 and {max}."));
        }
        step => step.unwrap_or(1),
    };
    let (first, last) = match (span, span.split_once('-')) {
        ("*", _) => (min, max),
        (_, Some((first, last))) => (number(first)?, number(last)?),
        (_, None) if step > 1 => return Err("Invalid step - a step above 1 needs a wildcard or a range.".to_owned()),
        (_, None) => {
            let value = number(span)?;
            if !allowed.contains(&value) {
                return Err(format!("Invalid value {value} - must be between {min} and {max}."));
            }
            (value, value)
        }
    };
    if !allowed.contains(&first) || !(first..=max).contains(&last) {
        return Err(format!("Invalid range {first}-{last} - must rise and stay between {min} and {max}."));
    }
    Ok((first..=last).step_by(step as usize).fold(0, |bits, value| bits | 1 << value))
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("Invalid number \"{text}\"."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn five_fields_or_a_macro_are_accepted() {
        for good in ["* * * * *", "0 0 1 1 0", "59 23 31 12 6", "*/5 * * * *", "1,2,3-5/2 * * * *", "5/1 * * * *"] {
            assert_eq!(Schedule::parse(good).unwrap().expression(), good);
        }
        assert_eq!(Schedule::parse("@daily").unwrap().expression(), "0 0 * * *");
    }

    #[test]
    fn what_is_due_fits_every_field() {
        // A Saturday.
        let time = date(2026, 11, 21).at(22, 5, 59, 0);
        let check = |expression: &str, expected| {
            assert_eq!(Schedule::parse(expression).unwrap().is_due(time), expected, "{expression}");
        };
        for due in ["* * * * *", "5 22 21 11 6", "*/5 * * * *", "1-9/4 * * * *", "1,5 20-23 * * *", "5 22 21 * *"] {
            check(due, true);
        }
        for not in ["@hourly", "@daily", "4 * * * *", "1-9/3 * * * *", "5 22 21 11 5", "5 22 20 11 6", "5 22 21 10 *"] {
            check(not, false);
        }
        let midnight = date(2027, 1, 1).at(0, 0, 0, 0);
        for name in ["@yearly", "@annually", "@monthly", "@daily", "@midnight", "@hourly"] {
            assert!(Schedule::parse(name).unwrap().is_due(midnight), "{name}");
        }
        assert!(Schedule::parse("@weekly").unwrap().is_due(date(2026, 11, 22).at(0, 0, 0, 0)));
    }

    /// The times in `zone` at which a job runs between two instants.
    fn runs(expression: &str, zone: &str, from: &str, hours: i64) -> Vec<String> {
        let (schedule, zone) = (Schedule::parse(expression).unwrap(), TimeZone::get(zone).unwrap());
        let from = from.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let minutes = (0..hours * 60).map(|minute| Timestamp::from_millis(from + minute * 60_000));
        let due = minutes.filter(|now| schedule.is_due_in(*now, &zone));
        due.map(|now| now.instant().to_zoned(zone.clone()).strftime("%d %H:%M %z").to_string()).collect()
    }

    #[test]
    fn the_clock_of_a_zone_counts_and_changes_of_it_neither_lose_nor_repeat_a_run() {
        let vienna = "Europe/Vienna";
        assert_eq!(runs("0 7 * * *", vienna, "2026-07-01T00:00:00Z", 24), ["01 07:00 +0200"]);
        assert_eq!(runs("0 7 * * *", vienna, "2026-12-01T00:00:00Z", 24), ["01 07:00 +0100"]);
        // 02:00 to 03:00 is left out.
        assert_eq!(runs("30 2 * * *", vienna, "2026-03-28T23:00:00Z", 24), ["29 03:00 +0200"]);
        // 02:00 to 03:00 comes twice.
        assert_eq!(runs("30 2 * * *", vienna, "2026-10-24T22:00:00Z", 24), ["25 02:30 +0200"]);
        assert_eq!(runs("30 * * * *", vienna, "2026-10-24T22:00:00Z", 5).len(), 5, "each hour that passes");
        assert_eq!(runs("30 2 * * *", "UTC", "2026-10-24T22:00:00Z", 24), ["25 02:30 +0000"]);
    }

    #[test]
    fn a_missed_run_is_found_between_two_minutes_and_not_at_them() {
        let at = |text: &str| Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let (schedule, zone) = (Schedule::parse("30 7 * * *").unwrap(), TimeZone::get("Europe/Vienna").unwrap());
        let check = |last: &str, now: &str, expected: bool| {
            assert_eq!(schedule.was_due(at(last), at(now), &zone), expected, "{last} {now}");
        };
        check("2026-07-01T05:29:59Z", "2026-07-01T05:31:00Z", true);
        check("2026-07-01T05:30:20Z", "2026-07-01T05:31:00Z", false);
        check("2026-07-01T05:29:00Z", "2026-07-01T05:30:10Z", false);
        check("2026-07-01T05:31:00Z", "2026-07-02T05:29:00Z", false);
        check("2020-01-01T00:00:00Z", "2026-07-02T05:29:00Z", true);
        check("2026-07-02T05:29:00Z", "2026-07-01T05:29:00Z", false);
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "* * * *",
            " * * * * *",
            "*  * * * *",
            "@foo",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "x * * * *",
            "*/0 * * * *",
            "*/99 * * * *",
            "1-0 * * * *",
            "1-99 * * * *",
            "1-2-3 * * * *",
            "*/1/2 * * * *",
            "5/2 * * * *",
            "1,,2 * * * *",
            "-1 * * * *",
            "* * * * MON",
        ] {
            assert!(Schedule::parse(bad).is_err(), "{bad}");
        }
    }
}
