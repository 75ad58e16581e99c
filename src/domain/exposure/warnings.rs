//! What in the rules of a collection may surprise its owner.

use super::{Access, Action, Judged, Survey};
use crate::domain::Result;
use crate::domain::access::{doubt, end_of};
use crate::domain::collections::views::{self, ViewError};
use crate::domain::fields::FieldKind;
use crate::domain::filter::{Filter, Modifier, Operand, Relation, parse};
use crate::domain::model::Collection;
use serde_json::{Value, json};
use std::sync::Arc;

/// Returns the warnings about a collection in the API's form.
pub fn of(survey: &Survey<'_>, judged: &Judged) -> Result<Vec<Value>> {
    let mut list = List { survey, judged, found: Vec::new() };
    for action in &judged.actions {
        list.of_access(action);
        list.of_text(action);
    }
    list.of_accounts();
    list.of_files();
    if judged.collection.is_view() {
        list.of_view()?;
    }
    Ok(list.found)
}

struct List<'a> {
    survey: &'a Survey<'a>,
    judged: &'a Judged,
    found: Vec<Value>,
}

impl List<'_> {
    fn name(&self) -> &str {
        &self.judged.collection.name
    }

    fn add(&mut self, code: &str, severity: &str, (action, caller): (Option<&str>, Option<usize>), message: String) {
        let caller = caller.map(|at| self.survey.callers[at].key.as_str());
        let mut warning = json!({"code": code, "severity": severity, "action": action, "caller": caller});
        warning["message"] = message.into();
        self.found.push(warning);
    }

    fn of_access(&mut self, action: &Action) {
        let (verb, code, for_guests, for_users) = match action.name {
            "create" if self.judged.collection.is_auth() => return,
            "create" => ("create records in", "create_open", "medium", ""),
            "update" => ("change any record of", "update_open", "high", "medium"),
            "delete" => ("delete any record of", "delete_open", "high", "medium"),
            "manage" => ("change the address and password of any account of", "manage_open", "high", "high"),
            "list" if self.judged.collection.is_auth() => {
                ("list all accounts of", "accounts_listable", "high", "medium")
            }
            _ => return,
        };
        let is_open = |at: usize| action.access[at] == Access::Open;
        let name = self.name().to_owned();
        if is_open(0) {
            let message = format!("Everybody may {verb} \"{name}\".");
            self.add(code, for_guests, (Some(action.name), Some(0)), message);
            return;
        }
        for at in (1..self.survey.callers.len()).filter(|at| is_open(*at) && !for_users.is_empty()) {
            let message = format!("Every signed-in user of \"{}\" may {verb} \"{name}\".", self.survey.callers[at].key);
            self.add(code, for_users, (Some(action.name), Some(at)), message);
        }
    }

    /// Looks at the names in the rule.
    fn of_text(&mut self, action: &Action) {
        let (name, verb) = (self.name().to_owned(), action.name);
        if action.is_broken {
            let message = format!("The {verb} rule of \"{name}\" cannot be used any more, so it allows nothing.");
            self.add("rule_broken", "medium", (Some(verb), None), message);
        }
        let Some(Ok(filter)) = action.rule.as_deref().filter(|rule| !rule.is_empty()).map(parse) else { return };
        for identifier in filter.identifiers() {
            if let Some((message, _)) = doubt(self.survey.schema, &self.judged.collection, &identifier.name) {
                let message = format!("In the {verb} rule of \"{name}\": {message}.");
                self.add("rule_unknown_name", "info", (Some(verb), None), message);
            }
        }
        if let Some(field) = compared(&filter, &|left, right| self.secret(left, right)) {
            let message = format!(
                "The {verb} rule of \"{name}\" compares the hidden field \"{field}\" with what the request sends: it can be \
                 guessed by trying."
            );
            self.add("secret_in_rule", "medium", (Some(verb), None), message);
            self.note("field", field.into());
        }
        let is_for_guests = action.access.first() == Some(&Access::Conditional);
        if is_for_guests && let Some(field) = compared(&filter, &|left, right| self.matches_empty(left, right)) {
            let message = format!(
                "The {verb} rule of \"{name}\" compares \"{field}\" with the caller: where it is empty, guests match it too."
            );
            self.add("guest_matches_empty", "medium", (Some(verb), Some(0)), message);
            self.note("field", field.into());
        }
    }

    /// Adds a key to the last warning.
    fn note(&mut self, key: &str, value: Value) {
        if let Some(last) = self.found.last_mut() {
            last[key] = value;
        }
    }

    /// The hidden field that is compared with a value of the request.
    fn secret(&self, left: &Operand, right: &Operand) -> Option<String> {
        let name = name_of(left)?;
        let is_sent = name_of(right).is_some_and(|name| {
            ["@request.query.", "@request.headers.", "@request.body."].iter().any(|from| name.starts_with(from))
        });
        let end = end_of(self.survey.schema, &self.judged.collection, None, name)
            .filter(|_| is_sent && !name.starts_with('@'))?;
        let is_secret = end.field().is_hidden || end.collection.is_credential(end.field());
        is_secret.then(|| name.to_owned())
    }

    /// The optional field that is compared with a field of the caller, who may be nobody.
    fn matches_empty(&self, left: &Operand, right: &Operand) -> Option<String> {
        let name = name_of(left)?;
        name_of(right).filter(|name| name.starts_with("@request.auth."))?;
        let field = self.judged.collection.field(name)?;
        (!field.is_required && field.name != "id").then(|| name.to_owned())
    }

    fn of_accounts(&mut self) {
        let collection = Arc::clone(&self.judged.collection);
        if !collection.is_auth() || collection.is_superusers() {
            return;
        }
        let (name, survey) = (collection.name.clone(), self.survey);
        let own = survey
            .callers
            .iter()
            .position(|caller| caller.collection.as_ref().is_some_and(|own| own.id == collection.id));
        let is_sign_in_closed = self.judged.actions.iter().any(|action| action.name == "auth" && action.rule.is_none());
        if is_sign_in_closed {
            self.add(
                "sign_in_closed",
                "info",
                (Some("auth"), None),
                format!("Nobody may sign in to \"{name}\": its auth rule is null."),
            );
        }
        let Some(own) = own.filter(|_| survey.sign_up().any(|judged| judged.collection.id == collection.id)) else {
            return;
        };
        let is_wider = |judged: &Judged| {
            judged.actions.iter().any(|action| {
                action.name != "auth" && action.access[own] == Access::Open && action.access[0] != Access::Open
            })
        };
        let affected: Vec<&str> = survey
            .collections
            .iter()
            .filter(|judged| is_wider(judged))
            .map(|judged| judged.collection.name.as_str())
            .collect();
        if !affected.is_empty() {
            let message = format!(
                "Everybody may make an account in \"{name}\". What is open to its signed-in users is open to everybody: {}.",
                affected.join(", ")
            );
            self.add("signed_in_is_everybody", "info", (None, Some(own)), message);
        }
    }

    fn of_files(&mut self) {
        let is_unprotected = |kind: &FieldKind| matches!(kind, FieldKind::File(options) if !options.is_protected);
        let names: Vec<String> = self
            .judged
            .collection
            .fields
            .iter()
            .filter(|field| is_unprotected(&field.kind))
            .map(|field| field.name.clone())
            .collect();
        if self.judged.access("view", 0) == Access::Open {
            return;
        }
        for field in names {
            let message = format!(
                "Files of \"{field}\" in \"{}\" can be read by everybody who knows their address, whatever the view rule says.",
                self.name()
            );
            self.add("files_unprotected", "info", (Some("view"), Some(0)), message);
            self.note("field", field.into());
        }
    }

    fn of_view(&mut self) -> Result<()> {
        let (survey, view) = (self.survey, Arc::clone(&self.judged.collection));
        let reads = match views::reads(survey.tx, survey.schema, &view.view_query) {
            Ok(reads) => reads,
            Err(ViewError::Refused(_)) => return Ok(()),
            Err(ViewError::Failed(error)) => return Err(error),
        };
        for source in survey
            .collections
            .iter()
            .filter(|source| reads.iter().any(|(id, column)| *id == source.collection.id && !column.is_empty()))
        {
            let name = &source.collection.name;
            let callers = 0..survey.callers.len();
            if let Some(at) = callers.clone().find(|at| self.judged.reading(*at) > source.reading(*at)) {
                let message =
                    format!("The view \"{}\" shows data of \"{name}\" to callers who may not read that.", view.name);
                self.add("view_wider_than_source", "medium", (None, Some(at)), message);
                self.note("source", name.as_str().into());
            }
            let is_readable = callers.clone().any(|at| self.judged.reading(at) != Access::Closed);
            if let Some(field) = hidden_field(&source.collection, &reads).filter(|_| is_readable) {
                let message = format!(
                    "The view \"{}\" reads the hidden field \"{field}\" of \"{name}\". Its columns stay hidden; which records it shows \
                     may tell something of it.",
                    view.name
                );
                self.add("hidden_in_view", "info", (None, None), message);
                self.note("source", name.as_str().into());
                self.note("field", field.into());
            }
        }
        Ok(())
    }
}

fn hidden_field(source: &Collection, reads: &std::collections::BTreeSet<(String, String)>) -> Option<String> {
    let is_read = |name: &str| reads.contains(&(source.id.clone(), name.to_lowercase()));
    source.fields.iter().find(|field| field.is_hidden && is_read(&field.name)).map(|field| field.name.clone())
}

fn name_of(operand: &Operand) -> Option<&str> {
    match operand {
        Operand::Identifier(identifier) => Some(Modifier::split(&identifier.name).0),
        _ => None,
    }
}

/// Returns the first result of `look` for the two sides of a comparison by `=`, in either order.
fn compared(filter: &Filter, look: &dyn Fn(&Operand, &Operand) -> Option<String>) -> Option<String> {
    match filter {
        Filter::Compare(comparison) if comparison.operator.relation == Relation::Equal => {
            look(&comparison.left, &comparison.right).or_else(|| look(&comparison.right, &comparison.left))
        }
        Filter::Compare(_) => None,
        Filter::All(parts) | Filter::Any(parts) => parts.iter().find_map(|part| compared(part, look)),
    }
}
