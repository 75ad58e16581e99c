//! Guesses the field type for a column. The guess is text unless it is certain that another type keeps every cell's
//! meaning.
//!
//! A column becomes a number field only if every cell keeps its value and its meaning: no leading zeros, no plus sign,
//! no more digits than a float keeps, no mix such as `1.9` and `1.10`, no empty cells (a number field cannot be empty
//! and would hold 0), and no heading that names a postal code or telephone number.

use super::convert::{date_text, number_text, plain_text};
use super::table::{Cell, Notation};
use crate::domain::fields::{DateOptions, EmailOptions, Field, FieldKind, UrlOptions};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A field type with its options, in the form of a collection's JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    pub type_name: &'static str,
    pub options: Map<String, Value>,
    /// A short reason for the type if it may be a surprise; otherwise empty.
    pub reason: String,
}

/// Headings of columns whose digits are not a quantity.
const CODES: [&str; 16] = [
    "zip",
    "postal",
    "postcode",
    "plz",
    "phone",
    "telefon",
    "telephone",
    "tel",
    "mobile",
    "fax",
    "iban",
    "ean",
    "isbn",
    "sku",
    "barcode",
    "vat",
];

/// How many digits a 64-bit float always preserves.
const EXACT_DIGITS: usize = 15;
/// Whole numbers that all have the same length, of at least this many digits, are codes.
const CODE_LENGTH: usize = 7;
/// The default maximum length of a text field.
const DEFAULT_TEXT_CHARS: usize = 5000;

/// More distinct values than anyone would choose from.
const MAX_SELECT_VALUES: usize = 10_000;

/// What the cells of a column have in common, collected cell by cell.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each type is ruled out on its own")]
pub struct Survey {
    cells: u64,
    blank: u64,
    has_json: bool,
    is_bool: bool,
    is_structure: bool,
    is_date: bool,
    is_email: bool,
    is_url: bool,
    numbers: Option<Numbers>,
    /// Length of the longest text, in characters.
    longest: usize,
    /// The distinct texts, if they are needed.
    texts: Option<BTreeSet<String>>,
    /// The first text that is not blank.
    example: Option<String>,
}

impl Survey {
    /// `is_select`: whether the column becomes a select field, so that its distinct values are needed.
    #[must_use]
    pub fn new(is_select: bool) -> Self {
        Self {
            cells: 0,
            blank: 0,
            has_json: false,
            is_bool: true,
            is_structure: true,
            is_date: true,
            is_email: true,
            is_url: true,
            numbers: Some(Numbers::default()),
            longest: 0,
            texts: is_select.then(BTreeSet::new),
            example: None,
        }
    }

    pub fn add(&mut self, cell: &Cell, notation: Notation) {
        self.cells += 1;
        if let Some(texts) = &mut self.texts
            && texts.len() <= MAX_SELECT_VALUES
        {
            texts.extend(plain_text(cell));
        }
        if cell.is_blank() {
            self.blank += 1;
            return;
        }
        if self.example.is_none() {
            self.example = plain_text(cell);
        }
        let fits = |fits: fn(&str) -> bool| text_of(cell).is_some_and(fits);
        self.has_json |= matches!(cell, Cell::Json(_));
        self.is_bool = self.is_bool && is_bool(cell);
        self.is_structure = self.is_structure && is_structure(cell);
        self.is_date = self.is_date && fits(is_date);
        self.is_email = self.is_email && fits(is_email);
        self.is_url = self.is_url && fits(is_url);
        self.numbers = self.numbers.take().and_then(|numbers| numbers.with(cell, notation));
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

    /// Returns the distinct values of a select field, in order; `None` if there are too many.
    #[must_use]
    pub fn values(&self) -> Option<Vec<String>> {
        let texts = self.texts.iter().flatten();
        (texts.clone().count() <= MAX_SELECT_VALUES).then(|| texts.cloned().collect())
    }
}

/// What is known about a column whose cells consist of digits.
#[derive(Clone, Debug, Default)]
struct Numbers {
    count: u64,
    /// Why a number field could not reproduce one of the cells.
    flaw: Option<&'static str>,
    /// The numbers of decimals that occur.
    decimals: BTreeSet<usize>,
    has_trailing_zero: bool,
    /// Length of the first cell, in bytes.
    length: usize,
    has_other_lengths: bool,
}

impl Numbers {
    /// Adds a cell. Returns `None` if it does not consist of digits.
    fn with(mut self, cell: &Cell, notation: Notation) -> Option<Self> {
        let length = text_of(cell).map_or(0, str::len);
        if self.count == 0 {
            self.length = length;
        }
        self.has_other_lengths |= length != self.length;
        self.count += 1;
        let text = match cell {
            Cell::Json(Value::Number(_)) => return Some(self),
            Cell::Text(text) => number_text(text, notation)?,
            _ => return None,
        };
        let (whole, fraction) = digits(&text)?;
        self.flaw = self.flaw.or_else(|| flaw_of(&text, whole, fraction));
        if !fraction.is_empty() {
            self.decimals.insert(fraction.len());
            self.has_trailing_zero |= fraction.ends_with('0');
        }
        Some(self)
    }

    /// Returns `Ok` for numbers, otherwise why the column does not hold numbers.
    fn verdict(&self, heading: &str) -> Result<(), &'static str> {
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

/// Guesses the type for the cells under `heading`.
pub fn guess(heading: &str, column: &Survey) -> Guess {
    if column.is_blank() {
        return Guess::new("text", "no cell is filled");
    }
    let found = if column.is_bool {
        Some(Ok(("bool", "true or false")))
    } else {
        column.numbers.as_ref().map(|numbers| numbers.verdict(heading).map(|()| ("number", "numbers")))
    };
    match found {
        Some(Ok((type_name, _))) if column.blank == 0 => return Guess::new(type_name, ""),
        Some(Ok((_, what))) if column.has_json => {
            return Guess::new("json", format!("{what}, and {}", gaps(column.blank)));
        }
        Some(Ok((_, what))) => return Guess::new("text", format!("{what}, but {}", gaps(column.blank))),
        Some(Err(reason)) => return Guess::new("text", reason),
        None if column.is_structure => return Guess::new("json", ""),
        None if column.has_json => return Guess::new("json", "values of different kinds"),
        None => {}
    }
    for (type_name, fits) in [("date", column.is_date), ("email", column.is_email), ("url", column.is_url)] {
        if fits {
            return Guess::new(type_name, "");
        }
    }
    let mut guess = Guess::new("text", "");
    if column.longest > DEFAULT_TEXT_CHARS {
        guess.options.insert("max".to_owned(), json!(column.longest * 2));
    }
    guess
}

impl Guess {
    fn new(type_name: &'static str, reason: impl Into<String>) -> Self {
        Self { type_name, options: Map::new(), reason: reason.into() }
    }
}

fn gaps(empty: u64) -> String {
    if empty == 1 { "1 cell is empty".to_owned() } else { format!("{empty} cells are empty") }
}

fn text_of(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) | Cell::EscapedText(text) => Some(text),
        Cell::Empty | Cell::Json(_) => None,
    }
}

fn is_bool(cell: &Cell) -> bool {
    match cell {
        Cell::Text(text) => matches!(text.as_str(), "true" | "false" | "TRUE" | "FALSE" | "True" | "False"),
        Cell::Json(value) => value.is_boolean(),
        Cell::Empty | Cell::EscapedText(_) => false,
    }
}

/// Returns why a number field could not reproduce these digits.
fn flaw_of(text: &str, whole: &str, fraction: &str) -> Option<&'static str> {
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
fn digits(text: &str) -> Option<(&str, &str)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    is_number.then_some((whole, fraction))
}

fn is_code(heading: &str) -> bool {
    let between_words = |letter: char| !letter.is_alphabetic();
    heading
        .split(between_words)
        .any(|word| is_code_word(word) || camel_words(word).iter().any(|word| is_code_word(word)))
}

fn is_code_word(word: &str) -> bool {
    CODES.iter().any(|code| code.eq_ignore_ascii_case(word))
}

/// Splits `PostalCode` into its words.
fn camel_words(word: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in word.chars() {
        if letter.is_uppercase() {
            words.push(String::new());
        }
        words.last_mut().expect("there is one from the start").push(letter);
    }
    words
}

fn is_structure(cell: &Cell) -> bool {
    match cell {
        Cell::Json(value) => value.is_array() || value.is_object(),
        Cell::Text(text) if text.starts_with(['{', '[']) => crate::base::json::parse(text.as_bytes()).is_ok(),
        _ => false,
    }
}

/// Accepts the year first, or the day first with points. Every other order is read differently in different countries.
fn is_date(text: &str) -> bool {
    let text = date_text(text);
    let is_year_first =
        text.len() >= 10 && text.bytes().take(4).all(|byte| byte.is_ascii_digit()) && text[4..].starts_with('-');
    is_year_first && converts(&text, FieldKind::Date(DateOptions::default()))
}

fn is_email(text: &str) -> bool {
    text.contains('@') && is_valid(text, FieldKind::Email(EmailOptions::default()))
}

fn is_url(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && is_valid(text, FieldKind::Url(UrlOptions::default()))
}

fn converts(text: &str, kind: FieldKind) -> bool {
    probe(kind).convert(&Value::from(text)).as_str().is_some_and(|stored| !stored.is_empty())
}

fn is_valid(text: &str, kind: FieldKind) -> bool {
    let field = probe(kind);
    field.validate(&field.convert(&Value::from(text))).is_ok()
}

/// A field of this type, to validate values with it.
fn probe(kind: FieldKind) -> Field {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(heading: &str, cells: &[Cell], notation: Notation) -> Guess {
        let mut column = Survey::new(false);
        for cell in cells {
            column.add(cell, notation);
        }
        guess(heading, &column)
    }

    /// `cells` is separated by vertical bars.
    fn check(heading: &str, cells: &str, expected: &str) {
        let cells: Vec<Cell> = cells
            .split('|')
            .map(|cell| match super::super::escape::unescape(cell) {
                Some(plain) => Cell::EscapedText(plain.to_owned()),
                None if cell.is_empty() => Cell::Empty,
                None => Cell::Text(cell.to_owned()),
            })
            .collect();
        assert_eq!(of(heading, &cells, Notation::Point).type_name, expected, "{heading}: {cells:?}");
    }

    #[test]
    fn numbers_are_quantities_and_nothing_else() {
        check("total", "1|-2|0|3", "number");
        check("price", "1.98|0.99|13.86", "number");
        check("price", "12.50|3.00|7", "number");
        check("version", "1.9|1.10", "text");
        check("ratio", "0.5|-0.25", "number");
        check("code", "0171|1000", "text");
        check("code", "70174|00179", "text");
        check("PostalCode", "70174|80331", "text");
        check("ZIP Code", "70174|80331", "text");
        check("Phone", "5551234|555", "text");
        check("ext", "+49|12", "text");
        check("account", "1234567|7654321", "text");
        check("bytes", "11170334|5510424", "number");
        check("big", "1234567890123456|1", "text");
        check("sign", "-0|1", "text");
        check("exp", "1e3|1", "text");
        check("gap", "1||3", "text");
        check("space", " 1|2", "text");
        check("escaped", "'-1|2", "text");
    }

    #[test]
    fn other_types_are_guessed_only_where_every_cell_fits() {
        check("ok", "true|FALSE|true", "bool");
        check("ok", "true||false", "text");
        check("ok", "yes|no", "text");
        check("when", "2021-01-01 00:00:00||2022-05-06", "date");
        check("when", "01/02/2021|03/04/2021", "text");
        check("when", "31.12.2021|1.2.2022 18:30", "date");
        check("when", "2021-02-30", "text");
        check("when", "31.02.2021", "text");
        check("mail", "a@example.com||b@example.org", "email");
        check("mail", "a@example.com|b", "text");
        check("site", "https://example.com/a?b|http://example.org", "url");
        check("site", "example.com", "text");
        check("meta", "{\"a\":1}|[1]||", "json");
        check("meta", "[1|[2]", "text");
        check("kind", "a|b|a", "text");
        check("none", "||", "text");
    }

    #[test]
    fn a_comma_may_be_for_decimals_where_semicolons_separate() {
        let check = |cells: &[&str], expected: &str| {
            let cells: Vec<Cell> = cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect();
            assert_eq!(of("price", &cells, Notation::Comma).type_name, expected, "{cells:?}");
        };
        check(&["1,50", "12,00", "-3"], "number");
        check(&["1.234,50", "3,10"], "number");
        check(&["1.98", "0.99"], "number");
        check(&["1.234", "2.500"], "text");
        check(&["0,5", "01,5"], "text");
    }

    #[test]
    fn values_of_json_files_keep_their_kind() {
        let check = |cells: &[Cell], expected: &str| {
            assert_eq!(of("x", cells, Notation::Point).type_name, expected, "{cells:?}");
        };
        check(&[Cell::Json(json!(1)), Cell::Json(json!(2.5))], "number");
        check(&[Cell::Json(json!(1)), Cell::Empty], "json");
        check(&[Cell::Json(json!(true)), Cell::Json(json!(false))], "bool");
        check(&[Cell::Json(json!([1])), Cell::Empty], "json");
        check(&[Cell::Json(json!(1)), Cell::EscapedText("a".to_owned())], "json");
        check(&[Cell::EscapedText("1".to_owned()), Cell::EscapedText("2".to_owned())], "text");
        check(&[Cell::EscapedText("2021-01-01".to_owned())], "date");
    }

    #[test]
    fn very_long_texts_get_the_room_they_need() {
        let guess = of("note", &[Cell::Text("a".repeat(6000))], Notation::Point);
        assert_eq!((guess.type_name, &guess.options["max"]), ("text", &json!(12000)));
    }
}
