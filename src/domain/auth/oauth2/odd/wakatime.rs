//! Photos of `WakaTime` may be private.

use super::super::identity::{Answers, Profile, at, is_yes, text};

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    if is_yes(at(answers.user, "data.photo_public")) {
        profile.avatar_url = text(answers.user, "data.photo");
    }
}
