//! The body of a request that tries a rule.

use super::super::store;
use super::as_caller;
use crate::domain::caller::{Caller, Context, Lookup, RequestInfo};
use crate::domain::model::{Collection, RuleKind};
use crate::domain::tx::ReadTx;
use crate::domain::{Issue, Issues, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const INVALID: &str = "An error occurred while validating the submitted data.";

/// Which rule is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    List,
    View,
    Create,
    Update,
    Delete,
    Manage,
    Auth,
    Mfa,
}

impl Kind {
    const ALL: [(&'static str, Self); 8] = [
        ("list", Self::List),
        ("view", Self::View),
        ("create", Self::Create),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("manage", Self::Manage),
        ("auth", Self::Auth),
        ("mfa", Self::Mfa),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind)
    }

    /// The name of the rule in the API.
    pub fn rule_name(self) -> &'static str {
        match self {
            Self::List => RuleKind::List.as_str(),
            Self::View => RuleKind::View.as_str(),
            Self::Create => RuleKind::Create.as_str(),
            Self::Update => RuleKind::Update.as_str(),
            Self::Delete => RuleKind::Delete.as_str(),
            Self::Manage => "manageRule",
            Self::Auth => "authRule",
            Self::Mfa => "mfa.rule",
        }
    }

    fn is_of_auth(self) -> bool {
        matches!(self, Self::Manage | Self::Auth | Self::Mfa)
    }

    fn is_of_views(self) -> bool {
        matches!(self, Self::List | Self::View)
    }

    fn method(self) -> &'static str {
        match self {
            Self::List | Self::View => "GET",
            Self::Create | Self::Auth | Self::Mfa => "POST",
            Self::Update | Self::Manage => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn stored_rule(self, collection: &Collection) -> Option<String> {
        let rules = &collection.rules;
        let auth = collection.auth.as_deref();
        match self {
            Self::List => rules.list.clone(),
            Self::View => rules.view.clone(),
            Self::Create => rules.create.clone(),
            Self::Update => rules.update.clone(),
            Self::Delete => rules.delete.clone(),
            Self::Manage => auth.and_then(|auth| auth.manage_rule.clone()),
            Self::Auth => auth.and_then(|auth| auth.auth_rule.clone()),
            Self::Mfa => auth.map(|auth| auth.mfa.rule.clone()),
        }
    }

    /// The status of a real request, as far as the rule decides it. `None` where a rule has no request of its own.
    pub fn status(self, is_allowed: bool, is_closed: bool, is_missing: bool) -> Option<u16> {
        Some(match self {
            Self::Manage | Self::Mfa => return None,
            Self::Delete if is_allowed => 204,
            _ if is_allowed => 200,
            Self::Auth if is_missing => 400,
            Self::Auth => 403,
            _ if is_closed => 403,
            Self::List => 200,
            Self::Create => 400,
            Self::View | Self::Update | Self::Delete => 404,
        })
    }
}

/// What is to be tried.
#[derive(Debug)]
pub struct Input {
    pub kind: Kind,
    pub rule: Option<String>,
    /// Without the body, which has to be converted first.
    pub request: RequestInfo,
    pub record: Option<String>,
    pub body: Map<String, Value>,
}

#[derive(Debug)]
struct Texts(BTreeMap<String, String>);

impl Lookup for Texts {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

impl Input {
    pub fn parse(tx: &ReadTx, collection: &Arc<Collection>, json: &Map<String, Value>) -> Result<Self> {
        let mut issues = Issues::new();
        let reader = Reader { json };
        let kind = match reader.text("kind", &mut issues) {
            None => {
                issues.add("kind", Issue::required());
                None
            }
            Some(name) => {
                let kind = Kind::parse(name).filter(|kind| {
                    (!kind.is_of_auth() || collection.is_auth()) && (!collection.is_view() || kind.is_of_views())
                });
                if kind.is_none() {
                    issues.add("kind", Issue::in_invalid());
                }
                kind
            }
        };
        let rule = match json.get("rule") {
            None => kind.and_then(|kind| kind.stored_rule(collection)),
            Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                issues.add("rule", Issue::invalid_value());
                None
            }
        };
        let method =
            reader.one_of("method", ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"], |name| name, &mut issues);
        let context = reader.one_of("context", Context::ALL, Context::as_str, &mut issues);
        let caller = if matches!(kind, Some(Kind::Auth | Kind::Mfa)) {
            Some(Caller::Anonymous)
        } else {
            caller(tx, json.get("caller"))?
        };
        if caller.is_none() {
            issues.add("caller", Issue::invalid_value());
        }
        let record = reader.text("record", &mut issues).filter(|id| !id.is_empty()).map(ToOwned::to_owned);
        if record.is_none() && kind.is_some_and(|kind| kind != Kind::Create) {
            issues.add("record", Issue::required());
        }
        let body = reader.map("body", &mut issues).cloned().unwrap_or_default();
        let query = reader.texts("query", str::to_owned, &mut issues);
        let headers = reader.texts("headers", |name| name.to_lowercase().replace('-', "_"), &mut issues);
        issues.into_result(INVALID)?;
        // The checks above leave an issue where one of these is missing.
        let (kind, caller) = kind.zip(caller).ok_or_else(crate::domain::Error::generic)?;
        let usual = if kind == Kind::Auth { Context::Password } else { Context::Default };
        let request = RequestInfo {
            caller,
            context: context.unwrap_or(usual),
            method: method.unwrap_or_else(|| kind.method()),
            query: Some(Arc::new(query)),
            headers: Some(Arc::new(headers)),
            body: Arc::default(),
        };
        Ok(Self { kind, rule, request, record, body })
    }
}

/// `None` if there is no such caller.
fn caller(tx: &ReadTx, json: Option<&Value>) -> Result<Option<Caller>> {
    let (collection, id) = match json {
        None | Some(Value::Null) => return Ok(Some(Caller::Anonymous)),
        Some(Value::String(name)) => {
            return match name.as_str() {
                "" | "guest" => Ok(Some(Caller::Anonymous)),
                "superuser" => {
                    let schema = tx.schema();
                    let superusers = schema.by_id(crate::domain::model::SUPERUSERS_ID);
                    let blank =
                        superusers.map(|collection| crate::domain::model::Record::blank(Arc::clone(collection)));
                    Ok(blank.map(as_caller))
                }
                _ => Ok(None),
            };
        }
        Some(Value::Object(map)) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default();
            (text("collection"), text("id"))
        }
        Some(_) => return Ok(None),
    };
    let schema = tx.schema();
    let Some(collection) = schema.find(collection).filter(|collection| collection.is_auth()) else { return Ok(None) };
    Ok(store::find(tx, collection, id)?.map(as_caller))
}

struct Reader<'a> {
    json: &'a Map<String, Value>,
}

impl<'a> Reader<'a> {
    /// The value under `key`. Null counts as absent.
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.json.get(key).filter(|value| !value.is_null())
    }

    fn text(&self, key: &str, issues: &mut Issues) -> Option<&'a str> {
        let value = self.get(key)?;
        if !value.is_string() {
            issues.add(key, Issue::invalid_value());
        }
        value.as_str()
    }

    fn one_of<T: Copy, const N: usize>(
        &self,
        key: &str,
        all: [T; N],
        name: impl Fn(T) -> &'static str,
        issues: &mut Issues,
    ) -> Option<T> {
        let text = self.text(key, issues)?;
        let found = all.into_iter().find(|one| name(*one) == text);
        if found.is_none() {
            issues.add(key, Issue::in_invalid());
        }
        found
    }

    fn map(&self, key: &str, issues: &mut Issues) -> Option<&'a Map<String, Value>> {
        let value = self.get(key)?;
        if !value.is_object() {
            issues.add(key, Issue::invalid_value());
        }
        value.as_object()
    }

    fn texts(&self, key: &str, name: impl Fn(&str) -> String, issues: &mut Issues) -> Texts {
        let mut texts = BTreeMap::new();
        for (given, value) in self.map(key, issues).into_iter().flatten() {
            match value {
                Value::String(text) => drop(texts.insert(name(given), text.clone())),
                Value::Number(_) | Value::Bool(_) => drop(texts.insert(name(given), value.to_string())),
                Value::Null | Value::Array(_) | Value::Object(_) => issues.add(key, Issue::invalid_value()),
            }
        }
        Texts(texts)
    }
}
