//! Our SQL functions, registered on every connection.

use super::clock::Clock;
use super::{first_rows, like};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use std::collections::HashSet;
use std::sync::Arc;

/// `is_among(text, list)`: whether the text is an element of the JSON array of texts, which is parsed once per statement.
pub const IS_AMONG: &str = "is_among";

/// Mean radius of the earth in kilometres, for the haversine formula.
const EARTH_RADIUS_KM: f64 = 6371.0;

pub fn register(connection: &Connection, clock: &Arc<Clock>) -> rusqlite::Result<()> {
    like::register(connection, Arc::clone(clock))?;
    first_rows::register(connection)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(IS_AMONG, 2, flags, |context| {
        let list = context.get_or_create_aux(1, |list| {
            let texts: Vec<String> = serde_json::from_slice(list.as_bytes().unwrap_or_default())?;
            Ok::<HashSet<Box<[u8]>>, serde_json::Error>(
                texts.into_iter().map(|text| text.into_bytes().into()).collect(),
            )
        })?;
        Ok(match context.get_raw(0) {
            ValueRef::Text(text) => list.contains(text),
            _ => false,
        })
    })?;
    connection.create_scalar_function("geo_distance", 4, flags, |context| {
        let [lon_a, lat_a, lon_b, lat_b] = [0, 1, 2, 3].map(|index| number(context.get_raw(index)));
        Ok((|| Some(geo_distance(lon_a?, lat_a?, lon_b?, lat_b?)))())
    })
}

/// A number, or a text that contains one.
fn number(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        ValueRef::Text(text) => {
            std::str::from_utf8(text).ok()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
        }
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// Great-circle distance in kilometres between two points in degrees (haversine).
fn geo_distance(lon_a: f64, lat_a: f64, lon_b: f64, lat_b: f64) -> f64 {
    let (lon_a, lat_a) = (lon_a.to_radians(), lat_a.to_radians());
    let (lon_b, lat_b) = (lon_b.to_radians(), lat_b.to_radians());
    let half =
        ((lat_b - lat_a) / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * ((lon_b - lon_a) / 2.0).sin().powi(2);
    2.0 * EARTH_RADIUS_KM * half.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_a_list() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection, &Arc::default()).unwrap();
        let found = |value: &str, list: &str| {
            connection.query_row("SELECT is_among(?1, ?2)", [value, list], |row| row.get::<_, bool>(0))
        };
        assert!(found("b", r#"["a", "b"]"#).unwrap());
        assert!(!found("B", r#"["a", "b"]"#).unwrap());
        assert!(!found("", "[]").unwrap());
        assert!(found("", r#"[""]"#).unwrap());
        assert!(found("a", "no list").is_err());
    }

    #[test]
    fn distances_are_great_circles() {
        assert!(geo_distance(10.0, 20.0, 10.0, 20.0) < 1e-9);
        let sofia_to_plovdiv = geo_distance(23.32, 42.70, 24.75, 42.14);
        assert!((130.0..136.0).contains(&sofia_to_plovdiv), "{sofia_to_plovdiv}");
    }
}
