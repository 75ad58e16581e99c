//! The `OAuth2` providers we support. Each is a row of [`PROVIDERS`], in `table`.
//!
//! A row says how to reach a provider and where its answer holds the user's data. The few that need code have a small
//! file in `domain/auth/oauth2/odd`.

mod table;

pub use table::PROVIDERS;

use super::OauthProvider;
use std::borrow::Cow;

/// The fixed data of a provider, without what an owner configures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the API and in `_externalAuths`.
    pub name: &'static str,
    pub display_name: &'static str,
    /// Where the browser is sent. Empty if the owner must configure it.
    pub auth_url: &'static str,
    /// Where a code is exchanged for an access token.
    pub token_url: &'static str,
    /// Where the user's data is read. Empty if the owner configures it, or if the id token holds it.
    pub user_info_url: &'static str,
    /// Separated by spaces.
    pub scopes: &'static str,
    pub has_pkce: bool,
    pub call: Call,
    /// Additional headers of the user info request, as name and value. The value [`CLIENT_ID`] stands for the
    /// configured client id.
    pub headers: &'static [(&'static str, &'static str)],
    pub paths: Paths,
    pub email: Email,
}

/// How the user info is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Get,
    /// A POST of this GraphQL query.
    GraphQl(&'static str),
    /// No request: the user info is in the id token received with the access token. It is signed with one of the keys
    /// published here.
    IdToken {
        keys_url: &'static str,
        issuer: &'static str,
    },
    /// [`Call::Get`], or the id token if no user info URL is configured.
    GetOrIdToken,
}

/// Where the answer holds the user's data: dotted paths, with positions in arrays. Empty if the provider does not
/// supply a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    pub id: &'static str,
    /// The values at these paths, joined by spaces.
    pub name: &'static [&'static str],
    pub username: &'static str,
    pub avatar: &'static str,
    /// Where the answer says that the account is active. If it says no, the sign-in is refused.
    pub active: &'static str,
}

/// Where the answer holds the e-mail address, and whether the provider verified it. `docs/oauth2-providers.md` gives
/// the reason for each provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Email {
    Never,
    /// Verified: the provider documents that it verified this address.
    At(&'static str),
    /// Not verified: nothing says that the provider verified it.
    Claimed(&'static str),
    /// Verified only if the values at all these paths are true.
    If(&'static str, &'static [&'static str]),
    /// Not verified. The address is under this key of the answer that carries the access token.
    ClaimedOfToken(&'static str),
    /// Read with a second request, to the user info URL with `/emails` appended: the entry that is primary and
    /// verified.
    Listed {
        list: &'static str,
        primary: &'static str,
        verified: &'static str,
    },
    /// Not verified, with exceptions: see the provider's own file.
    Odd,
}

/// A header value that is replaced by the configured client id.
pub const CLIENT_ID: &str = "{clientId}";

const NO_PATHS: Paths = Paths { id: "id", name: &["name"], username: "", avatar: "", active: "" };

const ROW: Provider = Provider {
    name: "",
    display_name: "",
    auth_url: "",
    token_url: "",
    user_info_url: "",
    scopes: "",
    has_pkce: true,
    call: Call::Get,
    headers: &[],
    paths: NO_PATHS,
    email: Email::Never,
};

const OIDC: Provider = Provider {
    display_name: "OIDC",
    scopes: "openid email profile",
    call: Call::GetOrIdToken,
    paths: Paths { id: "sub", username: "preferred_username", avatar: "picture", ..NO_PATHS },
    email: Email::If("email", &["email_verified"]),
    ..ROW
};

/// Finds a provider by its name in the API.
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}

impl Provider {
    #[must_use]
    pub fn auth_url<'a>(&self, configured: &'a OauthProvider) -> &'a str {
        or_ours(&configured.auth_url, self.auth_url)
    }

    #[must_use]
    pub fn token_url<'a>(&self, configured: &'a OauthProvider) -> &'a str {
        or_ours(&configured.token_url, self.token_url)
    }

    /// Empty if neither the owner nor the table gives one.
    #[must_use]
    pub fn user_info_url<'a>(&self, configured: &'a OauthProvider) -> Cow<'a, str> {
        let url = or_ours(&configured.user_info_url, self.user_info_url);
        // The paths of a mailcow server are always the same; only its host differs.
        match configured.auth_url.strip_suffix("/oauth/authorize") {
            Some(host) if url.is_empty() && self.name == "mailcow" => Cow::Owned(format!("{host}/oauth/profile")),
            _ => Cow::Borrowed(url),
        }
    }

    /// The scopes to request.
    #[must_use]
    pub fn scopes(&self, configured: &OauthProvider) -> Cow<'static, str> {
        let wants_id_token = self.name == "microsoft" && !configured.extra_text("idTokenEmailClaim").is_empty();
        if wants_id_token { Cow::Owned(format!("{} openid", self.scopes)) } else { Cow::Borrowed(self.scopes) }
    }

    /// Whether users can set the address that the provider reports to one that is not theirs.
    #[must_use]
    pub fn reports_unverified_addresses(&self) -> bool {
        matches!(self.email, Email::Claimed(_) | Email::ClaimedOfToken(_) | Email::Odd)
    }

    #[must_use]
    pub fn has_pkce(&self, configured: &OauthProvider) -> bool {
        configured.pkce.unwrap_or(self.has_pkce)
    }
}

fn or_ours<'a>(configured: &'a str, ours: &'static str) -> &'a str {
    if configured.is_empty() { ours } else { configured }
}

/// A neutral icon of our own, as SVG: the first letter in a circle.
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
