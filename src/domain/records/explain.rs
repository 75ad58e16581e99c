//! Finds the part of a rule that did not hold. Runs only after a refusal, for the log and for developers.

use super::{satisfies, store, would_satisfy};
use crate::db::DbError;
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::filter::{Filter, parse};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Reason, Result, Subject, UnmetRule};

/// Maximum number of parts of one rule that are evaluated. After that, only the rule is named.
const MAX_PARTS: usize = 12;
/// Maximum number of characters of a rule, or of a part of one, that are quoted.
const MAX_SHOWN: usize = 500;

/// Returns the reason in one sentence without a full stop. Evaluates the parts of a rule one by one until one fails, in
/// the state of the database that `tx` sees.
pub fn explain(tx: &ReadTx, reason: &Reason) -> Result<String> {
    let Reason::Rule(unmet) = reason else { return Ok(reason.to_string()) };
    let mut text = of_rule(tx, reason, unmet)?;
    if unmet.request.context == Context::Batch {
        text.push_str(" (as it is without the other requests of the batch)");
    }
    Ok(text)
}

fn of_rule(tx: &ReadTx, reason: &Reason, unmet: &UnmetRule) -> Result<String> {
    if let Subject::Stored(id) = &unmet.subject
        && store::find(tx, &unmet.collection, id)?.is_none()
    {
        return Ok(format!("no record of \"{}\" has the id \"{id}\"", unmet.collection.name));
    }
    let Ok(filter) = parse(&unmet.rule) else { return Ok(reason.to_string()) };
    let mut left = MAX_PARTS;
    let shown = |filter: &Filter| shortened(&filter.to_string());
    Ok(match tx.savepoint(|| failed_part(tx, unmet, &filter, &mut left)) {
        Ok(Some(part)) => {
            let mut text = format!("the {unmet} does not hold: {}", shown(part));
            for note in notes(part, &unmet.request) {
                text.push_str("; ");
                text.push_str(&note);
            }
            text
        }
        Ok(None) if left == 0 => format!("{reason}: {}", shown(&filter)),
        Ok(None) => format!(
            "the {unmet} does not hold: each of its parts holds by itself, but not all of them for the same related \
             record: {}",
            shown(&filter)
        ),
        // The part could not be evaluated in time. Report what is known.
        Err(Error::Db(error)) => {
            if !matches!(error, DbError::Interrupted) {
                tracing::error!(rule = unmet.rule, %error, "a part of a rule cannot be evaluated");
            }
            format!("{reason}: {}", shown(&filter))
        }
        Err(error) => return Err(error),
    })
}

/// Returns the first part of `filter` that does not hold. Descends into `&&` only: if a group of `||` fails, none of
/// its parts holds.
fn failed_part<'f>(tx: &ReadTx, unmet: &UnmetRule, filter: &'f Filter, left: &mut usize) -> Result<Option<&'f Filter>> {
    if let Filter::All(parts) = filter {
        for part in parts {
            if let Some(failed) = failed_part(tx, unmet, part, left)? {
                return Ok(Some(failed));
            }
        }
        return Ok(None);
    }
    if *left == 0 {
        return Ok(None);
    }
    *left -= 1;
    let text = filter.to_string();
    let holds = match &unmet.subject {
        Subject::Stored(id) => satisfies(tx, &unmet.request, &unmet.collection, id, Some(&text))?,
        Subject::Drafted(record) => would_satisfy(tx, &unmet.request, record, &text)?,
    };
    Ok((!holds).then_some(filter))
}

/// Describes what the part asks for and the request does not have.
fn notes(part: &Filter, request: &RequestInfo) -> Vec<String> {
    let mut notes = Vec::new();
    for name in part.identifiers().into_iter().map(|identifier| identifier.name.as_str()) {
        let note = if let Some(path) = name.strip_prefix("@request.auth.") {
            of_caller(path, &request.caller)
        } else if let Some(path) = name.strip_prefix("@request.body.") {
            let field = first_segment(path);
            (!request.body.contains_key(field)).then(|| format!("the request sent no \"{field}\""))
        } else {
            None
        };
        notes.extend(note.filter(|note| !notes.contains(note)));
    }
    notes
}

fn of_caller(path: &str, caller: &Caller) -> Option<String> {
    let Some(record) = caller.record() else { return Some("nobody is signed in".to_owned()) };
    let field = first_segment(path);
    let is_known = ["collectionId", "collectionName"].contains(&field)
        || field.contains("_via_")
        || record.collection.field(field).is_some();
    (!is_known).then(|| format!("the caller's collection \"{}\" has no field \"{field}\"", record.collection.name))
}

fn first_segment(path: &str) -> &str {
    path.split(['.', ':']).next().unwrap_or_default()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{create, delete, update, view};
    use super::*;
    use crate::domain::collections;
    use crate::domain::records::{Shape, Submitted};
    use crate::domain::testing::{collection, guest, object, record, seeded, user};
    use serde_json::json;

    #[test]
    fn a_refusal_names_the_rule_and_the_part_that_failed() {
        let tx = seeded();
        let tags = collection(&tx, json!({"name": "tags", "fields": [{"name": "label", "type": "text"}]}));
        let posts = collection(
            &tx,
            json!({"name": "posts", "fields": [{"name": "title", "type": "text"}, {"name": "owner", "type": "text"},
                   {"name": "tags", "type": "relation", "maxSelect": 9, "collectionId": tags.id}]}),
        );
        let ana = record(&tx, "users", json!({"email": "ana@example.com", "password": "12345678"}));
        let tag = |label: &str| record(&tx, "tags", json!({"label": label})).id().to_owned();
        let post = record(&tx, "posts", json!({"title": "a", "owner": "ben", "tags": [tag("x"), tag("y")]}));
        let check = |rule: &str, request: &RequestInfo, expected: &str| {
            let rules = json!({"createRule": rule, "viewRule": rule, "updateRule": rule, "deleteRule": rule});
            let posts = collections::update(&tx, &posts, &object(rules)).unwrap();
            let body = || Submitted::new(object(json!({"title": "a", "owner": "ben", "tags": post.get("tags")})));
            let shape = Shape::default();
            let reasons = [
                ("createRule", create(&tx, request, &posts, &body()).map(drop)),
                ("viewRule", view(&tx, request, &posts, post.id(), &shape).map(drop)),
                ("updateRule", update(&tx, request, &posts, post.id(), &body()).map(drop)),
                ("deleteRule", delete(&tx, request, &posts, post.id())),
            ];
            for (name, outcome) in reasons {
                let Err(Error::Refused { reason, .. }) = outcome else { panic!("{name}: {outcome:?}") };
                let found = explain(&tx, &reason).unwrap();
                assert_eq!(found, format!("the {name} of \"posts\" does not hold: {expected}"), "{rule}");
            }
        };
        check("@request.auth.id != ''", &guest(), "@request.auth.id != ''; nobody is signed in");
        check("title = 'a' && owner = @request.auth.id", &user(&ana), "owner = @request.auth.id");
        check("title = 'a' && (owner = 'x' || owner = 'y') && title = 'b'", &guest(), "owner = 'x' || owner = 'y'");
        check(
            "@request.auth.role = 'admin'",
            &user(&ana),
            "@request.auth.role = 'admin'; the caller's collection \"users\" has no field \"role\"",
        );
        check(
            "tags.label ?= 'x' && tags.label ?= 'y'",
            &guest(),
            "each of its parts holds by itself, but not all of them for the same related record: tags.label ?= 'x' && \
             tags.label ?= 'y'",
        );
    }

    #[test]
    fn a_record_that_is_not_there_is_told_from_one_that_is_withheld() {
        let tx = seeded();
        let posts = collection(&tx, json!({"name": "posts", "fields": [{"name": "title", "type": "text"}]}));
        let posts = collections::update(&tx, &posts, &object(json!({"viewRule": "title = 'x'"}))).unwrap();
        let reason = |outcome: Result<Vec<u8>>| match outcome {
            Err(Error::Refused { reason, answer }) => (explain(&tx, &reason).unwrap(), answer.to_string()),
            other => panic!("{other:?}"),
        };
        let post = record(&tx, "posts", json!({"title": "a"}));
        let (missing, first) = reason(view(&tx, &guest(), &posts, "nope", &Shape::default()));
        let (withheld, second) = reason(view(&tx, &guest(), &posts, post.id(), &Shape::default()));
        assert_eq!(missing, "no record of \"posts\" has the id \"nope\"");
        assert_eq!(withheld, "the viewRule of \"posts\" does not hold: title = 'x'");
        assert_eq!(first, second, "the answers are the same");
    }

    #[test]
    fn a_rule_of_many_parts_is_evaluated_a_bounded_number_of_times() {
        let tx = seeded();
        let posts = collection(&tx, json!({"name": "posts", "fields": [{"name": "title", "type": "text"}]}));
        let rule = format!("{} && title = 'b'", vec!["title = 'a'"; 60].join(" && "));
        let posts = collections::update(&tx, &posts, &object(json!({"createRule": rule}))).unwrap();
        let outcome = create(&tx, &guest(), &posts, &Submitted::new(object(json!({"title": "a"}))));
        let Err(Error::Refused { reason, .. }) = outcome else { panic!("{outcome:?}") };
        let text = explain(&tx, &reason).unwrap();
        assert!(text.starts_with("the createRule of \"posts\" does not hold: title = 'a' && "), "{text}");
        assert!(text.chars().count() < 600, "{text}");
    }
}
