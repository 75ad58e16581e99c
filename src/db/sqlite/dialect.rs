//! SQLite's answers to what differs.

use super::{first_rows, functions};
use crate::db::{ColumnType, Dialect, SortKey, Sql};

#[derive(Debug)]
pub struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn column_type(&self, sql: &mut Sql, column: ColumnType) {
        sql.raw(match column {
            ColumnType::Text => "TEXT DEFAULT '' NOT NULL",
            ColumnType::Number => "NUMERIC DEFAULT 0 NOT NULL",
            ColumnType::Bool => "BOOLEAN DEFAULT FALSE NOT NULL",
            ColumnType::JsonArray => "JSON DEFAULT '[]' NOT NULL",
            ColumnType::Json => "JSON DEFAULT NULL",
            ColumnType::GeoPoint => "JSON DEFAULT '{\"lon\":0,\"lat\":0}' NOT NULL",
            ColumnType::PrimaryKey => "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL",
        });
    }

    fn row_order(&self, sql: &mut Sql, alias: &str) {
        sql.ident(alias).raw("._rowid_");
    }

    fn first_rows(&self, sql: &mut Sql, most: i64, keys: &[SortKey]) {
        let signs: String = keys.iter().map(|key| if key.is_descending { '-' } else { '+' }).collect();
        sql.raw(first_rows::FUNCTION).raw("(").bind(format!("{most}{signs}"));
        for key in keys {
            sql.raw(", ").append(&key.value);
        }
        sql.raw(")");
    }

    fn read_in_order(&self, sql: &mut Sql) {
        sql.raw(" NOT INDEXED");
    }

    fn read_by_index(&self, sql: &mut Sql, index: &str) {
        sql.raw(" INDEXED BY ").ident(index);
    }

    fn json_path(&self, sql: &mut Sql, document: &Sql, path: &[&str]) {
        let is_whole = path.is_empty();
        let path = path_text(path);
        sql.raw("(CASE WHEN json_valid(").append(document).raw(") THEN json_extract(").append(document).raw(", ");
        sql.bind(path).raw(")");
        if is_whole {
            sql.raw(" ELSE ").append(document);
        }
        sql.raw(" END)");
    }

    fn json_each(&self, sql: &mut Sql, document: &Sql) {
        sql.raw("json_each(CASE WHEN iif(json_valid(").append(document).raw("), json_type(").append(document);
        sql.raw(") = 'array', FALSE) THEN ").append(document);
        sql.raw(" WHEN ").append(document).raw(" IS NULL OR ").append(document).raw(" = '' THEN '[]' ELSE json_array(");
        sql.append(document).raw(") END)");
    }

    fn json_array(&self, sql: &mut Sql, document: &Sql) {
        sql.raw("json_each(").append(document).raw(")");
    }

    fn json_each_value(&self) -> &'static str {
        "value"
    }

    fn json_length(&self, sql: &mut Sql, document: &Sql) {
        sql.raw("(CASE WHEN json_valid(").append(document).raw(") THEN json_array_length(").append(document);
        sql.raw(") ELSE 0 END)");
    }

    fn like(&self, sql: &mut Sql, left: &Sql, pattern: &Sql, is_negated: bool) {
        sql.raw(if is_negated { "NOT text_like(" } else { "text_like(" })
            .append(left)
            .raw(", ")
            .append(pattern)
            .raw(")");
    }

    fn is_among(&self, sql: &mut Sql, value: &Sql, list: &Sql) {
        sql.raw(functions::IS_AMONG).raw("(").append(value).raw(", ").append(list).raw(")");
    }

    fn ignore_case(&self, sql: &mut Sql) {
        sql.raw(" COLLATE NOCASE");
    }

    fn sort_prefix(&self, value: &Sql) -> Sql {
        let mut sql = Sql::new("(CASE WHEN octet_length(");
        sql.append(value).raw(") > 1000 THEN substr(").append(value).raw(", 1, 1000) ELSE ").append(value).raw(" END)");
        sql
    }

    fn random(&self) -> &'static str {
        "RANDOM()"
    }

    fn is_same(&self, sql: &mut Sql, left: &Sql, right: &Sql, is_negated: bool) {
        sql.append(left).raw(if is_negated { " IS NOT " } else { " IS " }).append(right);
    }

    fn strftime(&self, sql: &mut Sql, arguments: &[Sql]) {
        sql.raw("strftime(");
        for (index, argument) in arguments.iter().enumerate() {
            sql.comma(index == 0).append(argument);
        }
        sql.raw(")");
    }

    fn geo_distance(&self, sql: &mut Sql, degrees: &[Sql; 4]) {
        sql.raw("geo_distance(");
        for (index, degree) in degrees.iter().enumerate() {
            sql.comma(index == 0).append(degree);
        }
        sql.raw(")");
    }

    fn cast(&self, sql: &mut Sql, expression: &Sql, column: ColumnType) {
        let affinity = match column {
            ColumnType::Number | ColumnType::Bool => " AS NUMERIC)",
            ColumnType::Json | ColumnType::JsonArray | ColumnType::GeoPoint => {
                sql.append(expression);
                return;
            }
            ColumnType::Text | ColumnType::PrimaryKey => " AS TEXT)",
        };
        sql.raw("CAST(").append(expression).raw(affinity);
    }

    fn find_relation(&self, sql: &mut Sql, name: &str) {
        sql.raw("SELECT 1 FROM sqlite_schema WHERE name = ").bind(name).raw(" COLLATE NOCASE");
    }

    fn find_triggers(&self, sql: &mut Sql) {
        sql.raw("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'");
    }

    fn is_reserved(&self, table: &str) -> bool {
        table.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
    }

    fn to_json_array(&self, sql: &mut Sql, text: &Sql) {
        sql.raw("(CASE WHEN ").append(text).raw(" IS NULL OR ").append(text).raw(" = '' THEN '[]' WHEN ");
        is_json_array(sql, text);
        sql.raw(" THEN ").append(text).raw(" ELSE json_array(").append(text).raw(") END)");
    }

    fn last_of_json_array(&self, sql: &mut Sql, document: &Sql) {
        sql.raw("(CASE WHEN ");
        is_json_array(sql, document);
        sql.raw(" THEN coalesce(json_extract(").append(document).raw(", '$[#-1]'), '') ELSE coalesce(");
        sql.append(document).raw(", '') END)");
    }
}

/// `$."a"[0]`: names quoted, digits as array positions.
fn path_text(path: &[&str]) -> String {
    let mut text = String::from("$");
    for part in path {
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push('[');
            text.push_str(part);
            text.push(']');
        } else {
            text.push_str(".\"");
            text.push_str(&part.replace('"', ""));
            text.push('"');
        }
    }
    text
}

/// `json_type` fails on what is no JSON, so it must not be reached there.
fn is_json_array(sql: &mut Sql, document: &Sql) {
    sql.raw("iif(json_valid(").append(document).raw("), json_type(").append(document).raw(") = 'array', FALSE)");
}
