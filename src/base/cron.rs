//! Cron expressions: five fields of numbers, ranges, steps and lists, or a macro such as `@daily`. Times are UTC.
//!
//! [`Schedule`] both validates an owner's input and decides whether a job is due, so the two always agree.

use jiff::civil::DateTime;
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

    /// Whether `time` falls into a minute of the schedule. `time` is in UTC.
    #[must_use]
    pub fn is_due(&self, time: DateTime) -> bool {
        let values = [time.minute(), time.hour(), time.day(), time.month(), time.weekday().to_sunday_zero_offset()];
        self.fits.iter().zip(values).all(|(fits, value)| fits >> value & 1 == 1)
    }
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
