//! Why a row is not imported.

use crate::domain::transfer::cells::Cell;
use crate::domain::transfer::cut;
use crate::domain::{Error, Issue, Issues, Rejection};

/// How much of a bad cell is reported, in characters.
const MAX_EXCERPT: usize = 100;

/// Why a row failed: an error in the row, which is reported, or in the system, which ends the import.
pub(super) enum Fault {
    Row(String),
    /// The name of the field that has the error.
    Field(String, String),
    /// The position of the column, and the start of the cell.
    Cell {
        column: usize,
        value: Option<String>,
        reason: String,
    },
    System(Error),
}

impl Fault {
    /// Says in which column a row's error is.
    pub(super) fn at_column(self, column: usize) -> Self {
        match self {
            Self::Row(reason) => Self::Cell { column, value: None, reason },
            other => other,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { message, issues } if issues.is_empty() => Self::Row(message.into_owned()),
            Error::Invalid { issues, .. } => match only_issue(&issues) {
                Some((name, reason)) => Self::Field(name, reason),
                None => Self::Row(describe(&issues)),
            },
            Error::Rejected(rejection) => rejected(*rejection),
            Error::Refused { answer, .. } if matches!(*answer, Error::Rejected(_)) => match *answer {
                Error::Rejected(rejection) => rejected(*rejection),
                other => Self::System(other),
            },
            // The person who imports owns the data, so the reason may be shown.
            Error::Refused { reason, answer } if matches!(*answer, Error::Invalid { .. }) => {
                Self::Row(reason.to_string())
            }
            other => Self::System(other),
        }
    }
}

/// What a script refuses is an error of the row.
fn rejected(rejection: Rejection) -> Fault {
    if rejection.issues.is_empty() {
        return Fault::Row(rejection.message);
    }
    match only_issue(&rejection.issues) {
        Some((name, reason)) => Fault::Field(name, reason),
        None => Fault::Row(describe(&rejection.issues)),
    }
}

/// Returns the start of a bad cell.
pub(super) fn excerpt(cell: &Cell) -> Option<String> {
    let text = match cell {
        Cell::Empty => return None,
        Cell::Text(text) | Cell::EscapedText(text) => text.clone(),
        Cell::Json(value) => value.to_string(),
    };
    Some(cut(&text, MAX_EXCERPT))
}

/// Returns the field and the message, if there is one issue.
fn only_issue(issues: &Issues) -> Option<(String, String)> {
    let mut issues = issues.iter();
    match (issues.next()?, issues.next()) {
        ((name, Issue::Value { message, .. }), None) => Some((name.clone(), message.clone())),
        _ => None,
    }
}

fn describe(issues: &Issues) -> String {
    let describe = |(name, issue): (&String, &Issue)| match issue {
        Issue::Value { message, .. } => format!("{name}: {message}"),
        Issue::Response { message, .. } => format!("{name}: {message}"),
        Issue::Nested(issues) => format!("{name}: {}", describe(issues)),
    };
    issues.iter().map(describe).collect::<Vec<_>>().join(" ")
}
