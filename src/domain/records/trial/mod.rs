//! Tries a rule on one record for one caller, and explains each part of it. For superusers; nothing is written.
//!
//! [`try_rule`] gives the verdict of the same functions that decide about a real request.

mod input;
#[cfg(test)]
mod tests;

use super::credentials::{self, Submitted};
use super::{create, explain, satisfies, store, update, validate, would_satisfy};
use crate::db::{DbError, Sql, Value as DbValue, ValueRef};
use crate::domain::access::{self, About, End, Evaluate, Ground, Probe};
use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::filter::{Filter, Modifier, Operand};
use crate::domain::model::{Collection, Record, Schema};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Issue, Issues, Reason, Result, Subject, UnmetRule};
use input::{Input, Kind};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Maximum number of values of one side that are shown.
const MAX_VALUES: usize = 20;
/// Maximum number of characters of a text that are shown.
const MAX_SHOWN: usize = 500;
/// How long one part of a rule may take, and all of them. What takes longer is not explained.
const PART_TIME: Duration = Duration::from_secs(1);
const TIME: Duration = Duration::from_secs(5);
/// Maximum number of characters of a text that is shown as a tree, whose parts repeat it.
const MAX_TEXT: usize = 20_000;

/// The tree of a rule or filter, and what is wrong with it. Evaluates nothing.
pub fn parse_rule(tx: &ReadTx, collection: &Arc<Collection>, text: &str) -> Result<Value> {
    let schema = tx.schema();
    let ground = Ground { schema: &schema, collection, auth: None };
    if text.trim().is_empty() {
        return Ok(json!({"tree": null, "error": null, "warnings": []}));
    }
    check_length(text)?;
    let error = access::check_rule(&schema, collection, text, tx.dialect()).err();
    let tree = ground.tree(text, None).ok().and_then(Result::ok);
    let error = error.map(|error| ground.fault(text, &error).to_json());
    Ok(json!({"tree": tree, "error": error, "warnings": ground.warnings(text)}))
}

fn check_length(text: &str) -> Result<()> {
    if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
        Issues::one("rule", Issue::length(0, MAX_TEXT)).into_result(input::INVALID)?;
    }
    Ok(())
}

/// Tries the rule that `input`, the body of the request, describes. Returns the answer.
pub fn try_rule(tx: &ReadTx, collection: &Arc<Collection>, input: &Map<String, Value>) -> Result<Value> {
    let input = Input::parse(tx, collection, input)?;
    let schema = tx.schema();
    if let Some(text) = input.rule.as_deref().filter(|text| !text.is_empty()) {
        check_length(text)?;
        access::check_rule(&schema, collection, text, tx.dialect()).map_err(|error| Error::Invalid {
            message: input::INVALID.into(),
            issues: Issues::one("rule", access::invalid_rule(&schema, collection, text, &error)),
        })?;
    }
    Trial::begin(tx, &schema, collection, input)?.answer()
}

/// A trial with its record and the request as the rule sees it.
struct Trial<'a> {
    tx: &'a ReadTx,
    schema: &'a Schema,
    collection: &'a Arc<Collection>,
    kind: Kind,
    rule: Option<String>,
    request: RequestInfo,
    /// `None` if there is no such record.
    subject: Option<Subject>,
    /// What is wrong with the body, for create and update.
    issues: Option<Issues>,
}

/// What decided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Because {
    Superuser,
    Open,
    Closed,
    Rule,
    Missing,
}

impl Because {
    fn as_str(self) -> &'static str {
        match self {
            Self::Superuser => "superuser",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Rule => "rule",
            Self::Missing => "missing",
        }
    }
}

impl<'a> Trial<'a> {
    fn begin(tx: &'a ReadTx, schema: &'a Schema, collection: &'a Arc<Collection>, input: Input) -> Result<Self> {
        let Input { kind, rule, mut request, record, body } = input;
        let stored = match &record {
            Some(id) => store::find(tx, collection, id)?,
            None => None,
        };
        if matches!(kind, Kind::Auth | Kind::Mfa)
            && let Some(stored) = &stored
        {
            request.caller = as_caller(stored.clone());
        }
        let submitted = Submitted::new(body);
        let is_superuser = request.caller.is_superuser();
        let (subject, issues) = match (kind, stored) {
            (Kind::Create, _) => {
                let mut draft = create::draft(tx, collection, &submitted, is_superuser);
                request.body = Arc::clone(&draft.body);
                let record = draft.record.clone();
                let mut issues = Issues::new();
                if collection.is_auth() {
                    issues = credentials::check_create(tx, &request, &draft, &submitted.values)?;
                }
                draft.generate_texts();
                merge(&mut issues, &validate::validate(tx, &draft, &submitted, None)?);
                (Some(Subject::Drafted(Box::new(record))), Some(issues))
            }
            (Kind::Update | Kind::Manage, Some(stored)) => {
                let draft = update::draft(tx, &stored, &submitted, is_superuser);
                request.body = Arc::clone(&draft.body);
                let mut issues = Issues::new();
                if kind == Kind::Update {
                    if collection.is_auth() {
                        issues = credentials::check_update(tx, &request, &stored, &draft, &submitted)?;
                    }
                    merge(&mut issues, &validate::validate(tx, &draft, &submitted, Some(&stored))?);
                }
                (Some(Subject::Stored(stored.id().to_owned())), (kind == Kind::Update).then_some(issues))
            }
            (_, Some(stored)) => (Some(Subject::Stored(stored.id().to_owned())), None),
            (_, None) => (None, None),
        };
        Ok(Self { tx, schema, collection, kind, rule, request, subject, issues })
    }

    fn answer(self) -> Result<Value> {
        let (is_allowed, because) = self.verdict()?;
        let text = self.rule.clone().filter(|text| !text.is_empty());
        let auth = self.request.caller.record().map(|record| Arc::clone(&record.collection));
        let ground = Ground { schema: self.schema, collection: self.collection, auth: auth.as_ref() };
        let mut parts = Parts { trial: &self, ground, until: Instant::now() + TIME, is_complete: true };
        let tree = match (&text, &self.subject) {
            (Some(text), Some(_)) => ground.tree(text, Some(&mut parts)).map_or(Ok(Value::Null), |tree| tree)?,
            _ => Value::Null,
        };
        let is_complete = parts.is_complete;
        let mut answer = json!({
            "allowed": is_allowed,
            "because": because.as_str(),
            "rule": self.rule,
            "reason": self.reason(is_allowed, because)?,
            "status": self.kind.status(is_allowed, because == Because::Closed, because == Because::Missing),
            "tree": tree,
            "isComplete": is_complete,
            "warnings": text.map(|text| ground.warnings(&text)).unwrap_or_default(),
        });
        if let Some(issues) = &self.issues {
            answer["issues"] = issues.to_json();
        }
        Ok(answer)
    }

    /// Decides in the order of a real request.
    fn verdict(&self) -> Result<(bool, Because)> {
        // Rules of a sign-in apply to superusers too: they are about the record and not about who asks.
        let is_exempt = self.request.caller.is_superuser() && !matches!(self.kind, Kind::Auth | Kind::Mfa);
        if self.rule.is_none() && !is_exempt {
            return Ok((false, Because::Closed));
        }
        if self.subject.is_none() {
            return Ok((false, Because::Missing));
        }
        if is_exempt {
            return Ok((true, Because::Superuser));
        }
        match self.rule.as_deref() {
            None => Ok((false, Because::Closed)),
            Some("") => Ok((true, Because::Open)),
            Some(text) => Ok((self.holds(text)?, Because::Rule)),
        }
    }

    fn holds(&self, text: &str) -> Result<bool> {
        match &self.subject {
            None => Ok(false),
            Some(Subject::Stored(id)) => satisfies(self.tx, &self.request, self.collection, id, Some(text)),
            Some(Subject::Drafted(record)) => would_satisfy(self.tx, &self.request, record, text),
        }
    }

    /// The values that a statement selects, and whether there are more than are shown.
    fn select(&self, sql: &Sql, end: Option<&End>) -> Result<(Vec<Value>, bool)> {
        let mut values = self.tx.query_all(sql, |row| Ok(shown(row.get(0), end)))?;
        let has_more = values.len() > MAX_VALUES;
        values.truncate(MAX_VALUES);
        Ok((values, has_more))
    }

    fn reason(&self, is_allowed: bool, because: Because) -> Result<Option<String>> {
        if is_allowed {
            return Ok(None);
        }
        let (name, collection) = (self.kind.rule_name(), &self.collection.name);
        Ok(Some(match (because, &self.rule, &self.subject) {
            (Because::Rule, Some(rule), Some(subject)) => {
                let subject = match subject {
                    Subject::Stored(id) => Subject::Stored(id.clone()),
                    Subject::Drafted(record) => Subject::Drafted(record.clone()),
                };
                let reason = Reason::Rule(UnmetRule {
                    collection: Arc::clone(self.collection),
                    name,
                    rule: rule.clone(),
                    request: self.request.clone(),
                    subject,
                });
                explain(self.tx, &reason)?
            }
            (Because::Missing, ..) => format!("no record of \"{collection}\" has this id"),
            _ if self.kind == Kind::Auth => format!("the {name} of \"{collection}\" is null: nobody may sign in"),
            _ => format!("the {name} of \"{collection}\" is null: only superusers may"),
        }))
    }
}

fn as_caller(record: Record) -> Caller {
    if record.collection.is_superusers() {
        Caller::Superuser(Arc::new(record))
    } else {
        Caller::Record(Arc::new(record))
    }
}

fn merge(issues: &mut Issues, more: &Issues) {
    for (key, issue) in more.iter() {
        issues.add(key.as_str(), issue.clone());
    }
}

/// Evaluates the parts of a rule one by one.
struct Parts<'t, 'a> {
    trial: &'t Trial<'a>,
    ground: Ground<'t>,
    until: Instant,
    is_complete: bool,
}

impl Parts<'_, '_> {
    /// Runs `work` within the time of one part. `None` if that was not enough.
    fn in_time<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
        let tx = self.trial.tx;
        if Instant::now() > self.until {
            self.is_complete = false;
            return Ok(None);
        }
        match tx.within(PART_TIME, work) {
            Ok(found) => Ok(Some(found)),
            // Otherwise the read as a whole has no time left, and is tried again with more.
            Err(Error::Db(DbError::Interrupted)) if tx.has_time() => {
                self.is_complete = false;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Evaluate for Parts<'_, '_> {
    fn holds(&mut self, part: &Filter) -> Result<Option<bool>> {
        if !self.is_complete {
            return Ok(None);
        }
        let (trial, text) = (self.trial, part.to_string());
        self.in_time(|| trial.holds(&text))
    }

    fn values(&mut self, operand: &Operand, end: Option<&End>) -> Result<Option<(Vec<Value>, bool)>> {
        if !self.is_complete || self.ground.is_credential(operand) {
            return Ok(None);
        }
        let trial = self.trial;
        let about = match &trial.subject {
            Some(Subject::Stored(id)) => About::Stored(id),
            Some(Subject::Drafted(record)) => About::Drafted(record),
            None => return Ok(None),
        };
        let moment = (trial.tx.now(), trial.tx.dialect());
        let limit = MAX_VALUES as i64 + 1;
        let probe = access::probe(trial.schema, trial.collection, &trial.request, about, operand, moment, limit);
        // A modifier changes the value, and a path may end inside of it.
        let is_whole = matches!(operand, Operand::Identifier(name) if Modifier::split(&name.name).1.is_none());
        let end = end.filter(|end| is_whole && !end.is_inside);
        let found = match probe {
            None => return Ok(None),
            Some(Probe::Known(DbValue::Null)) => (vec![Value::Null], false),
            Some(Probe::Known(value)) => {
                let value = match &value {
                    DbValue::Null => ValueRef::Null,
                    DbValue::Integer(number) => ValueRef::Integer(*number),
                    DbValue::Real(number) => ValueRef::Real(*number),
                    DbValue::Text(text) => ValueRef::Text(text.as_bytes()),
                };
                (vec![shown(value, end)], false)
            }
            Some(Probe::Select(sql)) => match self.in_time(|| trial.select(&sql, end))? {
                None => return Ok(None),
                Some(found) => found,
            },
        };
        let (mut values, mut is_cut) = found;
        for value in &mut values {
            is_cut |= shorten(value);
        }
        Ok(Some((values, is_cut)))
    }
}

/// A value of the database in the form of its field, if it is one of a field.
fn shown(value: ValueRef<'_>, end: Option<&End>) -> Value {
    match (value, end) {
        (ValueRef::Null, _) => Value::Null,
        (value, Some(end)) => end.field().from_db(value),
        (ValueRef::Integer(number), None) => number.into(),
        (ValueRef::Real(number), None) => number.into(),
        (value @ (ValueRef::Text(_) | ValueRef::Blob(_)), None) => value.to_text().into(),
    }
}

/// Cuts long texts. Returns whether something was cut.
fn shorten(value: &mut Value) -> bool {
    match value {
        Value::String(text) => match text.char_indices().nth(MAX_SHOWN) {
            Some((at, _)) => {
                text.truncate(at);
                true
            }
            None => false,
        },
        Value::Array(_) | Value::Object(_) => {
            let text = value.to_string();
            match text.char_indices().nth(MAX_SHOWN) {
                Some((at, _)) => {
                    *value = text[..at].into();
                    true
                }
                None => false,
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
