//! Finds the part of a rule that can be decided before the body of a request is read.
//!
//! A comparison with a value that is not known yet may turn out either way. The language has no negation. So a rule can
//! hold only if it holds when all such comparisons are taken as true, and that part is decided early. A request that
//! passes it is checked against the whole rule later.

use crate::domain::filter::{Filter, Operand, parse};

/// What is known in addition to the caller, the query, the headers and the rows of other collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: neither the body nor the record that it would create.
    Caller,
    /// The stored record that the body would change.
    Record,
}

/// Returns the part of `rule` that follows from it and reads nothing unknown. `None` if that part always holds, or if
/// `rule` cannot be parsed, which a later check reports.
#[must_use]
pub fn known_part(rule: &str, known: Known) -> Option<String> {
    part(&parse(rule).ok()?, known).map(|filter| filter.to_string())
}

fn part(filter: &Filter, known: Known) -> Option<Filter> {
    match filter {
        Filter::Compare(comparison) => {
            let is_known = is_known(&comparison.left, known) && is_known(&comparison.right, known);
            is_known.then(|| filter.clone())
        }
        Filter::All(parts) => {
            let mut parts: Vec<Filter> = parts.iter().filter_map(|filter| part(filter, known)).collect();
            if parts.len() > 1 { Some(Filter::All(parts)) } else { parts.pop() }
        }
        Filter::Any(parts) => {
            parts.iter().map(|filter| part(filter, known)).collect::<Option<Vec<_>>>().map(Filter::Any)
        }
    }
}

fn is_known(operand: &Operand, known: Known) -> bool {
    match operand {
        Operand::Identifier(identifier) => {
            let name = identifier.name.as_str();
            !name.starts_with("@request.body") && (known == Known::Record || name.starts_with('@'))
        }
        Operand::Function(function) => function.arguments.iter().all(|argument| is_known(argument, known)),
        Operand::Number(_) | Operand::Text(_) | Operand::Bool(_) | Operand::Null => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_asked() {
        let check = |rule: &str, of_caller: Option<&str>, of_record: Option<&str>| {
            let found = [Known::Caller, Known::Record].map(|known| known_part(rule, known));
            assert_eq!(found, [of_caller, of_record].map(|part| part.map(ToOwned::to_owned)), "{rule}");
        };
        let auth = "@request.auth.id != ''";
        check(auth, Some(auth), Some(auth));
        check("title = 'x'", None, Some("title = 'x'"));
        check("@request.body.title = 'x'", None, None);
        check("@request.body.title:isset = false", None, None);
        check(&format!("{auth} && title = 'x'"), Some(auth), Some(&format!("{auth} && title = 'x'")));
        check(&format!("{auth} && @request.body.a = 1"), Some(auth), Some(auth));
        // Either side may allow the request.
        check(&format!("{auth} || title = 'x'"), None, Some(&format!("{auth} || title = 'x'")));
        check(&format!("{auth} || @request.body.a = 1"), None, None);
        check(
            "(@request.auth.a = 1 && title = 'x') || @request.headers.key = 'k'",
            Some("@request.auth.a = 1 || @request.headers.key = 'k'"),
            Some("(@request.auth.a = 1 && title = 'x') || @request.headers.key = 'k'"),
        );
        check(
            "@collection.teams.owner ?= @request.auth.id",
            Some("@collection.teams.owner ?= @request.auth.id"),
            Some("@collection.teams.owner ?= @request.auth.id"),
        );
        check("owner = @request.auth.id", None, Some("owner = @request.auth.id"));
        check("geoDistance(loc.lon, loc.lat, 1, 2) < 5", None, Some("geoDistance(loc.lon, loc.lat, 1, 2) < 5"));
        check("@now > '2020-01-01'", Some("@now > '2020-01-01'"), Some("@now > '2020-01-01'"));
        check("no rule (", None, None);
    }
}
