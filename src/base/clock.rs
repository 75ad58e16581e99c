//! Time as the API shows it: UTC, millisecond precision, `YYYY-MM-DD HH:MM:SS.mmmZ`.

use std::fmt;

/// A UTC instant in milliseconds since the Unix epoch. Displays in the API's date-time form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The current time. The only place that reads the system clock for stored or compared times.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock everyone else is pointed to")]
    pub fn now() -> Self {
        Self::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    /// `millis` since the epoch. Values outside the years -9999 to 9999 are clamped.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        }))
    }

    /// A file's modification time. Times before 1970 become 1970.
    #[must_use]
    pub fn from_system(time: std::time::SystemTime) -> Self {
        let millis = time.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Self::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Seconds since the Unix epoch, as JWT's `exp` counts them.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_millis(self.millis().saturating_add(seconds.saturating_mul(1000)))
    }

    #[must_use]
    pub fn instant(self) -> jiff::Timestamp {
        self.0
    }

    /// The calendar date and time of day, in UTC.
    #[must_use]
    pub fn civil(self) -> jiff::civil::DateTime {
        jiff::tz::Offset::UTC.to_datetime(self.0)
    }

    /// The form used in HTTP headers: `Sun, 06 Nov 1994 08:49:37 GMT`.
    #[must_use]
    pub fn http_date(self) -> String {
        self.civil().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// The inverse of [`Timestamp::http_date`]; `None` for any other form.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        // The day of the week is redundant, and some clients send a wrong one.
        let (_, text) = text.split_once(", ")?;
        let date = jiff::civil::DateTime::strptime("%d %b %Y %H:%M:%S GMT", text).ok()?;
        Self::from_civil(date)
    }

    /// Reads a date in any of the forms that date fields accept.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let exact: jiff::Timestamp = super::dates::canonical(text)?.replace(' ', "T").parse().ok()?;
        Some(Self::from_millis(exact.as_millisecond()))
    }

    /// Interprets `date` as UTC. Returns `None` outside the representable range.
    #[must_use]
    pub fn from_civil(date: jiff::civil::DateTime) -> Option<Self> {
        let exact = jiff::tz::Offset::UTC.to_timestamp(date).ok()?;
        Some(Self::from_millis(exact.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::dates::Shown(self.civil()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_show_three_digits_of_milliseconds_and_a_space() {
        assert_eq!(Timestamp::from_millis(1_640_995_200_007).to_string(), "2022-01-01 00:00:00.007Z");
        assert_eq!(Timestamp::from_millis(784_111_777_000).http_date(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(
            Timestamp::from_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Timestamp::from_millis(784_111_777_000))
        );
        assert_eq!(Timestamp::from_http_date("1994-11-06"), None);
        assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31 23:59:59.999Z");
    }
}
