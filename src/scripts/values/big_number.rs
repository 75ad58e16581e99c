//! A number that a decimal cannot hold.

use std::fmt;

/// A number outside of what decimals hold exactly: more than 28 digits, or beyond 7.9e28. It can be shown, compared for equality and
/// stored again. Calculating with it is an error.
#[derive(Clone, Debug, PartialEq)]
pub struct BigNumber(pub serde_json::Number);

impl fmt::Display for BigNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
