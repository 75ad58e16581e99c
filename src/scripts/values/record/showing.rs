//! How a record is shown: fields that are hidden or shown nevertheless, and computed values.

use super::{RecordValue, is_readable};
use crate::domain::tx::Presentation;
use crate::scripts::error::{Outcome, problem};
use serde_json::Value;

/// The longest name of a computed value, in bytes.
const MAX_SHOWN_NAME: usize = 100;

impl RecordValue {
    /// How the handlers want the record to be shown.
    pub fn presentation(&self) -> Presentation {
        self.lock().presentation.as_deref().cloned().unwrap_or_default()
    }

    /// Takes that out, and forbids further changes.
    pub fn take_presentation(&self) -> Presentation {
        self.lock().presentation.take().map(|presentation| *presentation).unwrap_or_default()
    }

    /// Leaves a field, or a computed value, out of what the caller sees.
    pub fn hide_field(&self, name: &str) -> Outcome<()> {
        Self::check_shown(name)?;
        let is_computed = self.lock().presentation.as_ref().is_some_and(|shown| shown.values.contains_key(name));
        if !is_computed {
            self.position(name)?;
        }
        self.change_presentation("hide", |presentation| {
            presentation.revealed.remove(name);
            presentation.values.remove(name);
            presentation.hidden.insert(name.to_owned());
        })
    }

    /// Shows a field, also one that its collection hides.
    pub fn reveal(&self, name: &str) -> Outcome<()> {
        let field = &self.collection.fields[self.position(name)?];
        if !is_readable(&self.collection, field) {
            return Err(problem(format!("{}.{name} cannot be shown: it is a secret", self.collection.name)));
        }
        self.change_presentation("show", |presentation| {
            presentation.hidden.remove(name);
            presentation.values.remove(name);
            presentation.revealed.insert(name.to_owned());
        })
    }

    /// Shows a value under a name, in place of the field of this name if there is one.
    pub fn show_value(&self, name: &str, value: Value) -> Outcome<()> {
        Self::check_shown(name)?;
        if name.is_empty() || name == "expand" || name.len() > MAX_SHOWN_NAME {
            return Err(problem(format!("{name:?} cannot be the name of a value that is shown")));
        }
        if self.collection.field(name).is_some_and(|field| !is_readable(&self.collection, field)) {
            return Err(problem(format!(
                "{}.{name} is a secret, and nothing can be shown in its place",
                self.collection.name
            )));
        }
        self.change_presentation("show", |presentation| {
            presentation.hidden.remove(name);
            presentation.revealed.remove(name);
            presentation.values.insert(name.to_owned(), value);
        })
    }

    /// Clients find records by these.
    fn check_shown(name: &str) -> Outcome<()> {
        if matches!(name, "id" | "collectionId" | "collectionName") {
            return Err(problem(format!("{name} is always shown as it is")));
        }
        Ok(())
    }

    fn change_presentation(&self, what: &str, change: impl FnOnce(&mut Presentation)) -> Outcome<()> {
        let mut inner = self.lock();
        let presentation = inner.presentation.as_deref_mut();
        let refusal =
            || problem(format!("{what} works in list, view and enrich handlers, on the record that is shown"));
        change(presentation.ok_or_else(refusal)?);
        Ok(())
    }
}
