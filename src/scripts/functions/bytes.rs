//! Bytes.

use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::BytesValue;
use rhai::plugin::*;
use rhai::{Dynamic, INT, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "bytes", bytes);
}

#[export_module]
mod bytes {
    /// Bytes of a text, as UTF-8: `"data".to_bytes()`.
    #[rhai_fn(return_raw)]
    pub fn to_bytes(context: NativeCallContext<'_>, value: Dynamic) -> Outcome<BytesValue> {
        ambient::note(&context);
        BytesValue::of(&value, "what becomes bytes")
    }

    /// How many bytes there are.
    #[rhai_fn(get = "len", pure)]
    pub fn length(data: &mut BytesValue) -> INT {
        data.len() as INT
    }

    /// How many bytes there are.
    #[rhai_fn(name = "len", pure)]
    pub fn length_of(data: &mut BytesValue) -> INT {
        data.len() as INT
    }

    /// Whether there are none.
    #[rhai_fn(get = "is_empty", name = "is_empty", pure)]
    pub fn is_empty(data: &mut BytesValue) -> bool {
        data.len() == 0
    }

    /// The bytes as text. What is no UTF-8 is replaced by `�`.
    #[rhai_fn(get = "text", pure)]
    pub fn text(data: &mut BytesValue) -> String {
        String::from_utf8_lossy(data.as_slice()).into_owned()
    }

    /// The bytes from a position, counted from 0, to the end.
    #[rhai_fn(name = "slice", return_raw, pure)]
    pub fn slice_from(context: NativeCallContext<'_>, data: &mut BytesValue, start: INT) -> Outcome<BytesValue> {
        slice(context, data, start, INT::MAX)
    }

    /// A number of bytes from a position, counted from 0. What is not there is left out.
    #[rhai_fn(return_raw, pure)]
    pub fn slice(
        context: NativeCallContext<'_>,
        data: &mut BytesValue,
        start: INT,
        length: INT,
    ) -> Outcome<BytesValue> {
        ambient::note(&context);
        let wrong = |_| problem("slice takes a position and a number of bytes of 0 or more");
        Ok(data.slice(usize::try_from(start).map_err(wrong)?, usize::try_from(length).map_err(wrong)?))
    }

    /// The byte at a position, counted from 0, as a number from 0 to 255.
    #[rhai_fn(index_get, return_raw, pure)]
    pub fn byte(context: NativeCallContext<'_>, data: &mut BytesValue, position: INT) -> Outcome<INT> {
        ambient::note(&context);
        let found = usize::try_from(position).ok().and_then(|position| data.as_slice().get(position).copied());
        found.map(INT::from).ok_or_else(|| problem(format!("there is no byte {position}: there are {}", data.len())))
    }

    /// Both, one after the other.
    #[rhai_fn(name = "+", return_raw, pure)]
    pub fn joined(context: NativeCallContext<'_>, data: &mut BytesValue, other: BytesValue) -> Outcome<BytesValue> {
        ambient::note(&context);
        data.joined(&other)
    }

    #[rhai_fn(name = "==", pure)]
    pub fn is_equal(data: &mut BytesValue, other: BytesValue) -> bool {
        *data == other
    }

    #[rhai_fn(name = "!=", pure)]
    pub fn is_different(data: &mut BytesValue, other: BytesValue) -> bool {
        *data != other
    }

    /// The number of bytes. The content is not shown.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_text(data: &mut BytesValue) -> String {
        data.to_string()
    }
}
