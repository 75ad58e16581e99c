//! Guesses the field type for a column. The guess is text unless it is certain that another type keeps every cell's
//! meaning.
//!
//! A column becomes a number field only if every cell keeps its value and its meaning: no leading zeros, no plus sign,
//! no more digits than a float keeps, no mix such as `1.9` and `1.10`, no empty cells (a number field cannot be empty
//! and would hold 0), and no heading that names a postal code or telephone number.

use super::cells::Cell;
use super::convert::{DateOrder, Notation, Style, boolean, date_text, is_ambiguous_number, number_text, plain_text};
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
    /// What the cells do not tell, so that somebody should look.
    pub doubt: Option<Doubt>,
}

/// What the cells of a column do not tell. Holds an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Whether `01/02/2025` is in January or in February.
    DateOrder(String),
    /// Whether `1,234` is a thousand or a fraction.
    Number(String),
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

/// How many distinct values of any column are collected, and how long they may be in bytes.
const MAX_FEW_VALUES: usize = 50;
const MAX_VALUE_BYTES: usize = 255;

/// What the cells of a column have in common, collected cell by cell.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each type is ruled out on its own")]
pub struct Survey {
    cells: u64,
    blank: u64,
    has_json: bool,
    is_bool: bool,
    /// Whether a bool field would accept every cell, as in `yes`, `no`, `1`.
    is_like_bool: bool,
    is_structure: bool,
    is_date: bool,
    is_day_first: bool,
    is_month_first: bool,
    is_email: bool,
    is_url: bool,
    numbers: NumberSurvey,
    /// Length of the longest text, in characters.
    longest: usize,
    texts: Texts,
    /// The first text that is not blank.
    example: Option<String>,
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

    fn date_order(&self) -> Option<DateOrder> {
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
struct Texts {
    /// `None` if there are too many.
    found: Option<BTreeSet<String>>,
    max: usize,
}

impl Texts {
    fn new(is_select: bool) -> Self {
        Self { found: Some(BTreeSet::new()), max: if is_select { MAX_SELECT_VALUES } else { MAX_FEW_VALUES } }
    }

    fn add(&mut self, cell: &Cell) {
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

/// What is known about the numbers of a column, for each way in which they may be written.
#[derive(Clone, Debug)]
struct NumberSurvey {
    /// The notation of the file.
    file: Notation,
    may_have_commas: bool,
    by_file: Option<Numbers>,
    by_point: Option<Numbers>,
    by_comma: Option<Numbers>,
    says_point: bool,
    says_comma: bool,
    /// The first number that countries read differently.
    ambiguous: Option<String>,
}

impl NumberSurvey {
    fn new(file: Notation, may_have_commas: bool) -> Self {
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

    fn add(&mut self, cell: &Cell) {
        let sure = |notation| Style { notation, is_sure: true, dates: None };
        let file = Style { notation: self.file, is_sure: false, dates: None };
        self.by_file = self.by_file.take().and_then(|numbers| numbers.with(cell, file));
        self.by_point = self.by_point.take().and_then(|numbers| numbers.with(cell, sure(Notation::Point)));
        self.by_comma = self.by_comma.take().and_then(|numbers| numbers.with(cell, sure(Notation::Comma)));
        let Cell::Text(text) = cell else { return };
        if !text.contains(['.', ',']) {
            return;
        }
        if is_ambiguous_number(text) {
            self.ambiguous.get_or_insert_with(|| text.clone());
            return;
        }
        let reads = |notation| number_text(text, Style { notation, ..Style::default() }).is_some();
        self.says_point |= reads(Notation::Point);
        self.says_comma |= reads(Notation::Comma) && !reads(Notation::Point);
    }

    /// Returns the notation of the column, and whether its cells show it.
    fn notation(&self) -> (Notation, bool) {
        match (self.says_point, self.says_comma) {
            (false, true) if self.may_have_commas && self.by_comma.is_some() => (Notation::Comma, true),
            (true, false) if self.by_point.is_some() && self.ambiguous.is_some() => (Notation::Point, true),
            _ => (self.file, false),
        }
    }

    fn best(&self) -> Option<&Numbers> {
        match self.notation() {
            (Notation::Comma, true) => self.by_comma.as_ref(),
            (Notation::Point, true) => self.by_point.as_ref(),
            (_, false) => self.by_file.as_ref(),
        }
    }

    /// Whether some notation reads every cell.
    fn is_possible(&self) -> bool {
        self.best().is_some() || self.by_point.is_some() || self.by_comma.is_some()
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
    fn with(mut self, cell: &Cell, style: Style) -> Option<Self> {
        let length = text_of(cell).map_or(0, str::len);
        if self.count == 0 {
            self.length = length;
        }
        self.has_other_lengths |= length != self.length;
        self.count += 1;
        let text = match cell {
            Cell::Json(Value::Number(_)) => return Some(self),
            Cell::Text(text) => number_text(text, style)?,
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

/// Guesses the type for the cells under `heading`. `dates` is the order of dates if the column does not tell.
pub fn guess(heading: &str, column: &Survey, dates: Option<DateOrder>) -> Guess {
    if column.is_blank() {
        return Guess::new("text", "no cell is filled");
    }
    let found = if column.is_bool {
        Some(Ok(("bool", "true or false")))
    } else {
        column.numbers.best().map(|numbers| numbers.verdict(heading).map(|()| ("number", "numbers")))
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
    let example = || column.example.clone().unwrap_or_default();
    match column.date_order() {
        None if !column.is_date && column.is_day_first && dates.is_some() => return Guess::new("date", ""),
        Some(_) if column.is_day_first && column.is_month_first => {
            return Guess::new("date", "the day is read first").doubtful(Doubt::DateOrder(example()));
        }
        Some(DateOrder::DayFirst) => return Guess::new("date", "the day comes first"),
        Some(DateOrder::MonthFirst) => return Guess::new("date", "the month comes first"),
        None if !column.is_date && column.is_day_first => {
            let reason = "dates with the day or the month first: the column does not tell";
            return Guess::new("text", reason).doubtful(Doubt::DateOrder(example()));
        }
        None => {}
    }
    if let Some(ambiguous) = column.numbers.ambiguous.clone().filter(|_| column.numbers.is_possible()) {
        let reason = "numbers with a point or a comma before three digits: the column does not tell which it is";
        return Guess::new("text", reason).doubtful(Doubt::Number(ambiguous));
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

/// Returns the type that [`guess`] finds, and the reason.
#[must_use]
pub fn guessed_type(heading: &str, column: &Survey) -> (&'static str, String) {
    let guess = guess(heading, column, None);
    (guess.type_name, guess.reason)
}

impl Guess {
    fn new(type_name: &'static str, reason: impl Into<String>) -> Self {
        Self { type_name, options: Map::new(), reason: reason.into(), doubt: None }
    }

    fn doubtful(self, doubt: Doubt) -> Self {
        Self { doubt: Some(doubt), ..self }
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

fn is_like_bool(cell: &Cell) -> bool {
    match cell {
        Cell::Json(value) => value.is_boolean(),
        Cell::Text(text) | Cell::EscapedText(text) => boolean(Value::from(text.as_str())).is_ok(),
        Cell::Empty => false,
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

/// Accepts the year first, or the day first with points. Every other order is read differently in different countries,
/// and accepted only with an `order`.
fn is_date(text: &str, order: Option<DateOrder>) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let text = date_text(text, order);
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
        let mut column = Survey::new(false, notation, notation == Notation::Comma);
        for cell in cells {
            column.add(cell);
        }
        guess(heading, &column, None)
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
