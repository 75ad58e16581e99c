//! What a caller may know of the rows they filter and sort by: applies the list rules of related collections, and hides
//! e-mails that their owners hide.

use super::compiler::{Compiler, Scope};
use super::exists;
use super::path::Leaf;
use super::rows::{Place, Source};
use crate::db::Sql;
use crate::domain::filter::{Condition, RowSet};

impl Compiler<'_> {
    /// Requires that the caller may list a related row: the list rule of its collection becomes a condition of the
    /// whole query, once for each row.
    pub fn require_visible(&mut self, place: &Place) -> Result<(), String> {
        if self.visible.contains_all(place.rows) {
            return Ok(());
        }
        self.visible = self.visible | place.rows;
        if let Some(condition) = self.visibility(place, false)? {
            self.required.push(condition);
        }
        Ok(())
    }

    /// Treats rows behind a back-relation that the caller may not list as absent. Skipping the record instead, as
    /// [`Compiler::require_visible`] does, would distinguish it from a record that nothing refers to.
    pub fn leave_out_invisible(&mut self, place: &Place) -> Result<(), String> {
        if self.visible.contains_all(place.rows) {
            return Ok(());
        }
        self.visible = self.visible | place.rows;
        if let (Some(row), Some(visible)) = (place.rows.iter().last(), self.subselect_visibility(&place.source)?) {
            self.rows.join_mut(row).restrict(&visible);
            if self.rows.inner(RowSet::of(row)).is_empty() {
                // Always true. It makes the engine test the filter after it, because the engine may turn the outer join
                // into an inner one.
                let mut is_absent = place.source.id(self.dialect);
                is_absent.raw(" IS NULL");
                let known = [is_absent, visible].map(|sql| Condition::Sql(sql, place.rows));
                self.required.push(Condition::any(known.into()));
            }
        }
        Ok(())
    }

    /// The condition for a row of a separate select. Rows that the caller may not list are skipped, because otherwise
    /// a test of whether *all* rows satisfy a condition would reveal what they hold.
    pub fn subselect_visibility(&mut self, source: &Source) -> Result<Option<Sql>, String> {
        let place = Place { source: source.clone(), rows: RowSet::EMPTY };
        Ok(match self.visibility(&place, true)? {
            None | Some(Condition::Constant(true)) => None,
            Some(condition) => Some(exists::write(&condition, &self.rows, self.dialect)),
        })
    }

    /// The condition that the row is absent or its collection's list rule holds for it. The rule itself may read everything.
    fn visibility(&mut self, place: &Place, is_nested: bool) -> Result<Option<Condition>, String> {
        let rule = place.source.collection().and_then(|collection| collection.rules.list.clone());
        let Some(rule) = rule.filter(|rule| !rule.is_empty()) else { return Ok(None) };
        let namespace = format!("{}/", self.rows.fresh());
        let scope = Scope { start: place.clone(), namespace, is_restricted: false, is_nested };
        let allowed = self.compile(&rule, scope).map_err(|_| "a related collection has an invalid list rule")?;
        let mut is_absent = place.source.id(self.dialect);
        is_absent.raw(" IS NULL");
        let rows = if is_nested { RowSet::of(0) } else { place.rows };
        Ok(Some(Condition::any(vec![Condition::Sql(is_absent, rows), allowed])))
    }

    /// The condition under which other callers may use an e-mail: its owner shows it.
    pub fn email_guard(&mut self, leaf: &Leaf, source: &Source, scope: &Scope) -> Option<Sql> {
        if !leaf.is_email || !scope.is_restricted {
            return None;
        }
        self.note_column(source, "emailVisibility");
        let mut guard = source.column("emailVisibility");
        guard.raw(" = TRUE");
        Some(guard)
    }
}
