//! What the columns of a table are used for.

use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::Collection;
use crate::domain::transfer::plan::{Column, Link, Target};
use crate::domain::{self, Error};
use std::sync::Arc;

/// What a column is used for, with everything that is looked up once for all rows.
pub(super) enum Binding {
    Ignored,
    Key,
    /// The key, which is also stored in a field.
    KeptKey(Field),
    Value(Field),
    Link {
        field: Field,
        link: Link,
        is_own: bool,
    },
}

impl Binding {
    pub(super) fn is_password(&self) -> bool {
        matches!(self, Self::Value(field) if matches!(field.kind, FieldKind::Password(_)))
    }
}

pub(super) fn bind(collection: &Arc<Collection>, columns: &[Column]) -> domain::Result<Vec<Binding>> {
    let planned = |name: &str| {
        let field = collection.field(name).cloned();
        field.ok_or_else(|| Error::Internal(format!("the field {name:?} was planned but not made")))
    };
    let bind = |column: &Column| match &column.target {
        Target::Key => Ok(Binding::Key),
        Target::Ignored => Ok(Binding::Ignored),
        Target::KeptKey { name, .. } => Ok(Binding::KeptKey(planned(name)?)),
        Target::Field { name, link, .. } => {
            let field = planned(name)?;
            Ok(match link {
                Some(link) => {
                    let is_own = link.collection_id == collection.id;
                    Binding::Link { field, link: link.clone(), is_own }
                }
                None => Binding::Value(field),
            })
        }
    };
    columns.iter().map(bind).collect()
}
