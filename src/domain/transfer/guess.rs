//! Guesses the field type for a column. The guess is text unless it is certain that another type keeps every cell's
//! meaning.
//!
//! A column becomes a number field only if every cell keeps its value and its meaning: no leading zeros, no plus sign,
//! no more digits than a float keeps, no mix such as `1.9` and `1.10`, no empty cells (a number field cannot be empty
//! and would hold 0), and no heading that names a postal code or telephone number.

use super::convert::DateOrder;
use super::survey::Survey;
use serde_json::{Map, Value, json};

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

/// The default maximum length of a text field.
const DEFAULT_TEXT_CHARS: usize = 5000;

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

pub(super) fn is_code(heading: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::transfer::cells::Cell;
    use crate::domain::transfer::convert::Notation;

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
        check("money", "12.50 €|3.00 €", "text");
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
        check("when", "31.12.21|1.2.22", "text");
        check("when", "24/12/31|24/11/30", "text");
        check("version", "8.1.27|8.2.14", "text");
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
    fn amounts_are_numbers_for_those_who_choose_so() {
        let survey = |cells: &[&str], file| {
            let mut column = Survey::new(false, file, true);
            for cell in cells {
                column.add(&Cell::Text((*cell).to_owned()));
            }
            column
        };
        let check = |cells: &[&str], file, notation, doubt: Option<&str>| {
            let column = survey(cells, file);
            let found = guess("price", &column, None);
            assert_eq!(found.type_name, "text", "{cells:?}");
            assert_eq!(found.doubt, doubt.map(|cell| Doubt::Number(cell.to_owned())), "{cells:?}");
            assert!(column.fitting_types().contains(&"number"), "{cells:?}");
            let style = column.style();
            assert_eq!(style.is_sure.then_some(style.notation), notation, "{cells:?}");
        };
        check(&["12,50 €", "1.234 €"], Notation::Point, Some(Notation::Comma), None);
        check(&["1.234,-", "99,-"], Notation::Comma, Some(Notation::Comma), None);
        check(&["1.234,-", "2.500"], Notation::Point, Some(Notation::Comma), None);
        check(&["$1,234.-", "$1,200"], Notation::Point, Some(Notation::Point), None);
        check(&["12.500 €", "1.000 €"], Notation::Point, None, Some("12.500 €"));
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
