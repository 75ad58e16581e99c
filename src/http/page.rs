//! Shared by all lists: query parameters, and the envelope of the answer.

use super::ApiError;
use super::extract::ApiQuery;
use crate::domain::page::Totals;
use serde_json::{Value, json};

/// Parses a whole number. Absent and empty are `None`; anything else is an error.
pub fn integer(query: &ApiQuery, name: &str) -> Result<Option<i64>, ApiError> {
    match query.get(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| unfit(name, "a whole number")),
    }
}

/// Parses a boolean. Absent and empty are false; anything else is an error.
pub fn boolean(query: &ApiQuery, name: &str) -> Result<bool, ApiError> {
    match query.get(name).unwrap_or_default() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(unfit(name, "true or false")),
    }
}

fn unfit(name: &str, expected: &str) -> ApiError {
    ApiError::bad_request(format!("The parameter \"{name}\" must be {expected}."))
}

#[must_use]
pub fn envelope(items: &[Value], totals: &Totals) -> Value {
    json!({
        "items": items,
        "page": totals.page,
        "perPage": totals.per_page,
        "totalItems": totals.total_items,
        "totalPages": totals.total_pages,
    })
}
