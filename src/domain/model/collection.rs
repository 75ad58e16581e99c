//! A collection: a typed table, or a view of others.

use super::{AuthOptions, Index, IndexTarget};
use crate::domain::fields::Field;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectionKind {
    Base,
    Auth,
    View,
}

impl CollectionKind {
    /// The name in the API, under `type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Auth => "auth",
            Self::View => "view",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Base, Self::Auth, Self::View].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The five rules of every collection: `None` for superusers only, empty for everyone, otherwise a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    pub list: Option<String>,
    pub view: Option<String>,
    pub create: Option<String>,
    pub update: Option<String>,
    pub delete: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    List,
    View,
    Create,
    Update,
    Delete,
}

impl RuleKind {
    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "listRule",
            Self::View => "viewRule",
            Self::Create => "createRule",
            Self::Update => "updateRule",
            Self::Delete => "deleteRule",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    pub id: String,
    pub name: String,
    pub kind: CollectionKind,
    pub is_system: bool,
    pub rules: Rules,
    /// `id` is first. For a view, the fields inferred from its query.
    pub fields: Vec<Field>,
    /// The position of `id` in the list of fields that clients see.
    pub id_position: usize,
    /// `CREATE INDEX` statements as sent, or in canonical form if they needed correction.
    pub indexes: Vec<String>,
    /// The same indexes, parsed, in the same order.
    pub parsed_indexes: Vec<Index>,
    /// Only for auth collections.
    pub auth: Option<Box<AuthOptions>>,
    /// Empty unless this is a view.
    pub view_query: String,
    /// Date-times in the API's form.
    pub created: String,
    pub updated: String,
}

/// The field of an auth collection that signs the tokens of its record.
pub const TOKEN_KEY: &str = "tokenKey";

impl Collection {
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.kind == CollectionKind::Auth
    }

    /// Whether `field` is a credential of an auth collection, which no answer, rule or export shows to anyone.
    #[must_use]
    pub fn is_credential(&self, field: &Field) -> bool {
        self.is_auth() && matches!(field.name.as_str(), "password" | TOKEN_KEY)
    }

    #[must_use]
    pub fn is_view(&self) -> bool {
        self.kind == CollectionKind::View
    }

    #[must_use]
    pub fn is_superusers(&self) -> bool {
        self.id == super::SUPERUSERS_ID
    }

    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    #[must_use]
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The fields in the order that clients see.
    pub fn shown_fields(&self) -> impl Iterator<Item = &Field> {
        let (id, others) = self.fields.split_at(self.fields.len().min(1));
        let (before, after) = others.split_at(self.id_position.min(others.len()));
        before.iter().chain(id).chain(after)
    }

    /// The position at which clients see the field at `position` of `fields`.
    #[must_use]
    pub fn shown_position(&self, position: usize) -> usize {
        let id_position = self.id_position.min(self.fields.len().saturating_sub(1));
        match position {
            0 => id_position,
            _ if position <= id_position => position - 1,
            _ => position,
        }
    }

    #[must_use]
    pub fn rule(&self, kind: RuleKind) -> Option<&str> {
        match kind {
            RuleKind::List => &self.rules.list,
            RuleKind::View => &self.rules.view,
            RuleKind::Create => &self.rules.create,
            RuleKind::Update => &self.rules.update,
            RuleKind::Delete => &self.rules.delete,
        }
        .as_deref()
    }

    /// Whether an index over all records starts with this column.
    #[must_use]
    pub fn is_indexed(&self, column: &str) -> bool {
        self.parsed_indexes.iter().any(|index| {
            let first = index.columns.first().map(|first| &first.target);
            let leads = matches!(first, Some(IndexTarget::Column(name)) if name.eq_ignore_ascii_case(column));
            leads && index.condition.is_empty()
        })
    }

    /// The first columns of all indexes that have no condition.
    pub fn indexed_columns(&self) -> impl Iterator<Item = &str> {
        self.parsed_indexes.iter().filter(|index| index.condition.is_empty()).filter_map(|index| {
            match &index.columns.first()?.target {
                IndexTarget::Column(name) => Some(name.as_str()),
                IndexTarget::Expression(_) => None,
            }
        })
    }

    /// The unique index over exactly this column, which may be partial. A field with one can be used to sign in, and
    /// its back-relation is a single record.
    #[must_use]
    pub fn unique_index_on(&self, field_name: &str) -> Option<&Index> {
        self.parsed_indexes.iter().find(|index| {
            index.is_unique
                && matches!(&index.columns[..], [column]
                    if matches!(&column.target, IndexTarget::Column(name) if name.eq_ignore_ascii_case(field_name)))
        })
    }
}
