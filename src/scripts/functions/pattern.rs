//! Regular expressions. A search takes a time that grows with the length of the text and the size of the expression, and not
//! exponentially. An iteration over all matches may take the square of the length, so each match looks at the clock.

use super::text::check_length;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, TimeIsUp, problem};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use regex::{Captures, Regex, RegexBuilder};
use rhai::plugin::*;
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, ImmutableString, Map, Module, NativeCallContext, Position};
use std::fmt;
use std::sync::{Arc, LazyLock};

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 2000;
/// How large an expression may be when it is compiled, in bytes, and for how long a text: the time of a search grows with both.
const SIZES: [(usize, usize); 3] = [(64 * 1024, usize::MAX), (1024 * 1024, 256 * 1024), (8 * 1024 * 1024, 16 * 1024)];
/// How much memory a search may use to remember states, in bytes.
const STATES_BYTES: usize = 256 * 1024;
/// How many bytes of compiled expressions are kept, and about how many expressions.
const KEPT_BYTES: u64 = 32 * 1024 * 1024;
const KEPT_COUNT: usize = 200;

static KEPT: LazyLock<Cache<String, Pattern, Sizes>> =
    LazyLock::new(|| Cache::with_weighter(KEPT_COUNT, KEPT_BYTES, Sizes));

#[derive(Clone)]
struct Sizes;

impl Weighter<String, Pattern> for Sizes {
    fn weight(&self, text: &String, pattern: &Pattern) -> u64 {
        (text.len() + pattern.0.size + STATES_BYTES) as u64
    }
}

/// A compiled expression. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Pattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// The most that it may take, in bytes.
    size: usize,
    /// The longest text that is searched, in bytes.
    max_text: usize,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.regex.as_str())
    }
}

impl Pattern {
    fn compile(text: &str) -> Outcome<Self> {
        if let Some(known) = KEPT.get(text) {
            return Ok(known);
        }
        if text.len() > MAX_LENGTH {
            return Err(problem(format!("a regular expression must not be longer than {MAX_LENGTH} bytes")));
        }
        let mut error = String::new();
        for (size, max_text) in SIZES {
            let built = RegexBuilder::new(text).size_limit(size).dfa_size_limit(STATES_BYTES).build();
            match built {
                Ok(regex) => {
                    let pattern = Self(Arc::new(Compiled { regex, size, max_text }));
                    KEPT.insert(text.to_owned(), pattern.clone());
                    return Ok(pattern);
                }
                Err(failed @ regex::Error::CompiledTooBig(_)) => {
                    error = format!("{failed}: repeat less often, or less of \\w, \\d and the like");
                }
                Err(failed) => return Err(problem(format!("{text:?} is not a regular expression: {failed}"))),
            }
        }
        Err(problem(error))
    }

    fn check(&self, text: &str) -> Outcome<&Regex> {
        if text.len() > self.0.max_text {
            return Err(problem(format!(
                "this regular expression is so large that it can search texts of at most {} KiB",
                self.0.max_text / 1024
            )));
        }
        Ok(&self.0.regex)
    }

    /// The matches in `text`, which end with an error when the time is up.
    fn matches<'t>(&self, text: &'t str) -> Outcome<impl Iterator<Item = Outcome<Captures<'t>>>> {
        let found = self.check(text)?.captures_iter(text);
        Ok(found.map(|captures| check_time().map(|()| captures)))
    }
}

fn check_time() -> Outcome<()> {
    if ambient::is_time_up() {
        return Err(Box::new(EvalAltResult::ErrorTerminated(Dynamic::from(TimeIsUp), Position::NONE)));
    }
    Ok(())
}

/// A match as a map.
fn found(regex: &Regex, captures: &Captures<'_>) -> Dynamic {
    let mut map = Map::new();
    map.insert("text".into(), captures[0].into());
    let group = |group: Option<regex::Match<'_>>| group.map_or(Dynamic::UNIT, |group| group.as_str().into());
    map.insert("groups".into(), Dynamic::from_array(captures.iter().skip(1).map(group).collect()));
    let names: Map = regex.capture_names().flatten().map(|name| (name.into(), group(captures.name(name)))).collect();
    map.insert("names".into(), Dynamic::from_map(names));
    Dynamic::from_map(map)
}

pub fn add(module: &mut Module) {
    module.set_custom_type::<Pattern>("regex");
    combine_with_exported_module!(module, "pattern", pattern_functions);
}

#[export_module]
mod pattern_functions {
    /// Makes a regular expression: ``let code = regex(`^[A-Z]{2}\d+$`);``. In `` ` `` a `\` stands for itself. `(?i)` at its beginning ignores
    /// case. Do not take it from a visitor; `regex_escape` makes a text of a visitor a part of it that stands for itself.
    #[rhai_fn(name = "regex", return_raw)]
    pub fn compile(context: NativeCallContext<'_>, pattern: &str) -> Outcome<Pattern> {
        ambient::note(&context);
        Pattern::compile(pattern)
    }

    /// The text for use in a regular expression, where it stands for itself.
    pub fn regex_escape(text: &str) -> String {
        regex::escape(text)
    }

    /// Whether the expression finds something in the text.
    #[rhai_fn(name = "is_match", pure, return_raw)]
    pub fn is_match(context: NativeCallContext<'_>, pattern: &mut Pattern, text: &str) -> Outcome<bool> {
        ambient::note(&context);
        Ok(pattern.check(text)?.is_match(text))
    }

    /// The first match, or `()`: `#{ text, groups, names }`. `groups` is what stands in the parentheses of the expression, in order,
    /// `names` what stands in those with a name, `(?<year>\d+)`.
    #[rhai_fn(name = "find", pure, return_raw)]
    pub fn find(context: NativeCallContext<'_>, pattern: &mut Pattern, text: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        let regex = pattern.check(text)?;
        Ok(regex.captures(text).map_or(Dynamic::UNIT, |captures| found(regex, &captures)))
    }

    /// All matches as a list, each as `find` returns it.
    #[rhai_fn(name = "find_all", pure, return_raw)]
    pub fn find_all(context: NativeCallContext<'_>, pattern: &mut Pattern, text: &str) -> Outcome<Array> {
        ambient::note(&context);
        let mut all = Array::new();
        for captures in pattern.matches(text)? {
            push(&context, &mut all, found(&pattern.0.regex, &captures?))?;
        }
        Ok(all)
    }

    /// The text with every match replaced. In `new`, `$1` or `$name` stands for a group, and `$$` for `$`. If a
    /// letter or digit follows, write `"${1}a"`, in `"…"`.
    #[rhai_fn(name = "replace", pure, return_raw)]
    pub fn replace(
        context: NativeCallContext<'_>,
        pattern: &mut Pattern,
        text: &str,
        new: &str,
    ) -> Outcome<ImmutableString> {
        ambient::note(&context);
        replaced(&context, pattern, text, |captures, out| {
            captures.expand(new, out);
            Ok(())
        })
    }

    /// The same with a function that gets each match, as `find` returns it, and returns the new text.
    #[rhai_fn(name = "replace", pure, return_raw)]
    pub fn replace_by(
        context: NativeCallContext<'_>,
        pattern: &mut Pattern,
        text: &str,
        work: FnPtr,
    ) -> Outcome<ImmutableString> {
        ambient::note(&context);
        let regex = pattern.0.regex.clone();
        replaced(&context, pattern, text, |captures, out| {
            let new: Dynamic = work.call_within_context(&context, (found(&regex, captures),))?;
            out.push_str(&crate::scripts::values::json::shown(&new));
            Ok(())
        })
    }

    /// The parts of the text between the matches.
    #[rhai_fn(name = "split", pure, return_raw)]
    pub fn split(context: NativeCallContext<'_>, pattern: &mut Pattern, text: &str) -> Outcome<Array> {
        ambient::note(&context);
        let mut parts = Array::new();
        for part in pattern.check(text)?.split(text) {
            check_time()?;
            push(&context, &mut parts, part.into())?;
        }
        Ok(parts)
    }

    /// The expression as text.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_text(pattern: &mut Pattern) -> String {
        pattern.to_string()
    }
}

fn push(context: &NativeCallContext<'_>, list: &mut Array, item: Dynamic) -> Outcome<()> {
    let max = context.engine().max_array_size();
    if max > 0 && list.len() >= max {
        return Err(problem(format!("the regular expression finds more than {max} matches")));
    }
    list.push(item);
    Ok(())
}

fn replaced(
    context: &NativeCallContext<'_>,
    pattern: &Pattern,
    text: &str,
    mut write: impl FnMut(&Captures<'_>, &mut String) -> Outcome<()>,
) -> Outcome<ImmutableString> {
    let (mut out, mut last) = (String::new(), 0);
    for captures in pattern.matches(text)? {
        let captures = captures?;
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&text[last..whole.start()]);
        write(&captures, &mut out)?;
        check_length(context, out.len())?;
        last = whole.end();
    }
    out.push_str(&text[last..]);
    Ok(out.into())
}
