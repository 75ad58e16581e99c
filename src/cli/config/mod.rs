//! The settings of the process: what must be known before the database is opened.
//!
//! Each key has a default here and a line in `config.toml.example`. `sources.rs` overlays the defaults with the file,
//! the environment and the flags. What an owner may change while the server runs is not here but in `domain::settings`.

mod sources;

pub(super) use sources::{Sources, variable_names};

use super::logging;
use crate::app::limits::LockoutOptions;
use crate::app::mail::MailOptions;
use crate::app::outbound::Guard;
use crate::app::realtime;
use crate::app::scripts::ScriptOptions;
use crate::app::webhooks::WebhookOptions;
use crate::base::seal::SealKey;
use crate::domain::webhooks::deliveries::Retention;
use crate::{http, scripts};
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The shortest time limit of a write.
const MIN_WRITE_TIME: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    pub listen: String,
    pub public_url: String,
    pub origins: Vec<String>,
    pub index_fallback: bool,
    pub encryption_key_env: String,
    pub folders: Folders,
    pub limits: Limits,
    pub lockout: Lockout,
    pub realtime: Realtime,
    pub scripts: Scripts,
    pub webhooks: Webhooks,
    pub log: Log,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Folders {
    pub data: PathBuf,
    pub public: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    pub query_seconds: u64,
    pub request_seconds: u64,
    pub header_seconds: u64,
    pub body_seconds: u64,
    pub stall_seconds: u64,
    pub stop_seconds: u64,
    pub readers: u32,
    pub request_log_mib: u64,
    pub slow_reads: u32,
    pub import_mib: u64,
    pub cache_mib: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Lockout {
    pub enabled: bool,
    pub window_seconds: u64,
    pub per_identity_and_address: u32,
    pub per_identity: u32,
    pub per_address: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Realtime {
    pub clients: usize,
    pub clients_per_address: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Scripts {
    pub folder: PathBuf,
    pub watch: bool,
    pub editable: bool,
    pub before_milliseconds: u64,
    pub read_milliseconds: u64,
    pub after_seconds: u64,
    pub after_threads: usize,
    pub route_seconds: u64,
    pub route_threads: usize,
    pub job_seconds: u64,
    pub http_allow: Vec<String>,
    pub env: Vec<String>,
    pub sql_writes: bool,
    pub max_operations: u64,
    pub max_text_bytes: usize,
    pub max_elements: usize,
    pub max_depth: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Webhooks {
    pub allow: Vec<String>,
    pub keep_succeeded_days: u32,
    pub keep_failed_days: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Log {
    pub level: String,
    pub format: LogFormat,
    pub mails: bool,
    pub reasons: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8090".to_owned(),
            public_url: String::new(),
            origins: vec!["*".to_owned()],
            index_fallback: true,
            encryption_key_env: String::new(),
            folders: Folders::default(),
            limits: Limits::default(),
            lockout: Lockout::default(),
            realtime: Realtime::default(),
            scripts: Scripts::default(),
            webhooks: Webhooks::default(),
            log: Log::default(),
        }
    }
}

impl Default for Folders {
    fn default() -> Self {
        Self { data: "steading_data".into(), public: "public".into() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_seconds: 30,
            request_seconds: 300,
            header_seconds: 60,
            body_seconds: 300,
            stall_seconds: 300,
            stop_seconds: 10,
            readers: 0,
            request_log_mib: crate::app::logs::DEFAULT_MAX_MIB,
            slow_reads: 0,
            import_mib: 256,
            cache_mib: 64,
        }
    }
}

impl Default for Lockout {
    fn default() -> Self {
        let options = LockoutOptions::default();
        Self {
            enabled: options.is_enabled,
            window_seconds: options.window.as_secs(),
            per_identity_and_address: options.per_identity_and_address,
            per_identity: options.per_identity,
            per_address: options.per_address,
        }
    }
}

impl Default for Realtime {
    fn default() -> Self {
        let limits = realtime::Limits::default();
        Self { clients: limits.clients, clients_per_address: limits.clients_per_address }
    }
}

impl Default for Scripts {
    fn default() -> Self {
        let limits = scripts::Limits::default();
        Self {
            folder: "scripts".into(),
            watch: true,
            editable: false,
            before_milliseconds: limits.before.as_millis() as u64,
            read_milliseconds: limits.read.as_millis() as u64,
            after_seconds: limits.after.as_secs(),
            after_threads: 2,
            route_seconds: limits.route.as_secs(),
            route_threads: 0,
            job_seconds: limits.job.as_secs(),
            http_allow: Vec::new(),
            env: Vec::new(),
            sql_writes: limits.sql_writes,
            max_operations: limits.max_operations,
            max_text_bytes: limits.max_text_bytes,
            max_elements: limits.max_elements,
            max_depth: limits.max_depth,
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        let WebhookOptions { allow, retention } = WebhookOptions::default();
        Self {
            allow,
            keep_succeeded_days: retention.succeeded_days as u32,
            keep_failed_days: retention.failed_days as u32,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text, mails: false, reasons: false }
    }
}

impl Config {
    /// What keeps a server from starting with these values, each in one line. Their types have been checked by [`Sources`].
    pub fn problems(&self) -> Vec<String> {
        let line = |error: anyhow::Error| format!("{error:#}");
        let outcomes = [
            self.address().map(drop),
            self.served_at().map(drop),
            self.seal_key().map(drop),
            logging::filter(&self.log).map(drop),
            Guard::of_setting("webhooks.allow", &self.webhooks.allow).map(drop).map_err(anyhow::Error::msg),
            Guard::of_setting("scripts.http_allow", &self.scripts.http_allow).map(drop).map_err(anyhow::Error::msg),
        ];
        outcomes.into_iter().filter_map(|outcome| outcome.err().map(line)).collect()
    }

    /// Returns the address to bind. `:8090` means every address of this machine; a host name is resolved.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        let text = if self.listen.starts_with(':') { format!("0.0.0.0{}", self.listen) } else { self.listen.clone() };
        let hint = "expected an address and a port, such as 127.0.0.1:8090";
        let found = text.to_socket_addrs().with_context(|| format!("cannot listen on \"{}\": {hint}", self.listen))?;
        let mut addresses: Vec<SocketAddr> = found.collect();
        // A name such as localhost often resolves to both; other programs on this machine expect IPv4.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        addresses.first().copied().with_context(|| format!("\"{}\" has no address", self.listen))
    }

    /// Returns `public_url` without a slash at its end; empty if it is not set.
    pub fn served_at(&self) -> anyhow::Result<String> {
        if self.public_url.is_empty() {
            return Ok(String::new());
        }
        let is_address = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        };
        match Url::parse(&self.public_url) {
            Ok(url) if is_address(&url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
            _ => bail!(
                "public_url must be the address that people reach this server at, such as https://api.example.com, \
                 and is \"{}\"",
                self.public_url
            ),
        }
    }

    /// Returns the key from the environment variable that is configured for it, if one is configured.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn seal_key(&self) -> anyhow::Result<Option<SealKey>> {
        let name = &self.encryption_key_env;
        if name.is_empty() {
            return Ok(None);
        }
        let text = std::env::var(name).with_context(|| format!("the encryption key variable {name} is not set"))?;
        match SealKey::parse(&text) {
            Some(key) => Ok(Some(key)),
            None => bail!(
                "the encryption key in {name} must be 32 bytes long (32 ASCII characters), and has {}",
                text.len()
            ),
        }
    }
}

impl Limits {
    /// Returns the number of readers. 0 means a suitable number for this machine.
    pub fn readers(&self) -> u32 {
        match self.readers {
            0 => (2 * u32::try_from(cores()).unwrap_or(4)).clamp(4, 64),
            readers => readers,
        }
    }

    /// Returns the number of slow reads. 0 means a suitable number for this machine.
    pub fn slow_reads(&self) -> u32 {
        match self.slow_reads {
            0 => u32::try_from(cores()).unwrap_or(4).saturating_add(1).clamp(3, 32),
            slow_reads => slow_reads.max(2),
        }
    }

    pub fn query_time(&self) -> Duration {
        Duration::from_secs(self.query_seconds)
    }

    /// At least 30 seconds, however low the limit of queries is: a large record may take seconds on a busy machine.
    pub fn write_time(&self) -> Duration {
        self.query_time().max(MIN_WRITE_TIME)
    }
}

/// Returns how many threads this machine can run in parallel.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

impl Realtime {
    pub fn limits(&self) -> realtime::Limits {
        realtime::Limits { clients: self.clients, clients_per_address: self.clients_per_address }
    }
}

impl Scripts {
    pub fn options(&self) -> ScriptOptions {
        ScriptOptions {
            folder: self.folder.clone(),
            is_watched: self.watch,
            is_editable: self.editable,
            threads: self.after_threads.clamp(1, 64),
            route_threads: match self.route_threads {
                0 => (2 * cores()).clamp(4, 64),
                threads => threads.min(256),
            },
            is_built_in: http::is_built_in,
            http_allow: self.http_allow.clone(),
            limits: scripts::Limits {
                before: Duration::from_millis(self.before_milliseconds),
                read: Duration::from_millis(self.read_milliseconds),
                after: Duration::from_secs(self.after_seconds),
                route: Duration::from_secs(self.route_seconds),
                job: Duration::from_secs(self.job_seconds),
                max_operations: self.max_operations,
                max_text_bytes: self.max_text_bytes,
                max_elements: self.max_elements,
                max_depth: self.max_depth.clamp(1, scripts::MAX_DEPTH),
                environment: scripts::Environment(
                    self.env.iter().map(|name| (name.clone(), sources::environment(name))).collect(),
                ),
                sql_writes: self.sql_writes,
            },
        }
    }
}

impl Webhooks {
    pub fn options(&self) -> WebhookOptions {
        let retention = Retention {
            succeeded_days: i64::from(self.keep_succeeded_days.max(1)),
            failed_days: i64::from(self.keep_failed_days.max(1)),
        };
        WebhookOptions { allow: self.allow.clone(), retention }
    }
}

impl Log {
    pub fn mail_options(&self) -> MailOptions {
        MailOptions::new(self.mails)
    }
}

impl Lockout {
    pub fn options(&self) -> LockoutOptions {
        LockoutOptions {
            is_enabled: self.enabled,
            window: Duration::from_secs(self.window_seconds),
            per_identity_and_address: self.per_identity_and_address,
            per_identity: self.per_identity,
            per_address: self.per_address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_in_the_usual_forms() {
        let check = |text: &str, expected: Option<&str>| {
            let config = Config { listen: text.to_owned(), ..Config::default() };
            assert_eq!(config.address().ok().map(|address| address.to_string()).as_deref(), expected, "{text}");
        };
        check("127.0.0.1:8090", Some("127.0.0.1:8090"));
        check("localhost:0", Some("127.0.0.1:0"));
        check(":8090", Some("0.0.0.0:8090"));
        check("[::1]:8090", Some("[::1]:8090"));
        check("127.0.0.1", None);
        check("127.0.0.1:99999", None);
        check("", None);
    }

    #[test]
    fn the_public_url_is_an_address_that_links_can_lead_to() {
        let served_at = |url: &str| Config { public_url: url.to_owned(), ..Config::default() }.served_at();
        for (url, expected) in [
            ("", ""),
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/", "https://api.example.com"),
            ("http://192.0.2.1:8090/base/", "http://192.0.2.1:8090/base"),
            ("HTTPS://API.example.com", "https://api.example.com"),
        ] {
            assert_eq!(served_at(url).unwrap(), expected, "{url}");
        }
        for url in [
            "api.example.com",
            "api.example.com:8090",
            "ftp://example.com",
            "https://",
            "https:/x y",
            "https://a.example?x=1",
            "https://a.example/#/",
            "https://user:pass@a.example",
            " ",
        ] {
            let error = served_at(url).unwrap_err().to_string();
            assert!(error.contains("such as https://api.example.com"), "{url}: {error}");
        }
    }
}
