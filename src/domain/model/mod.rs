//! The entities as plain data: collections, records, the schema. No storage and no operations.

mod auth_options;
mod blobs;
mod collection;
mod index;
mod mail;
mod record;
mod schema;
mod settings;
pub mod providers;

pub use auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MappedFields, Mfa, Oauth2, OauthProvider, Otp, PasswordAuth, TokenOptions,
};
pub use blobs::BlobScope;
pub use collection::{Collection, CollectionKind, RuleKind, Rules};
pub use index::{Index, IndexColumn, IndexTarget};
pub use mail::Mail;
pub use record::Record;
pub use schema::{BackRelation, Schema};
pub use settings::{
    Backups, Batch, INITIAL_APP_URL, LogSettings, MailLinks, Meta, OpenapiSettings, RateLimitRule, RateLimits, S3,
    Secret, Settings, Smtp, TrustedProxy,
};

/// The collection whose records have full access.
pub const SUPERUSERS: &str = "_superusers";
/// Its id, which SDKs have hard-coded.
pub const SUPERUSERS_ID: &str = "pbc_3142635823";
