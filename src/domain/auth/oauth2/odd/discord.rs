//! Discord returns the avatar's hash, not its address.

use super::super::identity::{Answers, Profile, text};

pub fn adjust(answers: Answers<'_>, profile: &mut Profile) {
    let hash = text(answers.user, "avatar");
    if !hash.is_empty() {
        profile.avatar_url = format!("https://cdn.discordapp.com/avatars/{}/{hash}.png", profile.id);
    }
}
