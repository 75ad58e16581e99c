//! The rows of a JSON file: an array of objects, an answer of the list endpoint, or one object per line.

use super::BadRow;
use super::csv_rows::unreadable;
use super::source::Source;
use crate::base::json::{self, Strict, Values};
use crate::domain::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{BufRead as _, BufReader};

/// An object with its position, from 1: the line, or the element of the array.
pub type Object = std::result::Result<(u64, Map<String, Value>), BadRow>;
/// Receives an object and returns whether to continue.
pub type Each<'a> = &'a mut dyn FnMut(Object) -> Result<bool>;

pub fn visit_lines(source: &Source, each: Each<'_>) -> Result<()> {
    let mut input = BufReader::new(source.read().map_err(unreadable)?);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        if input.read_until(b'\n', &mut text).map_err(unreadable)? == 0 {
            break;
        }
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let object = json::parse_object(text)
            .map(|object| (line, object))
            .map_err(|error| BadRow { line, reason: format!("not a JSON object: {error}") });
        if !each(object)? {
            break;
        }
    }
    Ok(())
}

pub fn visit_array(source: &Source, each: Each<'_>) -> Result<()> {
    let mut reader = Items { each, has_array: false, failure: None, is_stopped: false };
    let input = BufReader::new(source.read().map_err(unreadable)?);
    let mut deserializer = serde_json::Deserializer::from_reader(input);
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

/// Passes the items of the array on one by one, as they are read.
struct Items<'a> {
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
            let Some(item) = items.next_element_seed(Strict(&Values::at_most(u64::MAX)))? else { break };
            let object = match item {
                Value::Object(object) => Ok((line, object)),
                _ => Err(BadRow { line, reason: "not an object".to_owned() }),
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
