//! What differs between two schemas, and what that means for the rows.

use super::super::indexes;
use super::super::validate::named_rules;
use super::pairs::{Pair, converted, has_other_checks, pairs, plain_fields};
use super::store::{self, Counts};
use crate::db::DbError;
use crate::domain::fields::Field;
use crate::domain::model::{Collection, Index, IndexTarget, Schema};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Result};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// How long each look at a table may take, and all of them. What takes longer is not known.
const LOOK_TIME: Duration = Duration::from_secs(5);
const TIME: Duration = Duration::from_secs(15);
const MAX_EXAMPLES: usize = 5;
const MAX_DUPLICATES: i64 = 3;
/// Maximum number of characters of an example's value.
const MAX_SHOWN: usize = 200;

/// What a change means.
#[derive(Debug, Default)]
pub struct Impact {
    pub collections: Vec<Value>,
    pub loses_data: bool,
    pub is_complete: bool,
    /// Of unique indexes that the rows do not allow: the issues of the real change.
    pub duplicates: Option<Issues>,
}

pub fn find(tx: &ReadTx, before: &Schema, after: &Schema, requested: &BTreeSet<String>) -> Result<Impact> {
    let mut look = Look { tx, until: Instant::now() + TIME, impact: Impact { is_complete: true, ..Impact::default() } };
    let is_requested = |id: &str| requested.contains(id);
    for new in after.all() {
        let old = before.by_id(&new.id);
        if old.is_none_or(|old| is_changed(old, new)) {
            let shown = look.changed(old.map(|old| &**old), new, is_requested(&new.id))?;
            look.impact.collections.push(shown);
        }
    }
    for old in before.all().iter().filter(|old| after.by_id(&old.id).is_none()) {
        let shown = look.deleted(old, is_requested(&old.id))?;
        look.impact.collections.push(shown);
    }
    Ok(look.impact)
}

fn is_changed(old: &Collection, new: &Collection) -> bool {
    *old != Collection { updated: old.updated.clone(), ..new.clone() }
}

struct Look<'a> {
    tx: &'a ReadTx,
    until: Instant,
    impact: Impact,
}

impl Look<'_> {
    /// Runs `work` within the time of one look. `None` if that was not enough.
    fn in_time<T>(&mut self, work: impl FnOnce(&ReadTx) -> Result<T>) -> Result<Option<T>> {
        if Instant::now() > self.until {
            self.impact.is_complete = false;
            return Ok(None);
        }
        match self.tx.within(LOOK_TIME, || work(self.tx)) {
            Ok(found) => Ok(Some(found)),
            // Otherwise the read as a whole has no time left, and is tried again with more.
            Err(Error::Db(DbError::Interrupted)) if self.tx.has_time() => {
                self.impact.is_complete = false;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn deleted(&mut self, old: &Collection, is_requested: bool) -> Result<Value> {
        let records = if old.is_view() {
            None
        } else {
            self.in_time(|tx| store::counts(tx, old, &[]))?.map(|counts| counts.records)
        };
        self.impact.loses_data |= records.is_some_and(|records| records > 0);
        Ok(json!({
            "id": old.id, "name": old.name, "oldName": null, "type": old.kind.as_str(), "action": "delete",
            "isRequested": is_requested, "records": records, "fields": [], "indexes": [], "rules": [],
        }))
    }

    fn changed(&mut self, old: Option<&Collection>, new: &Collection, is_requested: bool) -> Result<Value> {
        let (records, fields, indexes) = match old {
            Some(old) if !new.is_view() => self.table(old, new)?,
            old => (None, plain_fields(old, new), plain_indexes(new)),
        };
        let old_name = old.map(|old| &old.name).filter(|name| **name != new.name);
        let rules: Vec<Value> = match old {
            None => Vec::new(),
            Some(old) => {
                let pairs = named_rules(old).into_iter().zip(named_rules(new));
                let pairs = pairs.filter(|((_, before), (_, after))| before != after);
                pairs
                    .map(|((name, before), (_, after))| json!({"name": name, "before": before, "after": after}))
                    .collect()
            }
        };
        let mut shown = json!({
            "id": new.id, "name": new.name, "oldName": old_name, "type": new.kind.as_str(),
            "action": if old.is_some() { "update" } else { "create" },
            "isRequested": is_requested, "records": records, "fields": fields, "indexes": indexes, "rules": rules,
        });
        if let Some(old) = old.filter(|old| old.view_query != new.view_query) {
            shown["viewQuery"] = json!({"before": old.view_query, "after": new.view_query});
        }
        Ok(shown)
    }

    /// The records, fields and indexes of a table that changes.
    fn table(&mut self, old: &Collection, new: &Collection) -> Result<(Option<i64>, Vec<Value>, Vec<Value>)> {
        let pairs = pairs(old, new);
        let counted: Vec<&Field> =
            pairs.iter().filter(|pair| pair.is_counted()).filter_map(|pair| pair.before).collect();
        let counts = self.in_time(|tx| store::counts(tx, old, &counted))?;
        let records = counts.as_ref().map(|counts| counts.records);
        let mut counts_of: HashMap<&str, (i64, i64)> = HashMap::new();
        if let Some(Counts { fields, .. }) = counts {
            counts_of.extend(counted.iter().map(|field| field.id.as_str()).zip(fields));
        }
        let mut violations = self.violations(old, &pairs)?;
        let mut fields = Vec::new();
        for (at, pair) in pairs.iter().enumerate() {
            let counts = pair.before.and_then(|before| counts_of.get(before.id.as_str()).copied());
            if let Some(mut shown) = pair.shown(old, counts) {
                self.impact.loses_data |=
                    ["dropped", "cut"].iter().any(|key| shown.get(*key).and_then(Value::as_i64).unwrap_or(0) > 0);
                if let Some(found) = violations.remove(&at) {
                    shown.insert("violations".to_owned(), found);
                }
                fields.push(Value::Object(shown));
            }
        }
        let indexes = self.indexes(old, new)?;
        Ok((records, fields, indexes))
    }

    /// Finds the records that could not be saved as they are, by position in `pairs`.
    fn violations(&mut self, old: &Collection, pairs: &[Pair<'_>]) -> Result<HashMap<usize, Value>> {
        let checked: Vec<(usize, &Field, &Field)> = pairs
            .iter()
            .enumerate()
            .filter_map(|(at, pair)| Some((at, pair.before?, pair.after?)))
            .filter(|(_, before, after)| has_other_checks(before, after))
            .collect();
        let required: Vec<usize> = (0..pairs.len()).filter(|at| pairs[*at].is_new_and_required()).collect();
        let mut found: HashMap<usize, Violations> = checked
            .iter()
            .map(|(at, ..)| *at)
            .chain(required.iter().copied())
            .map(|at| (at, Violations::default()))
            .collect();
        if found.is_empty() {
            return Ok(HashMap::new());
        }
        let columns: Vec<&Field> = checked.iter().map(|(_, before, _)| *before).collect();
        let outcome = self.in_time(|tx| {
            for violations in found.values_mut() {
                *violations = Violations::default();
            }
            store::visit(tx, old, &columns, |id, values| {
                for ((at, before, after), value) in checked.iter().zip(values) {
                    let converted = converted(before, after, &value);
                    if before.validate(&value).is_ok()
                        && let Err(issue) = after.validate(&converted)
                        && let Some(violations) = found.get_mut(at)
                    {
                        violations.add(&id, &value, &issue);
                    }
                }
                for at in &required {
                    if let Some(violations) = found.get_mut(at) {
                        violations.add(&id, &Value::Null, &Issue::required());
                    }
                }
                true
            })
        })?;
        let is_exact = outcome.is_some();
        Ok(found.into_iter().map(|(at, violations)| (at, violations.to_json(is_exact))).collect())
    }

    fn indexes(&mut self, old: &Collection, new: &Collection) -> Result<Vec<Value>> {
        let mut shown = Vec::new();
        let same = |list: &[Index], index: &Index| {
            list.iter().any(|other| other.name == index.name && indexes::is_same_definition(other, index))
        };
        for (at, index) in old.parsed_indexes.iter().enumerate() {
            if !same(&new.parsed_indexes, index) {
                shown.push(json!({"action": "remove", "name": index.name, "sql": old.indexes.get(at), "isUnique": index.is_unique}));
            }
        }
        for (at, index) in new.parsed_indexes.iter().enumerate() {
            let is_new = !same(&old.parsed_indexes, index);
            // Uniqueness that was there remains, unless values are converted.
            let was_unique = old.parsed_indexes.iter().any(|other| indexes::is_same_definition(other, index));
            if !is_new && (!index.is_unique || !reads_converted(old, new, index)) {
                continue;
            }
            let mut json = json!({"action": if is_new { "add" } else { "change" }, "name": index.name, "sql": new.indexes.get(at), "isUnique": index.is_unique});
            if index.is_unique && (!was_unique || reads_converted(old, new, index)) {
                json["duplicates"] = self.duplicates(old, new, (at, index))?;
            }
            shown.push(json);
        }
        Ok(shown)
    }

    fn duplicates(&mut self, old: &Collection, new: &Collection, (at, index): (usize, &Index)) -> Result<Value> {
        let Some(found) = self.in_time(|tx| store::duplicates(tx, old, new, index, MAX_DUPLICATES))? else {
            return Ok(Value::Null);
        };
        if found.groups > 0 {
            let message = format!(
                "Failed to create index {} - it is unique, and {} records have a value that another one has too.",
                index.name, found.records
            );
            let issue = Issue::new("validation_invalid_index_expression", message);
            let issues = self.impact.duplicates.get_or_insert_with(Issues::new);
            issues.add_at(&["indexes", &at.to_string()], issue);
        }
        let examples: Vec<Value> = found
            .examples
            .into_iter()
            .map(|(mut values, count, ids)| {
                values.values_mut().for_each(shorten);
                json!({"values": values, "count": count, "ids": ids})
            })
            .collect();
        Ok(json!({"groups": found.groups, "records": found.records, "isExact": true, "examples": examples}))
    }
}

/// Whether the index reads a column whose values are converted. An expression may read any.
fn reads_converted(old: &Collection, new: &Collection, index: &Index) -> bool {
    let is_converted = |field: &Field| {
        old.fields.iter().any(|before| before.id == field.id && before.column_type() != field.column_type())
    };
    let mut converted = new.fields.iter().filter(|field| is_converted(field)).peekable();
    converted.peek().is_some()
        && (!index.condition.is_empty()
            || index.columns.iter().any(|column| match &column.target {
                IndexTarget::Column(name) => new.field(name).is_some_and(is_converted),
                IndexTarget::Expression(_) => true,
            }))
}

fn plain_indexes(new: &Collection) -> Vec<Value> {
    let named = new.parsed_indexes.iter().zip(&new.indexes);
    named
        .map(|(index, sql)| json!({"action": "add", "name": index.name, "sql": sql, "isUnique": index.is_unique}))
        .collect()
}

#[derive(Debug, Default)]
struct Violations {
    count: i64,
    examples: Vec<Value>,
}

impl Violations {
    fn add(&mut self, id: &str, value: &Value, issue: &Issue) {
        self.count += 1;
        if self.examples.len() < MAX_EXAMPLES {
            let mut value = value.clone();
            shorten(&mut value);
            let mut example = issue.to_json();
            example["id"] = id.into();
            example["value"] = value;
            if let Some(example) = example.as_object_mut() {
                example.remove("params");
            }
            self.examples.push(example);
        }
    }

    fn to_json(&self, is_exact: bool) -> Value {
        json!({"count": self.count, "isExact": is_exact, "examples": self.examples})
    }
}

/// Cuts a long value, as text.
fn shorten(value: &mut Value) {
    let text = match &*value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) => return,
    };
    if let Some((at, _)) = text.char_indices().nth(MAX_SHOWN) {
        *value = format!("{}…", &text[..at]).into();
    }
}
