//! Views outside a change that read what it changes. They are recreated together with the change.

use super::input::Draft;
use super::retarget::retarget;
use super::save::Outcome;
use super::views::{self, ViewError};
use crate::domain::model::{Collection, Schema};
use crate::domain::tx::WriteTx;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The views that a change recreates.
#[derive(Default)]
pub(super) struct Views {
    /// Their positions among the drafts.
    pub positions: Vec<usize>,
    /// What they read before, by position, if their query does not change: they must still read it afterwards. SQLite
    /// would treat a name in double quotes as a string if its column is gone.
    pub reads: HashMap<usize, Reads>,
}

type Reads = BTreeSet<(String, String)>;

/// Appends drafts for the views that read what changes, and returns all views to recreate.
pub(super) fn add(
    tx: &WriteTx,
    before: &Schema,
    drafts: &mut Vec<Draft>,
    deleted: &[Arc<Collection>],
) -> Outcome<Views> {
    let is_new = |at: &usize| drafts[*at].is_new_view();
    let mut rebuilt: BTreeSet<usize> = (0..drafts.len()).filter(is_new).collect();
    let mut reads = HashMap::new();
    let requeried: BTreeSet<String> = ids(drafts, Draft::is_new_view);
    let renames: Vec<Rename> = drafts.iter().filter(|draft| draft.is_renamed()).filter_map(Rename::of).collect();
    for (view, reads_before) in readers(tx, before, drafts, deleted)? {
        let at = drafts.iter().position(|draft| draft.new.id == view.id).unwrap_or_else(|| {
            drafts.push(Draft::unchanged(&view));
            drafts.len() - 1
        });
        let new = &mut drafts[at].new;
        if new.view_query == view.view_query {
            let is_read = |id: &str| reads_before.iter().any(|(read, _)| read == id);
            let renames: Vec<&Rename> = renames.iter().filter(|rename| is_read(&rename.id)).collect();
            new.view_query = follow(&new.view_query, &renames);
            // A source view with a new query may read other columns than before.
            if !requeried.iter().any(|id| is_read(id)) {
                reads.insert(at, reads_before);
            }
        }
        rebuilt.insert(at);
    }
    Ok(Views { positions: rebuilt.into_iter().collect(), reads })
}

/// Returns the views that stay and read something that is changed or deleted, with everything they read.
fn readers(
    tx: &WriteTx,
    before: &Schema,
    drafts: &[Draft],
    deleted: &[Arc<Collection>],
) -> Outcome<Vec<(Arc<Collection>, Reads)>> {
    let deleted: BTreeSet<&str> = deleted.iter().map(|collection| collection.id.as_str()).collect();
    let changed = ids(drafts, |draft| draft.old.is_some() && (draft.is_new_view() || draft.is_reshaped()));
    let mut readers = Vec::new();
    if changed.is_empty() && deleted.is_empty() {
        return Ok(readers);
    }
    let stay =
        before.all().iter().filter(|collection| collection.is_view() && !deleted.contains(collection.id.as_str()));
    for view in stay {
        let is_touched = |(id, _): &(String, String)| changed.contains(id) || deleted.contains(id.as_str());
        match tx.savepoint(|| views::reads(tx, before, &view.view_query)) {
            Ok(reads) if reads.iter().any(is_touched) => readers.push((Arc::clone(view), reads)),
            Ok(_) | Err(ViewError::Refused(_)) => {}
            Err(ViewError::Failed(error)) => return Err(error.into()),
        }
    }
    Ok(readers)
}

fn ids(drafts: &[Draft], is_wanted: impl Fn(&Draft) -> bool) -> BTreeSet<String> {
    drafts.iter().filter(|draft| is_wanted(draft)).map(|draft| draft.new.id.clone()).collect()
}

struct Rename {
    id: String,
    from: String,
    to: String,
}

impl Rename {
    fn of(draft: &Draft) -> Option<Self> {
        let old = draft.old.as_deref()?;
        Some(Self { id: old.id.clone(), from: old.name.clone(), to: draft.new.name.clone() })
    }
}

/// Applies all renames in one step, because names may be swapped.
fn follow(query: &str, renames: &[&Rename]) -> String {
    let passing = |rename: &Rename| format!("changing {}", rename.id);
    let query = renames.iter().fold(query.to_owned(), |query, rename| retarget(&query, &rename.from, &passing(rename)));
    renames.iter().fold(query, |query, rename| retarget(&query, &passing(rename), &rename.to))
}
