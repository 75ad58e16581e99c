//! Converts a cell to a field's value. This is stricter than the field itself, which turns what it cannot parse into
//! nothing: an invalid number must be reported, not become 0.

use super::cells::Cell;
use crate::domain::fields::{Field, FieldKind};
use serde_json::Value;
use std::borrow::Cow;

/// The notation of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notation {
    /// `1234.5` or `1,234.5`
    #[default]
    Point,
    /// `1234,5` or `1.234,5`: spreadsheets use semicolons as delimiters where the comma is the decimal separator.
    Comma,
}

/// The order of the parts of dates that are written with slashes or hyphens and end with the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2024`
    DayFirst,
    /// `12/31/2024`
    MonthFirst,
}

impl DateOrder {
    /// Parses `dmy` and `mdy`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::DayFirst, Self::MonthFirst].into_iter().find(|order| order.name() == name)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DayFirst => "dmy",
            Self::MonthFirst => "mdy",
        }
    }
}

/// How the cells of a column are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub notation: Notation,
    /// Whether `notation` is certain for this column, so that `1,234` and `1.234` are not ambiguous.
    pub is_sure: bool,
    pub dates: Option<DateOrder>,
}

/// Returns the value for `field`, or what is wrong with the cell.
pub fn value(field: &Field, cell: &Cell, style: Style) -> Result<Value, String> {
    let value = match cell {
        Cell::Json(value) => value.clone(),
        // Only a json field distinguishes an empty string from null.
        Cell::EscapedText(text) if text.is_empty() && matches!(field.kind, FieldKind::Json(_)) => Value::from(""),
        Cell::Text(text) | Cell::EscapedText(text) if !text.is_empty() => Value::from(text.as_str()),
        Cell::Empty | Cell::Text(_) | Cell::EscapedText(_) => return Ok(Value::Null),
    };
    let is_certain_text = matches!(cell, Cell::EscapedText(_));
    match &field.kind {
        FieldKind::Number(_) => number(value, style),
        FieldKind::Bool => boolean(value),
        FieldKind::Date(_) => date(field, &value, style.dates),
        FieldKind::GeoPoint => geo_point(value),
        // A json field would parse a text as JSON if it could; a quoted one stays a string.
        FieldKind::Json(_) if is_certain_text => Ok(Value::from(value.to_string())),
        FieldKind::Json(_) => Ok(value),
        _ if field.is_multiple() => Ok(list(value)),
        _ if value.is_array() || value.is_object() => Err("a list or an object where one value belongs".to_owned()),
        _ => Ok(value),
    }
}

/// Returns the cell as one text, such as a key; `None` for an empty cell and for lists.
pub fn plain_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) | Cell::EscapedText(text) => Some(text.clone()),
        Cell::Json(Value::Number(number)) => Some(number.to_string()),
        Cell::Json(Value::Bool(value)) => Some(value.to_string()),
        Cell::Empty | Cell::Json(_) => None,
    }
}

/// Returns the cell as a text: lists and objects as JSON, an empty cell as an empty text.
pub fn as_text(cell: &Cell) -> String {
    match cell {
        Cell::Json(value @ (Value::Array(_) | Value::Object(_))) => value.to_string(),
        cell => plain_text(cell).unwrap_or_default(),
    }
}

/// Returns the members of a list in a cell: those of a JSON array, or the cell itself as the only one.
pub fn members(cell: &Cell) -> Vec<String> {
    let array = match cell {
        Cell::Json(Value::Array(items)) => Some(items.clone()),
        Cell::Text(text) if text.starts_with('[') => serde_json::from_str::<Vec<Value>>(text).ok(),
        _ => None,
    };
    match array {
        Some(items) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned)).collect()
        }
        None => plain_text(cell).into_iter().collect(),
    }
}

/// Signs of currencies, as spreadsheets and people write them beside an amount.
const CURRENCIES: [&str; 8] = ["US$", "€", "$", "£", "EUR", "USD", "GBP", "CHF"];
/// What stands for "no cents" at the end of an amount, and the notation that it shows.
const NO_CENTS: [(&str, Notation); 5] = [
    (",--", Notation::Comma),
    (",-", Notation::Comma),
    (",–", Notation::Comma),
    (",—", Notation::Comma),
    (".-", Notation::Point),
];

/// An amount of money without its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount<'a> {
    pub number: &'a str,
    /// That of `99,-`, which has no cents.
    pub notation: Option<Notation>,
}

impl<'a> Amount<'a> {
    /// `None` if the text has neither a currency nor a mark for no cents.
    pub fn parse(text: &'a str) -> Option<Self> {
        let before = CURRENCIES.iter().find_map(|sign| text.strip_suffix(sign)).map(str::trim_end);
        let after = || CURRENCIES.iter().find_map(|sign| text.strip_prefix(sign)).map(str::trim_start);
        let bare = before.or_else(after);
        let amount = bare.unwrap_or(text);
        let whole = NO_CENTS.iter().find_map(|(mark, notation)| Some((amount.strip_suffix(mark)?, *notation)));
        match whole {
            Some((number, notation)) => Some(Self { number, notation: Some(notation) }),
            None => bare.map(|number| Self { number, notation: None }),
        }
    }
}

/// Returns the number in a text, with a point for decimals; `None` if it is not a number or is ambiguous. An amount of money is the
/// number without its currency.
pub fn number_text(text: &str, style: Style) -> Option<Cow<'_, str>> {
    let Some(Amount { number, notation }) = Amount::parse(text) else { return plain_number_text(text, style) };
    let is_other = notation.is_some_and(|notation| notation != style.notation);
    // Unlike a bare `1.234`, an amount in a notation that is only assumed is not taken for one with three decimals.
    let is_unclear = is_ambiguous_number(number) && notation.is_none() && !style.is_sure;
    if is_other || is_unclear {
        return None;
    }
    plain_number_text(number, Style { is_sure: style.is_sure || notation.is_some(), ..style })
}

fn plain_number_text(text: &str, style: Style) -> Option<Cow<'_, str>> {
    let (point, separator) = match style.notation {
        Notation::Point => ('.', ','),
        Notation::Comma => (',', '.'),
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once(point).map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    if fraction.is_some_and(|fraction| fraction.contains(['.', ','])) {
        return None;
    }
    let plain = |text: &str| text.replace(separator, "").replace(',', ".").into();
    match thousands(whole, separator) {
        0 if !whole.contains(separator) => Some(if fraction.is_some() { plain(text) } else { text.into() }),
        // `1.5` is clear everywhere.
        0 if separator == '.' && fraction.is_none() && whole.matches('.').count() == 1 => Some(text.into()),
        0 => None,
        // `1.234` means one thousand or one and a fraction, depending on the country.
        1 if fraction.is_none() && !style.is_sure => None,
        _ => Some(plain(text)),
    }
}

/// Whether the text is a number that different countries read differently, such as `1,234`.
pub fn is_ambiguous_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && (thousands(unsigned, ',') == 1 || thousands(unsigned, '.') == 1)
        && !unsigned.starts_with('0')
}

/// Returns the number of separators in a text of the form `1.234.567`, and 0 for any other text.
fn thousands(text: &str, separator: char) -> usize {
    let mut groups = text.split(separator);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_grouped = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    if is_grouped { rest.len() } else { 0 }
}

/// Converts a date to the form that fields parse: `31.12.2024`, `2024/12/31` and times without seconds are completed.
/// `order` is needed for `12/31/2024` and for years of two digits.
pub fn date_text(text: &str, order: Option<DateOrder>) -> Cow<'_, str> {
    let (day, time) = text.split_once([' ', 'T']).map_or((text, ""), |(day, time)| (day, time));
    let is_number = |part: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_short = |part: &str| is_number(part, 1..=2);
    let separator = if day.contains('.') {
        '.'
    } else if day.contains('/') {
        '/'
    } else {
        '-'
    };
    let mut parts = day.split(separator);
    let day = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day), None)
            if separator == '/' && is_number(year, 4..=4) && is_short(month) && is_short(day) =>
        {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        (Some(first), Some(second), Some(year), None)
            if (is_number(year, 4..=4) || (order.is_some() && separator != '-' && is_number(year, 2..=2)))
                && is_short(first)
                && is_short(second) =>
        {
            let year = full_year(year);
            match order {
                _ if separator == '.' => format!("{year}-{second:0>2}-{first:0>2}"),
                Some(DateOrder::DayFirst) => format!("{year}-{second:0>2}-{first:0>2}"),
                Some(DateOrder::MonthFirst) => format!("{year}-{first:0>2}-{second:0>2}"),
                None => day.to_owned(),
            }
        }
        _ => day.to_owned(),
    };
    if time.is_empty() { day.into() } else { format!("{day} {}", time_text(time)).into() }
}

/// Whether a date may be written with a year of two digits, as `31.12.24` or `24/12/31`.
pub fn has_short_year(text: &str) -> bool {
    let mut parts = text.split([' ', 'T']).next().unwrap_or_default().split(['.', '/']);
    parts.next().is_some_and(|day| day.len() <= 2) && parts.nth(1).is_some_and(|year| year.len() == 2)
}

/// Years of two digits are those from 1950 to 2049, as Windows reads them.
fn full_year(year: &str) -> String {
    match year.len() {
        2 if year < "50" => format!("20{year}"),
        2 => format!("19{year}"),
        _ => year.to_owned(),
    }
}

/// Completes `18:30` and `6:30 PM`.
fn time_text(time: &str) -> Cow<'_, str> {
    let half = time.len().checked_sub(3).and_then(|at| time.split_at_checked(at));
    let (clock, noon) = match half {
        Some((clock, half)) if half.eq_ignore_ascii_case(" AM") => (clock, Some(0)),
        Some((clock, half)) if half.eq_ignore_ascii_case(" PM") => (clock, Some(12)),
        _ => (time, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let is_clock = (2..=3).contains(&parts.len())
        && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_clock {
        return time.into();
    }
    let hour: u32 = parts[0].parse().unwrap_or(99);
    let hour = match noon {
        None => hour,
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) => return time.into(),
    };
    format!("{hour:0>2}:{:0>2}:{:0>2}", parts[1], parts.get(2).unwrap_or(&"00")).into()
}

fn number(value: Value, style: Style) -> Result<Value, String> {
    let Value::String(text) = &value else {
        return if value.is_number() { Ok(value) } else { Err(format!("not a number: {value}")) };
    };
    let looks_like_one = text.bytes().any(|byte| byte.is_ascii_digit());
    match number_text(text, style).map(|text| text.parse::<f64>()) {
        Some(Ok(number)) if looks_like_one && number.is_finite() => Ok(crate::base::json::number(number).into()),
        _ => Err(format!("not a number: {}", excerpt(text))),
    }
}

/// Accepts the words for yes and no in some languages, and the marks that people type into spreadsheets.
pub fn boolean(value: Value) -> Result<Value, String> {
    let Value::String(text) = &value else {
        return if value.is_boolean() { Ok(value) } else { Err(format!("not true or false: {value}")) };
    };
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "ja" | "sí" | "si" | "oui" | "sì" | "x" | "✓" | "✔" => Ok(true.into()),
        "false" | "0" | "no" | "nein" | "non" | "-" | "–" => Ok(false.into()),
        _ => Err(format!("not true or false: {}", excerpt(text))),
    }
}

fn date(field: &Field, value: &Value, order: Option<DateOrder>) -> Result<Value, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let date = Value::from(date_text(&text, order));
    if field.convert(&date).as_str().is_some_and(|stored| !stored.is_empty()) {
        return Ok(date);
    }
    Err(format!("not a date: {} (write it like 2024-12-31 or 2024-12-31 18:30:00)", excerpt(&text)))
}

fn geo_point(value: Value) -> Result<Value, String> {
    let is_point = |value: &Value| {
        value.get("lon").is_some_and(Value::is_number) && value.get("lat").is_some_and(Value::is_number)
    };
    let point = match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::Null),
        other => other,
    };
    if is_point(&point) { Ok(point) } else { Err("not a place like {\"lon\":13.4,\"lat\":52.5}".to_owned()) }
}

fn list(value: Value) -> Value {
    match &value {
        Value::String(text) if text.starts_with('[') => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

fn excerpt(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { format!("\"{start}…\"") } else { format!("\"{start}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_their_file_writes_them() {
        let check = |text: &str, point: Option<&str>, comma: Option<&str>| {
            let style = |notation| Style { notation, ..Style::default() };
            assert_eq!(number_text(text, style(Notation::Point)).as_deref(), point, "{text}");
            assert_eq!(number_text(text, style(Notation::Comma)).as_deref(), comma, "{text}");
        };
        check("12", Some("12"), Some("12"));
        check("-1.5", Some("-1.5"), Some("-1.5"));
        check("-1,5", None, Some("-1.5"));
        check("1.234,50", None, Some("1234.50"));
        check("1.23,50", None, None);
        check("1.234", Some("1.234"), None);
        check("1,234", None, Some("1.234"));
        check("1,234.50", Some("1234.50"), None);
        check("1,234,567", Some("1234567"), None);
        check("-1.234.567", None, Some("-1234567"));
        check("1,2,3", None, None);
        check(",5", None, Some(".5"));
        check("12,50 €", None, Some("12.50"));
        check("€ 1.234,50", None, Some("1234.50"));
        check("-3.20\u{a0}EUR", Some("-3.20"), Some("-3.20"));
        check("$1,234.50", Some("1234.50"), None);
        check("99,-", None, Some("99"));
        check("99,– €", None, Some("99"));
        check("1.234,-", None, Some("1234"));
        check("1,234.-", Some("1234"), None);
        check("1.234 €", None, None);
        check("€", Some(""), Some(""));
        check("5 kg", Some("5 kg"), Some("5 kg"));
    }

    #[test]
    fn a_group_of_three_digits_needs_to_be_certain() {
        let sure = |notation| Style { notation, is_sure: true, dates: None };
        assert_eq!(number_text("1,234", sure(Notation::Point)).as_deref(), Some("1234"));
        assert_eq!(number_text("1.234", sure(Notation::Comma)).as_deref(), Some("1234"));
        for (text, expected) in
            [("1,234", true), ("1.234", true), ("0,123", false), ("1,23", false), ("1,234,567", false)]
        {
            assert_eq!(is_ambiguous_number(text), expected, "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_words_of_some_languages() {
        for (texts, expected) in
            [(["Yes", "JA", "SÍ", "1", "X", "✓"], true), (["no", "Nein", "FALSE", "0", "-", "–"], false)]
        {
            for text in texts {
                assert_eq!(boolean(text.into()), Ok(expected.into()), "{text}");
            }
        }
        assert!(boolean("maybe".into()).is_err());
    }

    #[test]
    fn dates_are_written_out() {
        let check = |text: &str, expected: &str| assert_eq!(date_text(text, None), expected);
        check("31.12.2024", "2024-12-31");
        check("1.2.2024 18:30", "2024-02-01 18:30:00");
        check("2024-12-31T18:30", "2024-12-31 18:30:00");
        check("2024-12-31 18:30:05.123Z", "2024-12-31 18:30:05.123Z");
        check("2024/12/31 6:05 PM", "2024-12-31 18:05:00");
        check("31.12.24", "31.12.24");
        check("1/2/24", "1/2/24");
        check("12/31/2024", "12/31/2024");
        check("1.2.3.4", "1.2.3.4");
        check("", "");
    }

    #[test]
    fn the_order_of_a_date_is_as_told() {
        let check = |text: &str, order, expected: &str| assert_eq!(date_text(text, Some(order)), expected);
        check("1/2/2024", DateOrder::DayFirst, "2024-02-01");
        check("1/2/2024", DateOrder::MonthFirst, "2024-01-02");
        check("12/31/2024 12:15:30 am", DateOrder::MonthFirst, "2024-12-31 00:15:30");
        check("31-12-2024", DateOrder::DayFirst, "2024-12-31");
        check("31/12/24", DateOrder::DayFirst, "2024-12-31");
        check("1.2.49 18:30", DateOrder::DayFirst, "2049-02-01 18:30:00");
        check("1.2.50", DateOrder::DayFirst, "1950-02-01");
        check("12/31/24", DateOrder::MonthFirst, "2024-12-31");
        check("24-12-31", DateOrder::DayFirst, "24-12-31");
        check("2024-12-31", DateOrder::DayFirst, "2024-12-31");
    }
}
