//! A point in time, and a length of time.

use crate::base::clock::Timestamp;
use crate::base::dates;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};
use std::cmp::Ordering;
use std::fmt;

/// A point in time, to the millisecond, and the zone whose clock its parts are read from. Two dates are equal if they are the same point in
/// time, whatever their zones.
#[derive(Clone, Debug)]
pub struct Date {
    utc: DateTime,
    zone: TimeZone,
}

/// A length of time. May be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub SignedDuration);

impl Date {
    /// Reads any of the forms that date fields accept, and times without seconds.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let canonical = dates::canonical(text).or_else(|| dates::canonical(&with_seconds(text)?))?;
        DateTime::strptime("%Y-%m-%d %H:%M:%S%.fZ", canonical).ok().map(Self::utc)
    }

    /// Reads what the clock of a zone shows. A time that is left out in spring is that much later, one that comes twice in autumn the first.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Option<Self> {
        let has_zone = text.get(10..)?.contains(['Z', 'z', '+', '-', '[']);
        let civil: DateTime = match text.parse().ok() {
            Some(civil) => civil,
            None => with_seconds(text)?.parse().ok()?,
        };
        if has_zone {
            return None;
        }
        zone.to_zoned(civil).ok().map(|zoned| Self::of_zoned(&zoned))
    }

    pub fn of(time: Timestamp) -> Self {
        Self::utc(time.civil())
    }

    fn utc(utc: DateTime) -> Self {
        Self { utc, zone: TimeZone::UTC }
    }

    pub fn of_zoned(zoned: &Zoned) -> Self {
        Self { utc: TimeZone::UTC.to_datetime(zoned.timestamp()), zone: zoned.time_zone().clone() }
    }

    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// `None` at the ends of time.
    pub fn timestamp(&self) -> Option<Timestamp> {
        Timestamp::from_civil(self.utc)
    }

    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// What the clock of its zone shows. `None` at the ends of time.
    pub fn zoned(&self) -> Option<Zoned> {
        Some(self.utc.to_zoned(TimeZone::UTC).ok()?.with_time_zone(self.zone.clone()))
    }

    /// Does something by the clock of its zone.
    pub fn by_clock(&self, work: impl FnOnce(Zoned) -> Result<Zoned, jiff::Error>) -> Option<Self> {
        work(self.zoned()?).ok().map(|zoned| Self::of_zoned(&zoned))
    }

    pub fn plus(&self, span: Span) -> Option<Self> {
        self.utc.checked_add(span.0).ok().map(|utc| Self { utc, zone: self.zone.clone() })
    }

    pub fn minus(&self, span: Span) -> Option<Self> {
        self.utc.checked_sub(span.0).ok().map(|utc| Self { utc, zone: self.zone.clone() })
    }

    /// The time that has passed since `other`.
    pub fn since(&self, other: &Self) -> Span {
        Span(self.utc.duration_since(other.utc))
    }
}

/// `2026-12-24 9:05Z` as `2026-12-24 09:05:00Z`. `None` unless the time has hours and minutes only. A zone may follow.
fn with_seconds(text: &str) -> Option<String> {
    let date = text.get(..10)?;
    let rest = text.get(11..)?.trim_start();
    let separator = text.as_bytes()[10];
    let (hour, rest) = rest.split_once(':')?;
    let minute = rest.get(..2)?;
    let zone = &rest[2..];
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let ends = zone.is_empty() || zone.starts_with(['Z', 'z', '+', '-', ' ']);
    let is_time = matches!(separator, b' ' | b'T' | b't')
        && (1..=2).contains(&hour.len())
        && is_number(hour)
        && is_number(minute);
    (is_time && ends).then(|| format!("{date} {hour:0>2}:{minute}:00{}", zone.replace('z', "Z")))
}

impl PartialEq for Date {
    fn eq(&self, other: &Self) -> bool {
        self.utc == other.utc
    }
}

impl Eq for Date {}

impl PartialOrd for Date {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Date {
    fn cmp(&self, other: &Self) -> Ordering {
        self.utc.cmp(&other.utc)
    }
}

/// The form of the API, in UTC.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.utc.strftime("%Y-%m-%d %H:%M:%S%.3fZ"))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_no_seconds() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Date::parse(text).map(|date| date.to_string()).unwrap_or_default(), expected, "{text}");
        };
        check("2026-01-02", "2026-01-02 00:00:00.000Z");
        for text in [
            "2026-01-02 12:00",
            "2026-01-02T12:00",
            " 2026-01-02 12:00 ",
            "2026-01-02 12:00Z",
            "2026-01-02T12:00z",
            "2026-01-02 14:00+02:00",
            "2026-01-02 10:00 -0200",
            "2026-01-02 12:00:00",
        ] {
            check(text, "2026-01-02 12:00:00.000Z");
        }
        check("2026-01-02 9:05", "2026-01-02 09:05:00.000Z");
        for text in [
            "2026-01-02 12",
            "2026-01-02 12:",
            "2026-01-02 12:0",
            "2026-01-02 25:00",
            "2026-01-02 12:60",
            "2026-01-02x12:00",
            "2026-13-02 12:00",
            "12:00",
            "2026-01-02 12:00 nonsense",
            "2026-01-02 ä:00",
            "",
        ] {
            check(text, "");
        }
        let vienna = TimeZone::get("Europe/Vienna").unwrap();
        let in_vienna = |text: &str| Date::parse_in(text, &vienna).map(|date| date.to_string()).unwrap_or_default();
        for text in ["2026-01-02 13:00", "2026-01-02T13:00", "2026-01-02 13:00:00"] {
            assert_eq!(in_vienna(text), "2026-01-02 12:00:00.000Z", "{text}");
        }
        assert_eq!(in_vienna("2026-01-02 9:05"), "2026-01-02 08:05:00.000Z");
        assert_eq!(in_vienna("2026-01-02 13:00Z"), "", "it has a zone of its own");
    }
}
