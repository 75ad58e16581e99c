//! Geo point: a longitude and a latitude in degrees. 0,0 counts as blank.

use super::field_type::{FieldType, bytes_of};
use crate::base::json;
use crate::db::{self, ColumnType, ValueRef};
use crate::domain::Issue;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Has no options.
pub(super) struct GeoPoint;

/// Members may be absent or `null`. Other members are ignored.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Point {
    lon: Option<f64>,
    lat: Option<f64>,
}

impl FieldType for GeoPoint {
    fn name(&self) -> &'static str {
        "geoPoint"
    }

    fn write_options(&self, _json: &mut Map<String, Value>) {}

    fn column(&self) -> ColumnType {
        ColumnType::GeoPoint
    }

    fn zero(&self) -> Value {
        Point::default().to_value()
    }

    fn is_blank(&self, value: &Value) -> bool {
        Point::of(value).is_zero()
    }

    fn convert(&self, input: &Value) -> Value {
        Point::of(input).to_value()
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let point = Point::of(value);
        if !(-90.0..=90.0).contains(&point.lat()) {
            let message = "Latitude must be between -90 and 90 degrees.";
            return Err(Issue::new("validation_invalid_latitude", message));
        }
        if !(-180.0..=180.0).contains(&point.lon()) {
            let message = "Longitude must be between -180 and 180 degrees.";
            return Err(Issue::new("validation_invalid_longitude", message));
        }
        Ok(())
    }

    fn to_db(&self, value: &Value) -> db::Value {
        let mut out = Vec::new();
        Point::of(value).write(&mut out);
        String::from_utf8_lossy(&out).into_owned().into()
    }

    fn load(&self, column: ValueRef<'_>) -> Value {
        Point::stored(column).to_value()
    }

    fn write_json(&self, out: &mut Vec<u8>, column: ValueRef<'_>) {
        Point::stored(column).write(out);
    }
}

impl Point {
    fn of(input: &Value) -> Self {
        match input {
            Value::Object(_) => Self::deserialize(input).unwrap_or_default(),
            Value::String(text) => Self::parse(text.as_bytes()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Self::default(),
        }
    }

    /// Accepts only objects; a derived deserialiser would accept arrays too.
    fn parse(text: &[u8]) -> Self {
        if !text.trim_ascii_start().starts_with(b"{") {
            return Self::default();
        }
        serde_json::from_slice(text).unwrap_or_default()
    }

    fn stored(column: ValueRef<'_>) -> Self {
        bytes_of(column).map(Self::parse).unwrap_or_default()
    }

    fn lon(self) -> f64 {
        self.lon.unwrap_or_default()
    }

    fn lat(self) -> f64 {
        self.lat.unwrap_or_default()
    }

    fn is_zero(self) -> bool {
        self.lon() == 0.0 && self.lat() == 0.0
    }

    fn to_value(self) -> Value {
        json!({"lon": json::number(self.lon()), "lat": json::number(self.lat())})
    }

    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"lon\":");
        json::write_number(out, self.lon());
        out.extend_from_slice(b",\"lat\":");
        json::write_number(out, self.lat());
        out.push(b'}');
    }
}
