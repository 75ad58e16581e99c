//! What is wrong with a script in the words of the guide, where the engine would name its own types.

use super::known::{self, Known};
use crate::domain::filter::nearest;
use rhai::{AST, EvalAltResult};

/// Returns the text of an error that the engine has found, without its position. `functions` are those of the file. `None` for errors
/// whose own text says enough.
pub fn explained(error: &EvalAltResult, functions: Option<&AST>) -> Option<String> {
    match error {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => Some(no_function(signature, functions)),
        EvalAltResult::ErrorMismatchDataType(wanted, given, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, given, _) => mismatch(wanted, given),
        EvalAltResult::ErrorIndexingType(types, _) => no_index(types),
        EvalAltResult::ErrorDotExpr(text, _) => no_property(text),
        EvalAltResult::ErrorFor(_) => Some(
            "`for` goes through an array, a text, a range such as 0..5, or db.each(…), and this is none".to_owned(),
        ),
        _ => None,
    }
}

/// A type of the engine in words, with an article: `a text`.
pub fn type_in_words(name: &str) -> String {
    let name = name.trim().trim_start_matches("&mut ");
    let words = match name {
        "&str | ImmutableString | String" | "&str" | "string" | "String" | "ImmutableString" => "a text",
        "char" => "a letter",
        "i64" | "INT" => "a whole number",
        "decimal" | "Decimal" => "a number",
        "big number" => "a number that is too large for a decimal",
        "bool" => "true or false",
        "()" => "nothing",
        "map" | "Map" => "a map",
        "array" | "Array" => "an array",
        "Fn" | "FnPtr" => "a function",
        "blob" | "Blob" | "bytes" => "bytes",
        "range" | "range=" => "a range",
        "db" => "a database",
        "event" => "an event",
        "record" => "a record",
        "date" => "a date",
        "span" => "a length of time",
        "request" => "a request",
        "reply" | "answer" => "an answer",
        "file" => "a file",
        "kv" | "cache" | "log" | "realtime" => return format!("`{name}`"),
        "" => "something",
        other => {
            // A type that is registered without a name of its own.
            let short = other.split('<').next().unwrap_or(other).rsplit("::").next().unwrap_or(other);
            let vowel = short.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
            return format!("{} {}", if vowel { "an" } else { "a" }, short.to_lowercase());
        }
    };
    words.to_owned()
}

/// `signature` is `name (type, type)`.
fn no_function(signature: &str, functions: Option<&AST>) -> String {
    let (name, types) = signature.split_once(" (").unwrap_or((signature, ""));
    let types = types.strip_suffix(')').unwrap_or(types);
    let types: Vec<&str> = if types.is_empty() { Vec::new() } else { types.split(", ").collect() };
    let words: Vec<String> = types.iter().map(|name| type_in_words(name)).collect();
    if let Some(property) = name.strip_prefix("get$") {
        return format!("{} has no `{property}`", words.first().map_or("a value", String::as_str));
    }
    if !known::is_name(name) {
        return match &words[..] {
            [one] => format!("`{name}` cannot be used with {one}"),
            [one, other] => format!("`{name}` cannot be used between {one} and {other}{}", whole_number_hint(&types)),
            _ => format!("`{name}` cannot be used here"),
        };
    }
    let own: Vec<(&str, usize)> = functions
        .into_iter()
        .flat_map(AST::iter_functions)
        .filter(|function| known::is_name(function.name) && !function.name.contains('$'))
        .map(|function| (function.name, function.params.len()))
        .collect();
    let known = Known::get(true);
    let signatures = known.signatures(name);
    let with = given(&words);
    if let Some((_, parameters)) = own.iter().find(|(known, _)| *known == name)
        && signatures.is_empty()
    {
        let takes = match parameters {
            0 => "nothing".to_owned(),
            1 => "one value".to_owned(),
            more => format!("{more} values"),
        };
        return format!("the function `{name}` of the script takes {takes}, and cannot be called{with}");
    }
    if signatures.is_empty() {
        let is_for = |candidate: &&str| {
            words
                .first()
                .is_some_and(|first| known.signatures(candidate).iter().any(|signature| type_of(signature) == *first))
        };
        let near = nearest(name, known.names().filter(is_for))
            .or_else(|| nearest(name, own.iter().map(|(name, _)| *name)))
            .or_else(|| nearest(name, known.names()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let with = if words.is_empty() { "" } else { &with };
        return format!("there is no function `{name}`{with}{hint}");
    }
    // Those of the same kind of value first: other kinds have functions of the same name.
    let words_of = |signature: &&known::Signature| words.first().is_some_and(|first| type_of(signature) == *first);
    let same: Vec<&known::Signature> = signatures.iter().filter(words_of).collect();
    let shown = if same.is_empty() { signatures.iter().collect() } else { same };
    let usages = known::usages(shown.into_iter());
    format!("the function `{name}` cannot be called{with}{usages}{}", whole_number_hint(&types))
}

/// The type of the first parameter in words.
fn type_of(signature: &known::Signature) -> String {
    let name = match signature.receiver.as_str() {
        "Db" => "db",
        "RecordValue" => "record",
        "Event" => "event",
        "Date" => "date",
        "Span" => "span",
        "Request" | "RouteRequest" => "request",
        "BytesValue" => "bytes",
        "Upload" => "file",
        "Reply" | "HttpAnswer" => "answer",
        "Kv" => "kv",
        "CacheValue" => "cache",
        "LogValue" => "log",
        "RealtimeValue" => "realtime",
        other => other,
    };
    type_in_words(name)
}

/// ` for a database with a text`.
fn given(words: &[String]) -> String {
    match words {
        [] => " without values".to_owned(),
        [one] => format!(" for {one}"),
        [one, others @ ..] => format!(" for {one} with {}", listed(others)),
    }
}

fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// Two kinds of numbers meet where only one of them is taken.
fn whole_number_hint(types: &[&str]) -> &'static str {
    if types.contains(&"decimal") { "; write .to_int() where a whole number is needed" } else { "" }
}

fn mismatch(wanted: &str, given: &str) -> Option<String> {
    if wanted.is_empty() || given.is_empty() {
        return None;
    }
    let is_fraction = matches!(wanted, "i64" | "INT") && matches!(given, "decimal" | "Decimal");
    let hint = if is_fraction { ": write .to_int()" } else { "" };
    Some(format!("{} is needed here, and this is {}{hint}", type_in_words(wanted), type_in_words(given)))
}

/// `types` is `type [type of the index]`.
fn no_index(types: &str) -> Option<String> {
    let (target, index) = types.split_once(" [")?;
    let index = type_in_words(index.strip_suffix(']')?);
    Some(format!("{} has no elements that are found by {index}", type_in_words(target)))
}

/// `text` is `Unknown property 'x' - a getter is not registered for type 'y'`, or the same of a setter.
fn no_property(text: &str) -> Option<String> {
    let mut quoted = text.split('\'').skip(1).step_by(2);
    let (property, kind) = (quoted.next()?, quoted.next()?);
    let kind = type_in_words(kind);
    if text.starts_with("Unknown property") {
        return Some(format!("{kind} has no `{property}`"));
    }
    let value = quoted.next().map(|value| format!(" to {}", type_in_words(value))).unwrap_or_default();
    text.contains("writable property").then(|| format!("`{property}` of {kind} cannot be set{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(signature: &str, expected: &str) {
        let engine = rhai::Engine::new_raw();
        let ast = engine.compile("fn with_tax(net, rate) { net }").unwrap();
        assert_eq!(no_function(signature, Some(&ast)), expected, "{signature}");
    }

    #[test]
    fn unknown_functions_are_told_in_the_words_of_the_guide() {
        let text = "&str | ImmutableString | String";
        check(
            &format!("lst (db, {text})"),
            "there is no function `lst` for a database with a text; did you mean `list`?",
        );
        check("xyzzy ()", "there is no function `xyzzy`");
        check(
            "acting_as (db, i64, map)",
            "the function `acting_as` cannot be called for a database with a whole number and a map: write \
             `db.acting_as(caller)`",
        );
        check("wth_tax (decimal)", "there is no function `wth_tax` for a number; did you mean `with_tax`?");
        check(
            "with_tax (decimal)",
            "the function `with_tax` of the script takes 2 values, and cannot be called for a number",
        );
        check("- (map, array)", "`-` cannot be used between a map and an array");
        check("! (())", "`!` cannot be used with nothing");
    }

    #[test]
    fn other_errors_name_no_types_of_rust() {
        let told = |error: &EvalAltResult| explained(error, None).unwrap_or_default();
        let none = rhai::Position::NONE;
        let mismatch = |wanted: &str, given: &str| {
            told(&EvalAltResult::ErrorMismatchDataType(wanted.to_owned(), given.to_owned(), none))
        };
        assert_eq!(mismatch("bool", "string"), "true or false is needed here, and this is a text");
        assert_eq!(mismatch("i64", "decimal"), "a whole number is needed here, and this is a number: write .to_int()");
        let index = EvalAltResult::ErrorIndexingType("i64 [string]".to_owned(), none);
        assert_eq!(told(&index), "a whole number has no elements that are found by a text");
        let unknown = "Unknown property 'x' - a getter is not registered for type 'date'";
        assert_eq!(told(&EvalAltResult::ErrorDotExpr(unknown.to_owned(), none)), "a date has no `x`");
    }
}
