//! Finds the rules that a change would leave with names of fields or collections that are gone.
//!
//! Such a rule need not fail: `@request.auth.role != 'guest'` holds for everybody once no `role` exists. The change is
//! therefore refused, with a list of the rules, unless it changes these rules as well.

use super::input::Draft;
use super::renames::texts;
use super::rule_names::{Reading, readings};
use crate::domain::fields::Field;
use crate::domain::filter::parse;
use crate::domain::model::{Collection, Schema};
use std::collections::HashSet;
use std::sync::Arc;

/// The rules that the change itself sets, by collection id and API name.
pub(super) type SetRules = HashSet<(String, &'static str)>;

/// Returns the rules that `drafts` set to another text than the stored one.
pub(super) fn set_rules(drafts: &[Draft]) -> SetRules {
    let mut set = SetRules::new();
    for Draft { old, new, .. } in drafts {
        let before = old.as_deref().map(texts).unwrap_or_default();
        let is_set = |rule: &(&'static str, String)| !before.contains(rule);
        set.extend(texts(new).into_iter().filter(is_set).map(|(key, _)| (new.id.clone(), key)));
    }
    set
}

/// Whether a collection of `drafts` has lost a name, or a name now leads elsewhere. If not, no rule needs a look.
pub(super) fn may_lose(drafts: &[Draft]) -> bool {
    let is_same =
        |old: &Field, new: &Field| old.type_name() == new.type_name() && old.relation_target() == new.relation_target();
    drafts.iter().any(|Draft { old, new, .. }| {
        let mut old_fields = old.iter().flat_map(|old| &old.fields);
        old_fields.any(|field| !new.field(&field.name).is_some_and(|kept| is_same(field, kept)))
    })
}

/// Returns the rules, except for those in `set`, in which a name has lost its meaning between the two schemas. The
/// texts of rules may have changed only by renaming.
pub(super) fn lost(before: &Schema, after: &Schema, set: &SetRules) -> Vec<String> {
    let mut found = Vec::new();
    for new in after.all() {
        let Some(old) = before.by_id(&new.id) else { continue };
        let old_rules = texts(old);
        for (key, rule) in texts(new) {
            let Some((_, old_rule)) = old_rules.iter().find(|(old_key, _)| *old_key == key) else { continue };
            if set.contains(&(new.id.clone(), key)) {
                continue;
            }
            if let Some(name) = lost_in(before, after, (old, old_rule), (new, &rule)) {
                found.push(format!("the {key} of \"{}\" ({name})", new.name));
            }
        }
    }
    found
}

/// Returns a name in a rule that has lost its meaning between the two schemas, as it is in the new text.
pub(super) fn lost_in(
    before: &Schema,
    after: &Schema,
    (old, old_rule): (&Arc<Collection>, &str),
    (new, rule): (&Arc<Collection>, &str),
) -> Option<String> {
    let (Ok(was), Ok(is)) = (parse(old_rule), parse(rule)) else { return None };
    let mut pairs = was.identifiers().into_iter().zip(is.identifiers());
    let lost = pairs.find(|(was, is)| {
        let (was_known, is_known) = (readings(before, old, &was.name), readings(after, new, &is.name));
        was_known.iter().any(|reading| is_lost(after, &was.name, reading, &is_known))
    });
    lost.map(|(_, is)| is.name.clone())
}

fn is_lost(after: &Schema, name: &str, was: &Reading<'_>, now: &[Reading<'_>]) -> bool {
    match now.iter().find(|reading| reading.caller == was.caller) {
        Some(now) => !keeps(name, was, now),
        // Records of a deleted collection do not call any more. The name is lost if it means nothing else either.
        None if was.caller.as_ref().is_some_and(|id| after.by_id(id).is_none()) => {
            !now.iter().any(|reading| keeps(name, was, reading))
        }
        None => true,
    }
}

/// Whether each segment that was known is still known.
fn keeps(name: &str, was: &Reading<'_>, now: &Reading<'_>) -> bool {
    // A body may contain any key, whether or not it is a field.
    let skipped = if name.starts_with("@request.body.") { 3 } else { 0 };
    let mut pairs = was.segments.iter().zip(&now.segments).skip(skipped);
    pairs.all(|(was, now)| now.is_known() || !was.is_known())
}
