//! The rows of a JSON file: an array of objects, an answer of the list endpoint, or one object per line.

use super::BadRow;
use super::csv_rows::{MAX_ROW_BYTES, row_too_long, unreadable};
use super::source::Source;
use crate::base::json::{self, Strict, Values};
use crate::domain::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};

/// The maximum number of values in one object. Parsed values take many times the memory of their text.
const MAX_ROW_VALUES: u64 = 500_000;

/// An object with its position, from 1: the line, or the element of the array.
pub type Object = std::result::Result<(u64, Map<String, Value>), BadRow>;
/// Receives an object and returns whether to continue.
pub type Each<'a> = &'a mut dyn FnMut(Object) -> Result<bool>;

pub fn visit_lines(source: &Source, each: Each<'_>) -> Result<()> {
    let mut input = BufReader::new(source.read().map_err(unreadable)?);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        if input.by_ref().take(MAX_ROW_BYTES).read_until(b'\n', &mut text).map_err(unreadable)? == 0 {
            break;
        }
        if text.len() as u64 == MAX_ROW_BYTES {
            return Err(unreadable(row_too_long()));
        }
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let object = json::parse_object_within(text, &Values::at_most(MAX_ROW_VALUES))
            .map(|object| (line, object))
            .map_err(|error| BadRow::new(line, format!("not a JSON object: {error}")));
        if !each(object)? {
            break;
        }
    }
    Ok(())
}

pub fn visit_array(source: &Source, each: Each<'_>) -> Result<()> {
    let item_bytes = Cell::new(0);
    let mut reader = Items { each, has_array: false, failure: None, is_stopped: false, item_bytes: &item_bytes };
    let input = Counted { inner: BufReader::new(source.read().map_err(unreadable)?), item_bytes: &item_bytes };
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::new(input));
    let outcome = (&mut reader).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let Items { has_array, failure, is_stopped, .. } = reader;
    match outcome {
        _ if failure.is_some() => failure.map_or(Ok(()), Err),
        _ if is_stopped => Ok(()),
        Ok(()) if has_array => Ok(()),
        Err(error) if has_array || !error.is_data() => {
            Err(Error::bad_request(format!("The file is not JSON: {error}.")))
        }
        _ => Err(Error::bad_request("The file must hold a JSON array of objects.")),
    }
}

/// Fails if more than [`MAX_ROW_BYTES`] are read without a new item.
struct Counted<'a, R> {
    inner: R,
    /// The bytes read since the last item began.
    item_bytes: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.item_bytes.get() > MAX_ROW_BYTES {
            return Err(row_too_long());
        }
        let count = self.inner.read(buffer)?;
        self.item_bytes.set(self.item_bytes.get() + count as u64);
        Ok(count)
    }
}

/// Passes the items of the array on one by one, as they are read.
struct Items<'a> {
    item_bytes: &'a Cell<u64>,
    each: Each<'a>,
    has_array: bool,
    /// The error that `each` returned. The parser is then stopped with an error of its own.
    failure: Option<Error>,
    is_stopped: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<(), A::Error> {
        self.has_array = true;
        for line in 1.. {
            self.item_bytes.set(0);
            let Some(item) = items.next_element_seed(Strict(&Values::at_most(MAX_ROW_VALUES)))? else { break };
            let object = match item {
                Value::Object(object) => Ok((line, object)),
                _ => Err(BadRow::new(line, "not an object")),
            };
            match (self.each)(object) {
                Ok(true) => {}
                Ok(false) => {
                    self.is_stopped = true;
                    return Err(A::Error::custom("stopped"));
                }
                Err(error) => {
                    self.failure = Some(error);
                    return Err(A::Error::custom("stopped"));
                }
            }
        }
        Ok(())
    }

    /// Reads an answer of the list endpoint.
    fn visit_map<A: MapAccess<'de>>(self, mut page: A) -> std::result::Result<(), A::Error> {
        while let Some(key) = page.next_key::<String>()? {
            if key == "items" && !self.has_array {
                page.next_value_seed(&mut *self)?;
            } else {
                page.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
