//! The owner's settings as plain data. `domain::settings` has the operations.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings document. `Default` is all zero values, which is what a JSON `null` sets. A new server starts with
/// [`Settings::initial`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Addresses and subnets from which superusers may connect. Empty for any.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Vec<String>,
    pub smtp: Smtp,
    pub backups: Backups,
    pub s3: S3,
    pub meta: Meta,
    pub rate_limits: RateLimits,
    pub trusted_proxy: TrustedProxy,
    pub batch: Batch,
    pub logs: LogSettings,
    /// Not part of PocketBase. Omitted while it has its initial value, so that PocketBase's clients see only settings
    /// they know.
    #[serde(skip_serializing_if = "OpenapiSettings::is_initial")]
    pub openapi: OpenapiSettings,
    /// Not part of PocketBase either; omitted likewise.
    #[serde(skip_serializing_if = "MailLinks::is_initial")]
    pub mail_links: MailLinks,
}

/// The initial `meta.appURL`, which shows that no owner has set it.
pub const INITIAL_APP_URL: &str = "http://localhost:8090";

/// The base of links in mails to pages of this server, which templates write as `{APP_URL}/_/…`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailLinks {
    /// The address of this server if `meta.appURL` is the address of another application. Empty to use `meta.appURL`.
    #[serde(rename = "baseURL")]
    pub base_url: String,
}

impl MailLinks {
    fn is_initial(&self) -> bool {
        *self == Self::default()
    }
}

/// The mail server. When disabled, mail goes to the local `sendmail`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Smtp {
    pub enabled: bool,
    pub port: i64,
    pub host: String,
    pub username: String,
    pub password: Secret,
    /// `PLAIN`, `LOGIN`, or empty for the mail server's preference.
    pub auth_method: String,
    pub tls: bool,
    /// The name sent in the SMTP greeting. Empty for `localhost`.
    pub local_name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backups {
    /// Cron expression for automatic backups. Empty for none.
    pub cron: String,
    pub cron_max_keep: i64,
    pub s3: S3,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct S3 {
    pub enabled: bool,
    pub bucket: String,
    pub region: String,
    pub endpoint: String,
    pub access_key: String,
    pub secret: Secret,
    pub force_path_style: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    pub accent_color: String,
    pub app_name: String,
    /// The public address of this server, for links in mails.
    #[serde(rename = "appURL")]
    pub app_url: String,
    pub sender_name: String,
    pub sender_address: String,
    /// Asks the dashboard to hide controls that change the schema.
    pub hide_controls: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimits {
    pub rules: Vec<RateLimitRule>,
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Vec<String>,
    pub enabled: bool,
}

/// A rate limit: at most `max_requests` within `duration` seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitRule {
    /// `collection:tag`, `*:tag`, `/path`, `/prefix/` or `METHOD /path`.
    pub label: String,
    /// Empty for everyone, `@guest` or `@auth`.
    pub audience: String,
    pub duration: i64,
    pub max_requests: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedProxy {
    /// Headers trusted to contain the client's address, in order of preference.
    pub headers: Vec<String>,
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    pub enabled: bool,
    pub max_requests: i64,
    /// Time limit of one batch, in seconds.
    pub timeout: i64,
    /// In bytes; 0 means the default of 128 MiB.
    pub max_body_size: i64,
}

/// What the request log keeps, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogSettings {
    /// Limit of one entry's data, in bytes of JSON; 0 means the default of 16 KiB.
    pub max_data_size: i64,
    /// Retention in days. 0 disables the log.
    pub max_days: i64,
    /// -4 debug, 0 info, 4 warning, 8 error.
    pub min_level: i64,
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    pub log_auth_id: bool,
}

/// Who may read the OpenAPI description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenapiSettings {
    /// Whether anyone may read the description of public operations. Otherwise only superusers may read it.
    pub public: bool,
}

impl OpenapiSettings {
    fn is_initial(&self) -> bool {
        *self == Self::default()
    }
}

/// A text that is stored but never shown again.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(String);

impl Secret {
    /// The secret in plain text, for authentication with the server it belongs to.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(empty)" } else { "Secret(…)" })
    }
}

impl Settings {
    /// The settings of a new server.
    #[must_use]
    pub fn initial() -> Self {
        let rule = |label: &str, duration, max_requests| RateLimitRule {
            label: label.to_owned(),
            audience: String::new(),
            duration,
            max_requests,
        };
        Self {
            smtp: Smtp { port: 587, host: "smtp.example.com".to_owned(), ..Smtp::default() },
            backups: Backups { cron_max_keep: 3, ..Backups::default() },
            meta: Meta {
                accent_color: "#2f6b4f".to_owned(),
                app_name: "Steading".to_owned(),
                app_url: INITIAL_APP_URL.to_owned(),
                sender_name: "Support".to_owned(),
                sender_address: "support@example.com".to_owned(),
                hide_controls: false,
            },
            rate_limits: RateLimits {
                rules: vec![
                    rule("*:auth", 3, 2),
                    rule("*:create", 5, 20),
                    rule("/api/batch", 1, 3),
                    rule("/api/", 10, 300),
                ],
                ..RateLimits::default()
            },
            batch: Batch { max_requests: 50, timeout: 3, ..Batch::default() },
            logs: LogSettings { max_days: 5, log_ip: true, ..LogSettings::default() },
            ..Self::default()
        }
    }

    /// The API's form, without secrets.
    #[must_use]
    pub fn view(&self) -> Value {
        let mut view = self.to_json();
        for (pointer, key) in [("/smtp", "password"), ("/s3", "secret"), ("/backups/s3", "secret")] {
            if let Some(Value::Object(map)) = view.pointer_mut(pointer) {
                map.remove(key);
            }
        }
        view
    }

    /// The stored form, including secrets.
    pub(in crate::domain) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("settings are plain texts, numbers and lists")
    }
}
