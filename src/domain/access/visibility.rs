//! What a caller may know of the rows they filter and sort by: list rules of related collections, and e-mails that
//! their owners hide.

use super::compiler::{Compiler, Scope};
use super::exists;
use super::path::Leaf;
use super::rows::{Place, Spot};
use crate::db::Sql;
use crate::domain::filter::{Condition, RowSet};

impl Compiler<'_> {
    /// A client who uses a related row must be allowed to list it: the list rule of its collection becomes a condition
    /// of the whole query, once for each row.
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

    /// Rows behind a back-relation that the caller may not list are absent for them. To pass over the record instead, as
    /// [`Compiler::require_visible`] does, would tell it from one that nothing refers to.
    pub fn leave_out_invisible(&mut self, place: &Place) -> Result<(), String> {
        if self.visible.contains_all(place.rows) {
            return Ok(());
        }
        self.visible = self.visible | place.rows;
        if let (Some(row), Some(visible)) = (place.rows.iter().last(), self.own_visibility(&place.spot)?) {
            self.rows.join_mut(row).restrict(&visible);
            if self.rows.inner(RowSet::of(row)).is_empty() {
                // Always holds, and keeps the filter behind it: the engine may turn the outer join into a plain one.
                let mut is_absent = place.spot.id(self.dialect);
                is_absent.raw(" IS NULL");
                let known = [is_absent, visible].map(|sql| Condition::Sql(sql, place.rows));
                self.required.push(Condition::any(known.into()));
            }
        }
        Ok(())
    }

    /// For a row of a select of its own: rows the caller may not list are passed over, or what they hold could
    /// be found out by asking whether *all* rows satisfy something.
    pub fn own_visibility(&mut self, spot: &Spot) -> Result<Option<Sql>, String> {
        let place = Place { spot: spot.clone(), rows: RowSet::EMPTY };
        Ok(match self.visibility(&place, true)? {
            None | Some(Condition::Constant(true)) => None,
            Some(condition) => Some(exists::write(&condition, &self.rows, self.dialect)),
        })
    }

    /// That the row is absent, or its collection's list rule holds for it. The rule itself may read what it likes.
    fn visibility(&mut self, place: &Place, is_nested: bool) -> Result<Option<Condition>, String> {
        let rule = place.spot.collection().and_then(|collection| collection.rules.list.clone());
        let Some(rule) = rule.filter(|rule| !rule.is_empty()) else { return Ok(None) };
        let namespace = format!("{}/", self.rows.fresh());
        let scope = Scope { start: place.clone(), namespace, is_restricted: false, is_nested };
        let allowed = self.compile(&rule, scope).map_err(|_| "a related collection has an invalid list rule")?;
        let mut is_absent = place.spot.id(self.dialect);
        is_absent.raw(" IS NULL");
        let rows = if is_nested { RowSet::of(0) } else { place.rows };
        Ok(Some(Condition::any(vec![Condition::Sql(is_absent, rows), allowed])))
    }
}

/// An e-mail counts for others only where its owner shows it.
pub fn email_guard(leaf: &Leaf, spot: &Spot, scope: &Scope) -> Option<Sql> {
    if !leaf.is_email || !scope.is_restricted {
        return None;
    }
    let mut guard = spot.column("emailVisibility");
    guard.raw(" = TRUE");
    Some(guard)
}
