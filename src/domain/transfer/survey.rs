//! What the cells of a column have in common, and which types that leaves possible.

use super::cells::Cell;
use super::convert::{DateOrder, Notation, Style, boolean, date_text, has_short_year, plain_text};
use super::numbers::NumberSurvey;
use crate::domain::fields::{DateOptions, EmailOptions, Field, FieldKind, UrlOptions};
use serde_json::Value;
use std::collections::BTreeSet;

/// More distinct values than anyone would choose from.
const MAX_SELECT_VALUES: usize = 10_000;

/// How many distinct values of any column are collected, and how long they may be in bytes.
const MAX_FEW_VALUES: usize = 50;

const MAX_VALUE_BYTES: usize = 255;

/// What the cells of a column have in common, collected cell by cell.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each type is ruled out on its own")]
pub struct Survey {
    pub(super) cells: u64,
    pub(super) blank: u64,
    pub(super) has_json: bool,
    pub(super) is_bool: bool,
    /// Whether a bool field would accept every cell, as in `yes`, `no`, `1`.
    pub(super) is_like_bool: bool,
    pub(super) is_structure: bool,
    pub(super) is_date: bool,
    pub(super) is_day_first: bool,
    pub(super) is_month_first: bool,
    pub(super) has_short_years: bool,
    pub(super) is_email: bool,
    pub(super) is_url: bool,
    pub(super) numbers: NumberSurvey,
    /// Length of the longest text, in characters.
    pub(super) longest: usize,
    pub(super) texts: Texts,
    /// The first text that is not blank.
    pub(super) example: Option<String>,
}

impl Survey {
    /// `is_select`: whether the column becomes a select field, so that all its distinct values are needed. `notation` is
    /// that of the file. `may_have_commas`: whether `1,5` shows that a comma separates decimals.
    #[must_use]
    pub fn new(is_select: bool, notation: Notation, may_have_commas: bool) -> Self {
        Self {
            cells: 0,
            blank: 0,
            has_json: false,
            is_bool: true,
            is_like_bool: true,
            is_structure: true,
            is_date: true,
            is_day_first: true,
            is_month_first: true,
            has_short_years: false,
            is_email: true,
            is_url: true,
            numbers: NumberSurvey::new(notation, may_have_commas),
            longest: 0,
            texts: Texts::new(is_select),
            example: None,
        }
    }

    pub fn add(&mut self, cell: &Cell) {
        self.cells += 1;
        if cell.is_blank() {
            self.blank += 1;
            return;
        }
        self.texts.add(cell);
        if self.example.is_none() {
            self.example = plain_text(cell);
        }
        let fits = |fits: fn(&str) -> bool| text_of(cell).is_some_and(fits);
        let is_date = |order| text_of(cell).is_some_and(|text| is_date(text, order));
        self.has_json |= matches!(cell, Cell::Json(_));
        self.is_bool = self.is_bool && is_bool(cell);
        self.is_like_bool = self.is_like_bool && is_like_bool(cell);
        self.is_structure = self.is_structure && is_structure(cell);
        self.is_date = self.is_date && is_date(None);
        self.is_day_first = self.is_day_first && is_date(Some(DateOrder::DayFirst));
        self.is_month_first = self.is_month_first && is_date(Some(DateOrder::MonthFirst));
        self.has_short_years |= fits(has_short_year);
        self.is_email = self.is_email && fits(is_email);
        self.is_url = self.is_url && fits(is_url);
        self.numbers.add(cell);
        self.longest = self.longest.max(text_of(cell).map_or(0, |text| text.chars().count()));
    }

    /// Counts missing cells as blank, until the column has as many cells as there are `rows`.
    pub fn pad_to(&mut self, rows: u64) {
        self.blank += rows.saturating_sub(self.cells);
        self.cells = self.cells.max(rows);
    }

    /// Returns the first value that is not blank, as text.
    #[must_use]
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.blank == self.cells
    }

    /// The number of empty cells.
    #[must_use]
    pub fn blank(&self) -> u64 {
        self.blank
    }

    /// Returns the distinct values of a select field, in order; `None` if there are too many.
    #[must_use]
    pub fn values(&self) -> Option<Vec<String>> {
        self.texts.found.as_ref().map(|texts| texts.iter().cloned().collect())
    }

    /// Returns the distinct values if there are few.
    #[must_use]
    pub fn few_values(&self) -> Option<Vec<String>> {
        self.values().filter(|values| values.len() <= MAX_FEW_VALUES)
    }

    /// Returns the types whose fields accept every cell that is not empty.
    #[must_use]
    pub fn fitting_types(&self) -> Vec<&'static str> {
        let mut types = vec!["text", "editor"];
        let is_filled = !self.is_blank();
        let is_repeated = self.few_values().is_some_and(|values| (values.len() as u64) < self.cells - self.blank);
        for (name, fits) in [
            ("number", self.numbers.is_possible()),
            ("bool", self.is_like_bool),
            ("date", self.is_date || self.is_day_first || self.is_month_first),
            ("email", self.is_email),
            ("url", self.is_url),
            ("json", self.is_structure || self.has_json),
            ("select", is_repeated && !self.has_json),
        ] {
            if fits && is_filled {
                types.push(name);
            }
        }
        types
    }

    /// Returns how the cells are written, as far as they tell.
    #[must_use]
    pub fn style(&self) -> Style {
        let (notation, is_sure) = self.numbers.notation();
        Style { notation, is_sure, dates: self.date_order() }
    }

    pub(super) fn date_order(&self) -> Option<DateOrder> {
        if self.has_short_years {
            // `24.12.31` may begin with the year, or be no date at all.
            return None;
        }
        match (self.is_date, self.is_day_first, self.is_month_first) {
            (false, true, false) => Some(DateOrder::DayFirst),
            (false, false, true) => Some(DateOrder::MonthFirst),
            // Countries that use semicolons do not put the month first.
            (false, true, true) if self.numbers.file == Notation::Comma => Some(DateOrder::DayFirst),
            _ => None,
        }
    }
}

/// The distinct texts of a column.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    /// `None` if there are too many.
    pub(super) found: Option<BTreeSet<String>>,
    pub(super) max: usize,
}

impl Texts {
    pub(super) fn new(is_select: bool) -> Self {
        Self { found: Some(BTreeSet::new()), max: if is_select { MAX_SELECT_VALUES } else { MAX_FEW_VALUES } }
    }

    pub(super) fn add(&mut self, cell: &Cell) {
        let Some(texts) = &mut self.found else { return };
        if text_of(cell).is_some_and(|text| texts.contains(text)) {
            return;
        }
        let Some(text) = plain_text(cell) else { return };
        let is_long = self.max == MAX_FEW_VALUES && text.len() > MAX_VALUE_BYTES;
        texts.insert(text);
        if texts.len() > self.max || is_long {
            self.found = None;
        }
    }
}

pub(super) fn text_of(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) | Cell::EscapedText(text) => Some(text),
        Cell::Empty | Cell::Json(_) => None,
    }
}

pub(super) fn is_bool(cell: &Cell) -> bool {
    match cell {
        Cell::Text(text) => matches!(text.as_str(), "true" | "false" | "TRUE" | "FALSE" | "True" | "False"),
        Cell::Json(value) => value.is_boolean(),
        Cell::Empty | Cell::EscapedText(_) => false,
    }
}

pub(super) fn is_like_bool(cell: &Cell) -> bool {
    match cell {
        Cell::Json(value) => value.is_boolean(),
        Cell::Text(text) | Cell::EscapedText(text) => boolean(Value::from(text.as_str())).is_ok(),
        Cell::Empty => false,
    }
}

pub(super) fn is_structure(cell: &Cell) -> bool {
    match cell {
        Cell::Json(value) => value.is_array() || value.is_object(),
        Cell::Text(text) if text.starts_with(['{', '[']) => crate::base::json::parse(text.as_bytes()).is_ok(),
        _ => false,
    }
}

/// Accepts the year first, or the day first with points. Every other order is read differently in different countries,
/// and accepted only with an `order`.
pub(super) fn is_date(text: &str, order: Option<DateOrder>) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let text = date_text(text, order);
    let is_year_first =
        text.len() >= 10 && text.bytes().take(4).all(|byte| byte.is_ascii_digit()) && text[4..].starts_with('-');
    is_year_first && converts(&text, FieldKind::Date(DateOptions::default()))
}

pub(super) fn is_email(text: &str) -> bool {
    text.contains('@') && is_valid(text, FieldKind::Email(EmailOptions::default()))
}

pub(super) fn is_url(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && is_valid(text, FieldKind::Url(UrlOptions::default()))
}

pub(super) fn converts(text: &str, kind: FieldKind) -> bool {
    probe(kind).convert(&Value::from(text)).as_str().is_some_and(|stored| !stored.is_empty())
}

pub(super) fn is_valid(text: &str, kind: FieldKind) -> bool {
    let field = probe(kind);
    field.validate(&field.convert(&Value::from(text))).is_ok()
}

/// A field of this type, to validate values with it.
pub(super) fn probe(kind: FieldKind) -> Field {
    Field {
        id: String::new(),
        name: String::new(),
        is_system: false,
        is_hidden: false,
        is_presentable: false,
        help: String::new(),
        is_required: false,
        kind,
    }
}
