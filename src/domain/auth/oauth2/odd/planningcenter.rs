//! Planning Center keeps the accounts of people who have left.

use super::super::identity::{Answers, text};

pub fn check(answers: Answers<'_>) -> Result<(), String> {
    let status = text(answers.user, "data.attributes.status");
    if status.is_empty() || status == "active" { Ok(()) } else { Err(format!("the account is {status}")) }
}
