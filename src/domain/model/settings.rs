//! The owner's settings as plain data; `domain::settings` has their verbs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One document. Its `Default` is all zero values, which is what a JSON `null` sets; a new server starts with
/// [`Settings::initial`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Addresses and subnets superusers may come from; empty for anywhere.
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
    /// Ours alone: left out while it is as at first, so that other programs' clients see the settings they know.
    #[serde(skip_serializing_if = "OpenapiSettings::is_initial")]
    pub openapi: OpenapiSettings,
    /// Ours alone, likewise.
    #[serde(skip_serializing_if = "MailLinks::is_initial")]
    pub mail_links: MailLinks,
}

/// `meta.appURL` of a new server: no owner has set it yet.
pub const INITIAL_APP_URL: &str = "http://localhost:8090";

/// Where the links of mails to pages of this server lead: `{APP_URL}/_/…` in templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailLinks {
    /// The address of this server, where `meta.appURL` is that of an application elsewhere; empty for `meta.appURL`.
    #[serde(rename = "baseURL")]
    pub base_url: String,
}

impl MailLinks {
    fn is_initial(&self) -> bool {
        *self == Self::default()
    }
}

/// Where mail is handed over; when disabled, to the local `sendmail`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Smtp {
    pub enabled: bool,
    pub port: i64,
    pub host: String,
    pub username: String,
    pub password: Secret,
    /// `PLAIN`, `LOGIN`, or empty for what the mail server prefers.
    pub auth_method: String,
    pub tls: bool,
    /// The name we greet with; empty for `localhost`.
    pub local_name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backups {
    /// When to make one by itself; empty for never.
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
    /// The address people reach this server at, for links in mails.
    #[serde(rename = "appURL")]
    pub app_url: String,
    pub sender_name: String,
    pub sender_address: String,
    /// Asks the dashboard to hide what changes the schema.
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

/// At most `max_requests` within `duration` seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitRule {
    /// `collection:tag`, `*:tag`, `/path`, `/prefix/` or `METHOD /path`.
    pub label: String,
    /// Empty for everybody, `@guest` or `@auth`.
    pub audience: String,
    pub duration: i64,
    pub max_requests: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedProxy {
    /// Headers believed to tell the client's address, most trusted first.
    pub headers: Vec<String>,
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    pub enabled: bool,
    pub max_requests: i64,
    /// Seconds one batch may take.
    pub timeout: i64,
    /// In bytes; 0 for the usual 128 MiB.
    pub max_body_size: i64,
}

/// What the request log keeps, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogSettings {
    /// In bytes of JSON for one entry's data; 0 for the usual 16 KiB.
    pub max_data_size: i64,
    /// 0 keeps nothing.
    pub max_days: i64,
    /// -4 debug, 0 info, 4 warning, 8 error.
    pub min_level: i64,
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    pub log_auth_id: bool,
}

/// Who may read the description of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenapiSettings {
    /// Everybody reads of what is open to everybody; otherwise superusers alone read it.
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
    /// The secret itself, for the one who signs in with it.
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
    /// What a new server starts with.
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

    /// The wire form, without secrets.
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

    /// Everything, secrets included, as it is stored.
    pub(in crate::domain) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("settings are plain texts, numbers and lists")
    }
}
