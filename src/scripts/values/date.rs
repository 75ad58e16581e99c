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
    /// Reads any of the forms that date fields accept.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = dates::canonical(text)?;
        DateTime::strptime("%Y-%m-%d %H:%M:%S%.fZ", canonical).ok().map(Self::utc)
    }

    /// Reads what the clock of a zone shows. A time that is left out in spring is that much later, one that comes twice in autumn the first.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Option<Self> {
        let has_zone = text.get(10..)?.contains(['Z', 'z', '+', '-', '[']);
        let civil: DateTime = text.parse().ok().filter(|_| !has_zone)?;
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
