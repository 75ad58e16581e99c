//! What callers who are no superusers may do with each collection, and what of that may surprise its owner.
//!
//! Rules are judged by [`access::certainty`]: open and closed are certain for every record, whatever it holds.

mod warnings;
#[cfg(test)]
mod tests;

use crate::db::Dialect;
use crate::domain::Result;
use crate::domain::access::{self, CallerKind, Certainty};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{AuthOptions, Collection, Schema};
use crate::domain::tx::ReadTx;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The key of guests among the callers.
const GUEST: &str = "guest";

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    /// For no record.
    Closed,
    /// It depends on the record or the request.
    Conditional,
    /// For every record.
    Open,
}

impl Access {
    fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Conditional => "conditional",
            Self::Open => "open",
        }
    }
}

/// One rule, judged for each caller.
#[derive(Debug)]
struct Action {
    name: &'static str,
    rule: Option<String>,
    /// By caller, in the order of [`Survey::callers`].
    access: Vec<Access>,
    /// What is left of the rule, where that is shorter.
    parts: Vec<Option<String>>,
    is_broken: bool,
}

/// A kind of caller, with its key in the answer.
struct Asker {
    key: String,
    /// `None` for guests.
    collection: Option<Arc<Collection>>,
}

struct Judged {
    collection: Arc<Collection>,
    actions: Vec<Action>,
}

impl Judged {
    fn access(&self, action: &str, caller: usize) -> Access {
        self.actions.iter().find(|one| one.name == action).map_or(Access::Closed, |one| one.access[caller])
    }

    /// Whether the caller may read records in any way.
    fn reading(&self, caller: usize) -> Access {
        self.access("list", caller).max(self.access("view", caller))
    }
}

struct Survey<'a> {
    tx: &'a ReadTx,
    schema: &'a Schema,
    callers: Vec<Asker>,
    collections: Vec<Judged>,
}

/// Returns the answer in the API's form.
pub fn exposure(tx: &ReadTx) -> Result<Value> {
    let schema = tx.schema();
    let mut survey = Survey { tx, schema: &schema, callers: askers(&schema), collections: Vec::new() };
    for collection in schema.all() {
        let actions = survey.actions(collection, tx.dialect());
        survey.collections.push(Judged { collection: Arc::clone(collection), actions });
    }
    let callers: Vec<Value> = survey
        .callers
        .iter()
        .map(|caller| json!({"key": caller.key, "collection": caller.collection.as_ref().map(|collection| &collection.name)}))
        .collect();
    let sign_up: Vec<&str> = survey.sign_up().map(|judged| judged.collection.name.as_str()).collect();
    let collections = survey.collections.iter().map(|judged| survey.shown(judged)).collect::<Result<Vec<_>>>()?;
    Ok(json!({"callers": callers, "signUp": sign_up, "collections": collections}))
}

/// Guests first, then each auth collection.
fn askers(schema: &Schema) -> Vec<Asker> {
    let auths = schema.all().iter().filter(|collection| collection.is_auth() && !collection.is_superusers());
    let key = |collection: &Collection| {
        // A collection may be called "guest". Its id stands for it then.
        if collection.name.eq_ignore_ascii_case(GUEST) { collection.id.clone() } else { collection.name.clone() }
    };
    let users = auths.map(|collection| Asker { key: key(collection), collection: Some(Arc::clone(collection)) });
    std::iter::once(Asker { key: GUEST.to_owned(), collection: None }).chain(users).collect()
}

impl Survey<'_> {
    fn actions(&self, collection: &Arc<Collection>, dialect: &'static dyn Dialect) -> Vec<Action> {
        let rules = &collection.rules;
        let mut named = vec![("list", &rules.list), ("view", &rules.view)];
        if !collection.is_view() {
            named.extend([("create", &rules.create), ("update", &rules.update), ("delete", &rules.delete)]);
        }
        let mut actions: Vec<Action> =
            named.into_iter().map(|(name, rule)| self.action(collection, name, rule.as_deref(), dialect)).collect();
        if let Some(options) = collection.auth.as_deref().filter(|_| !collection.is_superusers()) {
            actions.push(self.action(collection, "manage", options.manage_rule.as_deref(), dialect));
            actions.push(self.sign_in(collection, options, dialect));
        }
        actions
    }

    fn action(
        &self,
        collection: &Arc<Collection>,
        name: &'static str,
        rule: Option<&str>,
        dialect: &'static dyn Dialect,
    ) -> Action {
        let mut action =
            Action { name, rule: rule.map(ToOwned::to_owned), access: Vec::new(), parts: Vec::new(), is_broken: false };
        for caller in &self.callers {
            let kind = caller.collection.as_ref().map_or(CallerKind::Guest, CallerKind::Record);
            let (access, part) = match rule {
                None => (Access::Closed, None),
                Some("") => (Access::Open, None),
                Some(text) => match access::certainty(self.schema, collection, text, kind, dialect) {
                    Ok(Certainty::Always) => (Access::Open, None),
                    Ok(Certainty::Never) => (Access::Closed, None),
                    Ok(Certainty::Depends(rest)) => {
                        (Access::Conditional, Some(rest.to_string()).filter(|rest| rest.len() < text.len()))
                    }
                    // A rule that does not compile allows no request.
                    Err(_) => {
                        action.is_broken = true;
                        (Access::Closed, None)
                    }
                },
            };
            action.access.push(access);
            action.parts.push(part);
        }
        action
    }

    /// Signing in concerns the records of the collection itself. The rule is asked before anyone is signed in.
    fn sign_in(&self, collection: &Arc<Collection>, options: &AuthOptions, dialect: &'static dyn Dialect) -> Action {
        let mut action = self.action(collection, "auth", options.auth_rule.as_deref(), dialect);
        let for_all = action.access.first().copied().unwrap_or(Access::Closed);
        action.parts.clear();
        for (caller, access) in self.callers.iter().zip(&mut action.access) {
            let is_own = caller.collection.as_ref().is_some_and(|own| own.id == collection.id);
            *access = if is_own { for_all } else { Access::Closed };
            action.parts.push(None);
        }
        action
    }

    /// The auth collections in which a guest may make an account.
    fn sign_up(&self) -> impl Iterator<Item = &Judged> {
        self.collections.iter().filter(|judged| {
            judged.collection.is_auth()
                && !judged.collection.is_superusers()
                && judged.access("create", 0) != Access::Closed
        })
    }

    fn by_caller(&self, access: impl Fn(usize) -> Value) -> Map<String, Value> {
        self.callers.iter().enumerate().map(|(at, caller)| (caller.key.clone(), access(at))).collect()
    }

    fn shown(&self, judged: &Judged) -> Result<Value> {
        let Judged { collection, actions } = judged;
        let actions: Vec<Value> = actions.iter().map(|action| self.shown_action(action)).collect();
        let fields: Vec<Value> = collection
            .shown_fields()
            .map(|field| json!({"name": field.name, "type": field.type_name(), "visibility": visibility(collection, field)}))
            .collect();
        let files: Vec<Value> = collection.fields.iter().filter_map(|field| self.shown_files(judged, field)).collect();
        let auth = collection.auth.as_deref().map(|options| {
            let oauth2 = &options.oauth2;
            let providers: Vec<&str> = if oauth2.enabled {
                oauth2.providers.iter().map(|one| one.name.as_str()).collect()
            } else {
                Vec::new()
            };
            json!({
                "password": options.password_auth.enabled, "oauth2": providers, "otp": options.otp.enabled,
                "mfa": options.mfa.enabled, "signUp": self.by_caller(|at| judged.access("create", at).as_str().into()),
            })
        });
        Ok(json!({
            "id": collection.id, "name": collection.name, "type": collection.kind.as_str(), "system": collection.is_system,
            "actions": actions, "fields": fields, "files": files, "auth": auth,
            "warnings": warnings::of(self, judged)?,
        }))
    }

    fn shown_action(&self, action: &Action) -> Value {
        let mut shown = json!({
            "action": action.name, "rule": action.rule,
            "access": self.by_caller(|at| action.access[at].as_str().into()),
        });
        let parts: Map<String, Value> = self
            .callers
            .iter()
            .zip(&action.parts)
            .filter_map(|(caller, part)| Some((caller.key.clone(), part.clone()?.into())))
            .collect();
        if !parts.is_empty() {
            shown["parts"] = parts.into();
        }
        shown
    }

    fn shown_files(&self, judged: &Judged, field: &Field) -> Option<Value> {
        let FieldKind::File(options) = &field.kind else { return None };
        let access = self.by_caller(|at| {
            if options.is_protected { judged.access("view", at).as_str().into() } else { "link".into() }
        });
        Some(json!({"field": field.name, "isProtected": options.is_protected, "access": access}))
    }
}

fn visibility(collection: &Collection, field: &Field) -> &'static str {
    if collection.is_credential(field) {
        "never"
    } else if field.is_hidden {
        "hidden"
    } else if collection.is_auth() && field.name == "email" {
        "owner"
    } else {
        "shown"
    }
}
