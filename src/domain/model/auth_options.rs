//! Options that only auth collections have. The serialised form is what is stored and, without secrets, what the API
//! shows. [`AuthOptions::default`] is the initial value for a new collection; its secrets stay empty until it is saved.

use crate::base::ids;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Length of a generated token secret.
const SECRET_LENGTH: usize = 50;

/// Options of an auth collection. A rule is `None` to refuse everyone, and empty to allow everyone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthOptions {
    pub auth_rule: Option<String>,
    pub manage_rule: Option<String>,
    pub auth_alert: AuthAlert,
    pub password_auth: PasswordAuth,
    pub oauth2: Oauth2,
    pub otp: Otp,
    pub mfa: Mfa,
    pub auth_token: TokenOptions,
    pub password_reset_token: TokenOptions,
    pub email_change_token: TokenOptions,
    pub verification_token: TokenOptions,
    pub file_token: TokenOptions,
    pub verification_template: EmailTemplate,
    pub reset_password_template: EmailTemplate,
    pub confirm_email_change_template: EmailTemplate,
}

impl AuthOptions {
    /// The five kinds of tokens, with their names in the API.
    #[must_use]
    pub fn tokens(&self) -> [(&'static str, &TokenOptions); 5] {
        [
            ("authToken", &self.auth_token),
            ("passwordResetToken", &self.password_reset_token),
            ("emailChangeToken", &self.email_change_token),
            ("verificationToken", &self.verification_token),
            ("fileToken", &self.file_token),
        ]
    }

    /// Generates a secret for every token that has none.
    pub fn fill_secrets(&mut self) {
        let tokens = [
            &mut self.auth_token,
            &mut self.password_reset_token,
            &mut self.email_change_token,
            &mut self.verification_token,
            &mut self.file_token,
        ];
        for token in tokens {
            if token.secret.is_empty() {
                token.renew_secret();
            }
        }
    }
}

impl TokenOptions {
    fn lasting(duration: i64) -> Self {
        Self { duration, secret: String::new() }
    }

    /// Invalidates every token signed so far.
    pub fn renew_secret(&mut self) {
        self.secret = ids::random(SECRET_LENGTH, ids::ALPHANUMERIC);
    }
}

/// A kind of token. Its secret never leaves the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenOptions {
    /// Lifetime in seconds.
    pub duration: i64,
    pub secret: String,
}

/// A template of a mail. Placeholders: `{APP_NAME}`, `{APP_URL}` and `{RECORD:field}` everywhere; `{TOKEN}`, `{OTP}`,
/// `{OTP_ID}` and `{ALERT_INFO}` in the mails that carry them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailTemplate {
    pub subject: String,
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthAlert {
    pub enabled: bool,
    pub email_template: EmailTemplate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordAuth {
    pub enabled: bool,
    pub identity_fields: Vec<String>,
}

/// One-time passwords by e-mail: lifetime in seconds, length in digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Otp {
    pub enabled: bool,
    pub duration: i64,
    pub length: i64,
    pub email_template: EmailTemplate,
}

/// Multi-factor authentication: how long the first factor is valid, in seconds, and for whom a second one is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mfa {
    pub enabled: bool,
    pub duration: i64,
    pub rule: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Oauth2 {
    pub enabled: bool,
    pub providers: Vec<OauthProvider>,
    pub mapped_fields: MappedFields,
}

/// The fields of the collection to which a provider's user info is written; empty for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MappedFields {
    pub id: String,
    pub name: String,
    pub username: String,
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OauthProvider {
    pub name: String,
    /// `None` uses the provider's default.
    pub pkce: Option<bool>,
    pub client_id: String,
    pub client_secret: String,
    #[serde(rename = "authURL")]
    pub auth_url: String,
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    pub display_name: String,
    pub extra: Map<String, Value>,
}

impl OauthProvider {
    /// A text in `extra`. Empty if it is absent.
    #[must_use]
    pub fn extra_text(&self, key: &str) -> &str {
        self.extra.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            auth_rule: Some(String::new()),
            manage_rule: None,
            auth_alert: AuthAlert::default(),
            password_auth: PasswordAuth::default(),
            oauth2: Oauth2::default(),
            otp: Otp::default(),
            mfa: Mfa::default(),
            auth_token: TokenOptions::lasting(5 * 24 * 60 * 60),
            password_reset_token: TokenOptions::lasting(30 * 60),
            email_change_token: TokenOptions::lasting(30 * 60),
            verification_token: TokenOptions::lasting(24 * 60 * 60),
            file_token: TokenOptions::lasting(3 * 60),
            verification_template: EmailTemplate::new(
                "Confirm your e-mail address for {APP_NAME}",
                "<p>Hello,</p>\n<p>Please confirm that this address is yours:</p>\n<p><a class=\"btn\" \
                 href=\"{APP_URL}/_/#/auth/confirm-verification/{TOKEN}\" target=\"_blank\" rel=\"noopener\">Confirm \
                 my address</a></p>\n<p>If you have no account at {APP_NAME}, there is nothing to do: without this \
                 step nothing happens.</p>",
            ),
            reset_password_template: EmailTemplate::new(
                "Choose a new password for {APP_NAME}",
                "<p>Hello,</p>\n<p>Someone, most likely you, asked for a new password. Choose it here:</p>\n<p><a \
                 class=\"btn\" href=\"{APP_URL}/_/#/auth/confirm-password-reset/{TOKEN}\" target=\"_blank\" \
                 rel=\"noopener\">Choose a new password</a></p>\n<p>If it was not you, ignore this mail: your password \
                 stays as it is.</p>",
            ),
            confirm_email_change_template: EmailTemplate::new(
                "Confirm your new e-mail address for {APP_NAME}",
                "<p>Hello,</p>\n<p>Please confirm that this is the new address of your account:</p>\n<p><a \
                 class=\"btn\" href=\"{APP_URL}/_/#/auth/confirm-email-change/{TOKEN}\" target=\"_blank\" \
                 rel=\"noopener\">Confirm my new address</a></p>\n<p>If you did not ask for this change, ignore this \
                 mail: your address stays as it is.</p>",
            ),
        }
    }
}

impl Default for AuthAlert {
    fn default() -> Self {
        Self {
            enabled: true,
            email_template: EmailTemplate::new(
                "A sign-in from a new place",
                "<p>Hello,</p>\n<p>Your account at {APP_NAME} was signed in to from a place we have not seen \
                 before:</p>\n<p><em>{ALERT_INFO}</em></p>\n<p><strong>If it was not you, change your password now: it \
                 signs out everyone else.</strong></p>\n<p>If it was you, there is nothing to do.</p>",
            ),
        }
    }
}

impl Default for PasswordAuth {
    fn default() -> Self {
        Self { enabled: true, identity_fields: vec!["email".to_owned()] }
    }
}

impl Default for Otp {
    fn default() -> Self {
        Self {
            enabled: false,
            duration: 3 * 60,
            length: 8,
            email_template: EmailTemplate::new(
                "Your code for {APP_NAME}",
                "<p>Hello,</p>\n<p>Your code to sign in is <strong>{OTP}</strong></p>\n<p>If you did not ask for it, \
                 ignore this mail.</p>",
            ),
        }
    }
}

impl Default for Mfa {
    fn default() -> Self {
        Self { enabled: false, duration: 10 * 60, rule: String::new() }
    }
}

impl EmailTemplate {
    fn new(subject: &str, body: &str) -> Self {
        Self { subject: subject.to_owned(), body: body.to_owned() }
    }
}
