//! `CREATE INDEX` statements: taken apart, checked and printed again.
//!
//! What a superuser wrote is stored and shown as text, but never executed: [`create_statement`] writes the statement
//! anew from the parts. Expressions and conditions inside it remain text; they hold whole tokens, balanced parentheses
//! and no comment, so nothing can break out of its place.

use super::sql_tokens::{Kind, Token, find_closing, split_outside, tokens};
use crate::db::Sql;
use crate::domain::Issue;
use crate::domain::model::{Index, IndexColumn, IndexTarget};

/// A parsed statement: the index, and what of the text is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    pub index: Index,
    pub table: String,
    /// `IF NOT EXISTS` was written.
    is_optional: bool,
    /// The schema before the name; empty or `main`.
    schema: String,
    /// Positions of columns that were written with `ASC`, which is what no order means too.
    explicitly_ascending: Vec<usize>,
}

/// The statement as it is to be stored for `collection_name`, and its parts: verbatim where it names the right table,
/// else in canonical form with the table corrected.
pub fn normalise(text: &str, collection_name: &str) -> Result<(String, Index), Issue> {
    let definition = Definition::parse(text)
        .ok_or_else(|| Issue::new("validation_invalid_index_expression", "Invalid CREATE INDEX expression."))?;
    if definition.table == collection_name {
        return Ok((text.to_owned(), definition.index));
    }
    Ok((definition.print(collection_name), definition.index))
}

/// Whether two indexes, whatever their names, are the same.
#[must_use]
pub fn is_same_definition(left: &Index, right: &Index) -> bool {
    left.is_unique == right.is_unique && left.columns == right.columns && left.condition == right.condition
}

/// The statement to execute. Without `IF NOT EXISTS`: an index that silently is not made would leave a uniqueness that
/// does not hold.
#[must_use]
pub fn create_statement(index: &Index, table: &str) -> Sql {
    let mut sql = Sql::new(if index.is_unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    sql.ident(&index.name).raw(" ON ").ident(table).raw(" (");
    for (at, column) in index.columns.iter().enumerate() {
        sql.comma(at == 0);
        match &column.target {
            IndexTarget::Column(name) => sql.ident(name),
            IndexTarget::Expression(text) => sql.raw_from_superuser(text),
        };
        if !column.collation.is_empty() {
            sql.raw(" COLLATE ").ident(&column.collation);
        }
        if column.is_descending {
            sql.raw(" DESC");
        }
    }
    sql.raw(")");
    if !index.condition.is_empty() {
        sql.raw(" WHERE ").raw_from_superuser(&index.condition);
    }
    sql
}

#[must_use]
pub fn drop_statement(index: &Index) -> Sql {
    let mut sql = Sql::new("DROP INDEX IF EXISTS ");
    sql.ident(&index.name);
    sql
}

impl Definition {
    /// `None` where `text` is anything but exactly one `CREATE INDEX` statement without comments.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text).ok()?;
        if tokens.iter().any(|token| token.kind == Kind::Comment || token.is_symbol(b';')) {
            return None;
        }
        Parser { text, rest: &tokens }.definition()
    }

    /// The canonical form, for `table`.
    #[must_use]
    pub fn print(&self, table: &str) -> String {
        let Index { name, is_unique, columns, condition } = &self.index;
        let unique = if *is_unique { "UNIQUE " } else { "" };
        let optional = if self.is_optional { "IF NOT EXISTS " } else { "" };
        let schema = if self.schema.is_empty() { String::new() } else { format!("{}.", quote(&self.schema)) };
        let columns: Vec<String> =
            columns.iter().enumerate().map(|(at, column)| self.print_column(at, column)).collect();
        let columns = match &columns[..] {
            [column] => column.clone(),
            columns => format!("\n  {}\n", columns.join(",\n  ")),
        };
        let condition = if condition.is_empty() { String::new() } else { format!(" WHERE {condition}") };
        let (name, table) = (quote(name), quote(table));
        format!("CREATE {unique}INDEX {optional}{schema}{name} ON {table} ({columns}){condition}")
    }

    fn print_column(&self, at: usize, column: &IndexColumn) -> String {
        let mut text = match &column.target {
            IndexTarget::Column(name) => quote(name),
            IndexTarget::Expression(text) => text.clone(),
        };
        if !column.collation.is_empty() {
            text = format!("{text} COLLATE {}", column.collation);
        }
        if column.is_descending {
            text += " DESC";
        } else if self.explicitly_ascending.contains(&at) {
            text += " ASC";
        }
        text
    }
}

fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

struct Parser<'t, 'a> {
    text: &'a str,
    rest: &'t [Token<'a>],
}

impl<'t, 'a> Parser<'t, 'a> {
    fn definition(mut self) -> Option<Definition> {
        self.expect("create")?;
        let is_unique = self.take("unique");
        self.expect("index")?;
        let is_optional = self.take("if");
        if is_optional {
            self.expect("not")?;
            self.expect("exists")?;
        }
        let (schema, name) = self.qualified_name()?;
        if !schema.is_empty() && !schema.eq_ignore_ascii_case("main") {
            return None;
        }
        self.expect("on")?;
        let (table_schema, table) = self.qualified_name()?;
        // A qualified table is not SQL; with an empty name it counts as the wrong table, and so gets corrected.
        let table = if table_schema.is_empty() { table } else { String::new() };

        let mut columns = Vec::new();
        let mut explicitly_ascending = Vec::new();
        for column in split_outside(self.parenthesised()?, |token| token.is_symbol(b',')) {
            let (column, is_ascending) = self.column(column)?;
            if is_ascending {
                explicitly_ascending.push(columns.len());
            }
            columns.push(column);
        }
        let condition = self.condition()?;
        let index = Index { name, is_unique, columns, condition };
        Some(Definition { index, table, is_optional, schema, explicitly_ascending })
    }

    /// `name` or `schema.name`; the schema is empty in the first case.
    fn qualified_name(&mut self) -> Option<(String, String)> {
        let first = self.name()?;
        if !self.rest.first()?.is_symbol(b'.') {
            return Some((String::new(), first));
        }
        self.rest = &self.rest[1..];
        Some((first, self.name()?))
    }

    fn name(&mut self) -> Option<String> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        first.name().filter(|name| !name.is_empty())
    }

    /// The tokens between the parenthesis that must come next and its partner.
    fn parenthesised(&mut self) -> Option<&'t [Token<'a>]> {
        if !self.rest.first()?.is_symbol(b'(') {
            return None;
        }
        let inside = &self.rest[1..];
        let close = find_closing(inside);
        self.rest = inside.get(close + 1..)?;
        Some(&inside[..close])
    }

    /// `target [COLLATE name] [ASC|DESC]`, and whether `ASC` was written.
    fn column(&self, tokens: &[Token<'a>]) -> Option<(IndexColumn, bool)> {
        let (tokens, is_ascending, is_descending) = match tokens {
            [target @ .., last] if !target.is_empty() && last.is("asc") => (target, true, false),
            [target @ .., last] if !target.is_empty() && last.is("desc") => (target, false, true),
            _ => (tokens, false, false),
        };
        let (tokens, collation) = match tokens {
            [target @ .., keyword, name] if !target.is_empty() && keyword.is("collate") => (target, name.name()?),
            _ => (tokens, String::new()),
        };
        // Printed bare, as the reference does, so it must be readable bare.
        if !collation.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        let target = match tokens {
            [] => return None,
            [token] => IndexTarget::Column(token.name().filter(|name| !name.is_empty())?),
            _ => IndexTarget::Expression(self.source(tokens)),
        };
        Some((IndexColumn { target, collation, is_descending }, is_ascending))
    }

    /// What follows `WHERE`; empty where nothing follows the columns.
    fn condition(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return Some(String::new());
        }
        self.expect("where")?;
        if self.rest.is_empty() { None } else { Some(self.source(self.rest)) }
    }

    /// The text from the first of `tokens` to the last, as it was written.
    fn source(&self, tokens: &[Token<'_>]) -> String {
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => self.text[first.start..last.end()].to_owned(),
            _ => String::new(),
        }
    }

    fn take(&mut self, keyword: &str) -> bool {
        let is_next = self.rest.first().is_some_and(|token| token.is(keyword));
        if is_next {
            self.rest = &self.rest[1..];
        }
        is_next
    }

    fn expect(&mut self, keyword: &str) -> Option<()> {
        self.take(keyword).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `expected` is the statement stored for collection `t`; empty where it is refused.
    fn check(text: &str, expected: &str) {
        let stored = normalise(text, "t").map(|(stored, _)| stored);
        assert_eq!(stored.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn a_statement_for_the_right_table_stays_as_it_was_written() {
        for text in ["create unique index ia on t (a)", " CREATE INDEX\n`a b` on [t](a)where a=';--'  "] {
            check(text, text);
        }
    }

    #[test]
    fn a_statement_for_another_table_is_printed_in_canonical_form() {
        check(
            "create index if not exists ib on wrong (a, b desc)",
            "CREATE INDEX IF NOT EXISTS `ib` ON `t` (\n  `a`,\n  `b` DESC\n)",
        );
        check("create index ib on w (a) where (a != '')", "CREATE INDEX `ib` ON `t` (`a`) WHERE (a != '')");
        check("create index `main`.`ib` on w(a)", "CREATE INDEX `main`.`ib` ON `t` (`a`)");
        check("create index ib on W_(a)\nWHERE\n a\t!= ''", "CREATE INDEX `ib` ON `t` (`a`) WHERE a\t!= ''");
        check("CREATE INDEX ib ON T (a)", "CREATE INDEX `ib` ON `t` (`a`)");
        check("create index 'ib' on 'w' ('a')", "CREATE INDEX `ib` ON `t` (`a`)");
        check("create index [ib] on \"w\" ([a])", "CREATE INDEX `ib` ON `t` (`a`)");
        check("create index ib on w ( a  collate  nocase )", "CREATE INDEX `ib` ON `t` (`a` COLLATE nocase)");
        check("create index ib on w (a ASC)", "CREATE INDEX `ib` ON `t` (`a` ASC)");
        check("create index ib on other.w (a)", "CREATE INDEX `ib` ON `t` (`a`)");
        check("create index `i``b` on `` (a)", "");
        check("create index `i``b` on w (a)", "CREATE INDEX `i``b` ON `t` (`a`)");
        check("create index ib on w (a)where a=1", "CREATE INDEX `ib` ON `t` (`a`) WHERE a=1");
    }

    #[test]
    fn expressions_are_kept_as_they_were_written() {
        check(
            "create index ib on w (json_extract(a,'$.x, y'), n)",
            "CREATE INDEX `ib` ON `t` (\n  json_extract(a,'$.x, y'),\n  `n`\n)",
        );
        check(
            "create index ib on w (lower(a) collate nocase desc)",
            "CREATE INDEX `ib` ON `t` (lower(a) COLLATE nocase DESC)",
        );
        check("create index ib on w (a||b)", "CREATE INDEX `ib` ON `t` (a||b)");
    }

    #[test]
    fn nothing_but_one_create_index_passes() {
        for text in [
            "",
            "drop table x",
            "create index ib on t ()",
            "create index on t (a)",
            "create index ib on t (a",
            "create index ib on t (a,,b)",
            "create index ib on t (a,)",
            "create index ib on t a",
            "create index ib on t (a);",
            "create index ib on t (a); drop table t",
            "create index ib on t (a) where 1) ; drop table t; select (1",
            "create index ib on t (a) -- c",
            "create index ib on t (a) /* x */ where a=''",
            "create index ib on t (a) where",
            "create index ib on t (a) foo",
            "create index i\"b on t (a)",
            "create index \"\" on t (a)",
            "create index temp.ib on t (a)",
            "create index ib on t (a collate \"x y\")",
            "create index ib on t (a) where a = ?1",
            "create index ib on t (a) where a = '\0'; drop table t",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn what_is_executed_is_written_from_the_parts() {
        let text =
            "create unique index if not exists main.[i] on w (a collate nocase asc, lower(b) desc) where a != ';'";
        let (_, index) = normalise(text, "t").unwrap();
        let mut expected = Sql::new("CREATE UNIQUE INDEX \"i\" ON \"t\" (\"a\" COLLATE \"nocase\", lower(b) DESC)");
        expected.raw(" WHERE a != ';'");
        assert_eq!(create_statement(&index, "t"), expected);
    }

    #[test]
    fn names_do_not_tell_indexes_apart_but_uniqueness_columns_and_conditions_do() {
        let parse = |text: &str| Definition::parse(text).unwrap().index;
        let plain = parse("create index i1 on t (a)");
        assert!(is_same_definition(&plain, &parse("create index i2 on t (`a`)")));
        for other in
            ["unique index i on t (a)", "index i on t (a, b)", "index i on t (a desc)", "index i on t (a) where b"]
        {
            assert!(!is_same_definition(&plain, &parse(&format!("create {other}"))), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_printed_parses_to_the_same(
            text in "(create )?(unique )?(index )?[a-c`\"\\[\\]'(),;*\\-/ é.=\\x00]{0,40}"
        ) {
            if let Some(definition) = Definition::parse(&text) {
                let again = Definition::parse(&definition.print(&definition.table));
                prop_assert_eq!(again.map(|again| again.index), Some(definition.index));
            }
        }

        #[test]
        fn likely_statements_survive_printing(
            column in "([a-c]{1,3}|`a b`|\"a\"\"b\"|lower\\(a\\)|a\\|\\|'x;'|\\[a\\])",
            tail in "( collate nocase)?( asc| desc)?",
            condition in "( where a != ''| where \\(a\\))?",
        ) {
            let text = format!("create index i on w ({column}{tail}, b){condition}");
            let definition = Definition::parse(&text).expect("the statement is well formed");
            prop_assert_eq!(Definition::parse(&definition.print("w")), Some(definition));
        }
    }
}
