//! The mails of sign-in: their templates, their contents and how long they stay useful.

use super::{otp, token};
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::domain::Result;
use crate::domain::fields::FieldKind;
use crate::domain::mail::{self, Placeholders, Postbox, Purpose};
use crate::domain::model::{AuthOptions, Collection, EmailTemplate, Mail, Record, Settings, TOKEN_KEY};
use crate::domain::tx::WriteTx;
use std::sync::Arc;

/// How long an alert may wait in the outbox, in seconds. One that arrives days later would only confuse.
pub(super) const ALERT_SECONDS: i64 = 24 * 60 * 60;

/// The five kinds of mails a collection has a template for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    Verification,
    PasswordReset,
    EmailChange,
    Otp,
    LoginAlert,
}

impl MailKind {
    /// Returns the template with this API name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "verification" => Some(Self::Verification),
            "password-reset" => Some(Self::PasswordReset),
            "email-change" => Some(Self::EmailChange),
            "otp" => Some(Self::Otp),
            "login-alert" => Some(Self::LoginAlert),
            _ => None,
        }
    }

    /// The API name of the template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password-reset",
            Self::EmailChange => "email-change",
            Self::Otp => "otp",
            Self::LoginAlert => "login-alert",
        }
    }

    fn template(self, auth: &AuthOptions) -> &EmailTemplate {
        match self {
            Self::Verification => &auth.verification_template,
            Self::PasswordReset => &auth.reset_password_template,
            Self::EmailChange => &auth.confirm_email_change_template,
            Self::Otp => &auth.otp.email_template,
            Self::LoginAlert => &auth.auth_alert.email_template,
        }
    }
}

/// Renders a mail and puts it into the outbox, where it waits for `seconds` at most.
pub(super) fn post(
    tx: &WriteTx,
    postbox: &Postbox,
    record: &Record,
    kind: MailKind,
    to: &str,
    own: Placeholders,
    seconds: i64,
) -> Result<()> {
    let Some(mail) = write(&postbox.settings, record, kind, to, own) else { return Ok(()) };
    let purpose = Purpose { name: kind.name(), record: Some(record) };
    mail::post(tx, postbox, &mail, tx.now().plus_seconds(seconds), purpose)
}

fn write(settings: &Settings, record: &Record, kind: MailKind, to: &str, own: Placeholders) -> Option<Mail> {
    let auth = record.collection.auth.as_ref()?;
    Some(mail::write(settings, record, kind.template(auth), to, own))
}

/// Renders a mail with sample contents, for an owner who tests their settings. Its links and codes do not work.
#[must_use]
pub fn sample(
    settings: &Settings,
    collection: &Arc<Collection>,
    kind: MailKind,
    to: &str,
    now: Timestamp,
) -> Option<Mail> {
    let mut record = Record::blank(Arc::clone(collection));
    // Fills in field names, so that "Hello {RECORD:name}" shows where the name will be.
    for field in collection.fields.iter().filter(|field| matches!(field.kind, FieldKind::Text(_))) {
        record.set(&field.name, format!("[{}]", field.name));
    }
    record.set("id", "test");
    record.set("email", to);
    record.set(TOKEN_KEY, ids::random(50, ids::ALPHANUMERIC));
    let token = |kind, new_email| token::issue_mailed(&record, kind, now, new_email);
    let own = match kind {
        MailKind::Verification => vec![("TOKEN", token(token::Kind::Verification, None))],
        MailKind::PasswordReset => vec![("TOKEN", token(token::Kind::PasswordReset, None))],
        MailKind::EmailChange => vec![("TOKEN", token(token::Kind::EmailChange, Some(to)))],
        MailKind::Otp => vec![("OTP", otp::fresh_code(collection)), ("OTP_ID", "test".to_owned())],
        MailKind::LoginAlert => vec![("ALERT_INFO", format!("{now} - 127.0.0.1 Test"))],
    };
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    write(settings, &record, kind, to, &own)
}
