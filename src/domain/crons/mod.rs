//! When crons that catch up have run last. `app::crons` asks, to find the runs that a stopped server has missed.

mod store;

use super::Result;
use super::tx::{ReadTx, WriteTx};
use crate::base::clock::Timestamp;
use std::collections::BTreeMap;

/// When each cron began to run last, by its id. A cron that has not run yet has the time at which it was seen first.
pub type LastRuns = BTreeMap<String, Timestamp>;

pub fn last_runs(tx: &ReadTx) -> Result<LastRuns> {
    let stored: BTreeMap<String, i64> =
        store::find(tx)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(stored.into_iter().map(|(id, millis)| (id, Timestamp::from_millis(millis))).collect())
}

/// Stores the times in place of those before.
pub fn note_runs(tx: &WriteTx, runs: &LastRuns) -> Result<()> {
    let runs: BTreeMap<&str, i64> = runs.iter().map(|(id, time)| (id.as_str(), time.millis())).collect();
    store::save(tx, &serde_json::to_string(&runs).expect("texts and numbers"))
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
}
