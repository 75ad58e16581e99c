//! The user names of a mailcow are e-mail addresses.

use super::super::identity::{Answers, Profile, text};

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    let username = text(answers.user, "username");
    username.split('@').next().unwrap_or_default().clone_into(&mut profile.username);
}
