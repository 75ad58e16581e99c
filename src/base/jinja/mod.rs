//! Templates in the language of Jinja, with bounds on what they use.
//!
//! A template may be written by mistake or with intent to use up memory, and the values that it renders come from strangers. The library
//! counts steps only: one step may make a text of any size, and deeply nested expressions and values overflow the stack. So
//!
//! - [`source::bounded`] checks the text of a template before the library reads it, limits the length of expressions, leaves out what
//!   collects output inside of the template, and passes the operands of `+`, `~` and `*`, lists, maps and slices through filters;
//! - [`filters`] holds these and replaces the filters of the library. They count the bytes of all that a rendering makes;
//! - [`render`] limits the result.

mod filters;
mod output;
mod source;

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output as Sink, State, Template, Value};

pub use output::{Rendered, SUBJECT};
pub use source::{Fault, bounded};

/// How many bytes of values one rendering may make.
const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// How deep values may be nested.
const MAX_DEPTH: usize = 128;

/// Limits of a rendering.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The size of the result.
    pub max_bytes: usize,
    /// Asked with each part of the result and each filter. The rendering ends when it is true.
    pub is_time_up: fn() -> bool,
}

/// Returns an environment with the bounded filters. Templates that are added must have passed [`bounded`].
///
/// `write` writes a value. It is never given a text of more than `max_text` bytes.
pub fn environment<'a>(
    max_steps: u64,
    max_text: usize,
    write: impl Fn(&mut Sink, &mut State, &Value) -> Result<(), Error> + Send + Sync + 'static,
) -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(max_steps));
    filters::replace(&mut environment);
    environment.set_formatter(move |out, state, value| {
        if value.as_str().is_some_and(|text| text.len() > max_text) {
            return Err(filters::too_much());
        }
        if matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
            filters::charge_all(value)?;
        }
        output::as_value(|| write(out, state, value))
    });
    environment
}

/// Fills in a template.
///
/// # Errors
/// What is wrong with the template, its values or the size of the result.
pub fn render(template: &Template<'_, '_>, data: &serde_json::Value, limits: Limits) -> Result<Rendered, Error> {
    if is_deeper(data, MAX_DEPTH) {
        return Err(Error::new(ErrorKind::BadSerialization, "the values are nested too deeply"));
    }
    filters::begin(MAX_VALUE_BYTES, limits.is_time_up);
    let mut out = output::Output::new(limits);
    let rendered = template.render_captured_to(Value::from(Serde(data)), &mut out).map(drop);
    out.finish(rendered)
}

fn is_deeper(value: &serde_json::Value, depth: usize) -> bool {
    match value {
        serde_json::Value::Array(_) | serde_json::Value::Object(_) if depth == 0 => true,
        serde_json::Value::Array(items) => items.iter().any(|item| is_deeper(item, depth - 1)),
        serde_json::Value::Object(members) => members.values().any(|item| is_deeper(item, depth - 1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
