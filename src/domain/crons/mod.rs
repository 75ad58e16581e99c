//! When crons have run last, and what became of it. `app::crons` asks, to show it and to find the runs that a stopped server has missed.

mod store;

use super::Result;
use super::tx::{ReadTx, WriteTx};
use crate::base::clock::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// When each cron began to run last, by its id. A cron that has not run yet has the time at which it was seen first.
pub type LastRuns = BTreeMap<String, Timestamp>;

pub fn last_runs(tx: &ReadTx) -> Result<LastRuns> {
    let stored: BTreeMap<String, i64> =
        store::find(tx, store::LAST_RUNS)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(stored.into_iter().map(|(id, millis)| (id, Timestamp::from_millis(millis))).collect())
}

/// A run of a cron that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub began: Timestamp,
    pub time: Duration,
    /// Empty if it succeeded.
    pub error: String,
}

/// The last run of a cron, and the last one that succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    pub last: Option<Run>,
    pub last_success: Option<Run>,
}

impl Outcomes {
    pub fn add(&mut self, run: Run) {
        if run.error.is_empty() {
            self.last_success = Some(run.clone());
        }
        self.last = Some(run);
    }
}

/// What became of the runs of each cron, by its id.
pub type AllOutcomes = BTreeMap<String, Outcomes>;

pub fn outcomes(tx: &ReadTx) -> Result<AllOutcomes> {
    let stored: BTreeMap<String, Value> =
        store::find(tx, store::OUTCOMES)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let of = |value: &Value| Outcomes { last: run_of(&value["last"]), last_success: run_of(&value["success"]) };
    Ok(stored.iter().map(|(id, value)| (id.clone(), of(value))).collect())
}

/// Stores the outcomes in place of those before.
pub fn note_outcomes(tx: &WriteTx, outcomes: &AllOutcomes) -> Result<()> {
    let stored: BTreeMap<&str, Value> = outcomes
        .iter()
        .map(|(id, outcomes)| {
            let Outcomes { last, last_success } = outcomes;
            (id.as_str(), json!({"last": last.as_ref().map(value_of), "success": last_success.as_ref().map(value_of)}))
        })
        .collect();
    store::save(tx, store::OUTCOMES, &serde_json::to_string(&stored).expect("texts and numbers"))
}

fn value_of(run: &Run) -> Value {
    json!({"began": run.began.millis(), "time": u64::try_from(run.time.as_millis()).unwrap_or(0), "error": run.error})
}

fn run_of(value: &Value) -> Option<Run> {
    Some(Run {
        began: Timestamp::from_millis(value["began"].as_i64()?),
        time: Duration::from_millis(value["time"].as_u64()?),
        error: value["error"].as_str()?.to_owned(),
    })
}

/// Stores the times in place of those before.
pub fn note_runs(tx: &WriteTx, runs: &LastRuns) -> Result<()> {
    let runs: BTreeMap<&str, i64> = runs.iter().map(|(id, time)| (id.as_str(), time.millis())).collect();
    store::save(tx, store::LAST_RUNS, &serde_json::to_string(&runs).expect("texts and numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::seeded;

    #[test]
    fn the_last_runs_are_stored() {
        let tx = seeded();
        assert!(last_runs(&tx).unwrap().is_empty());
        for millis in [5, 7] {
            let runs = LastRuns::from([("report".to_owned(), Timestamp::from_millis(millis))]);
            note_runs(&tx, &runs).unwrap();
            assert_eq!(last_runs(&tx).unwrap(), runs);
        }
    }
    #[test]
    fn a_failure_does_not_hide_the_last_success() {
        let tx = seeded();
        assert!(outcomes(&tx).unwrap().is_empty());
        let run = |millis: i64, error: &str| Run {
            began: Timestamp::from_millis(millis),
            time: Duration::from_millis(12),
            error: error.to_owned(),
        };
        let mut all = AllOutcomes::new();
        all.entry("report".to_owned()).or_default().add(run(5, ""));
        all.entry("report".to_owned()).or_default().add(run(9, "it broke"));
        note_outcomes(&tx, &all).unwrap();
        let stored = outcomes(&tx).unwrap();
        assert_eq!(stored["report"], Outcomes { last: Some(run(9, "it broke")), last_success: Some(run(5, "")) });
    }
}
