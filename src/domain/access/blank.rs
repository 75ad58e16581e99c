//! Blank values in SQL.

use crate::db::{ColumnType, Sql};
use crate::domain::fields::Field;

/// The condition that `value`, a column of `field`, is blank as [`Field::is_blank`] says it, or NULL, as in rows of views.
#[must_use]
pub fn is_blank(field: &Field, value: &Sql) -> Sql {
    let mut sql = Sql::new("COALESCE(");
    sql.append(value);
    match field.column_type() {
        ColumnType::Text | ColumnType::PrimaryKey => sql.raw(", '') = ''"),
        ColumnType::Number | ColumnType::Bool => sql.raw(", 0) IN (0, '')"),
        ColumnType::JsonArray => sql.raw(", '') IN ('', '[]')"),
        ColumnType::Json => sql.raw(", '') IN ('', 'null', '\"\"', '[]', '{}')"),
        ColumnType::GeoPoint => {
            sql.raw(", '') IN ('', ").bind(field.to_db(&field.zero())).raw(")");
            return sql;
        }
    };
    sql
}
