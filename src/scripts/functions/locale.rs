//! Numbers and money as people write them.

use super::input::number;
use crate::scripts::error::{Outcome, problem};
use rhai::plugin::*;
use rhai::{Dynamic, INT, Module};
use rust_decimal::Decimal;
use rust_decimal::prelude::RoundingStrategy;

/// How many decimal places are written at most.
const MAX_DIGITS: u32 = 28;
/// A space that breaks no line, and the narrow one that French uses.
const SPACE: &str = "\u{a0}";
const NARROW_SPACE: &str = "\u{202f}";

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "locale", locale);
}

#[export_module]
mod locale {
    /// A number with `digits` decimal places, as it is written in English: `format_number(1234.5, 2)` is `"1,234.50"`.
    #[rhai_fn(return_raw)]
    pub fn format_number(value: Dynamic, digits: INT) -> Outcome<String> {
        format_number_in(value, digits, "en")
    }

    /// The same in another language, or in that of a country: `format_number(1234.5, 2, "de")` is `"1.234,50"`. `"de-CH"` is German in
    /// Switzerland.
    #[rhai_fn(name = "format_number", return_raw)]
    pub fn format_number_in(value: Dynamic, digits: INT, language: &str) -> Outcome<String> {
        let value = number("format_number", &value)?;
        let digits = u32::try_from(digits).ok().filter(|digits| *digits <= MAX_DIGITS);
        let digits = digits.ok_or_else(|| problem(format!("format_number writes 0 to {MAX_DIGITS} digits")))?;
        Ok(written(value, digits, &Notation::of(language)?))
    }

    /// An amount of money: `format_money(1234.5, "EUR", "de")` is `"1.234,50 €"`, in `"en"` it is `"€1,234.50"`. The currency is a code of three
    /// letters, and decides the number of decimal places.
    #[rhai_fn(return_raw)]
    pub fn format_money(value: Dynamic, currency: &str, language: &str) -> Outcome<String> {
        let value = number("format_money", &value)?;
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(problem(format!("{currency:?} is not the code of a currency, such as \"EUR\"")));
        }
        let notation = Notation::of(language)?;
        let amount = written(value.abs(), digits_of(currency), &notation);
        let sign =
            if value.is_sign_negative() && amount.bytes().any(|byte| matches!(byte, b'1'..=b'9')) { "-" } else { "" };
        let symbol = symbol_of(currency);
        Ok(match (notation.is_currency_first, symbol.chars().all(char::is_alphabetic)) {
            (true, true) => format!("{sign}{symbol}{SPACE}{amount}"),
            (true, false) => format!("{sign}{symbol}{amount}"),
            (false, _) => format!("{sign}{amount}{SPACE}{symbol}"),
        })
    }

    /// The number that a text stands for, or `()` if it is none: `parse_number("19.99")`. White space around it does not matter.
    pub fn parse_number(text: &str) -> Dynamic {
        plain_number(text.trim()).map_or(Dynamic::UNIT, Into::into)
    }

    /// The same as it is written in a language: `parse_number("1.234,50", "de")` is 1234.5.
    #[rhai_fn(name = "parse_number", return_raw)]
    pub fn parse_number_in(text: &str, language: &str) -> Outcome<Dynamic> {
        let notation = Notation::of(language)?;
        Ok(notation.read(text.trim()).map_or(Dynamic::UNIT, Into::into))
    }
}

/// How a language writes numbers.
struct Notation {
    point: char,
    /// Between groups of three digits.
    group: &'static str,
    /// Groups begin at this number of digits: Spanish writes 1234 without one.
    min_grouped: usize,
    is_currency_first: bool,
}

impl Notation {
    fn of(language: &str) -> Outcome<Self> {
        let (point, group, min_grouped, is_currency_first) = match language.replace('_', "-").as_str() {
            "de-CH" | "fr-CH" | "it-CH" | "de-LI" => ('.', "\u{2019}", 4, true),
            "de-AT" => (',', SPACE, 4, true),
            "es-MX" | "es-US" => ('.', ",", 4, true),
            "pt-PT" => (',', SPACE, 5, false),
            tag => match tag.split('-').next().unwrap_or_default() {
                "en" | "ja" | "zh" | "ko" | "he" | "th" => ('.', ",", 4, true),
                "de" | "da" | "el" | "id" | "hr" | "sl" | "ro" | "vi" | "it" => (',', ".", 4, false),
                "es" => (',', ".", 5, false),
                "nl" | "tr" | "pt" => (',', ".", 4, true),
                "fr" => (',', NARROW_SPACE, 4, false),
                "sv" | "nb" | "no" | "fi" | "cs" | "sk" | "uk" | "ru" | "hu" | "et" | "lt" | "lv" => {
                    (',', SPACE, 4, false)
                }
                "pl" | "bg" => (',', SPACE, 5, false),
                _ => {
                    return Err(problem(format!(
                        "numbers of the language {language:?} are not known: try \"en\" or \"de\""
                    )));
                }
            },
        };
        Ok(Self { point, group, min_grouped, is_currency_first })
    }

    /// Reads a number. Separators stand between groups of three digits only, so that `1.5` is no German number, rather than 15.
    fn read(&self, text: &str) -> Option<Decimal> {
        let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) =
            digits.split_once(self.point).map_or((digits, None), |(whole, part)| (whole, Some(part)));
        // People type a space or an apostrophe for the exact letters.
        let is_space = self.group == SPACE || self.group == NARROW_SPACE;
        let is_group = |letter: char| {
            self.group.contains(letter)
                || (is_space && letter.is_whitespace())
                || (self.group == "\u{2019}" && letter == '\'')
        };
        let mut groups = whole.split(is_group);
        let first = groups.next()?;
        let rest: Vec<&str> = groups.collect();
        let is_grouped =
            rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
        let fraction = fraction.map(|digits| format!(".{digits}")).unwrap_or_default();
        if is_grouped { plain_number(&format!("{sign}{first}{}{fraction}", rest.concat())) } else { None }
    }
}

/// Reads digits with a point.
fn plain_number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
    if is_number { Decimal::from_str_exact(text).ok() } else { None }
}

fn written(value: Decimal, digits: u32, notation: &Notation) -> String {
    let rounded = value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.*}", digits as usize, rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    if rounded.is_sign_negative() && !rounded.is_zero() {
        out.push('-');
    }
    for (at, digit) in whole.char_indices() {
        if at > 0 && whole.len() >= notation.min_grouped && (whole.len() - at) % 3 == 0 {
            out.push_str(notation.group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(notation.point);
        out.push_str(fraction);
    }
    out
}

/// How many digits a currency has behind the point (ISO 4217).
fn digits_of(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

fn symbol_of(currency: &str) -> &str {
    match currency {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "UAH" => "₴",
        "VND" => "₫",
        "ILS" => "₪",
        "PLN" => "zł",
        "CZK" => "Kč",
        "HUF" => "Ft",
        other => other,
    }
}
