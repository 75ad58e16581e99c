//! Texts in a format: JSON, CSV, base64, hexadecimal digits, addresses.

use super::input::{bytes_of, option_flag, option_text};
use super::text::check_length;
use crate::base::base64;
use crate::base::json::{ParseError, Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use crate::domain::transfer;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{BytesValue, RecordValue, json};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, Module, NativeCallContext};

/// What stands for itself in a part of an address.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "formats", formats);
}

#[export_module]
mod formats {
    /// The value of a JSON text. Numbers are decimals, exact to 15 digits. An error if it is no JSON.
    #[rhai_fn(return_raw)]
    pub fn parse_json(context: NativeCallContext<'_>, text: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        let value = parse_within(text.as_bytes(), &Values::at_most(MAX_JSON_VALUES)).map_err(|error| {
            problem(match error {
                ParseError::Syntax(error) => format!("the text is not valid JSON: {error}"),
                ParseError::TooManyValues => "the JSON holds too many values".to_owned(),
            })
        })?;
        Ok(json::to_dynamic(&value))
    }

    /// A value as JSON: `to_json(#{ ok: true })` is `{"ok":true}`.
    #[rhai_fn(return_raw)]
    pub fn to_json(context: NativeCallContext<'_>, value: Dynamic) -> Outcome<String> {
        ambient::note(&context);
        Ok(json::to_json(&value)?.to_string())
    }

    /// Takes the place of rhai's function for maps, which knows no dates, records and exact numbers.
    #[rhai_fn(name = "to_json", return_raw)]
    pub fn map_to_json(context: NativeCallContext<'_>, value: Map) -> Outcome<String> {
        to_json(context, Dynamic::from_map(value))
    }

    /// A value as JSON in lines, for people to read.
    #[rhai_fn(return_raw)]
    pub fn to_pretty_json(context: NativeCallContext<'_>, value: Dynamic) -> Outcome<String> {
        ambient::note(&context);
        Ok(format!("{:#}", json::to_json(&value)?))
    }

    /// The rows of a CSV text as maps, by the headings of its first line. All values are texts. Cells are separated by `,`, `;`, `|` or a
    /// tab, whichever the first line has most of.
    #[rhai_fn(return_raw)]
    pub fn parse_csv(context: NativeCallContext<'_>, text: &str) -> Outcome<Array> {
        parse_csv_with(context, text, Map::new())
    }

    /// The same with options: `delimiter`, and `headings: false` for a text without headings, whose rows are lists.
    #[rhai_fn(name = "parse_csv", return_raw)]
    pub fn parse_csv_with(context: NativeCallContext<'_>, text: &str, options: Map) -> Outcome<Array> {
        ambient::note(&context);
        let (mut delimiter, mut has_headings) = (None, true);
        for (name, value) in &options {
            match name.as_str() {
                "delimiter" => delimiter = Some(single_byte(&option_text(name, value)?)?),
                "headings" => has_headings = option_flag(name, value)?,
                _ => return Err(problem("parse_csv has the options delimiter and headings")),
            }
        }
        rows_of(&context, text.trim_start_matches(BYTE_ORDER_MARK), delimiter, has_headings)
    }

    /// Rows as CSV. A row is a map, a record, or a list. The first line has the names of the columns, in alphabetical order. A text that a
    /// spreadsheet would run as a formula gets a `'` in front.
    #[rhai_fn(return_raw)]
    pub fn to_csv(context: NativeCallContext<'_>, rows: Array) -> Outcome<String> {
        to_csv_with(context, rows, Map::new())
    }

    /// The same with options: `columns` (the names of the columns, in order), `headings: false`, `delimiter`, and `bom: true` for a
    /// byte order mark, without which some spreadsheets misread accents.
    #[rhai_fn(name = "to_csv", return_raw)]
    pub fn to_csv_with(context: NativeCallContext<'_>, rows: Array, options: Map) -> Outcome<String> {
        ambient::note(&context);
        csv_of(&context, &rows, &CsvOptions::read(&options)?)
    }

    /// A text or bytes in base64.
    #[rhai_fn(return_raw)]
    pub fn base64_encode(data: Dynamic) -> Outcome<String> {
        Ok(BASE64.encode(bytes_of(&data)?.as_slice()))
    }

    /// A text or bytes in URL-safe base64: with `-` and `_`, and without `=`.
    #[rhai_fn(return_raw)]
    pub fn base64url_encode(data: Dynamic) -> Outcome<String> {
        Ok(BASE64URL_NOPAD.encode(bytes_of(&data)?.as_slice()))
    }

    /// The bytes that are encoded in base64, of either kind: `base64_decode(text).text` is the text. An error if it is no base64.
    #[rhai_fn(return_raw)]
    pub fn base64_decode(context: NativeCallContext<'_>, text: &str) -> Outcome<BytesValue> {
        ambient::note(&context);
        BytesValue::made(base64::decode(text).ok_or_else(|| problem("the text is not base64"))?)
    }

    /// A text or bytes in hexadecimal digits.
    #[rhai_fn(return_raw)]
    pub fn hex_encode(data: Dynamic) -> Outcome<String> {
        Ok(HEXLOWER.encode(bytes_of(&data)?.as_slice()))
    }

    /// The bytes that are encoded in hexadecimal digits: `hex_decode(text).text` is the text.
    #[rhai_fn(return_raw)]
    pub fn hex_decode(context: NativeCallContext<'_>, text: &str) -> Outcome<BytesValue> {
        ambient::note(&context);
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
        BytesValue::made(bytes.map_err(|_| problem("the text does not consist of hexadecimal digits"))?)
    }

    /// A text for use as a part of an address: `"a b&c"` is `"a%20b%26c"`.
    pub fn url_encode(text: &str) -> String {
        utf8_percent_encode(text, COMPONENT).to_string()
    }

    /// Decodes a percent-encoded part of a URL.
    pub fn url_decode(text: &str) -> String {
        percent_decode_str(text).decode_utf8_lossy().into_owned()
    }

    /// A map as the query of an address: `"a=1&b=x%20y"`. A list gives its name several times, `()` none.
    #[rhai_fn(return_raw)]
    pub fn to_query(context: NativeCallContext<'_>, values: Map) -> Outcome<String> {
        ambient::note(&context);
        let mut pairs = Vec::new();
        for (name, value) in &values {
            let mut push = |value: &Dynamic| {
                if !value.is_unit() {
                    pairs.push(format!("{}={}", url_encode(name), url_encode(&json::shown(value))));
                }
            };
            match value.as_array_ref() {
                Ok(items) => items.iter().for_each(&mut push),
                Err(_) => push(value),
            }
        }
        Ok(pairs.join("&"))
    }

    /// The query of an address as a map of texts. Of a repeated name, the first value.
    pub fn parse_query(text: &str) -> Map {
        let mut map = Map::new();
        for (name, value) in form_urlencoded::parse(text.trim_start_matches('?').as_bytes()) {
            map.entry(name.as_ref().into()).or_insert_with(|| value.as_ref().into());
        }
        map
    }

    /// The parts of an address, or `()` if it is none: `#{ scheme, host, port, path, query, fragment, origin }`. `query` is a map; `port` and
    /// `fragment` are `()` if they are not there.
    pub fn parse_url(text: &str) -> Dynamic {
        let Ok(url) = url::Url::parse(text) else { return Dynamic::UNIT };
        let mut map = Map::new();
        map.insert("scheme".into(), url.scheme().into());
        map.insert("host".into(), url.host_str().unwrap_or_default().into());
        map.insert("port".into(), url.port().map_or(Dynamic::UNIT, |port| i64::from(port).into()));
        map.insert("path".into(), url.path().into());
        map.insert("query".into(), Dynamic::from_map(parse_query(url.query().unwrap_or_default())));
        map.insert("fragment".into(), url.fragment().map_or(Dynamic::UNIT, Into::into));
        map.insert("origin".into(), url.origin().ascii_serialization().into());
        Dynamic::from_map(map)
    }
}

fn single_byte(text: &str) -> Outcome<u8> {
    match text.as_bytes() {
        [byte] if !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err(problem("the delimiter of CSV must be one character, such as \";\"")),
    }
}

/// The most frequent delimiter in the first line, outside of quotes.
fn guess_delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut is_quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // The first of several maxima.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

fn rows_of(context: &NativeCallContext<'_>, text: &str, delimiter: Option<u8>, has_headings: bool) -> Outcome<Array> {
    let max = context.engine().max_array_size();
    let delimiter = delimiter.unwrap_or_else(|| guess_delimiter(text));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut headings, mut rows, mut cells) = (None::<Vec<String>>, Array::new(), 0);
    for record in reader.records() {
        let record = record.map_err(|error| problem(format!("the text is not CSV: {error}")))?;
        // A row that the exports have made: see `to_csv`.
        let plain = |cell: &str| transfer::unescape(cell).unwrap_or(cell).to_owned();
        cells += record.len() + 1;
        if max > 0 && cells > max {
            return Err(problem(format!("the CSV has more than {max} cells")));
        }
        if has_headings && headings.is_none() {
            let names: Vec<String> = record.iter().map(|heading| plain(heading.trim())).collect();
            check_headings(&names)?;
            headings = Some(names);
            continue;
        }
        let Some(headings) = &headings else {
            rows.push(Dynamic::from_array(record.iter().map(|cell| plain(cell).into()).collect()));
            continue;
        };
        if record.len() > headings.len() {
            let line = record.position().map_or(0, csv::Position::line);
            let (found, expected) = (record.len(), headings.len());
            return Err(problem(format!(
                "line {line} of the CSV has {found} cells, but there are {expected} headings"
            )));
        }
        let cell = |at: usize| record.get(at).map(plain).unwrap_or_default();
        cells += headings.len() - record.len();
        let row: Map = headings.iter().enumerate().map(|(at, name)| (name.as_str().into(), cell(at).into())).collect();
        rows.push(Dynamic::from_map(row));
    }
    Ok(rows)
}

fn check_headings(names: &[String]) -> Outcome<()> {
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => Err(problem(format!("the CSV has the heading {twice:?} twice: read it with headings: false"))),
        None => Ok(()),
    }
}

struct CsvOptions {
    columns: Option<Vec<String>>,
    has_headings: bool,
    delimiter: u8,
    has_bom: bool,
}

impl CsvOptions {
    fn read(map: &Map) -> Outcome<Self> {
        let mut options = Self { columns: None, has_headings: true, delimiter: b',', has_bom: false };
        for (name, value) in map {
            match name.as_str() {
                "columns" => {
                    let names = value.as_array_ref().map_err(|_| problem("columns must be a list of names"))?;
                    options.columns =
                        Some(names.iter().map(|name| option_text("columns", name)).collect::<Outcome<_>>()?);
                }
                "headings" => options.has_headings = option_flag(name, value)?,
                "delimiter" => options.delimiter = single_byte(&option_text(name, value)?)?,
                "bom" => options.has_bom = option_flag(name, value)?,
                _ => return Err(problem("to_csv has the options columns, headings, delimiter and bom")),
            }
        }
        Ok(options)
    }
}

/// A row to be written.
enum Row {
    Named(Map),
    Listed(Array),
}

fn csv_of(context: &NativeCallContext<'_>, rows: &[Dynamic], options: &CsvOptions) -> Outcome<String> {
    let rows: Vec<Row> = rows.iter().map(row_of).collect::<Outcome<_>>()?;
    let columns = options.columns.clone().unwrap_or_else(|| columns_of(&rows));
    let mut writer = csv::WriterBuilder::new().delimiter(options.delimiter).flexible(true).from_writer(Vec::new());
    let unwritten = |error: csv::Error| problem(format!("the rows cannot be written as CSV: {error}"));
    if options.has_headings && !columns.is_empty() {
        let headings = columns.iter().map(|name| transfer::escape(name).into_owned());
        writer.write_record(headings).map_err(unwritten)?;
    }
    for row in &rows {
        let cells: Vec<String> = match row {
            Row::Named(map) => {
                columns.iter().map(|name| map.get(name.as_str()).map_or_else(String::new, cell)).collect()
            }
            Row::Listed(items) => items.iter().map(cell).collect(),
        };
        writer.write_record(&cells).map_err(unwritten)?;
        check_length(context, writer.get_ref().len())?;
    }
    let bytes = writer.into_inner().map_err(|error| problem(format!("the rows cannot be written as CSV: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| problem("the rows hold bytes that are not text"))?;
    Ok(if options.has_bom { format!("{BYTE_ORDER_MARK}{text}") } else { text })
}

fn row_of(value: &Dynamic) -> Outcome<Row> {
    if let Some(record) = value.read_lock::<RecordValue>() {
        return Ok(Row::Named(record.to_map()));
    }
    if let Ok(map) = value.as_map_ref() {
        return Ok(Row::Named(map.clone()));
    }
    let items = value.as_array_ref().map_err(|_| problem("a row of CSV must be a map, a record or a list"))?;
    Ok(Row::Listed(items.clone()))
}

/// The names of all columns, sorted.
fn columns_of(rows: &[Row]) -> Vec<String> {
    let mut names = std::collections::BTreeSet::new();
    for row in rows {
        if let Row::Named(map) = row {
            names.extend(map.keys().map(ToString::to_string));
        }
    }
    names.into_iter().collect()
}

/// Only texts may be taken for formulas: `-5` as a number is a number.
fn cell(value: &Dynamic) -> String {
    if value.is_unit() {
        return String::new();
    }
    let shown = json::shown(value);
    let is_number = value.is_int() || value.is_decimal();
    if is_number { shown } else { transfer::escape(&shown).into_owned() }
}
