//! What is known about the numbers of a column while its cells are collected.

use super::cells::Cell;
use super::convert::{Amount, Notation, Style, is_ambiguous_number, number_text};
use super::guess::is_code;
use super::survey::text_of;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many digits a 64-bit float always preserves.
const EXACT_DIGITS: usize = 15;

/// Whole numbers that all have the same length, of at least this many digits, are codes.
const CODE_LENGTH: usize = 7;

/// What is known about the numbers of a column, for each way in which they may be written.
#[derive(Clone, Debug)]
pub(super) struct NumberSurvey {
    /// The notation of the file.
    pub(super) file: Notation,
    pub(super) may_have_commas: bool,
    pub(super) by_file: Option<Numbers>,
    pub(super) by_point: Option<Numbers>,
    pub(super) by_comma: Option<Numbers>,
    pub(super) says_point: bool,
    pub(super) says_comma: bool,
    /// The first number that countries read differently.
    pub(super) ambiguous: Option<String>,
}

impl NumberSurvey {
    pub(super) fn new(file: Notation, may_have_commas: bool) -> Self {
        let numbers = || Some(Numbers::default());
        Self {
            file,
            may_have_commas,
            by_file: numbers(),
            by_point: numbers(),
            by_comma: numbers(),
            says_point: false,
            says_comma: false,
            ambiguous: None,
        }
    }

    pub(super) fn add(&mut self, cell: &Cell) {
        let sure = |notation| Style { notation, is_sure: true, dates: None };
        let file = Style { notation: self.file, is_sure: false, dates: None };
        self.by_file = self.by_file.take().and_then(|numbers| numbers.with(cell, file));
        self.by_point = self.by_point.take().and_then(|numbers| numbers.with(cell, sure(Notation::Point)));
        self.by_comma = self.by_comma.take().and_then(|numbers| numbers.with(cell, sure(Notation::Comma)));
        let Cell::Text(text) = cell else { return };
        let amount = Amount::parse(text);
        match amount.and_then(|amount| amount.notation) {
            Some(Notation::Comma) => self.says_comma = true,
            Some(Notation::Point) => self.says_point = true,
            None if is_ambiguous_number(amount.map_or(text, |amount| amount.number)) => {
                self.ambiguous.get_or_insert_with(|| text.clone());
                return;
            }
            None => {}
        }
        if !text.contains(['.', ',']) {
            return;
        }
        let reads = |notation| number_text(text, Style { notation, ..Style::default() }).is_some();
        self.says_point |= reads(Notation::Point);
        self.says_comma |= reads(Notation::Comma) && !reads(Notation::Point);
    }

    /// Returns the notation of the column, and whether its cells show it.
    pub(super) fn notation(&self) -> (Notation, bool) {
        match (self.says_point, self.says_comma) {
            (false, true) if self.may_have_commas && self.by_comma.is_some() => (Notation::Comma, true),
            (true, false) if self.by_point.is_some() && self.ambiguous.is_some() => (Notation::Point, true),
            _ => (self.file, false),
        }
    }

    pub(super) fn best(&self) -> Option<&Numbers> {
        match self.notation() {
            (Notation::Comma, true) => self.by_comma.as_ref(),
            (Notation::Point, true) => self.by_point.as_ref(),
            (_, false) => self.by_file.as_ref(),
        }
    }

    /// Whether some notation reads every cell.
    pub(super) fn is_possible(&self) -> bool {
        self.best().is_some() || self.by_point.is_some() || self.by_comma.is_some()
    }
}

/// What is known about a column whose cells consist of digits.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    pub(super) count: u64,
    /// Why a number field could not reproduce one of the cells.
    pub(super) flaw: Option<&'static str>,
    /// The numbers of decimals that occur.
    pub(super) decimals: BTreeSet<usize>,
    pub(super) has_trailing_zero: bool,
    /// Length of the first cell, in bytes.
    pub(super) length: usize,
    pub(super) has_other_lengths: bool,
}

impl Numbers {
    /// Adds a cell. Returns `None` if it does not consist of digits.
    pub(super) fn with(mut self, cell: &Cell, style: Style) -> Option<Self> {
        let length = text_of(cell).map_or(0, str::len);
        if self.count == 0 {
            self.length = length;
        }
        self.has_other_lengths |= length != self.length;
        self.count += 1;
        let cell = match cell {
            Cell::Json(Value::Number(_)) => return Some(self),
            Cell::Text(text) => text,
            _ => return None,
        };
        let text = number_text(cell, style)?;
        let (whole, fraction) = digits(&text)?;
        let is_money = Amount::parse(cell).is_some();
        let flaw = || is_money.then_some("amounts of money, and a number does not keep the currency");
        self.flaw = self.flaw.or_else(flaw).or_else(|| flaw_of(&text, whole, fraction));
        if !fraction.is_empty() {
            self.decimals.insert(fraction.len());
            self.has_trailing_zero |= fraction.ends_with('0');
        }
        Some(self)
    }

    /// Returns `Ok` for numbers, otherwise why the column does not hold numbers.
    pub(super) fn verdict(&self, heading: &str) -> Result<(), &'static str> {
        let by_heading = is_code(heading).then_some("digits of a code, by the heading");
        let are_versions = self.has_trailing_zero && self.decimals.len() > 1;
        let are_codes =
            self.decimals.is_empty() && self.length >= CODE_LENGTH && !self.has_other_lengths && self.count > 1;
        let flaw = by_heading
            .or(self.flaw)
            .or(are_versions.then_some("more like versions than numbers"))
            .or(are_codes.then_some("digits of a code, all of the same length"));
        flaw.map_or(Ok(()), Err)
    }
}

/// Returns why a number field could not reproduce these digits.
pub(super) fn flaw_of(text: &str, whole: &str, fraction: &str) -> Option<&'static str> {
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'));
    if whole.len() > 1 && whole.starts_with('0') {
        Some("digits with leading zeros")
    } else if whole.len() + fraction.len() > EXACT_DIGITS {
        Some("too many digits for a number")
    } else if is_zero && text.starts_with('-') {
        Some("a zero with a sign")
    } else {
        None
    }
}

/// Returns the digits before and after the point of `-12.50`; `None` for anything else.
pub(super) fn digits(text: &str) -> Option<(&str, &str)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    is_number.then_some((whole, fraction))
}
