//! The `OAuth2` providers we know: a new one is a row.

/// What is known of a provider beside what an owner configures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name in the API and in `_externalAuths`.
    pub name: &'static str,
    pub display_name: &'static str,
    /// Where the browser is sent; empty where the owner must say.
    pub auth_url: &'static str,
    /// Separated by spaces.
    pub scopes: &'static str,
    pub has_pkce: bool,
}

/// In the order the API lists them.
pub const PROVIDERS: &[Provider] = &[
    with_pkce("apple", "Apple", "https://appleid.apple.com/auth/authorize", "name email"),
    with_pkce(
        "google",
        "Google",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://www.googleapis.com/auth/userinfo.profile https://www.googleapis.com/auth/userinfo.email",
    ),
    with_pkce("microsoft", "Microsoft", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "User.Read"),
    with_pkce("yandex", "Yandex", "https://oauth.yandex.com/authorize", "login:email login:avatar login:info"),
    with_pkce("facebook", "Facebook", "https://www.facebook.com/v3.2/dialog/oauth", "email"),
    with_pkce("instagram2", "Instagram", "https://www.instagram.com/oauth/authorize", "instagram_business_basic"),
    with_pkce("github", "GitHub", "https://github.com/login/oauth/authorize", "read:user user:email"),
    with_pkce("gitlab", "GitLab", "https://gitlab.com/oauth/authorize", "read_user"),
    plain("bitbucket", "Bitbucket", "https://bitbucket.org/site/oauth2/authorize", "account"),
    with_pkce("gitee", "Gitee", "https://gitee.com/oauth/authorize", "user_info emails"),
    with_pkce("gitea", "Gitea/Forgejo", "https://gitea.com/login/oauth/authorize", "read:user user:email"),
    with_pkce("discord", "Discord", "https://discord.com/api/oauth2/authorize", "identify email"),
    with_pkce("twitter", "X/Twitter", "https://x.com/i/oauth2/authorize", "users.read users.email tweet.read"),
    with_pkce(
        "kakao",
        "Kakao",
        "https://kauth.kakao.com/oauth/authorize",
        "account_email profile_nickname profile_image",
    ),
    plain("vk", "ВКонтакте", "https://oauth.vk.com/authorize", "email"),
    plain("linear", "Linear", "https://linear.app/oauth/authorize", "read"),
    with_pkce("notion", "Notion", "https://api.notion.com/v1/oauth/authorize", ""),
    with_pkce("monday", "monday.com", "https://auth.monday.com/oauth2/authorize", "me:read"),
    with_pkce("lark", "Lark", "https://accounts.feishu.cn/open-apis/authen/v1/authorize", ""),
    with_pkce("box", "Box", "https://account.box.com/api/oauth2/authorize", "root_readonly"),
    with_pkce("spotify", "Spotify", "https://accounts.spotify.com/authorize", "user-read-private"),
    with_pkce("trakt", "Trakt", "https://trakt.tv/oauth/authorize", ""),
    with_pkce("twitch", "Twitch", "https://id.twitch.tv/oauth2/authorize", "user:read:email"),
    with_pkce("patreon", "Patreon", "https://www.patreon.com/oauth2/authorize", "identity identity[email]"),
    with_pkce("strava", "Strava", "https://www.strava.com/oauth/authorize", "profile:read_all"),
    with_pkce("wakatime", "WakaTime", "https://wakatime.com/oauth/authorize", "email"),
    with_pkce("livechat", "LiveChat", "https://accounts.livechat.com/", ""),
    with_pkce("mailcow", "mailcow", "", "profile"),
    with_pkce("planningcenter", "Planning Center", "https://api.planningcenteronline.com/oauth/authorize", "people"),
    with_pkce("oidc", "OIDC", "", "openid email profile"),
    with_pkce("oidc2", "OIDC", "", "openid email profile"),
    with_pkce("oidc3", "OIDC", "", "openid email profile"),
];

/// By its name in the API.
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}

const fn with_pkce(
    name: &'static str,
    display_name: &'static str,
    auth_url: &'static str,
    scopes: &'static str,
) -> Provider {
    Provider { name, display_name, auth_url, scopes, has_pkce: true }
}

const fn plain(
    name: &'static str,
    display_name: &'static str,
    auth_url: &'static str,
    scopes: &'static str,
) -> Provider {
    Provider { name, display_name, auth_url, scopes, has_pkce: false }
}

/// A neutral mark of our own making: the first letter in a circle, as SVG.
#[must_use]
pub fn logo(provider: &Provider) -> String {
    let letter = provider.display_name.chars().next().unwrap_or('?');
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" width=\"24\" height=\"24\">\
         <circle cx=\"12\" cy=\"12\" r=\"11\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>\
         <text x=\"12\" y=\"16\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"12\" \
         fill=\"currentColor\">{letter}</text></svg>"
    )
}
