//! Each field before and after a change, and what the preview shows of it.

use crate::db::ColumnType;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::Collection;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The same field before and after the change.
pub(super) struct Pair<'a> {
    pub before: Option<&'a Field>,
    pub after: Option<&'a Field>,
    /// The type of a field of this name that is removed.
    replaces: Option<&'static str>,
}

/// The fields of both sides: those that go first, then those that are there afterwards, in their order.
pub(super) fn pairs<'a>(old: &'a Collection, new: &'a Collection) -> Vec<Pair<'a>> {
    let is_kept = |field: &Field| new.fields.iter().any(|kept| kept.id == field.id);
    let removed: Vec<&Field> = old.shown_fields().filter(|field| !is_kept(field)).collect();
    let type_of_removed =
        |name: &str| removed.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.type_name());
    let gone = removed.iter().map(|field| Pair { before: Some(field), after: None, replaces: None });
    let rest = new.shown_fields().map(|field| {
        let before = old.fields.iter().find(|before| before.id == field.id);
        let replaces = if before.is_none() { type_of_removed(&field.name) } else { None };
        Pair { before, after: Some(field), replaces }
    });
    gone.chain(rest).collect()
}

impl Pair<'_> {
    /// Whether the number of values matters: they are lost or converted.
    pub fn is_counted(&self) -> bool {
        match (self.before, self.after) {
            (Some(_), None) => true,
            (Some(before), Some(after)) => {
                before.column_type() != after.column_type() || has_other_checks(before, after)
            }
            (None, _) => false,
        }
    }

    pub fn is_new_and_required(&self) -> bool {
        self.before.is_none()
            && self.after.is_some_and(|field| field.is_required && field.validate(&field.zero()).is_err())
    }

    /// `None` if nothing changes.
    pub fn shown(&self, old: &Collection, counts: Option<(i64, i64)>) -> Option<Map<String, Value>> {
        let filled = counts.map(|(filled, _)| filled);
        let mut shown = Map::new();
        let mut set = |key: &str, value: Value| drop(shown.insert(key.to_owned(), value));
        let field = self.after.or(self.before)?;
        set("id", field.id.as_str().into());
        set("name", field.name.as_str().into());
        set("type", field.type_name().into());
        match (self.before, self.after) {
            (None, _) => {
                set("action", "add".into());
                if let Some(type_name) = self.replaces {
                    set("replaces", type_name.into());
                }
            }
            (Some(_), None) => {
                set("action", "remove".into());
                set("filled", filled.into());
                // Views compute their fields.
                if !old.is_view() {
                    set("dropped", filled.into());
                }
            }
            (Some(before), Some(after)) => {
                let options = options(before, after);
                let is_renamed = before.name != after.name;
                if options.is_empty() && !is_renamed {
                    return None;
                }
                set("action", if options.is_empty() { "rename" } else { "change" }.into());
                if is_renamed {
                    set("oldName", before.name.as_str().into());
                }
                if !options.is_empty() {
                    set("options", options.into());
                }
                if self.is_counted() && !old.is_view() {
                    set("filled", filled.into());
                }
                match (before.column_type(), after.column_type()) {
                    (from, to) if from == to => {}
                    (ColumnType::JsonArray, _) => {
                        set("conversion", "listToSingle".into());
                        set("cut", counts.map(|(_, several)| several).into());
                    }
                    _ => set("conversion", "singleToList".into()),
                }
            }
        }
        Some(shown)
    }
}

/// The options that differ, as the API names them.
fn options(before: &Field, after: &Field) -> Vec<Value> {
    let (before, after) = (before.to_json(), after.to_json());
    let names: BTreeSet<&String> =
        before.keys().chain(after.keys()).filter(|name| !["id", "name"].contains(&name.as_str())).collect();
    let pairs = names.into_iter().map(|name| (name, before.get(name), after.get(name)));
    pairs
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| json!({"name": name, "before": before, "after": after}))
        .collect()
}

/// Whether a value that was valid may be invalid now.
pub(super) fn has_other_checks(before: &Field, after: &Field) -> bool {
    // Stored passwords are hashes.
    let is_checked = !matches!(after.kind, FieldKind::Password(_) | FieldKind::Autodate(_));
    is_checked && (before.kind != after.kind || (after.is_required && !before.is_required))
}

/// The value as it would be stored.
pub(super) fn converted(before: &Field, after: &Field, value: &Value) -> Value {
    match (before.is_multiple(), after.is_multiple(), value) {
        (true, false, Value::Array(items)) => items.last().cloned().unwrap_or_else(|| after.zero()),
        _ => after.convert(value),
    }
}

/// The fields of a new collection, or of a view.
pub(super) fn plain_fields(old: Option<&Collection>, new: &Collection) -> Vec<Value> {
    match old {
        None => new
            .shown_fields()
            .map(|field| json!({"action": "add", "id": field.id, "name": field.name, "type": field.type_name()}))
            .collect(),
        Some(old) => pairs(old, new).iter().filter_map(|pair| pair.shown(old, None)).map(Value::Object).collect(),
    }
}
