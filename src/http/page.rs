//! Query parameters that every list shares.

use super::ApiError;
use super::extract::ApiQuery;

/// A whole number; absent and empty are `None`, anything else is refused.
pub fn integer(query: &ApiQuery, name: &str) -> Result<Option<i64>, ApiError> {
    match query.get(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| ApiError::bad_request("")),
    }
}

/// Boolean text; absent and empty are false, anything else is refused.
pub fn boolean(query: &ApiQuery, name: &str) -> Result<bool, ApiError> {
    match query.get(name).unwrap_or_default() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(ApiError::bad_request("")),
    }
}
