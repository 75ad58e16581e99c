//! Parses, validates and prints `CREATE INDEX` statements.
//!
//! The superuser's text is stored and shown, but never executed: [`create_statement`] builds a new statement from the
//! parsed parts. Expressions and conditions inside it remain text. They contain whole tokens, balanced parentheses and
//! no comment, so nothing can escape from its position.

use super::sql_tokens::{Kind, Token, find_closing, split_outside, tokens};
use crate::db::Sql;
use crate::domain::Issue;
use crate::domain::model::{Index, IndexColumn, IndexTarget};

/// A parsed statement: the index, and the parts of the text that do not belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    pub index: Index,
    pub table: String,
    /// Whether `IF NOT EXISTS` was written.
    is_optional: bool,
    /// The schema before the name: empty or `main`.
    schema: String,
    /// The columns as [`Definition::print`] writes them.
    printed_columns: Vec<String>,
    printed_condition: String,
}

/// Returns the statement as it is stored for `collection_name`, and its parts. It is kept verbatim if it names the
/// right table, otherwise printed in canonical form with the table corrected.
pub fn normalise(text: &str, collection_name: &str) -> Result<(String, Index), Issue> {
    let definition = Definition::parse(text)
        .ok_or_else(|| Issue::new("validation_invalid_index_expression", "Invalid CREATE INDEX expression."))?;
    if definition.table == collection_name {
        return Ok((text.to_owned(), definition.index));
    }
    Ok((definition.print(collection_name), definition.index))
}

/// Whether two indexes are the same apart from their names.
#[must_use]
pub fn is_same_definition(left: &Index, right: &Index) -> bool {
    left.is_unique == right.is_unique && left.columns == right.columns && left.condition == right.condition
}

/// Returns the statement to execute. It has no `IF NOT EXISTS`: an index that is silently not created would leave
/// uniqueness unenforced.
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
    /// Returns `None` unless `text` is exactly one `CREATE INDEX` statement without comments.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text).ok()?;
        if tokens.iter().any(|token| token.kind == Kind::Comment || token.is_symbol(b';')) {
            return None;
        }
        Parser { text, rest: &tokens }.definition()
    }

    /// Returns the canonical form, for `table`.
    #[must_use]
    pub fn print(&self, table: &str) -> String {
        let Index { name, is_unique, .. } = &self.index;
        let unique = if *is_unique { "UNIQUE " } else { "" };
        let optional = if self.is_optional { "IF NOT EXISTS " } else { "" };
        let schema = if self.schema.is_empty() { String::new() } else { format!("{}.", quote(&self.schema)) };
        let columns = match &self.printed_columns[..] {
            [column] => column.clone(),
            columns => format!("\n  {}\n", columns.join(",\n  ")),
        };
        let condition = match self.printed_condition.as_str() {
            "" => String::new(),
            condition => format!(" WHERE {condition}"),
        };
        let (name, table) = (quote(name), quote(table));
        format!("CREATE {unique}INDEX {optional}{schema}{name} ON {table} ({columns}){condition}")
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
        let table = self.table()?;

        let mut columns = Vec::new();
        let mut printed_columns = Vec::new();
        for column in split_outside(self.parenthesised()?, |token| token.is_symbol(b',')) {
            let (column, printed) = self.column(column)?;
            columns.push(column);
            printed_columns.push(printed);
        }
        let printed_condition = self.condition()?;
        let index = Index { name, is_unique, columns, condition: plain(&printed_condition) };
        Some(Definition { index, table, is_optional, schema, printed_columns, printed_condition })
    }

    /// Reads the table after `ON`. A qualified table is not valid SQL, and neither is `{{name}}`: both count as the
    /// wrong table and are corrected.
    fn table(&mut self) -> Option<String> {
        if let [first, second, name, third, fourth, rest @ ..] = self.rest
            && [first, second].into_iter().all(|token| token.is_symbol(b'{'))
            && [third, fourth].into_iter().all(|token| token.is_symbol(b'}'))
        {
            self.rest = rest;
            return name.name().map(|_| String::new());
        }
        let (schema, table) = self.qualified_name()?;
        Some(if schema.is_empty() { table } else { String::new() })
    }

    /// Reads `name` or `schema.name`. The schema of the first form is empty.
    fn qualified_name(&mut self) -> Option<(String, String)> {
        let first = self.name()?;
        if !self.rest.first()?.is_symbol(b'.') {
            return Some((String::new(), first));
        }
        self.rest = &self.rest[1..];
        Some((first, self.name()?))
    }

    fn name(&mut self) -> Option<String> {
        if let [first, second, rest @ ..] = self.rest
            && let Some(name) = doubly_bracketed(first, second)
        {
            self.rest = rest;
            return Some(name);
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        first.name().filter(|name| !name.is_empty())
    }

    /// Reads the tokens between a parenthesis, which must come next, and its closing partner.
    fn parenthesised(&mut self) -> Option<&'t [Token<'a>]> {
        if !self.rest.first()?.is_symbol(b'(') {
            return None;
        }
        let inside = &self.rest[1..];
        let close = find_closing(inside);
        self.rest = inside.get(close + 1..)?;
        Some(&inside[..close])
    }

    /// Reads `target [COLLATE name] [ASC|DESC]`, and returns how it is printed.
    ///
    /// Quoted text that cannot be a field name, as in ``(`date DESC`)``, is read without its quotes, because PocketBase
    /// prints such a column bare.
    fn column(&self, tokens: &[Token<'a>]) -> Option<(IndexColumn, String)> {
        let (tokens, order) = match tokens {
            [target @ .., last] if !target.is_empty() && last.is("asc") => (target, " ASC"),
            [target @ .., last] if !target.is_empty() && last.is("desc") => (target, " DESC"),
            _ => (tokens, ""),
        };
        let (tokens, collation) = match tokens {
            [target @ .., keyword, name] if !target.is_empty() && keyword.is("collate") => (target, name.name()?),
            _ => (tokens, String::new()),
        };
        // Printed without quotes, as in PocketBase, so it must be valid without quotes.
        if !collation.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        let is_descending = order == " DESC";
        let tail = if collation.is_empty() { order.to_owned() } else { format!(" COLLATE {collation}{order}") };
        let name = match tokens {
            [] => return None,
            [token] => Some(token.name().filter(|name| !name.is_empty())?),
            [first, second] => doubly_bracketed(first, second),
            _ => None,
        };
        match name {
            Some(text) if text.contains([' ', '(']) => {
                let (mut column, printed) = unquoted_column(&text)?;
                // Given both inside and outside the quotes, it would be duplicated.
                if (!collation.is_empty() && !column.collation.is_empty())
                    || (!order.is_empty() && column.is_descending)
                {
                    return None;
                }
                column.is_descending |= is_descending;
                if column.collation.is_empty() {
                    column.collation = collation;
                }
                Some((column, printed + tail.as_str()))
            }
            Some(name) => {
                let printed = quote(&name) + tail.as_str();
                Some((IndexColumn { target: IndexTarget::Column(name), collation, is_descending }, printed))
            }
            None => {
                let text = self.source(tokens);
                let target = IndexTarget::Expression(plain(&text));
                Some((IndexColumn { target, collation, is_descending }, text + tail.as_str()))
            }
        }
    }

    /// Reads what follows `WHERE`; empty if nothing follows the columns.
    fn condition(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return Some(String::new());
        }
        self.expect("where")?;
        if self.rest.is_empty() { None } else { Some(self.source(self.rest)) }
    }

    /// Returns the original text from the first to the last of `tokens`.
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

/// Parses the column in `text`, which was quoted. Quotes inside it are not interpreted.
fn unquoted_column(text: &str) -> Option<(IndexColumn, String)> {
    let tokens = tokens(text).ok()?;
    let is_unfit =
        |token: &Token<'_>| matches!(token.kind, Kind::Comment | Kind::QuotedName | Kind::Symbol(b';' | b','));
    if tokens.iter().any(is_unfit) {
        return None;
    }
    let (column, _) = Parser { text, rest: &[] }.column(&tokens)?;
    Some((column, text.trim().to_owned()))
}

/// Returns the name in `[[name]]`, which is how some query builders quote names.
fn doubly_bracketed(first: &Token<'_>, second: &Token<'_>) -> Option<String> {
    let name = first.text.strip_prefix("[[")?.strip_suffix(']')?;
    let is_closed = first.end() == second.start && second.is_symbol(b']');
    (is_closed && !name.is_empty() && !name.contains(['`', '['])).then(|| name.to_owned())
}

/// Converts an expression to SQL: `[[name]]` and `{{name}}` become quoted names.
fn plain(text: &str) -> String {
    let Ok(tokens) = tokens(text) else { return text.to_owned() };
    let mut plain = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while at < tokens.len() {
        let (name, length) = match &tokens[at..] {
            [first, second, ..] if doubly_bracketed(first, second).is_some() => (doubly_bracketed(first, second), 2),
            [first, second, name, third, fourth, ..]
                if first.is_symbol(b'{')
                    && second.is_symbol(b'{')
                    && third.is_symbol(b'}')
                    && fourth.is_symbol(b'}') =>
            {
                (name.name(), 5)
            }
            _ => (None, 1),
        };
        if let Some(name) = name {
            plain.push_str(&text[copied..tokens[at].start]);
            plain.push_str(&quote(&name));
            copied = tokens[at + length - 1].end();
        }
        at += length;
    }
    plain.push_str(&text[copied..]);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `expected` is the statement stored for collection `t`; empty if it is refused.
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

    /// Statements that PocketBase accepts, with what is stored and what is executed.
    #[test]
    fn columns_in_unusual_quotes_are_read_as_they_are_meant() {
        let check = |text: &str, stored: &str, executed: &str| {
            let (found, index) = normalise(text, "t").unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(found, stored, "{text}");
            assert_eq!(create_statement(&index, "t").render(|_, _| ()), executed, "{text}");
        };
        let verbatim = |text: &str, executed: &str| check(text, text, executed);
        let job_date = r#"CREATE INDEX "i" ON "t" ("job", "date" DESC)"#;
        verbatim("CREATE INDEX i ON `t` (`job`, `date DESC`)", job_date);
        verbatim(r#"CREATE INDEX i ON t (job, "date DESC")"#, job_date);
        verbatim("CREATE INDEX i ON t (job, [date desc])", job_date);
        verbatim("CREATE INDEX i ON t ('date desc')", r#"CREATE INDEX "i" ON "t" ("date" DESC)"#);
        verbatim(
            "CREATE INDEX i ON t (`date collate nocase desc`)",
            r#"CREATE INDEX "i" ON "t" ("date" COLLATE "nocase" DESC)"#,
        );
        verbatim("CREATE INDEX i ON t (`lower(shop) DESC`)", r#"CREATE INDEX "i" ON "t" (lower(shop) DESC)"#);
        verbatim("CREATE INDEX i ON t ([[shop]], a DESC)", r#"CREATE INDEX "i" ON "t" ("shop", "a" DESC)"#);
        verbatim("CREATE INDEX [[i]] ON t (lower([[shop]]))", r#"CREATE INDEX "i" ON "t" (lower(`shop`))"#);
        check(
            "CREATE INDEX IF NOT EXISTS i ON {{t}} (shop, created DESC)",
            "CREATE INDEX IF NOT EXISTS `i` ON `t` (\n  `shop`,\n  `created` DESC\n)",
            r#"CREATE INDEX "i" ON "t" ("shop", "created" DESC)"#,
        );
        check(
            "CREATE INDEX i ON {{t}} ([[shop]]) WHERE [[shop]] != '[[x]]' AND {{t}}.a > 0",
            "CREATE INDEX `i` ON `t` (`shop`) WHERE [[shop]] != '[[x]]' AND {{t}}.a > 0",
            r#"CREATE INDEX "i" ON "t" ("shop") WHERE `shop` != '[[x]]' AND `t`.a > 0"#,
        );
        check(
            "CREATE INDEX i ON other (`job`, `date DESC`)",
            "CREATE INDEX `i` ON `t` (\n  `job`,\n  date DESC\n)",
            job_date,
        );
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
            "create index ib on t (`a, b`)",
            "create index ib on t (`a) ; drop table t --`)",
            "create index ib on t (`a /* b`)",
            "create index ib on t (`a desc` desc)",
            "create index {{ib}} on t (a)",
            "create index ib on {{t (a)",
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
            let again = Definition::parse(&definition.print("w")).map(|again| again.index);
            prop_assert_eq!(again, Some(definition.index));
        }
    }
}
