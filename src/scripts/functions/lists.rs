//! Lists: what the standard functions of rhai do differently from what owners expect.

use super::input::number;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{Date, Span};
use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString, Module};
use rust_decimal::Decimal;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "lists", lists);
}

#[export_module]
mod lists {
    /// Sorts the list itself: numbers, texts, dates, spans, or `false` before `true`; `()` comes first. For others say how:
    /// `list.sort(|a, b| a.price < b.price)`.
    #[rhai_fn(return_raw)]
    pub fn sort(list: &mut Array) -> Outcome<()> {
        *list = sorted(list)?;
        Ok(())
    }

    /// Sorts the list itself in descending order.
    #[rhai_fn(return_raw)]
    pub fn sort_desc(list: &mut Array) -> Outcome<()> {
        *list = sorted(list)?;
        list.reverse();
        Ok(())
    }

    /// A sorted copy of the list, see `sort`.
    #[rhai_fn(pure, return_raw)]
    pub fn order(list: &mut Array) -> Outcome<Array> {
        sorted(list)
    }

    /// A copy of the list, sorted in descending order.
    #[rhai_fn(pure, return_raw)]
    pub fn order_desc(list: &mut Array) -> Outcome<Array> {
        let mut list = sorted(list)?;
        list.reverse();
        Ok(list)
    }
}

/// What a list is sorted by: values of one kind, and `()`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Nothing,
    Flag(bool),
    Number(Decimal),
    Text(ImmutableString),
    Date(Date),
    Span(Span),
}

impl Key {
    fn of(value: &Dynamic) -> Option<Self> {
        if value.is_unit() {
            return Some(Self::Nothing);
        }
        let flag = || value.as_bool().ok().map(Self::Flag);
        let number = || number("sort", value).ok().map(Self::Number);
        let text = || value.clone().try_cast::<ImmutableString>().map(Self::Text);
        let letter = || value.as_char().ok().map(|letter| Self::Text(letter.to_string().into()));
        let date = || value.read_lock::<Date>().map(|date| Self::Date(date.clone()));
        let span = || value.read_lock::<Span>().map(|span| Self::Span(*span));
        flag().or_else(number).or_else(text).or_else(letter).or_else(date).or_else(span)
    }
}

fn sorted(list: &Array) -> Outcome<Array> {
    let keyed: Option<Vec<(Key, &Dynamic)>> = list.iter().map(|value| Some((Key::of(value)?, value))).collect();
    let mut keyed = keyed.filter(|keyed| is_of_one_kind(keyed.iter().map(|(key, _)| key))).ok_or_else(|| {
        problem(
            "a list can be sorted if all its values are numbers, or all texts, dates, spans, or true and false; \
             for others say how: list.sort(|a, b| a.price < b.price)",
        )
    })?;
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(keyed.into_iter().map(|(_, value)| value.clone()).collect())
}

fn is_of_one_kind<'a>(keys: impl Iterator<Item = &'a Key>) -> bool {
    let mut kinds = keys.filter(|key| **key != Key::Nothing).map(std::mem::discriminant);
    let first = kinds.next();
    kinds.all(|kind| Some(kind) == first)
}
