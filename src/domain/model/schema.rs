//! The schema: an immutable snapshot of all collections, replaced as a whole when one changes.

use super::{Collection, CollectionKind};
use crate::domain::fields::{Field, FieldKind};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Schema {
    /// In order of creation.
    collections: Vec<Arc<Collection>>,
    by_id: HashMap<String, usize>,
    /// Keys in lower case.
    by_name: HashMap<String, usize>,
}

/// A back-relation `<collection>_via_<field>`: the records of another collection that refer to this one.
#[derive(Clone, Debug)]
pub struct BackRelation {
    pub collection: Arc<Collection>,
    /// Position of the relation field in `collection.fields`.
    pub field_index: usize,
    /// Whether a unique index allows at most one such record.
    pub is_single: bool,
}

impl BackRelation {
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.collection.fields[self.field_index]
    }
}

impl Schema {
    #[must_use]
    pub fn new(collections: Vec<Arc<Collection>>) -> Self {
        let by_id = collections.iter().enumerate().map(|(at, collection)| (collection.id.clone(), at)).collect();
        let by_name =
            collections.iter().enumerate().map(|(at, collection)| (collection.name.to_lowercase(), at)).collect();
        Self { collections, by_id, by_name }
    }

    #[must_use]
    pub fn all(&self) -> &[Arc<Collection>] {
        &self.collections
    }

    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Collection>> {
        self.by_id.get(id).map(|at| &self.collections[*at])
    }

    /// Finds a collection by name, in any letter case.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<Collection>> {
        if let Some(at) = self.by_name.get(name) {
            return Some(&self.collections[*at]);
        }
        self.by_name.get(&name.to_lowercase()).map(|at| &self.collections[*at])
    }

    /// Finds a collection by id (exact) or name (in any letter case), as used in routes and `@collection`.
    #[must_use]
    pub fn find(&self, id_or_name: &str) -> Option<&Arc<Collection>> {
        self.by_id(id_or_name).or_else(|| self.by_name(id_or_name))
    }

    /// The schema with `collection` added, or replacing the one with the same id.
    #[must_use]
    pub fn with(&self, collection: Arc<Collection>) -> Self {
        let mut collections = self.collections.clone();
        match self.by_id.get(&collection.id) {
            Some(at) => collections[*at] = collection,
            None => collections.push(collection),
        }
        Self::new(collections)
    }

    #[must_use]
    pub fn without(&self, id: &str) -> Self {
        Self::new(self.collections.iter().filter(|collection| collection.id != id).cloned().collect())
    }

    /// The relation fields of all stored collections that point to `collection_id`.
    pub fn relations_to<'a>(
        &'a self,
        collection_id: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<Collection>, &'a Field)> {
        self.collections.iter().filter(|collection| collection.kind != CollectionKind::View).flat_map(
            move |collection| {
                collection
                    .fields
                    .iter()
                    .filter(move |field| field.relation_target() == Some(collection_id))
                    .map(move |field| (collection, field))
            },
        )
    }

    /// Resolves a path segment such as `comments_via_post` against the collection it is used on.
    #[must_use]
    pub fn back_relation(&self, target: &Collection, segment: &str) -> Option<BackRelation> {
        let (name, field_name) = segment.split_once("_via_")?;
        let collection = self.by_name(name)?;
        let field_index = collection.field_index(field_name)?;
        let field = &collection.fields[field_index];
        if !matches!(field.kind, FieldKind::Relation(_)) || field.relation_target() != Some(&target.id) {
            return None;
        }
        let is_single = collection.unique_index_on(field_name).is_some();
        Some(BackRelation { collection: Arc::clone(collection), field_index, is_single })
    }
}
