//! Following relations: `record.expand(path)`, and the option `expand` of what finds records.

use super::db::rights;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Record, RuleKind};
use crate::domain::records;
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{Db, RecordValue};
use rhai::Dynamic;

/// How many relations a path may follow.
const MAX_LEVELS: usize = 6;
/// How many records one call may reach.
const MAX_RECORDS: usize = 5000;

/// What a relation of a record points to, and whether it may be several records.
type Related = (Vec<Record>, bool);

/// What a path of relations leads to from `record`: `customer`, or `customer.city`. `()` or a record for relations to one, else a list.
pub fn expand(record: &RecordValue, path: &str) -> Outcome<Dynamic> {
    let (found, is_list) = follow(&Db::default(), std::slice::from_ref(record), path, false)?;
    let mut values = found.into_iter().map(Dynamic::from);
    Ok(if is_list { Dynamic::from_array(values.collect()) } else { values.next().unwrap_or(Dynamic::UNIT) })
}

/// Notes in the records what the paths lead to, separated by commas, so that `expand` has it at hand and answers show it.
pub fn prefetch(db: &Db, records: &[RecordValue], paths: &str) -> Outcome<()> {
    for path in paths.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        follow(db, records, path, true)?;
    }
    Ok(())
}

/// Follows a path level by level. Returns the records at its end, and whether they may be several.
fn follow(db: &Db, records: &[RecordValue], path: &str, notes: bool) -> Outcome<(Vec<RecordValue>, bool)> {
    let (mut level, mut is_list, mut count) = (records.to_vec(), false, 0);
    for (depth, segment) in path.split('.').map(str::trim).enumerate() {
        if depth >= MAX_LEVELS {
            return Err(problem(format!("expand follows {MAX_LEVELS} relations at most")));
        }
        let mut next = Vec::new();
        for (record, known) in level.iter().zip(related(db, &level, segment)?) {
            let (found, is_several) = known;
            count += found.len();
            if count > MAX_RECORDS {
                return Err(problem(format!("expand reaches more than {MAX_RECORDS} records")));
            }
            is_list |= is_several;
            if notes {
                record.note_expanded(segment, found.clone(), is_several);
            }
            next.extend(found);
        }
        level = next;
    }
    Ok((level, is_list))
}

/// What a relation of each record points to: as it was noted, else as it is stored.
fn related(db: &Db, level: &[RecordValue], segment: &str) -> Outcome<Vec<(Vec<RecordValue>, bool)>> {
    let noted: Vec<_> = level.iter().map(|record| record.expanded(segment)).collect();
    let read = |tx: &ReadTx| -> Result<Vec<Option<Related>>> {
        let request = rights(tx, db)?;
        let each = level.iter().zip(&noted);
        each.map(|(record, noted)| match noted {
            Some(_) => Ok(None),
            None => read_related(tx, &request, &record.current(), segment).map(Some),
        })
        .collect()
    };
    let read = if noted.iter().all(Option::is_some) { vec![None; noted.len()] } else { ambient::read(read)? };
    let stored = |(found, is_list): Related| (found.into_iter().map(RecordValue::stored).collect(), is_list);
    Ok(noted
        .into_iter()
        .zip(read)
        .map(|(noted, read)| noted.or_else(|| read.map(stored)).unwrap_or_default())
        .collect())
}

/// Records that the caller may not view are left out.
fn read_related(tx: &ReadTx, request: &RequestInfo, record: &Record, segment: &str) -> Result<Related> {
    let no_relation = || Error::bad_request(format!("{segment:?} is not a relation of {}", record.collection.name));
    let (found, is_list) = records::related(tx, record, segment)?.ok_or_else(no_relation)?;
    if request.caller.is_superuser() {
        return Ok((found, is_list));
    }
    let mut visible = Vec::with_capacity(found.len());
    for record in found {
        let collection = record.collection.clone();
        if records::check_open(request, &collection, RuleKind::View).is_ok() {
            visible.extend(records::find_for(tx, request, &collection, record.id())?);
        }
    }
    Ok((visible, is_list))
}
