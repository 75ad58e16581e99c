//! The rows: one for each provider.

use super::{CLIENT_ID, Call, Email, NO_PATHS, OIDC, Paths, Provider, ROW};

/// In the order the API lists them.
pub const PROVIDERS: &[Provider] = &[
    Provider {
        name: "apple",
        display_name: "Apple",
        auth_url: "https://appleid.apple.com/auth/authorize",
        token_url: "https://appleid.apple.com/auth/token",
        scopes: "name email",
        call: Call::IdToken { keys_url: "https://appleid.apple.com/auth/keys", issuer: "https://appleid.apple.com" },
        paths: Paths { id: "sub", ..NO_PATHS },
        email: Email::If("email", &["email_verified"]),
        ..ROW
    },
    Provider {
        name: "google",
        display_name: "Google",
        auth_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        user_info_url: "https://www.googleapis.com/oauth2/v3/userinfo",
        scopes: "https://www.googleapis.com/auth/userinfo.profile https://www.googleapis.com/auth/userinfo.email",
        paths: Paths { id: "sub", avatar: "picture", ..NO_PATHS },
        email: Email::If("email", &["email_verified"]),
        ..ROW
    },
    Provider {
        name: "microsoft",
        display_name: "Microsoft",
        auth_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        user_info_url: "https://graph.microsoft.com/v1.0/me",
        scopes: "User.Read",
        paths: Paths { name: &["displayName"], ..NO_PATHS },
        email: Email::Odd,
        ..ROW
    },
    Provider {
        name: "yandex",
        display_name: "Yandex",
        auth_url: "https://oauth.yandex.com/authorize",
        token_url: "https://oauth.yandex.com/token",
        user_info_url: "https://login.yandex.ru/info",
        scopes: "login:email login:avatar login:info",
        paths: Paths { name: &["real_name"], username: "login", ..NO_PATHS },
        email: Email::Claimed("default_email"),
        ..ROW
    },
    Provider {
        name: "facebook",
        display_name: "Facebook",
        auth_url: "https://www.facebook.com/v3.2/dialog/oauth",
        token_url: "https://graph.facebook.com/v3.2/oauth/access_token",
        user_info_url: "https://graph.facebook.com/me?fields=name,email,picture.type(large)",
        scopes: "email",
        paths: Paths { avatar: "picture.data.url", ..NO_PATHS },
        email: Email::Claimed("email"),
        ..ROW
    },
    Provider {
        name: "instagram2",
        display_name: "Instagram",
        auth_url: "https://www.instagram.com/oauth/authorize",
        token_url: "https://api.instagram.com/oauth/access_token",
        user_info_url: "https://graph.instagram.com/me?fields=id,username,account_type,user_id,name,\
                        profile_picture_url,followers_count,follows_count,media_count",
        scopes: "instagram_business_basic",
        paths: Paths { id: "user_id", username: "username", avatar: "profile_picture_url", ..NO_PATHS },
        ..ROW
    },
    Provider {
        name: "github",
        display_name: "GitHub",
        auth_url: "https://github.com/login/oauth/authorize",
        token_url: "https://github.com/login/oauth/access_token",
        user_info_url: "https://api.github.com/user",
        scopes: "read:user user:email",
        paths: Paths { username: "login", avatar: "avatar_url", ..NO_PATHS },
        email: Email::Listed { list: "", primary: "primary", verified: "verified" },
        ..ROW
    },
    Provider {
        name: "gitlab",
        display_name: "GitLab",
        auth_url: "https://gitlab.com/oauth/authorize",
        token_url: "https://gitlab.com/oauth/token",
        user_info_url: "https://gitlab.com/api/v4/user",
        scopes: "read_user",
        paths: Paths { username: "username", avatar: "avatar_url", ..NO_PATHS },
        email: Email::If("email", &["confirmed_at"]),
        ..ROW
    },
    Provider {
        name: "bitbucket",
        display_name: "Bitbucket",
        auth_url: "https://bitbucket.org/site/oauth2/authorize",
        token_url: "https://bitbucket.org/site/oauth2/access_token",
        user_info_url: "https://api.bitbucket.org/2.0/user",
        scopes: "account",
        has_pkce: false,
        paths: Paths {
            id: "uuid",
            name: &["display_name"],
            username: "username",
            avatar: "links.avatar.href",
            ..NO_PATHS
        },
        email: Email::Listed { list: "values", primary: "is_primary", verified: "is_confirmed" },
        ..ROW
    },
    Provider {
        name: "gitee",
        display_name: "Gitee",
        auth_url: "https://gitee.com/oauth/authorize",
        token_url: "https://gitee.com/oauth/token",
        user_info_url: "https://gitee.com/api/v5/user",
        scopes: "user_info emails",
        paths: Paths { username: "login", avatar: "avatar_url", ..NO_PATHS },
        email: Email::Odd,
        ..ROW
    },
    Provider {
        name: "gitea",
        display_name: "Gitea/Forgejo",
        auth_url: "https://gitea.com/login/oauth/authorize",
        token_url: "https://gitea.com/login/oauth/access_token",
        user_info_url: "https://gitea.com/api/v1/user",
        scopes: "read:user user:email",
        paths: Paths { name: &["full_name"], username: "login", avatar: "avatar_url", ..NO_PATHS },
        email: Email::Listed { list: "", primary: "primary", verified: "verified" },
        ..ROW
    },
    Provider {
        name: "discord",
        display_name: "Discord",
        auth_url: "https://discord.com/api/oauth2/authorize",
        token_url: "https://discord.com/api/oauth2/token",
        user_info_url: "https://discord.com/api/users/@me",
        scopes: "identify email",
        paths: Paths { name: &["global_name"], username: "username", ..NO_PATHS },
        email: Email::If("email", &["verified"]),
        ..ROW
    },
    Provider {
        name: "twitter",
        display_name: "X/Twitter",
        auth_url: "https://x.com/i/oauth2/authorize",
        token_url: "https://api.x.com/2/oauth2/token",
        user_info_url: "https://api.x.com/2/users/me?user.fields=id,name,username,profile_image_url,confirmed_email",
        scopes: "users.read users.email tweet.read",
        paths: Paths {
            id: "data.id",
            name: &["data.name"],
            username: "data.username",
            avatar: "data.profile_image_url",
            ..NO_PATHS
        },
        email: Email::At("data.confirmed_email"),
        ..ROW
    },
    Provider {
        name: "kakao",
        display_name: "Kakao",
        auth_url: "https://kauth.kakao.com/oauth/authorize",
        token_url: "https://kauth.kakao.com/oauth/token",
        user_info_url: "https://kapi.kakao.com/v2/user/me",
        scopes: "account_email profile_nickname profile_image",
        paths: Paths { name: &[], username: "properties.nickname", avatar: "properties.profile_image", ..NO_PATHS },
        email: Email::If("kakao_account.email", &["kakao_account.is_email_valid", "kakao_account.is_email_verified"]),
        ..ROW
    },
    Provider {
        name: "vk",
        display_name: "ВКонтакте",
        auth_url: "https://oauth.vk.com/authorize",
        token_url: "https://oauth.vk.com/access_token",
        user_info_url: "https://api.vk.com/method/users.get?fields=photo_max,screen_name&v=5.131",
        scopes: "email",
        has_pkce: false,
        paths: Paths {
            id: "response.0.id",
            name: &["response.0.first_name", "response.0.last_name"],
            username: "response.0.screen_name",
            avatar: "response.0.photo_max",
            ..NO_PATHS
        },
        email: Email::ClaimedOfToken("email"),
        ..ROW
    },
    Provider {
        name: "linear",
        display_name: "Linear",
        auth_url: "https://linear.app/oauth/authorize",
        token_url: "https://api.linear.app/oauth/token",
        user_info_url: "https://api.linear.app/graphql",
        scopes: "read",
        has_pkce: false,
        call: Call::GraphQl("query Me { viewer { id displayName name email avatarUrl active } }"),
        paths: Paths {
            id: "data.viewer.id",
            name: &["data.viewer.name"],
            username: "data.viewer.displayName",
            avatar: "data.viewer.avatarUrl",
            active: "data.viewer.active",
        },
        email: Email::Claimed("data.viewer.email"),
        ..ROW
    },
    Provider {
        name: "notion",
        display_name: "Notion",
        auth_url: "https://api.notion.com/v1/oauth/authorize",
        token_url: "https://api.notion.com/v1/oauth/token",
        user_info_url: "https://api.notion.com/v1/users/me",
        headers: &[("Notion-Version", "2022-06-28")],
        paths: Paths {
            id: "bot.owner.user.id",
            name: &["bot.owner.user.name"],
            avatar: "bot.owner.user.avatar_url",
            ..NO_PATHS
        },
        email: Email::Claimed("bot.owner.user.person.email"),
        ..ROW
    },
    Provider {
        name: "monday",
        display_name: "monday.com",
        auth_url: "https://auth.monday.com/oauth2/authorize",
        token_url: "https://auth.monday.com/oauth2/token",
        user_info_url: "https://api.monday.com/v2",
        scopes: "me:read",
        call: Call::GraphQl("query { me { id enabled name email is_verified photo_small } }"),
        paths: Paths {
            id: "data.me.id",
            name: &["data.me.name"],
            avatar: "data.me.photo_small",
            active: "data.me.enabled",
            ..NO_PATHS
        },
        email: Email::If("data.me.email", &["data.me.is_verified"]),
        ..ROW
    },
    Provider {
        name: "lark",
        display_name: "Lark",
        auth_url: "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
        token_url: "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
        user_info_url: "https://open.feishu.cn/open-apis/authen/v1/user_info",
        paths: Paths { id: "data.union_id", name: &["data.name"], avatar: "data.avatar_url", ..NO_PATHS },
        ..ROW
    },
    Provider {
        name: "box",
        display_name: "Box",
        auth_url: "https://account.box.com/api/oauth2/authorize",
        token_url: "https://api.box.com/oauth2/token",
        user_info_url: "https://api.box.com/2.0/users/me",
        scopes: "root_readonly",
        paths: Paths { avatar: "avatar_url", ..NO_PATHS },
        email: Email::Claimed("login"),
        ..ROW
    },
    Provider {
        name: "spotify",
        display_name: "Spotify",
        auth_url: "https://accounts.spotify.com/authorize",
        token_url: "https://accounts.spotify.com/api/token",
        user_info_url: "https://api.spotify.com/v1/me",
        scopes: "user-read-private",
        paths: Paths { name: &["display_name"], avatar: "images.0.url", ..NO_PATHS },
        ..ROW
    },
    Provider {
        name: "trakt",
        display_name: "Trakt",
        auth_url: "https://trakt.tv/oauth/authorize",
        token_url: "https://api.trakt.tv/oauth/token",
        user_info_url: "https://api.trakt.tv/users/settings",
        headers: &[("trakt-api-key", CLIENT_ID), ("trakt-api-version", "2")],
        paths: Paths {
            id: "user.ids.uuid",
            name: &["user.name"],
            username: "user.username",
            avatar: "user.images.avatar.full",
            ..NO_PATHS
        },
        ..ROW
    },
    Provider {
        name: "twitch",
        display_name: "Twitch",
        auth_url: "https://id.twitch.tv/oauth2/authorize",
        token_url: "https://id.twitch.tv/oauth2/token",
        user_info_url: "https://api.twitch.tv/helix/users",
        scopes: "user:read:email",
        headers: &[("Client-Id", CLIENT_ID)],
        paths: Paths {
            id: "data.0.id",
            name: &["data.0.display_name"],
            username: "data.0.login",
            avatar: "data.0.profile_image_url",
            ..NO_PATHS
        },
        email: Email::At("data.0.email"),
        ..ROW
    },
    Provider {
        name: "patreon",
        display_name: "Patreon",
        auth_url: "https://www.patreon.com/oauth2/authorize",
        token_url: "https://www.patreon.com/api/oauth2/token",
        user_info_url: "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=full_name,email,vanity,\
                        image_url,is_email_verified",
        scopes: "identity identity[email]",
        paths: Paths {
            id: "data.id",
            name: &["data.attributes.full_name"],
            username: "data.attributes.vanity",
            avatar: "data.attributes.image_url",
            ..NO_PATHS
        },
        email: Email::If("data.attributes.email", &["data.attributes.is_email_verified"]),
        ..ROW
    },
    Provider {
        name: "strava",
        display_name: "Strava",
        auth_url: "https://www.strava.com/oauth/authorize",
        token_url: "https://www.strava.com/api/v3/oauth/token",
        user_info_url: "https://www.strava.com/api/v3/athlete",
        scopes: "profile:read_all",
        paths: Paths { name: &["firstname", "lastname"], username: "username", avatar: "profile", ..NO_PATHS },
        ..ROW
    },
    Provider {
        name: "wakatime",
        display_name: "WakaTime",
        auth_url: "https://wakatime.com/oauth/authorize",
        token_url: "https://wakatime.com/oauth/token",
        user_info_url: "https://wakatime.com/api/v1/users/current",
        scopes: "email",
        paths: Paths { id: "data.id", name: &["data.display_name"], username: "data.username", ..NO_PATHS },
        email: Email::If("data.email", &["data.is_email_confirmed"]),
        ..ROW
    },
    Provider {
        name: "livechat",
        display_name: "LiveChat",
        auth_url: "https://accounts.livechat.com/",
        token_url: "https://accounts.livechat.com/token",
        user_info_url: "https://accounts.livechat.com/v2/accounts/me",
        paths: Paths { id: "account_id", avatar: "avatar_url", ..NO_PATHS },
        email: Email::If("email", &["email_verified"]),
        ..ROW
    },
    Provider {
        name: "mailcow",
        display_name: "mailcow",
        scopes: "profile",
        paths: Paths { name: &["full_name"], active: "active", ..NO_PATHS },
        email: Email::At("email"),
        ..ROW
    },
    Provider {
        name: "planningcenter",
        display_name: "Planning Center",
        auth_url: "https://api.planningcenteronline.com/oauth/authorize",
        token_url: "https://api.planningcenteronline.com/oauth/token",
        user_info_url: "https://api.planningcenteronline.com/people/v2/me",
        scopes: "people",
        paths: Paths { id: "data.id", name: &["data.attributes.name"], avatar: "data.attributes.avatar", ..NO_PATHS },
        ..ROW
    },
    Provider { name: "oidc", ..OIDC },
    Provider { name: "oidc2", ..OIDC },
    Provider { name: "oidc3", ..OIDC },
];
