//! The entities as plain data: collections, records, the schema. No storage and no operations.

mod auth_options;
mod blobs;
mod collection;
mod index;
mod mail;
mod record;
mod schema;
mod settings;
mod webhook;
pub mod providers;

pub use auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MappedFields, Mfa, Oauth2, OauthProvider, Otp, PasswordAuth, TokenOptions,
};
pub use blobs::{BlobKey, BlobScope};
pub use collection::{Collection, CollectionKind, RuleKind, Rules, TOKEN_KEY};
pub use index::{Index, IndexColumn, IndexTarget};
pub use mail::{Attachment, Mail};
pub use record::Record;
pub use schema::{BackRelation, Schema};
pub use settings::{
    Backups, Batch, INITIAL_APP_URL, LogSettings, MailLinks, Meta, OpenapiSettings, RateLimitRule, RateLimits, S3,
    Secret, Settings, Smtp, TrustedProxy,
};
pub use webhook::{
    ActiveEndpoint, ActiveEndpoints, EVERY_COLLECTION, EventKind, EventPattern, WebhookConfig, WebhookFormat,
};

/// The collection whose records have full access.
pub const SUPERUSERS: &str = "_superusers";
/// Its id, which SDKs have hard-coded.
pub const SUPERUSERS_ID: &str = "pbc_3142635823";
/// Second factors that sign-ins wait for.
pub const MFAS: &str = "_mfas";
/// One-time passwords.
pub const OTPS: &str = "_otps";
/// Links to the accounts of `OAuth2` providers.
pub const EXTERNAL_AUTHS: &str = "_externalAuths";
/// Where people have signed in before.
pub const AUTH_ORIGINS: &str = "_authOrigins";
/// The system collections whose records belong to a record of an auth collection.
pub const BELONGINGS: [&str; 4] = [EXTERNAL_AUTHS, MFAS, OTPS, AUTH_ORIGINS];
