//! What differs between engines. Each method writes into a [`Sql`] the caller is building.

use super::{ColumnType as Type, Sql};

/// How a field's values are kept in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text, never null, empty by default.
    Text,
    /// A number, never null, 0 by default.
    Number,
    /// 0 or 1, never null, 0 by default.
    Bool,
    /// A JSON array as text, never null, `[]` by default.
    JsonArray,
    /// Any JSON as text; null by default.
    Json,
    /// `{"lon":0,"lat":0}` by default, never null.
    GeoPoint,
    /// The record id: text primary key with a random default, so that rows inserted by hand are valid too.
    PrimaryKey,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    pub value: Sql,
    /// Large values come first.
    pub is_descending: bool,
}

/// The differences between engines, one method each.
pub trait Dialect: Send + Sync + std::fmt::Debug {
    /// Writes a column's type, default and nullness, as they follow its name in a table definition.
    fn column_type(&self, sql: &mut Sql, column: Type);

    /// The order of insertion of the rows of `alias`, as an expression.
    fn row_order(&self, sql: &mut Sql, alias: &str);

    /// An aggregate: a JSON array of how many rows there are, followed by the [row numbers](Dialect::row_order) of the
    /// first `most` of them in the order of `keys`. The last key is the row number.
    fn first_rows(&self, sql: &mut Sql, most: i64, keys: &[SortKey]);

    /// Written after a table and its alias: its rows are read in order of insertion, without an index. A hint, which an
    /// engine that knows better may leave out.
    fn read_in_order(&self, sql: &mut Sql);

    /// Written after a table and its alias: its rows are found through `index`, which a condition joined by AND must
    /// compare by its first column. A hint likewise.
    fn read_by_index(&self, sql: &mut Sql, index: &str);

    /// The value at `path` (names and array positions) inside the JSON `document`, unquoted where it is a scalar and
    /// JSON text where it is an array or object; NULL where it is absent. A document that is not JSON counts as a JSON
    /// string.
    fn json_path(&self, sql: &mut Sql, document: &Sql, path: &[&str]);

    /// A table of the elements of the JSON array `document`, to be followed by an alias; its column is
    /// [`Dialect::json_each_value`]. A document that is no JSON array counts as an array of that one value; empty and
    /// NULL have no elements.
    fn json_each(&self, sql: &mut Sql, document: &Sql);

    /// The same for a document that is known to be a JSON array, because we wrote it.
    fn json_array(&self, sql: &mut Sql, document: &Sql);

    /// The name of the value column of [`Dialect::json_each`].
    fn json_each_value(&self) -> &'static str;

    /// The number of elements of the JSON array `document`; 0 where it is none.
    fn json_length(&self, sql: &mut Sql, document: &Sql);

    /// `left LIKE pattern ESCAPE '\'` in linear time, letters compared without regard to case. `left` is text or NULL.
    fn like(&self, sql: &mut Sql, left: &Sql, pattern: &Sql, is_negated: bool);

    /// Whether the text `value` is an element of `list`, a parameter that is a JSON array of texts. For many values and one
    /// list.
    fn is_among(&self, sql: &mut Sql, value: &Sql, list: &Sql);

    /// Written after a comparison of texts: letters compare without regard to ASCII case.
    fn ignore_case(&self, sql: &mut Sql);

    /// A sort key made of `value`: texts of more than 1,000 bytes are compared by their first 1,000
    /// characters only, as an engine that sorts holds the keys of many rows in memory.
    fn sort_prefix(&self, value: &Sql) -> Sql;

    /// A random sort key.
    fn random(&self) -> &'static str;

    /// Compares two expressions with NULL equal to NULL.
    fn is_same(&self, sql: &mut Sql, left: &Sql, right: &Sql, is_negated: bool);

    /// `strftime(arguments…)`; all arguments are expressions.
    fn strftime(&self, sql: &mut Sql, arguments: &[Sql]);

    /// Kilometres between two points, given as longitude, latitude, longitude, latitude in degrees; NULL where one of
    /// them is no number.
    fn geo_distance(&self, sql: &mut Sql, degrees: &[Sql; 4]);

    /// Casts an expression so that it compares the way a column of this type does.
    fn cast(&self, sql: &mut Sql, expression: &Sql, column: Type);

    /// A query with one row for each table, view or index of this name, in any letter case.
    fn find_relation(&self, sql: &mut Sql, name: &str);

    /// A query with one row for each trigger.
    fn find_triggers(&self, sql: &mut Sql);

    /// Whether the engine keeps tables of this name for itself.
    fn is_reserved(&self, table: &str) -> bool;

    /// `text` as a JSON array of one element; empty and NULL give none, a JSON array stays as it is.
    fn to_json_array(&self, sql: &mut Sql, text: &Sql);

    /// The last element of the JSON array `document`, empty where it has none; anything but an array stays as it is.
    fn last_of_json_array(&self, sql: &mut Sql, document: &Sql);
}
