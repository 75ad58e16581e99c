//! Updates view queries when a collection they read is renamed.
//!
//! The query is not parsed. Its names are told apart by the tokens around them. The caller infers the view again, so a
//! query that was misread is refused instead of stored.

use super::sql_tokens::{Kind, Token, tokens};

/// Returns `query` with the table `old` renamed to `new`.
pub(super) fn retarget(query: &str, old: &str, new: &str) -> String {
    let Ok(mut tokens) = tokens(query) else { return query.to_owned() };
    tokens.retain(|token| token.kind != Kind::Comment);
    let names = Names::find(&tokens, old);
    let mut text = String::with_capacity(query.len());
    let mut copied = 0;
    for token in names.to_replace(&tokens) {
        text.push_str(&query[copied..token.start]);
        text.push('"');
        text.push_str(new);
        text.push('"');
        copied = token.end();
    }
    text.push_str(&query[copied..]);
    text
}

/// Where a table's name occurs in a query, as positions among its tokens.
#[derive(Default)]
struct Names {
    /// `FROM posts`, `JOIN posts`, `FROM a, posts`, `IN posts`
    tables: Vec<usize>,
    /// `posts.title`
    qualifiers: Vec<usize>,
    /// Something else has this name, as in `FROM users AS posts`. Qualifiers then refer to that.
    is_hidden_by_alias: bool,
}

impl Names {
    fn find(tokens: &[Token<'_>], name: &str) -> Self {
        let mut names = Self::default();
        // One for each open parenthesis, and one for the whole query.
        let mut places = vec![Place::Elsewhere];
        for (at, token) in tokens.iter().enumerate() {
            let place = places.last().copied().unwrap_or(Place::Elsewhere);
            let previous = at.checked_sub(1).map(|at| &tokens[at]);
            let is_name = token.name().is_some_and(|text| text.eq_ignore_ascii_case(name));
            let is_before_dot = tokens.get(at + 1).is_some_and(|next| next.is_symbol(b'.'));
            let is_after_dot = previous.is_some_and(|previous| previous.is_symbol(b'.'));
            let is_after_in = previous.is_some_and(|previous| previous.is("in"));
            if is_name {
                match place {
                    _ if is_before_dot && !is_after_dot => names.qualifiers.push(at),
                    _ if place == Place::TableExpected || is_after_in => names.tables.push(at),
                    Place::TableGiven if !is_after_dot => names.is_hidden_by_alias = true,
                    _ => {}
                }
            }
            if token.is_symbol(b'(') {
                places.push(if place == Place::TableExpected { place } else { Place::Elsewhere });
            } else if token.is_symbol(b')') {
                places.pop();
                if let Some(outer) = places.last_mut() {
                    *outer = outer.after_table();
                }
            } else if let Some(current) = places.last_mut() {
                *current = place.after(token, previous, is_before_dot || is_after_dot && token.is_symbol(b'.'));
            }
        }
        names
    }

    fn to_replace<'t, 'a>(&self, tokens: &'t [Token<'a>]) -> Vec<&'t Token<'a>> {
        let qualifiers: &[usize] = if self.is_hidden_by_alias { &[] } else { &self.qualifiers };
        let mut positions: Vec<usize> = self.tables.iter().chain(qualifiers).copied().collect();
        positions.sort_unstable();
        positions.into_iter().map(|at| &tokens[at]).collect()
    }
}

/// The part of a SELECT that a token is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Elsewhere,
    /// After `FROM`, `JOIN` or a comma between tables.
    TableExpected,
    /// After the name of a table, up to the next one or the end of the clause.
    TableGiven,
}

impl Place {
    fn after_table(self) -> Self {
        if self == Self::TableExpected { Self::TableGiven } else { self }
    }

    fn after(self, token: &Token<'_>, previous: Option<&Token<'_>>, is_part_of_path: bool) -> Self {
        const ENDS: [&str; 12] = [
            "select",
            "where",
            "group",
            "having",
            "order",
            "limit",
            "window",
            "union",
            "intersect",
            "except",
            "values",
            "with",
        ];
        // `a IS DISTINCT FROM b` is a comparison.
        let is_comparison = previous.is_some_and(|previous| previous.is("distinct"));
        if token.is("join") || token.is("from") && !is_comparison {
            return Self::TableExpected;
        }
        if ENDS.iter().any(|keyword| token.is(keyword)) {
            return Self::Elsewhere;
        }
        match self {
            Self::TableGiven if token.is_symbol(b',') => Self::TableExpected,
            Self::TableExpected if !is_part_of_path && !token.is_symbol(b'.') => Self::TableGiven,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        assert_eq!(retarget(query, "posts", "articles"), expected, "{query}");
    }

    #[test]
    fn tables_and_what_they_qualify_are_renamed() {
        check("select id, title from posts", r#"select id, title from "articles""#);
        check(
            "select posts.id, p.title from POSTS p join `posts`",
            r#"select "articles".id, p.title from "articles" p join "articles""#,
        );
        check("select a.id from tags a, posts, [posts] b", r#"select a.id from tags a, "articles", "articles" b"#);
        check(
            "select a.id from tags a join posts on posts.a = a.id, posts c",
            r#"select a.id from tags a join "articles" on "articles".a = a.id, "articles" c"#,
        );
        check(
            "select id from (select id from posts where posts.x in posts)",
            r#"select id from (select id from "articles" where "articles".x in "articles")"#,
        );
        check("select id from (posts join tags) -- posts", r#"select id from ("articles" join tags) -- posts"#);
        check(
            "with x as (select id from posts) select id from x union select id from main.posts",
            r#"with x as (select id from "articles") select id from x union select id from main."articles""#,
        );
    }

    #[test]
    fn other_things_of_the_same_name_are_not_renamed() {
        check(
            "select id, posts, 'posts' as x, a.posts from tags a",
            "select id, posts, 'posts' as x, a.posts from tags a",
        );
        check(
            "select id, count(posts) as posts from tags group by posts",
            "select id, count(posts) as posts from tags group by posts",
        );
        check("select posts.id from tags as posts", "select posts.id from tags as posts");
        check(
            "select posts.id from tags posts join posts x on x.posts = posts.id",
            r#"select posts.id from tags posts join "articles" x on x.posts = posts.id"#,
        );
        check(
            "select id, (a is distinct from posts) as b from tags",
            "select id, (a is distinct from posts) as b from tags",
        );
        check("select 'posts", "select 'posts");
    }
}
