//! Saves definitions: validates them, updates tables, indexes and views, stores the rows, publishes the new schema.
//!
//! [`apply`] takes any number of changes as one unit, so that an import whose collections refer to each other takes the
//! same steps as a single update. Either all changes are saved or none.

use super::ddl::{self, ColumnChanges};
use super::dependents::{self, Views};
use super::endpoints;
use super::input::Draft;
use super::losses::{self, SetRules};
use super::renames::{self, Renames};
use super::store;
use super::validate::{self, Context};
use super::views::{self, View, ViewError};
use crate::db::DbError;
use crate::domain::fields::Field;
use crate::domain::model::{BlobScope, Collection, Index, Schema};
use crate::domain::tx::{Effect, WriteTx};
use crate::domain::{Error, Issue, Issues};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// All changes to the schema that are saved together.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub drafts: Vec<Draft>,
    pub deleted: Vec<Arc<Collection>>,
}

/// Why a plan was not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A definition of the plan, `collection`, is invalid.
    Invalid {
        collection: Box<Collection>,
        issues: Issues,
    },
    /// The database refused the change, with this message.
    Raw(String),
    /// Rules name what would be deleted, or scripts what would be renamed: a text that lists them.
    StillNamed(String),
    Failed(Error),
}

pub(super) type Outcome<T> = std::result::Result<T, Refusal>;

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(DbError::Statement(reason)) => Self::Raw(reason),
            Error::Db(error @ DbError::Constraint { .. }) => Self::Raw(error.to_string()),
            other => Self::Failed(other),
        }
    }
}

impl Refusal {
    /// Returns the error for the caller; `message` comes first.
    pub fn into_error(self, message: &'static str) -> Error {
        match self {
            Self::Invalid { issues, .. } => Error::Invalid { message: message.into(), issues },
            Self::Raw(reason) => Error::bad_request(format!("{message} Raw error: \n{reason}.")),
            Self::StillNamed(where_it_is) => Error::bad_request(format!("{message} {where_it_is}")),
            Self::Failed(error) => error,
        }
    }
}

pub(super) fn named_in_rules(rules: &[String]) -> Refusal {
    let rules = rules.join(", ");
    Refusal::StillNamed(format!(
        "These rules name a field or collection that would be deleted. Change them first: {rules}."
    ))
}

fn named_in_scripts(old: &str, new: &str, handlers: &[String]) -> Refusal {
    Refusal::StillNamed(format!(
        "These handlers of scripts are for \"{old}\" and would no longer run: {}. Name both collections there first: \
         [\"{old}\", \"{new}\"].",
        handlers.join(", ")
    ))
}

/// Carries out `plan` and returns the saved collections, in the order of its drafts.
pub(super) fn apply(tx: &WriteTx, plan: Plan) -> Outcome<Vec<Arc<Collection>>> {
    let mut refusal = None;
    let outcome = tx.savepoint(|| {
        Change::new(tx, plan).and_then(Change::carry_out).map_err(|reason| {
            refusal = Some(reason);
            Error::generic()
        })
    });
    outcome.map_err(|error| refusal.unwrap_or(Refusal::Failed(error)))
}

/// A plan in progress.
struct Change<'a> {
    tx: &'a WriteTx,
    before: Arc<Schema>,
    /// The schema as it will be. The fields of views are known only after they are built.
    after: Schema,
    /// The drafts of the plan, then views outside it whose sources change, and collections whose rules follow new
    /// names.
    drafts: Vec<Draft>,
    planned: usize,
    deleted: Vec<Arc<Collection>>,
    views: Views,
    set_rules: SetRules,
}

impl<'a> Change<'a> {
    fn new(tx: &'a WriteTx, plan: Plan) -> Outcome<Self> {
        let Plan { mut drafts, deleted } = plan;
        let before = tx.schema();
        let planned = drafts.len();
        let views = dependents::add(tx, &before, &mut drafts, &deleted)?;
        let set_rules = losses::set_rules(&drafts);
        renames::follow(&before, &mut drafts, &deleted)?;
        for draft in &mut drafts {
            draft.new.updated = tx.now().to_string();
            if draft.old.is_none() {
                draft.new.created.clone_from(&draft.new.updated);
            }
        }
        let after = schema_after(&before, &drafts, &deleted);
        Ok(Self { tx, before, after, drafts, planned, deleted, views, set_rules })
    }

    fn carry_out(mut self) -> Outcome<Vec<Arc<Collection>>> {
        self.check_definitions()?;
        self.clear_the_way()?;
        self.build_tables()?;
        self.build_views()?;
        self.check_rules()?;
        self.store()
    }

    fn check_definitions(&self) -> Outcome<()> {
        let context = Context::new(self.tx, &self.before, &self.after);
        for draft in &self.drafts[..self.planned] {
            let mut issues = validate::definition(&context, draft)?;
            if issues.is_empty() {
                continue;
            }
            // The plan is refused in any case: report all issues together.
            let mut new = draft.new.clone();
            // A query can be validated before its view is created only if no other collection of the plan has to exist
            // first.
            if new.is_view() && self.planned == 1 && !issues.contains("viewQuery") {
                match self.tx.savepoint(|| views::infer(self.tx, &self.after, &new.view_query)) {
                    Ok(view) => new.fields = view.fields,
                    Err(error) => issues.add("viewQuery", error.into_issue().map_err(Refusal::Failed)?),
                }
            }
            return Err(self.with_rules(new, issues));
        }
        for deleted in &self.deleted {
            let mut referring = self.after.relations_to(&deleted.id).map(|(collection, _)| &collection.name);
            if let Some(name) = referring.next() {
                return Err(Refusal::Raw(format!("collection {} is referred to by {name}", deleted.name)));
            }
        }
        Ok(())
    }

    /// Drops what depends on the old state: views whose sources change, and tables and indexes to be removed.
    fn clear_the_way(&self) -> Outcome<()> {
        for at in &self.views.positions {
            if let Some(old) = &self.drafts[*at].old {
                ddl::drop_view(self.tx, &old.name)?;
            }
        }
        let (views, tables): (Vec<_>, Vec<_>) = self.deleted.iter().partition(|collection| collection.is_view());
        for view in views {
            ddl::drop_view(self.tx, &view.name)?;
        }
        for table in tables {
            ddl::drop_table(self.tx, &table.name)?;
        }
        for (old, new) in self.updated_tables() {
            let columns = ColumnChanges::between(&old.fields, &new.fields);
            for index in old.parsed_indexes.iter().filter(|index| !is_kept(index, new, &columns)) {
                ddl::drop_index(self.tx, index)?;
            }
        }
        Ok(())
    }

    fn build_tables(&self) -> Outcome<()> {
        let renames: Vec<(&str, &str)> = self
            .updated_tables()
            .filter(|(old, new)| old.name != new.name)
            .map(|(old, new)| (old.name.as_str(), new.name.as_str()))
            .collect();
        ddl::rename_tables(self.tx, &renames)?;
        for (old, new) in self.updated_tables() {
            ColumnChanges::between(&old.fields, &new.fields).apply(self.tx, &new.name, &new.fields)?;
        }
        for draft in self.tables().filter(|draft| draft.old.is_none()) {
            ddl::create_table(self.tx, &draft.new.name, &draft.new.fields)?;
        }
        // Last, because an index may move from one collection to another.
        self.tables().try_for_each(|draft| self.build_indexes(draft))
    }

    fn build_indexes(&self, draft: &Draft) -> Outcome<()> {
        let new = &draft.new;
        let old = draft.old.as_deref();
        let columns = old.map(|old| ColumnChanges::between(&old.fields, &new.fields)).unwrap_or_default();
        let mut issues = Issues::new();
        for (position, index) in new.parsed_indexes.iter().enumerate() {
            let was_there = old.is_some_and(|old| old.parsed_indexes.contains(index));
            if was_there && is_kept(index, new, &columns) {
                continue;
            }
            match self.tx.savepoint(|| ddl::create_index(self.tx, &new.name, index)).map_err(Refusal::from) {
                Ok(()) => {}
                Err(Refusal::Raw(reason)) => {
                    let message = format!("Failed to create index {} - {reason}.", index.name);
                    issues.add(position.to_string(), Issue::new("validation_invalid_index_expression", message));
                }
                Err(other) => return Err(other),
            }
        }
        if issues.is_empty() { Ok(()) } else { Err(invalid(new, Issues::one("indexes", Issue::Nested(issues)))) }
    }

    /// Views may read each other, and their order is not known: those that fail are retried as long as others succeed.
    fn build_views(&mut self) -> Outcome<()> {
        let mut waiting = std::mem::take(&mut self.views.positions);
        while !waiting.is_empty() {
            let mut failed = Vec::new();
            let mut first_refusal = None;
            let tried = waiting.len();
            for at in waiting {
                match self.build_view(at) {
                    Ok(()) => {}
                    Err(refusal @ (Refusal::Invalid { .. } | Refusal::Raw(_) | Refusal::StillNamed(_))) => {
                        failed.push(at);
                        first_refusal.get_or_insert(refusal);
                    }
                    Err(failure @ Refusal::Failed(_)) => return Err(failure),
                }
            }
            if let Some(refusal) = first_refusal.filter(|_| failed.len() == tried) {
                return Err(refusal);
            }
            waiting = failed;
        }
        Ok(())
    }

    fn build_view(&mut self, at: usize) -> Outcome<()> {
        let new = &self.drafts[at].new;
        // What fails here is tried again, and the rules of what is refused are checked.
        let view = self.tx.savepoint(|| self.inferred(at)).map_err(|error| self.refused_view(at, error))?;
        self.tx.savepoint(|| self.tx.execute(&view.create_statement(&new.name)))?;
        let new = &mut self.drafts[at].new;
        new.fields = view.fields;
        new.id_position = view.id_position;
        self.after = self.after.with(Arc::new(new.clone()));
        Ok(())
    }

    fn inferred(&self, at: usize) -> std::result::Result<View, ViewError> {
        let query = &self.drafts[at].new.view_query;
        let view = views::infer(self.tx, &self.after, query)?;
        if let Some(before) = self.views.reads.get(&at)
            && let Some((_, column)) = before.difference(&views::reads(self.tx, &self.after, query)?).next()
        {
            return Err(ViewError::Refused(format!("no such column: {column}")));
        }
        Ok(view)
    }

    fn refused_view(&self, at: usize, error: ViewError) -> Refusal {
        let new = &self.drafts[at].new;
        match error {
            // The caller did not name this view in the change.
            ViewError::Refused(reason) if at >= self.planned => Refusal::Raw(format!("view {}: {reason}", new.name)),
            error => error.into_issue().map_or_else(Refusal::Failed, |issue| {
                let issues = Issues::one("viewQuery", issue);
                if self.planned == 1 { self.with_rules(new.clone(), issues) } else { invalid(new, issues) }
            }),
        }
    }

    /// Returns a refusal for `issues` and for the issues of the rules.
    fn with_rules(&self, new: Collection, mut issues: Issues) -> Refusal {
        let context = Context::new(self.tx, &self.before, &self.after);
        let new = Arc::new(new);
        for (key, issue) in validate::rules(&context, &new).iter() {
            issues.add(key, issue.clone());
        }
        invalid(&new, issues)
    }

    fn check_rules(&self) -> Outcome<()> {
        let context = Context::new(self.tx, &self.before, &self.after);
        for draft in &self.drafts[..self.planned] {
            let issues = validate::rules(&context, &Arc::new(draft.new.clone()));
            if !issues.is_empty() {
                return Err(invalid(&draft.new, issues));
            }
        }
        if !self.deleted.is_empty() || losses::may_lose(&self.drafts) {
            let lost = losses::lost(&self.before, &self.after, &self.set_rules);
            if !lost.is_empty() {
                return Err(named_in_rules(&lost));
            }
        }
        let broken = renames::broken(self.tx, &self.before, &self.after, &self.drafts, self.planned);
        if !broken.is_empty() {
            return Err(Refusal::Raw(format!("these rules would become invalid: {}", broken.join(", "))));
        }
        self.check_scripts()?;
        let renames = Renames::of(&self.drafts);
        if !renames.is_empty() || !self.deleted.is_empty() || losses::may_lose(&self.drafts) {
            endpoints::follow(self.tx, &self.before, &self.after, &renames)?;
        }
        Ok(())
    }

    /// A handler of scripts finds its collection by name. A new name must not switch off what guards the records.
    fn check_scripts(&self) -> Outcome<()> {
        let Some(hooks) = self.tx.hooks() else { return Ok(()) };
        for draft in self.drafts[..self.planned].iter().filter(|draft| draft.is_renamed()) {
            let Some(old) = &draft.old else { continue };
            let handlers = hooks.losing(old, &draft.new);
            if !handlers.is_empty() {
                return Err(named_in_scripts(&old.name, &draft.new.name, &handlers));
            }
        }
        Ok(())
    }

    fn store(self) -> Outcome<Vec<Arc<Collection>>> {
        for deleted in &self.deleted {
            store::delete(self.tx, deleted)?;
            self.tx.touch(&deleted.id);
            self.drop_blobs(deleted);
        }
        // First move the names out of each other's way, because two may be swapped.
        for draft in self.drafts.iter().filter(|draft| draft.is_renamed()) {
            store::give_up_name(self.tx, &draft.new.id)?;
        }
        for Draft { old, new, .. } in &self.drafts {
            match old {
                None => store::insert(self.tx, new)?,
                Some(_) => store::update(self.tx, new)?,
            }
            self.tx.touch(&new.id);
            if let Some(old) = old
                && old.fields.iter().any(|field| field.is_file() && !new.fields.iter().any(|kept| kept.id == field.id))
            {
                self.drop_blobs(old);
            }
        }
        let planned = &self.drafts[..self.planned];
        let saved = planned.iter().filter_map(|draft| self.after.by_id(&draft.new.id)).map(Arc::clone).collect();
        self.tx.set_schema(self.after);
        Ok(saved)
    }

    /// Files that no record names any more are deleted with the collection or its field.
    fn drop_blobs(&self, collection: &Collection) {
        if !collection.is_view() && collection.fields.iter().any(Field::is_file) {
            self.tx.effect(Effect::DropBlobs(BlobScope::Collection { collection_id: collection.id.clone() }));
        }
    }

    /// Returns the drafts of collections that store records.
    fn tables(&self) -> impl Iterator<Item = &Draft> {
        self.drafts.iter().filter(|draft| !draft.new.is_view())
    }

    fn updated_tables(&self) -> impl Iterator<Item = (&Collection, &Collection)> {
        self.tables().filter_map(|draft| Some((draft.old.as_deref()?, &draft.new)))
    }
}

fn schema_after(before: &Schema, drafts: &[Draft], deleted: &[Arc<Collection>]) -> Schema {
    let mut changed: HashMap<&str, Arc<Collection>> =
        drafts.iter().map(|draft| (draft.new.id.as_str(), Arc::new(draft.new.clone()))).collect();
    let deleted: BTreeSet<&str> = deleted.iter().map(|collection| collection.id.as_str()).collect();
    let mut collections = Vec::with_capacity(before.all().len() + drafts.len());
    for old in before.all().iter().filter(|old| !deleted.contains(old.id.as_str())) {
        collections.push(changed.remove(old.id.as_str()).unwrap_or_else(|| Arc::clone(old)));
    }
    collections.extend(drafts.iter().filter_map(|draft| changed.remove(draft.new.id.as_str())));
    Schema::new(collections)
}

/// Whether an index of a table can stay while the columns change.
fn is_kept(index: &Index, new: &Collection, columns: &ColumnChanges<'_>) -> bool {
    new.parsed_indexes.contains(index) && !columns.touch(index)
}

fn invalid(collection: &Collection, issues: Issues) -> Refusal {
    Refusal::Invalid { collection: Box::new(collection.clone()), issues }
}
