//! Finds what behaves differently here for a given folder, from its definitions and settings. Differences that apply to
//! every folder are in `docs/compatibility.md`; keep the two consistent.

use super::Difference;
use super::source::SourceCollection;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::providers::{self, Provider};
use crate::domain::model::{Collection, Schema};
use serde_json::{Map, Value};
use std::sync::Arc;

const RULE_NAMES: [&str; 5] = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];

/// `schema` is what `collections` have become here.
pub(super) fn of_definitions(collections: &[Arc<SourceCollection>], schema: &Schema) -> Vec<Difference> {
    let mut found = Vec::new();
    for source in collections {
        let Some(here) = schema.by_id(&source.id).or_else(|| schema.by_name(&source.name)) else { continue };
        if source.is_built_in {
            built_in(source, here, &mut found);
        } else {
            if source.is_system {
                let what = format!("the collection {}, which is flagged as one of the system", source.name);
                found.push(Difference::behaves(
                    what,
                    "it keeps its rules and its flag, and so cannot be renamed or deleted",
                ));
            }
            rules(source, &mut found);
        }
        fields(source, here, &mut found);
        sign_ins(source, &mut found);
    }
    found
}

/// Collections that the server itself uses keep this server's rules.
fn built_in(source: &SourceCollection, here: &Collection, found: &mut Vec<Difference>) {
    let rules = &here.rules;
    let own = [&rules.list, &rules.view, &rules.create, &rules.update, &rules.delete];
    for ((name, own), theirs) in RULE_NAMES.into_iter().zip(own).zip(&source.rules) {
        if own != theirs {
            let show = |rule: &Option<String>| rule.as_deref().map_or("null".to_owned(), |rule| format!("{rule:?}"));
            let why = format!("it is {} here, and was {}", show(own), show(theirs));
            found.push(Difference::changed(format!("{name} of {}", source.name), why));
        }
    }
}

fn rules(source: &SourceCollection, found: &mut Vec<Difference>) {
    for (name, rule) in RULE_NAMES.into_iter().zip(&source.rules) {
        if rule.as_deref().is_some_and(|rule| rule.contains('~')) {
            let why = "~ ignores the case of all letters, not of ASCII letters alone";
            found.push(Difference::behaves(format!("{name} of {}", source.name), why));
        }
    }
}

fn fields(source: &SourceCollection, here: &Collection, found: &mut Vec<Difference>) {
    for theirs in &source.fields {
        let what = || format!("the field {} of {}", theirs.name, source.name);
        let Some(own) = here.field(&theirs.name) else {
            found.push(Difference::left_out(what(), "the collection does not have it here"));
            continue;
        };
        if own.type_name() != theirs.type_name() {
            let why = format!("it is of type {} here, and was {}", own.type_name(), theirs.type_name());
            found.push(Difference::changed(what(), why));
        } else if own.is_hidden != theirs.is_hidden {
            let why = if own.is_hidden {
                "it is hidden here, because it is computed from a hidden field"
            } else {
                "it is visible here"
            };
            found.push(Difference::changed(what(), why));
        } else if !here.is_view() && without_id(own) != without_id(theirs) {
            found.push(Difference::changed(what(), "its options are not the same"));
        }
        if matches!(&own.kind, FieldKind::File(options) if options.is_protected) {
            let why = "browsers keep its files for at most five minutes, and proxies never";
            found.push(Difference::behaves(what(), why));
        }
    }
    for own in here.fields.iter().filter(|own| !source.fields.iter().any(|theirs| theirs.name == own.name)) {
        let what = format!("the field {} of {}", own.name, source.name);
        found.push(Difference::changed(what, "it was not there, and is added because the server needs it"));
    }
}

fn without_id(field: &Field) -> Field {
    Field { id: String::new(), ..field.clone() }
}

fn sign_ins(source: &SourceCollection, found: &mut Vec<Difference>) {
    let Some(oauth2) = source.definition.get("oauth2") else { return };
    if oauth2.get("enabled").and_then(Value::as_bool) != Some(true) {
        return;
    }
    let names = oauth2.get("providers").and_then(Value::as_array).into_iter().flatten();
    for name in names.filter_map(|provider| provider.get("name").and_then(Value::as_str)) {
        if providers::find(name).is_some_and(Provider::reports_unverified_addresses) {
            let what = format!("sign-in to {} with {name}", source.name);
            let why = "an e-mail address that the provider did not verify finds no account; accounts that are linked \
                       already go on to work";
            found.push(Difference::behaves(what, why));
        }
    }
}

pub(super) fn of_settings(document: &Map<String, Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    let is_on =
        |key: &str| document.get(key).and_then(|part| part.get("enabled")).and_then(Value::as_bool) == Some(true);
    if is_on("batch") {
        let why = "at most 10 passwords, 12 MiB of texts and an answer of 16 MiB in one, unless a superuser sends it";
        found.push(Difference::behaves("batches", why));
    }
    found
}
