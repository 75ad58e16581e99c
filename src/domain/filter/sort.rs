//! The sort parameter: a list of identifiers, each with a direction.

use super::FilterError;
use super::lexer::{Lexer, Token};
use super::tree::{Identifier, Position};

const MAX_ENTRIES: usize = 8;
/// In characters.
const MAX_ENTRY_LENGTH: usize = 255;

#[derive(Clone, Debug, PartialEq)]
pub struct SortEntry {
    pub identifier: Identifier,
    pub is_descending: bool,
}

/// Parses a sort parameter. Blank text has no entries.
pub fn parse_sort(text: &str) -> Result<Vec<SortEntry>, FilterError> {
    entries(text).map_err(FilterError::as_syntax)
}

fn entries(text: &str) -> Result<Vec<SortEntry>, FilterError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    let mut position = 1;
    for part in text.split(',') {
        let length = part.chars().count();
        if entries.len() == MAX_ENTRIES {
            return Err(FilterError::new(Position(position), format!("more than {MAX_ENTRIES} sort fields")));
        }
        if length > MAX_ENTRY_LENGTH {
            let reason = format!("a sort field is longer than {MAX_ENTRY_LENGTH} characters");
            return Err(FilterError::new(Position(position), reason));
        }
        entries.push(entry(part, position)?);
        position += length + 1;
    }
    Ok(entries)
}

/// Parses `+name`, `-name` or `name`, with optional blanks around it: a `+` in a query string arrives as a blank.
fn entry(part: &str, start: usize) -> Result<SortEntry, FilterError> {
    let blanks = part.chars().take_while(|letter| letter.is_whitespace()).count();
    let trimmed = part.trim();
    let (is_descending, name) = match trimmed.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let position = Position(start + blanks + trimmed.len() - name.len());
    let mut lexer = Lexer::new(name);
    let token = lexer.next().map_err(|error| FilterError::new(position, error.reason))?;
    let is_only = lexer.next().is_ok_and(|next| next.is_none());
    match token {
        Some((Token::Identifier(name), _)) if is_only => {
            Ok(SortEntry { identifier: Identifier { name, position }, is_descending })
        }
        None => Err(FilterError::new(position, "a sort field is missing")),
        Some(_) => Err(FilterError::new(position, format!("invalid sort field {name:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_names_with_a_direction() {
        let check = |text: &str, expected: &[(&str, bool, usize)]| {
            let entries = parse_sort(text).unwrap();
            let found: Vec<_> = entries
                .iter()
                .map(|entry| (entry.identifier.name.as_str(), entry.is_descending, entry.identifier.position.0))
                .collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("  ", &[]);
        check("title", &[("title", false, 1)]);
        check("-created,title", &[("created", true, 2), ("title", false, 10)]);
        check(" title , +views", &[("title", false, 2), ("views", false, 11)]);
        check("author.name:lower,-@rowid", &[("author.name:lower", false, 1), ("@rowid", true, 20)]);
    }

    #[test]
    fn what_is_no_name_is_refused_where_it_stands() {
        let check = |text: &str, position: usize| {
            assert_eq!(parse_sort(text).unwrap_err().position, position, "{text:?}");
        };
        check("title,", 7);
        check(",", 1);
        check("-", 2);
        check("title,--views", 8);
        check("title asc", 1);
        check("é,title", 1);
        check("title;", 1);
        check("1", 1);
        check("'a'", 1);
        check("f(1)", 1);
        check(&"a".repeat(256), 1);
        check("a,a,a,a,a,a,a,a,a", 17);
    }
}
