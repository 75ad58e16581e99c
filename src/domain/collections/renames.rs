//! Updates rules when a field or collection that they name is renamed.
//!
//! A rule is parsed and each name in it is resolved against the old schema. If the name leads through something that is
//! renamed, it is replaced in the text. If a name may stand for several fields (`@request.auth.role`, with a `role` in
//! two auth collections of which one is renamed), nothing is guessed: the change is refused, with a list of the rules.

use super::input::Draft;
use super::rule_names::{Reading, Segment, readings};
use super::save::{Outcome, Refusal};
use crate::domain::access;
use crate::domain::fields::Field;
use crate::domain::filter::parse;
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::WriteTx;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Rewrites the rules that name what `drafts` rename. Other collections with such rules get drafts as well. `deleted`
/// collections are skipped, and so are rules that the change itself sets.
pub(super) fn follow(before: &Schema, drafts: &mut Vec<Draft>, deleted: &[Arc<Collection>]) -> Outcome<()> {
    let renames = Renames::of(drafts);
    if renames.is_empty() {
        return Ok(());
    }
    let mut unclear = Vec::new();
    let stay = before.all().iter().filter(|one| !deleted.iter().any(|gone| gone.id == one.id));
    for old in stay {
        let at = drafts.iter().position(|draft| draft.new.id == old.id);
        let mut new = at.map_or_else(|| Collection::clone(old), |at| drafts[at].new.clone());
        let mut is_changed = false;
        let old_rules: HashMap<&str, String> = texts(old).into_iter().collect();
        for (key, rule) in rules(&mut new) {
            if rule.is_empty() || old_rules.get(key) != Some(rule) {
                continue;
            }
            match renames.rewritten(before, std::slice::from_ref(old), rule) {
                Ok(Some(text)) => {
                    *rule = text;
                    is_changed = true;
                }
                Ok(None) => {}
                Err(name) => unclear.push(format!("the {key} of \"{}\" ({name})", old.name)),
            }
        }
        match at {
            _ if !is_changed => {}
            Some(at) => drafts[at].new = new,
            None => drafts.push(Draft { new, ..Draft::unchanged(old) }),
        }
    }
    if unclear.is_empty() {
        return Ok(());
    }
    Err(Renames::unclear(&unclear))
}

/// Returns the rules outside of `planned` drafts that were valid before a change of names and would not be after it.
pub(super) fn broken(tx: &WriteTx, before: &Schema, after: &Schema, drafts: &[Draft], planned: usize) -> Vec<String> {
    if Renames::of(&drafts[..planned.min(drafts.len())]).is_empty() {
        return Vec::new();
    }
    let mut broken = Vec::new();
    for new in after.all() {
        if drafts[..planned].iter().any(|draft| draft.new.id == new.id) {
            continue;
        }
        let Some(old) = before.by_id(&new.id) else { continue };
        for ((key, before_text), (_, after_text)) in texts(old).iter().zip(texts(new)) {
            let works = |schema: &Schema, collection: &Arc<Collection>, text: &str| {
                text.is_empty() || access::check_rule(schema, collection, text, tx.dialect()).is_ok()
            };
            if works(before, old, before_text) && !works(after, new, &after_text) {
                broken.push(format!("the {key} of \"{}\"", new.name));
            }
        }
    }
    broken
}

/// Does the same as [`texts`], for changing them.
fn rules(collection: &mut Collection) -> Vec<(&'static str, &mut String)> {
    let own = &mut collection.rules;
    let mut found = vec![
        ("listRule", own.list.as_mut()),
        ("viewRule", own.view.as_mut()),
        ("createRule", own.create.as_mut()),
        ("updateRule", own.update.as_mut()),
        ("deleteRule", own.delete.as_mut()),
    ];
    if let Some(auth) = collection.auth.as_deref_mut() {
        found.push(("authRule", auth.auth_rule.as_mut()));
        found.push(("manageRule", auth.manage_rule.as_mut()));
        found.push(("mfa.rule", Some(&mut auth.mfa.rule)));
    }
    found.into_iter().filter_map(|(key, rule)| Some((key, rule?))).collect()
}

/// Returns all rules that are set, with their API names.
pub(super) fn texts(collection: &Collection) -> Vec<(&'static str, String)> {
    let mut copy = collection.clone();
    rules(&mut copy).into_iter().map(|(key, rule)| (key, rule.clone())).collect()
}

/// The new names of everything that is renamed.
#[derive(Default)]
pub(super) struct Renames {
    /// New names by collection id.
    collections: HashMap<String, String>,
    /// New names by collection id and field id.
    fields: HashMap<(String, String), String>,
}

impl Renames {
    pub fn of(drafts: &[Draft]) -> Self {
        let mut renames = Self::default();
        for draft in drafts {
            let Some(old) = &draft.old else { continue };
            let new = &draft.new;
            if old.name != new.name {
                renames.collections.insert(old.id.clone(), new.name.clone());
            }
            // The fields of a view are not renamed; they are read from its query.
            for field in old.fields.iter().filter(|_| !old.is_view()) {
                let kept = new.fields.iter().find(|kept| kept.id == field.id);
                if let Some(kept) = kept.filter(|kept| kept.name != field.name) {
                    renames.fields.insert((old.id.clone(), field.id.clone()), kept.name.clone());
                }
            }
        }
        renames
    }

    /// The refusal for texts in which a name may mean several things.
    pub fn unclear(texts: &[String]) -> Refusal {
        let list = texts.join(", ");
        Refusal::Raw(format!(
            "a name in these rules may mean the renamed field or another one. Change them first: {list}"
        ))
    }

    pub fn is_empty(&self) -> bool {
        self.collections.is_empty() && self.fields.is_empty()
    }

    /// Returns a rule of these collections with new names; `None` if nothing changes, `Err` with a name that could mean several things.
    pub fn rewritten(
        &self,
        schema: &Schema,
        collections: &[Arc<Collection>],
        rule: &str,
    ) -> Result<Option<String>, String> {
        let Ok(filter) = parse(rule) else { return Ok(None) };
        let mut changes = Vec::new();
        for identifier in filter.identifiers() {
            let name = self.renamed(schema, collections, &identifier.name)?;
            if name != identifier.name {
                changes.push((identifier.position.0, identifier.name.as_str(), name));
            }
        }
        if changes.is_empty() {
            return Ok(None);
        }
        changes.sort_by_key(|(position, ..)| *position);
        let starts: Vec<usize> = rule.char_indices().map(|(at, _)| at).collect();
        let (mut text, mut copied) = (String::with_capacity(rule.len()), 0);
        for (position, old, new) in changes {
            let at = position.checked_sub(1).and_then(|at| starts.get(at)).copied();
            let at = at.filter(|at| rule[*at..].starts_with(old)).ok_or_else(|| old.to_owned())?;
            text.push_str(&rule[copied..at]);
            text.push_str(&new);
            copied = at + old.len();
        }
        text.push_str(&rule[copied..]);
        Ok(Some(text))
    }

    /// Returns an identifier of a rule of these collections with its new names. Those that do not know it have no say.
    pub fn renamed(
        &self,
        schema: &Schema,
        collections: &[Arc<Collection>],
        identifier: &str,
    ) -> Result<String, String> {
        let readings = collections.iter().flat_map(|collection| readings(schema, collection, identifier));
        let known = readings.filter(|reading| reading.segments.iter().any(Segment::is_known));
        let names: BTreeSet<String> = known.map(|reading| self.text(&reading)).collect();
        let mut names = names.into_iter();
        match (names.next(), names.next()) {
            (Some(name), None) => Ok(name),
            (None, _) => Ok(identifier.to_owned()),
            (Some(_), Some(_)) => Err(identifier.to_owned()),
        }
    }

    fn text(&self, reading: &Reading<'_>) -> String {
        let segments: Vec<String> = reading.segments.iter().map(|segment| self.segment(segment)).collect();
        segments.join(".") + reading.modifier
    }

    fn segment(&self, segment: &Segment<'_>) -> String {
        match segment {
            // An id does not change.
            Segment::Collection { target, name, alias } if target.id == *name => format!("{name}{alias}"),
            Segment::Collection { target, name, alias } => format!("{}{alias}", self.name_of(target, name)),
            Segment::Field { collection, field } => self.field(collection, field).to_owned(),
            Segment::Back { collection, field, name } => {
                format!("{}_via_{}", self.name_of(collection, name), self.field(collection, field))
            }
            Segment::Other(text) => (*text).to_owned(),
        }
    }

    fn field<'a>(&'a self, collection: &Collection, field: &'a Field) -> &'a str {
        self.fields.get(&(collection.id.clone(), field.id.clone())).unwrap_or(&field.name)
    }

    /// Returns the collection's new name, or `written`, which is its old name in any letter case.
    fn name_of<'a>(&'a self, collection: &Collection, written: &'a str) -> &'a str {
        self.collections.get(&collection.id).map_or(written, String::as_str)
    }
}
