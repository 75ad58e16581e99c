//! Filters that count what they make.

use super::MAX_DEPTH;
use super::source::{BOUNDED, NUMBER};
use minijinja::filters as library;
use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use std::cell::Cell;

/// What an entry of a list or map counts besides its text.
const ENTRY_BYTES: usize = 32;
const MAX_INDENT: usize = 100;
const MAX_JSON_INDENT: usize = 8;
const MAX_COUNT: usize = 10_000;
const MAX_RANGE: usize = 100_000;
/// How many digits a width or precision of `format` may have.
const MAX_FORMAT_DIGITS: usize = 2;
/// By how much escaping enlarges a text at most.
const ESCAPE_FACTOR: usize = 6;

thread_local! {
    /// How many bytes of values the rendering on this thread may still make.
    static LEFT: Cell<usize> = const { Cell::new(0) };
    static IS_TIME_UP: Cell<fn() -> bool> = const { Cell::new(|| false) };
}

pub fn begin(bytes: usize, is_time_up: fn() -> bool) {
    LEFT.set(bytes);
    IS_TIME_UP.set(is_time_up);
}

pub fn too_much() -> Error {
    refused("the template makes too many or too large values")
}

fn refused(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// What a filter makes of its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Makes {
    /// A part of its argument, or a number.
    Part,
    /// A text of the size of its arguments, escaped at most.
    Text,
    /// A list of what is in its arguments.
    List,
    /// The same, or a sum. All texts may be copied while it is made.
    Whole,
    /// Lists or pairs in a list.
    Nested,
}

/// Removes the filters and functions of the library that are not bounded, and replaces the others.
pub fn replace(environment: &mut Environment<'_>) {
    for name in ["namespace", "debug"] {
        environment.remove_global(name);
    }
    environment.remove_filter("pprint");
    environment.add_filter(BOUNDED, bounded);
    environment.add_filter(NUMBER, number);
    environment.add_function("range", range);
    macro_rules! filters {
        ($($makes:ident: $($name:literal = $function:ident),*;)*) => {
            $($({
                let filter = Value::from_function(library::$function);
                environment.add_filter($name, move |state: &mut State, args: Rest<ValueOrKwargs>| {
                    apply($name, &filter, Makes::$makes, state, &args.into_values())
                });
            })*)*
        };
    }
    filters! {
        Part: "length" = length, "count" = length, "default" = default, "d" = default, "round" = round, "abs" = abs, "int" = int,
            "float" = float, "bool" = bool, "attr" = attr, "first" = first, "last" = last, "min" = min, "max" = max;
        Text: "safe" = safe, "escape" = escape, "e" = escape, "lower" = lower, "upper" = upper, "title" = title,
            "capitalize" = capitalize, "replace" = replace, "trim" = trim, "join" = join, "string" = string, "indent" = indent,
            "format" = format, "tojson" = tojson, "urlencode" = urlencode;
        List: "reverse" = reverse, "split" = split, "lines" = lines, "list" = list, "select" = select,
            "reject" = reject, "selectattr" = selectattr, "rejectattr" = rejectattr, "map" = map, "chain" = chain;
        Whole: "sort" = sort, "sum" = sum, "unique" = unique;
        Nested: "dictsort" = dictsort, "items" = items, "batch" = batch, "slice" = slice, "groupby" = groupby, "zip" = zip;
    }
    let dict = Value::from_function(minijinja::functions::dict);
    environment.add_function("dict", move |state: &mut State, args: Rest<ValueOrKwargs>| {
        let args = args.into_values();
        args.iter().try_for_each(charge_all)?;
        dict.call(state, &args)
    });
}

fn apply(name: &str, filter: &Value, makes: Makes, state: &mut State, args: &[Value]) -> Result<Value, Error> {
    if IS_TIME_UP.get()() {
        return Err(refused("the template took too long"));
    }
    match makes {
        Makes::Part => {}
        Makes::Text => ensure(text_size(name, args)?)?,
        Makes::List => {
            ensure(args.iter().map(list_size).fold(0, usize::saturating_add))?;
            // The parts of a text are copies.
            charge(args.first().and_then(Value::as_str).map_or(0, str::len))?;
        }
        Makes::Whole => ensure(
            args.iter().try_fold(0, |sum: usize, value| Ok::<_, Error>(sum.saturating_add(measured(value)?.bytes)))?,
        )?,
        Makes::Nested => {
            args.iter().try_for_each(charge_all)?;
            ensure(padding(name, args)?.saturating_mul(ENTRY_BYTES))?;
        }
    }
    if name == "round" {
        let digits = args.iter().skip(1).filter_map(named("precision")).filter_map(|value| value.as_i64());
        if digits.into_iter().any(|digits| digits.abs() > 30) {
            return Err(refused("a number is rounded to 30 digits at most"));
        }
    }
    let made = filter.call(state, args)?;
    if makes == Makes::Part {
        return Ok(made);
    }
    // A lazy sequence would run through all that it is made of each time that it is used.
    let made = if made.kind() == ValueKind::Iterable { collected(&made)? } else { made };
    charge(match made.len() {
        _ if made.as_str().is_some() => made.as_str().map_or(0, str::len),
        Some(entries) => entries.saturating_mul(ENTRY_BYTES),
        None => 0,
    })?;
    Ok(made)
}

/// Passes on what an operand or a new list, map or slice is, and counts it.
fn bounded(value: Value) -> Result<Value, Error> {
    charge_all(&value)?;
    if value.kind() == ValueKind::Iterable { collected(&value) } else { Ok(value) }
}

fn number(value: Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Number | ValueKind::Bool | ValueKind::Undefined => Ok(value),
        _ => Err(refused("only numbers can be multiplied")),
    }
}

fn range(lower: i64, upper: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (start, end) = upper.map_or((0, lower), |upper| (lower, upper));
    let step = step.unwrap_or(1);
    let distance = i128::from(end) - i128::from(start);
    let count = match step {
        0 => return Err(refused("a range cannot have a step of 0")),
        _ if (distance < 0) != (step < 0) => 0,
        _ => distance.unsigned_abs().div_ceil(u128::from(step.unsigned_abs())),
    };
    let count = usize::try_from(count).ok().filter(|count| *count <= MAX_RANGE);
    let count = count.ok_or_else(|| refused("a range has 100,000 numbers at most"))?;
    Ok(Value::make_iterable(move || (0_i64..).take(count).map(move |at| start.wrapping_add(at.wrapping_mul(step)))))
}

/// How large the text is at most that a filter makes.
fn text_size(name: &str, args: &[Value]) -> Result<usize, Error> {
    let all = args.iter().try_fold(0_usize, |sum, value| Ok::<_, Error>(sum.saturating_add(measured(value)?.bytes)))?;
    let text = args.first().map(Value::to_owned).unwrap_or_default();
    let of = |at: usize, name: &str| {
        args.iter()
            .skip(1)
            .filter(|value| value.is_kwargs())
            .find_map(named(name))
            .or_else(|| args.get(at).filter(|value| !value.is_kwargs()).cloned())
    };
    Ok(match name {
        "replace" => {
            let (text, [from, to]) = (shown(&text), [1, 2].map(|at| args.get(at).map(shown).unwrap_or_default()));
            let places = text.matches(from.as_str()).count();
            text.len().saturating_add(places.saturating_mul(to.len())).saturating_mul(if is_safe(args) {
                ESCAPE_FACTOR
            } else {
                1
            })
        }
        "join" => {
            let places = if text.as_str().is_some() { all } else { entries(&text) };
            let joiner = args.get(1).filter(|value| !value.is_kwargs()).map_or(0, |value| shown(value).len());
            all.saturating_add(places.saturating_mul(joiner.max(1))).saturating_mul(if is_safe(args) {
                ESCAPE_FACTOR
            } else {
                1
            })
        }
        "indent" => {
            let width = of(1, "width")
                .map_or(Ok(4), |value| usize::try_from(value).map_err(|_| refused("a width is a number")))?;
            if width > MAX_INDENT {
                return Err(refused("a text is indented by 100 spaces at most"));
            }
            let text = shown(&text);
            text.len().saturating_add(text.matches('\n').count().saturating_add(1).saturating_mul(width))
        }
        "format" => {
            let pattern = shown(&text);
            let longest = pattern.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            if pattern.contains('%') && (longest > MAX_FORMAT_DIGITS || pattern.contains('*')) {
                return Err(refused("a width or precision has two digits at most"));
            }
            all.saturating_add(pattern.len().saturating_mul(100)).saturating_mul(2)
        }
        "tojson" => {
            let indent = of(1, "indent").map_or(0, |value| match value.kind() {
                ValueKind::Bool | ValueKind::None | ValueKind::Undefined => 2,
                _ => usize::try_from(value).unwrap_or(usize::MAX),
            });
            if indent > MAX_JSON_INDENT {
                return Err(refused("JSON is indented by 8 spaces at most"));
            }
            let size = measured(&text)?;
            size.bytes.saturating_mul(ESCAPE_FACTOR).saturating_add(size.entries * size.depth * indent)
        }
        "lower" | "upper" | "title" | "capitalize" | "trim" | "safe" => all,
        _ => all.saturating_mul(ESCAPE_FACTOR),
    })
}

fn is_safe(args: &[Value]) -> bool {
    args.iter().any(Value::is_safe) || args.first().is_some_and(|value| value.as_str().is_none())
}

/// How many bytes a list takes that is made of this.
fn list_size(value: &Value) -> usize {
    match value.as_str() {
        Some(text) => text.len().saturating_add(1).saturating_mul(ENTRY_BYTES),
        None => entries(value).saturating_mul(ENTRY_BYTES),
    }
}

/// How many entries a list, map or sequence has. Counting ends where there are too many.
fn entries(value: &Value) -> usize {
    match value.kind() {
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => value.len().unwrap_or_else(|| {
            let most = LEFT.get() / ENTRY_BYTES + 1;
            value.try_iter().map_or(0, |items| items.take(most).count())
        }),
        _ => 0,
    }
}

/// How many empty entries are added: `batch` fills the last of its lists, `slice` makes as many lists as it is told.
fn padding(name: &str, args: &[Value]) -> Result<usize, Error> {
    if !matches!(name, "batch" | "slice") {
        return Ok(0);
    }
    let count = args.iter().skip(1).filter_map(|value| named("count")(value).or_else(|| Some(value.clone())));
    let count = count.filter_map(|value| usize::try_from(value).ok()).max().unwrap_or(0);
    if count > MAX_COUNT { Err(refused("there are 10,000 entries at most in batches and slices")) } else { Ok(count) }
}

fn named(name: &str) -> impl Fn(&Value) -> Option<Value> + '_ {
    move |value| {
        if value.is_kwargs() {
            value.get_attr(name).ok().filter(|value| !value.is_undefined())
        } else {
            (name == "precision").then(|| value.clone())
        }
    }
}

/// A text or number as text. Others are refused by the filters, or shown after their size was measured.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Takes all entries of a lazy sequence.
fn collected(value: &Value) -> Result<Value, Error> {
    let mut items = Vec::new();
    for item in value.try_iter()? {
        if items.len() >= LEFT.get() / ENTRY_BYTES {
            return Err(too_much());
        }
        items.push(item);
    }
    Ok(Value::from(items))
}

fn ensure(bytes: usize) -> Result<(), Error> {
    if bytes > LEFT.get() { Err(too_much()) } else { Ok(()) }
}

fn charge(bytes: usize) -> Result<(), Error> {
    ensure(bytes)?;
    LEFT.set(LEFT.get() - bytes);
    Ok(())
}

/// Counts a value with all that is in it.
pub fn charge_all(value: &Value) -> Result<(), Error> {
    charge(measured(value)?.bytes)
}

#[derive(Default)]
struct Size {
    bytes: usize,
    entries: usize,
    depth: usize,
}

fn measured(value: &Value) -> Result<Size, Error> {
    let mut size = Size::default();
    measure(value, 0, &mut size)?;
    Ok(size)
}

/// Ends early where there is more than may be made.
fn measure(value: &Value, depth: usize, size: &mut Size) -> Result<(), Error> {
    size.depth = size.depth.max(depth);
    size.bytes = size.bytes.saturating_add(ENTRY_BYTES + value.as_str().map_or(0, str::len));
    size.entries += 1;
    ensure(size.bytes)?;
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
        return Ok(());
    }
    if depth >= MAX_DEPTH {
        return Err(refused("the values are nested too deeply"));
    }
    for item in value.try_iter()? {
        if value.kind() == ValueKind::Map {
            measure(&value.get_item(&item)?, depth + 1, size)?;
        }
        measure(&item, depth + 1, size)?;
    }
    Ok(())
}
