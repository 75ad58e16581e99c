//! Parses date-times in the forms that people and programs write, and formats them in the API's form.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use std::fmt;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Parses `text` and returns the instant in the API's form: UTC, truncated to milliseconds. Accepts ISO 8601 dates and
/// date-times (separated by `T` or a space), the forms of mail and HTTP headers, and those of `date` and C's `ctime`.
/// Without an offset, the time is UTC. Returns `None` for everything else, including bare numbers, partial times, and
/// years outside 0 to 9999.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    parse(text).map(|date| Shown(date).to_string())
}

/// A UTC date-time as the API shows it: `YYYY-MM-DD HH:MM:SS.mmmZ`.
pub(super) struct Shown(pub DateTime);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().separator(b' ').precision(Some(3));
        PRINTER.print_datetime(&self.0, StdFmtWrite(&mut *f)).map_err(|_| fmt::Error)?;
        f.write_str("Z")
    }
}

/// Whether `text` has exactly the shape that [`Timestamp`] displays. The values are not checked.
#[must_use]
pub fn is_canonical(text: &[u8]) -> bool {
    const SHAPE: &[u8; 24] = b"0000-00-00 00:00:00.000Z";
    text.len() == SHAPE.len()
        && text
            .iter()
            .zip(SHAPE)
            .all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape })
}

fn parse(text: &str) -> Option<DateTime> {
    // No accepted form is longer, so a longer text need not be read.
    if text.len() > 64 || !text.is_ascii() {
        return None;
    }
    parse_iso(text).or_else(|| parse_words(text)).filter(|date| date.year() >= 0)
}

/// `2022-01-01`, optionally followed by a time and an offset.
fn parse_iso(text: &str) -> Option<DateTime> {
    let mut rest = Scanner(text.as_bytes());
    let date = rest.date()?;
    if rest.0.is_empty() {
        return instant(date, Time::midnight(), 0);
    }
    rest.expect(b'T').or_else(|| rest.expect(b' '))?;
    let time = rest.time()?;
    let offset = rest.offset()?;
    instant(date, time, offset)
}

/// The forms with the name of the month.
fn parse_words(text: &str) -> Option<DateTime> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (day, month, year, time, zone) = match words[..] {
        [day, month, year] => (day, month, year, None, None),
        [weekday, day, month, year, time, zone] if weekday.ends_with(',') => (day, month, year, Some(time), Some(zone)),
        [day, month, year, time, zone] if !is_year(zone) => (day, month, year, Some(time), Some(zone)),
        [_, month, day, time, year] => (day, month, year, Some(time), None),
        [_, month, day, time, zone, year] => (day, month, year, Some(time), Some(zone)),
        _ => return None,
    };
    let date = Date::new(year_of(year)?, month_of(month)?, number(day, 2)? as i8).ok()?;
    let time = time.map_or(Some(Time::midnight()), clock_time)?;
    instant(date, time, zone.map_or(Some(0), zone_offset)?)
}

fn is_year(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn year_of(text: &str) -> Option<i16> {
    let year = number(text, 4)? as i16;
    match text.len() {
        4 => Some(year),
        // Two-digit years as POSIX defines them.
        2 => Some(if year < 69 { 2000 + year } else { 1900 + year }),
        _ => None,
    }
}

fn month_of(text: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|month| text.eq_ignore_ascii_case(month))?;
    Some(at as i8 + 1)
}

/// `10:20` or `10:20:30`, with an optional fraction.
fn clock_time(text: &str) -> Option<Time> {
    let mut rest = Scanner(text.as_bytes());
    if text.len() == 5 {
        let hour = rest.digits(2, 2)?;
        rest.expect(b':')?;
        let minute = rest.digits(2, 2)?;
        return Time::new(hour as i8, minute as i8, 0, 0).ok();
    }
    let time = rest.time()?;
    rest.0.is_empty().then_some(time)
}

/// `+0200`. Names of zones count as UTC, because they are ambiguous.
fn zone_offset(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_alphabetic()) && (1..=5).contains(&text.len()) {
        return Some(0);
    }
    let mut rest = Scanner(text.as_bytes());
    let seconds = rest.numeric_offset()?;
    rest.0.is_empty().then_some(seconds)
}

fn number(text: &str, longest: usize) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// Converts to UTC. The result is a calendar date and not a [`Timestamp`], which cannot represent the last day of
/// 9999, often used for "never".
fn instant(date: Date, time: Time, offset_seconds: i64) -> Option<DateTime> {
    DateTime::from_parts(date, time).checked_sub(SignedDuration::from_secs(offset_seconds)).ok()
}

/// The input that is left.
struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn expect(&mut self, byte: u8) -> Option<()> {
        let rest = self.0.strip_prefix(&[byte])?;
        self.0 = rest;
        Some(())
    }

    /// Between `least` and `most` digits, as a number.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
    }

    /// `2022-01-01`.
    fn date(&mut self) -> Option<Date> {
        let year = self.digits(4, 4)?;
        self.expect(b'-')?;
        let month = self.digits(2, 2)?;
        self.expect(b'-')?;
        let day = self.digits(2, 2)?;
        Date::new(year as i16, month as i8, day as i8).ok()
    }

    /// `10:20:30` with an optional fraction of any length.
    fn time(&mut self) -> Option<Time> {
        let hour = self.digits(1, 2)?;
        self.expect(b':')?;
        let minute = self.digits(2, 2)?;
        self.expect(b':')?;
        let second = self.digits(2, 2)?;
        let mut nanoseconds = 0;
        if self.expect(b'.').or_else(|| self.expect(b',')).is_some() {
            let before = self.0.len();
            nanoseconds = self.digits(1, 9)?;
            let read = before - self.0.len();
            nanoseconds *= 10_u32.pow(9 - read as u32);
            while self.digits(1, 1).is_some() {}
        }
        Time::new(hour as i8, minute as i8, second as i8, nanoseconds as i32).ok()
    }

    /// What may follow a time, up to the end: nothing, `Z`, or an offset, optionally followed by the name of a zone.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.0 == b"Z" {
            return Some(0);
        }
        let _ = self.expect(b' ');
        let seconds = self.numeric_offset()?;
        let is_name = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_alphabetic);
        let is_end = self.0.is_empty() || self.0.strip_prefix(b" ").is_some_and(is_name);
        is_end.then_some(seconds)
    }

    /// `+02:00` or `+0200`, in seconds.
    fn numeric_offset(&mut self) -> Option<i64> {
        let sign = if self.expect(b'-').is_some() { -1 } else { self.expect(b'+').map(|()| 1)? };
        let hours = self.digits(2, 2)?;
        let _ = self.expect(b':');
        let minutes = self.digits(2, 2)?;
        (hours <= 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = canonical(text).unwrap_or_default();
        assert_eq!(shown, expected, "{text}");
        assert!(shown.is_empty() || is_canonical(shown.as_bytes()), "{text}");
    }

    #[test]
    fn iso_forms_are_read_to_the_millisecond_and_moved_to_utc() {
        check("2022-01-01", "2022-01-01 00:00:00.000Z");
        check("2022-01-01 10:20:30", "2022-01-01 10:20:30.000Z");
        check("2022-01-01 1:20:30", "2022-01-01 01:20:30.000Z");
        check("2022-01-01 10:20:30.1Z", "2022-01-01 10:20:30.100Z");
        check("2022-01-01 10:20:30.123", "2022-01-01 10:20:30.123Z");
        check("2022-01-01 10:20:30,123", "2022-01-01 10:20:30.123Z");
        check("2022-01-01T10:20:30Z", "2022-01-01 10:20:30.000Z");
        check("2022-01-01T10:20:30", "2022-01-01 10:20:30.000Z");
        check("2022-01-01T10:20:30+02:00", "2022-01-01 08:20:30.000Z");
        check("2022-01-01T10:20:30.123+0200", "2022-01-01 08:20:30.123Z");
        check("2022-01-01 10:20:30 +0200", "2022-01-01 08:20:30.000Z");
        check("2022-01-01 10:20:30 +0200 CEST", "2022-01-01 08:20:30.000Z");
        check("2022-01-01T10:20:30-00:00", "2022-01-01 10:20:30.000Z");
        check("2022-01-01T10:20:30+24:00", "2021-12-31 10:20:30.000Z");
        check("2022-01-01 10:20:30.123456789Z", "2022-01-01 10:20:30.123Z");
        check("2022-01-01 10:20:30.1234567890123Z", "2022-01-01 10:20:30.123Z");
        check("1969-12-31 23:59:59.999Z", "1969-12-31 23:59:59.999Z");
        check("9999-12-31 23:59:59.999Z", "9999-12-31 23:59:59.999Z");
        check("0000-01-01", "0000-01-01 00:00:00.000Z");
    }

    #[test]
    fn written_out_forms_are_read() {
        check("Sat, 01 Jan 2022 10:20:30 GMT", "2022-01-01 10:20:30.000Z");
        check("Sat, 01 Jan 2022 10:20:30 +0200", "2022-01-01 08:20:30.000Z");
        check("Sat, 01 Jan 2022 10:20:30 CET", "2022-01-01 10:20:30.000Z");
        check("01 Jan 2022", "2022-01-01 00:00:00.000Z");
        check("01 Jan 22 10:20 GMT", "2022-01-01 10:20:00.000Z");
        check("01 Jan 22 10:20 +0200", "2022-01-01 08:20:00.000Z");
        check("Sat Jan  1 10:20:30 2022", "2022-01-01 10:20:30.000Z");
        check("Sat Jan  1 10:20:30 UTC 2022", "2022-01-01 10:20:30.000Z");
        check("Sat Jan 01 10:20:30 +0200 2022", "2022-01-01 08:20:30.000Z");
    }

    #[test]
    fn everything_else_is_no_date() {
        let texts = [
            "",
            "1640995200",
            "1640995200123",
            "20220101",
            "2022-01-01 10:20",
            "2022-1-1",
            "2022-02-30",
            "-2022-01-01",
            "2022-01-01 24:00:00",
            "2022-01-01 23:59:60",
            "2022-01-01 ",
            " 2022-01-01",
            "2022-01-01Z",
            "2022/01/01",
            "2022-01-01 10:20:30z",
            "2022-01-01 10:20:30 Z",
            "2022-01-01 10:20:30 UTC",
            "2022-01-01T10:20:30.Z",
            "2022-01-01T10:20:30+25:00",
            "01/02/2022",
            "3:04PM",
            "Jan  1 10:20:30",
            "garbage",
            "31 Feb 2022",
            "9999-12-31T23:59:59-05:00",
            "0000-01-01T00:00:00+05:00",
            "２０２２-01-01",
            "a b c d e f",
        ];
        for text in texts {
            check(text, "");
        }
    }
}
