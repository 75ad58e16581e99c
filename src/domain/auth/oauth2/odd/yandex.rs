//! Yandex returns the avatar's id, not its address; users without an avatar get a default id.

use super::super::identity::{Answers, Profile, is_yes, text};

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    let id = text(answers.user, "default_avatar_id");
    if !id.is_empty() && !is_yes(answers.user.get("is_avatar_empty")) {
        profile.avatar_url = format!("https://avatars.yandex.net/get-yapic/{id}/islands-200");
    }
}
