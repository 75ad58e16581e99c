//! What has arrived at an endpoint lately: counts by the hour, and the last failure. Kept in memory and stored now and then, so that a
//! request that is refused writes nothing.

use crate::base::clock::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR_MILLIS: i64 = 3_600_000;
/// How many hours are counted, with the present one, which is not over.
const HOURS: i64 = 24;
/// The longest text of an error, in bytes.
const MAX_TEXT_BYTES: usize = 500;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival<'a> {
    /// It has a valid signature, and was answered with success.
    Received,
    /// It has a valid signature, and could not be stored.
    Failed(&'a str),
    /// It has no valid signature.
    Refused(&'a str),
}

/// What has arrived at one endpoint. Times are in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activity {
    last_received: Option<i64>,
    last_error: String,
    last_error_at: Option<i64>,
    last_refused: String,
    last_refused_at: Option<i64>,
    /// At most [`HOURS`] of them, in order.
    hours: Vec<Hour>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Hour {
    /// Since 1970.
    at: i64,
    received: u64,
    failed: u64,
    refused: u64,
}

/// How many requests there were in the last 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// With a valid signature, also those that failed.
    pub received: u64,
    pub failed: u64,
    pub refused: u64,
}

impl Activity {
    pub fn note(&mut self, arrival: Arrival<'_>, now: Timestamp) {
        let millis = Some(now.millis());
        let hour = self.hour_of(now);
        match arrival {
            Arrival::Received => {
                hour.received += 1;
                self.last_received = millis;
            }
            Arrival::Failed(error) => {
                (hour.received, hour.failed) = (hour.received + 1, hour.failed + 1);
                self.last_received = millis;
                (self.last_error, self.last_error_at) = (shortened(error), millis);
            }
            Arrival::Refused(doubt) => {
                hour.refused += 1;
                (self.last_refused, self.last_refused_at) = (shortened(doubt), millis);
            }
        }
    }

    fn hour_of(&mut self, now: Timestamp) -> &mut Hour {
        let hour = hour_at(now);
        // A clock that is set back counts into the last hour.
        if self.hours.last().is_none_or(|last| last.at < hour) {
            self.hours.retain(|known| known.at > hour - HOURS);
            self.hours.push(Hour { at: hour, ..Hour::default() });
        }
        self.hours.last_mut().expect("one was added")
    }

    #[must_use]
    pub fn counts(&self, now: Timestamp) -> Counts {
        let recent = self.hours.iter().filter(|known| known.at > hour_at(now) - HOURS);
        recent.fold(Counts::default(), |sum, hour| Counts {
            received: sum.received + hour.received,
            failed: sum.failed + hour.failed,
            refused: sum.refused + hour.refused,
        })
    }

    #[must_use]
    pub fn last_received(&self) -> Option<Timestamp> {
        self.last_received.map(Timestamp::from_millis)
    }

    /// Why a verified request failed last, and when.
    #[must_use]
    pub fn last_error(&self) -> (&str, Option<Timestamp>) {
        (&self.last_error, self.last_error_at.map(Timestamp::from_millis))
    }

    /// Why a request was refused last, and when.
    #[must_use]
    pub fn last_refused(&self) -> (&str, Option<Timestamp>) {
        (&self.last_refused, self.last_refused_at.map(Timestamp::from_millis))
    }
}

fn hour_at(time: Timestamp) -> i64 {
    time.millis().div_euclid(HOUR_MILLIS)
}

fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_and_what_is_older_is_forgotten() {
        let at = |hours: i64| Timestamp::from_millis(hours * HOUR_MILLIS + 7);
        let mut activity = Activity::default();
        for hour in 0..100 {
            activity.note(Arrival::Received, at(hour));
            activity.note(Arrival::Failed("broken"), at(hour));
            activity.note(Arrival::Refused("no signature matches"), at(hour));
        }
        assert_eq!(activity.counts(at(99)), Counts { received: 48, failed: 24, refused: 24 });
        assert_eq!(activity.counts(at(110)), Counts { received: 26, failed: 13, refused: 13 });
        assert_eq!(activity.counts(at(123)), Counts::default());
        assert!(activity.hours.len() <= 25);
        assert_eq!(activity.last_error(), ("broken", Some(at(99))));
        let stored: Activity = serde_json::from_str(&serde_json::to_string(&activity).unwrap()).unwrap();
        assert_eq!(stored, activity);
    }

    #[test]
    fn texts_are_cut() {
        let mut activity = Activity::default();
        activity.note(Arrival::Failed(&"é".repeat(1000)), Timestamp::from_millis(0));
        assert_eq!(activity.last_error().0.len(), MAX_TEXT_BYTES);
    }
}
