//! The closed list of events that handlers can be registered for.

use crate::domain::tx::{Action, Moment, Showing};

/// When a handler runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    BeforeCreate,
    BeforeUpdate,
    BeforeDelete,
    Validate,
    OnCreate,
    OnUpdate,
    OnDelete,
    AfterCreate,
    AfterUpdate,
    AfterDelete,
    List,
    View,
    Enrich,
    BeforePasswordSignIn,
    BeforeCodeRequest,
    OnCodeSignIn,
    BeforeProviderSignIn,
    OnSecondFactor,
    OnRefresh,
    OnImpersonation,
    OnSignIn,
    AfterSignIn,
    BeforePasswordResetRequest,
    OnPasswordReset,
    AfterPasswordReset,
    BeforeVerificationRequest,
    OnVerification,
    AfterVerification,
    BeforeEmailChangeRequest,
    OnEmailChange,
    AfterEmailChange,
    BeforeFileDownload,
    BeforeFileToken,
    BeforeRealtimeConnect,
    BeforeRealtimeSubscribe,
    BeforeRealtimeMessage,
    AfterRealtimeDisconnect,
    BeforeMail,
    BeforeBatch,
    BeforeSettingsChange,
    AfterSettingsChange,
    BeforeCollectionCreate,
    BeforeCollectionUpdate,
    BeforeCollectionDelete,
    BeforeCollectionImport,
    AfterCollectionCreate,
    AfterCollectionUpdate,
    AfterCollectionDelete,
    BeforeBackup,
    AfterBackup,
    BeforeRestore,
    AfterStart,
    BeforeStop,
}

/// What handlers of an event are registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Collections whose records it happens to.
    Collections,
    /// Auth collections.
    Accounts,
    /// Names of collections, which may not exist.
    Names,
    /// Purposes of mails.
    Purposes,
    /// Nothing: it happens to the server.
    Nothing,
}

/// The purposes of mails: those of the templates of auth collections, mails of scripts, and what the server tells superusers.
pub const PURPOSES: [&str; 7] =
    ["verification", "password-reset", "email-change", "otp", "login-alert", "script", "system"];

impl Event {
    /// In the order in which they happen to a record.
    pub const ALL: [Self; 53] = [
        Self::BeforeCreate,
        Self::BeforeUpdate,
        Self::BeforeDelete,
        Self::Validate,
        Self::OnCreate,
        Self::OnUpdate,
        Self::OnDelete,
        Self::AfterCreate,
        Self::AfterUpdate,
        Self::AfterDelete,
        Self::List,
        Self::View,
        Self::Enrich,
        Self::BeforePasswordSignIn,
        Self::BeforeCodeRequest,
        Self::OnCodeSignIn,
        Self::BeforeProviderSignIn,
        Self::OnSecondFactor,
        Self::OnRefresh,
        Self::OnImpersonation,
        Self::OnSignIn,
        Self::AfterSignIn,
        Self::BeforePasswordResetRequest,
        Self::OnPasswordReset,
        Self::AfterPasswordReset,
        Self::BeforeVerificationRequest,
        Self::OnVerification,
        Self::AfterVerification,
        Self::BeforeEmailChangeRequest,
        Self::OnEmailChange,
        Self::AfterEmailChange,
        Self::BeforeFileDownload,
        Self::BeforeFileToken,
        Self::BeforeRealtimeConnect,
        Self::BeforeRealtimeSubscribe,
        Self::BeforeRealtimeMessage,
        Self::AfterRealtimeDisconnect,
        Self::BeforeMail,
        Self::BeforeBatch,
        Self::BeforeSettingsChange,
        Self::AfterSettingsChange,
        Self::BeforeCollectionCreate,
        Self::BeforeCollectionUpdate,
        Self::BeforeCollectionDelete,
        Self::BeforeCollectionImport,
        Self::AfterCollectionCreate,
        Self::AfterCollectionUpdate,
        Self::AfterCollectionDelete,
        Self::BeforeBackup,
        Self::AfterBackup,
        Self::BeforeRestore,
        Self::AfterStart,
        Self::BeforeStop,
    ];

    /// The name of the function that registers a handler.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeCreate => "before_create",
            Self::BeforeUpdate => "before_update",
            Self::BeforeDelete => "before_delete",
            Self::Validate => "validate",
            Self::OnCreate => "on_create",
            Self::OnUpdate => "on_update",
            Self::OnDelete => "on_delete",
            Self::AfterCreate => "after_create",
            Self::AfterUpdate => "after_update",
            Self::AfterDelete => "after_delete",
            Self::List => "list",
            Self::View => "view",
            Self::Enrich => "enrich",
            Self::BeforePasswordSignIn => "before_password_sign_in",
            Self::BeforeCodeRequest => "before_code_request",
            Self::OnCodeSignIn => "on_code_sign_in",
            Self::BeforeProviderSignIn => "before_provider_sign_in",
            Self::OnSecondFactor => "on_second_factor",
            Self::OnRefresh => "on_refresh",
            Self::OnImpersonation => "on_impersonation",
            Self::OnSignIn => "on_sign_in",
            Self::AfterSignIn => "after_sign_in",
            Self::BeforePasswordResetRequest => "before_password_reset_request",
            Self::OnPasswordReset => "on_password_reset",
            Self::AfterPasswordReset => "after_password_reset",
            Self::BeforeVerificationRequest => "before_verification_request",
            Self::OnVerification => "on_verification",
            Self::AfterVerification => "after_verification",
            Self::BeforeEmailChangeRequest => "before_email_change_request",
            Self::OnEmailChange => "on_email_change",
            Self::AfterEmailChange => "after_email_change",
            Self::BeforeFileDownload => "before_file_download",
            Self::BeforeFileToken => "before_file_token",
            Self::BeforeRealtimeConnect => "before_realtime_connect",
            Self::BeforeRealtimeSubscribe => "before_realtime_subscribe",
            Self::BeforeRealtimeMessage => "before_realtime_message",
            Self::AfterRealtimeDisconnect => "after_realtime_disconnect",
            Self::BeforeMail => "before_mail",
            Self::BeforeBatch => "before_batch",
            Self::BeforeSettingsChange => "before_settings_change",
            Self::AfterSettingsChange => "after_settings_change",
            Self::BeforeCollectionCreate => "before_collection_create",
            Self::BeforeCollectionUpdate => "before_collection_update",
            Self::BeforeCollectionDelete => "before_collection_delete",
            Self::BeforeCollectionImport => "before_collection_import",
            Self::AfterCollectionCreate => "after_collection_create",
            Self::AfterCollectionUpdate => "after_collection_update",
            Self::AfterCollectionDelete => "after_collection_delete",
            Self::BeforeBackup => "before_backup",
            Self::AfterBackup => "after_backup",
            Self::BeforeRestore => "before_restore",
            Self::AfterStart => "after_start",
            Self::BeforeStop => "before_stop",
        }
    }

    /// For the reference.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub fn description(self) -> &'static str {
        match self {
            Self::BeforeCreate => {
                "Runs before a new record is checked and stored. May change it, refuse it, and write other records."
            }
            Self::BeforeUpdate => {
                "Runs before a changed record is checked and stored. May change it, refuse it, and write other records."
            }
            Self::BeforeDelete => {
                "Runs before a record and what refers to it are deleted. May refuse it, and write other records."
            }
            Self::Validate => {
                "Runs for a new or changed record that has passed the checks of its fields. May refuse it. Cannot write."
            }
            Self::OnCreate => {
                "Runs when a new record is stored, still in its transaction. May write other records; an error undoes everything."
            }
            Self::OnUpdate => {
                "Runs when a changed record is stored, still in its transaction. May write other records; an error undoes everything."
            }
            Self::OnDelete => {
                "Runs when a record is deleted, still in its transaction. May write other records; an error undoes everything."
            }
            Self::AfterCreate => {
                "Runs soon after a new record is committed. Nobody waits for it, and an error undoes nothing."
            }
            Self::AfterUpdate => {
                "Runs soon after a changed record is committed. Nobody waits for it, and an error undoes nothing."
            }
            Self::AfterDelete => {
                "Runs soon after a deletion is committed. Nobody waits for it, and an error undoes nothing."
            }
            Self::List => {
                "Runs when the API has found a page of a list. May refuse it, and take records out of `e.records`. Cannot write."
            }
            Self::View => "Runs when the API has found a record by its id. May refuse it. Cannot write.",
            Self::Enrich => {
                "Runs for each record that the API is about to show to somebody: in lists and views, in answers to writes and \
                 sign-ins, as an expansion, in realtime messages. `e.record.hide(…)` and `e.record.show(…)` say what the caller sees. \
                 Cannot write."
            }
            Self::BeforePasswordSignIn => {
                "Runs when somebody signs in with a password, before it is compared. May choose the account: `e.record`. A refusal is shown only to a caller with the right password."
            }
            Self::BeforeCodeRequest => {
                "Runs when a code to sign in is asked for, after the answer. May choose the account: `e.record`. If it refuses, no mail is sent."
            }
            Self::OnCodeSignIn => {
                "Runs when somebody has entered the right code, in the transaction that uses it up. May refuse."
            }
            Self::BeforeProviderSignIn => {
                "Runs when a provider such as Google has told who signs in. May refuse, choose the account (`e.record`), and set `e.create_data` for a new one."
            }
            Self::OnSecondFactor => {
                "Runs when a second factor is about to be asked for, in the transaction that notes it. May refuse."
            }
            Self::OnRefresh => {
                "Runs when a token is about to be renewed, in a transaction, before `on_sign_in`. May refuse."
            }
            Self::OnImpersonation => {
                "Runs when a superuser gets a token of another account, in a transaction, before `on_sign_in`. May refuse."
            }
            Self::OnSignIn => {
                "Runs when somebody has proven who they are, in a transaction, also when a token is renewed. May refuse, add `e.meta` to the answer, and write records."
            }
            Self::AfterSignIn => "Runs soon after a sign-in. The request does not wait for it.",
            Self::BeforePasswordResetRequest => {
                "Runs when a link to reset a password is asked for, after the answer. If it refuses, no mail is sent."
            }
            Self::OnPasswordReset => {
                "Runs when a password was reset by a link, in its transaction. An error undoes it."
            }
            Self::AfterPasswordReset => {
                "Runs soon after a password was reset by a link. The request does not wait for it."
            }
            Self::BeforeVerificationRequest => {
                "Runs when a link to verify an address is asked for, after the answer. If it refuses, no mail is sent."
            }
            Self::OnVerification => {
                "Runs when an address was verified by a link, in its transaction. An error undoes it."
            }
            Self::AfterVerification => {
                "Runs soon after an address was verified by a link. The request does not wait for it."
            }
            Self::BeforeEmailChangeRequest => "Runs when a signed-in user asks for another address. May refuse.",
            Self::OnEmailChange => {
                "Runs when an address was changed by a link, in its transaction. An error undoes it."
            }
            Self::AfterEmailChange => {
                "Runs soon after an address was changed by a link. The request does not wait for it."
            }
            Self::BeforeFileDownload => "Runs when a file of a record is about to be sent. May refuse.",
            Self::BeforeFileToken => "Runs when a signed-in user asks for a token for protected files. May refuse.",
            Self::BeforeRealtimeConnect => "Runs when a client opens a realtime stream. May refuse.",
            Self::BeforeRealtimeSubscribe => {
                "Runs when a client subscribes. May refuse, and take topics out of `e.subscriptions`."
            }
            Self::BeforeRealtimeMessage => {
                "Runs when a realtime message about a record is about to be sent to one client. May change `e.message`, and withhold it with `e.message = ()`. Cannot write."
            }
            Self::AfterRealtimeDisconnect => {
                "Runs when a realtime stream has ended, for any reason. `e.client_id` is its client, `e.caller` who it was signed in as last."
            }
            Self::BeforeMail => {
                "Runs when a mail is about to be sent, in the transaction that posts it. May change `e.to`, `e.subject` and `e.html`. If it refuses or fails, the mail is not sent, and nothing else happens."
            }
            Self::BeforeBatch => "Runs when a batch is about to be processed. May refuse.",
            Self::BeforeSettingsChange => {
                "Runs when a superuser is about to change settings. May refuse, and set `e.changes`."
            }
            Self::AfterSettingsChange => "Runs soon after settings were changed. The request does not wait for it.",
            Self::BeforeCollectionCreate => {
                "Runs when a collection is about to be created. May refuse, and set `e.changes`."
            }
            Self::BeforeCollectionUpdate => {
                "Runs when a collection is about to be changed. May refuse, and set `e.changes`."
            }
            Self::BeforeCollectionDelete => "Runs when a collection is about to be deleted. May refuse.",
            Self::BeforeCollectionImport => "Runs when collections are about to be imported. May refuse.",
            Self::AfterCollectionCreate => {
                "Runs soon after a collection was created. The request does not wait for it."
            }
            Self::AfterCollectionUpdate => {
                "Runs soon after a collection was changed. The request does not wait for it."
            }
            Self::AfterCollectionDelete => {
                "Runs soon after a collection was deleted. The request does not wait for it."
            }
            Self::BeforeBackup => "Runs when a backup is about to be made, also by the schedule. May refuse.",
            Self::AfterBackup => "Runs soon after a backup was made. The request does not wait for it.",
            Self::BeforeRestore => "Runs when a backup is about to be restored. May refuse.",
            Self::AfterStart => "Runs when the server has started. The request does not wait for it.",
            Self::BeforeStop => "Runs when the server is about to stop. It waits for some seconds.",
        }
    }

    /// Whether it is a step of a save of a record.
    #[must_use]
    pub fn is_of_save(self) -> bool {
        self as u8 <= Self::AfterDelete as u8
    }

    /// What handlers are registered for.
    #[must_use]
    pub fn subject(self) -> Subject {
        match self {
            Self::BeforePasswordSignIn
            | Self::BeforeCodeRequest
            | Self::OnCodeSignIn
            | Self::BeforeProviderSignIn
            | Self::OnSecondFactor
            | Self::OnRefresh
            | Self::OnImpersonation
            | Self::OnSignIn
            | Self::AfterSignIn
            | Self::BeforePasswordResetRequest
            | Self::OnPasswordReset
            | Self::AfterPasswordReset
            | Self::BeforeVerificationRequest
            | Self::OnVerification
            | Self::AfterVerification
            | Self::BeforeEmailChangeRequest
            | Self::OnEmailChange
            | Self::AfterEmailChange => Subject::Accounts,
            Self::BeforeRealtimeConnect
            | Self::BeforeRealtimeSubscribe
            | Self::AfterRealtimeDisconnect
            | Self::BeforeBatch
            | Self::BeforeSettingsChange
            | Self::AfterSettingsChange
            | Self::BeforeCollectionImport
            | Self::BeforeBackup
            | Self::AfterBackup
            | Self::BeforeRestore
            | Self::AfterStart
            | Self::BeforeStop => Subject::Nothing,
            Self::BeforeMail => Subject::Purposes,
            Self::BeforeCollectionCreate
            | Self::BeforeCollectionUpdate
            | Self::BeforeCollectionDelete
            | Self::AfterCollectionCreate
            | Self::AfterCollectionUpdate
            | Self::AfterCollectionDelete => Subject::Names,
            _ => Subject::Collections,
        }
    }

    /// The event at a point of a save. `None` if there is none: nothing validates a deletion.
    #[must_use]
    pub fn of_save(moment: Moment, action: Action) -> Option<Self> {
        Some(match (moment, action) {
            (Moment::Before, Action::Create) => Self::BeforeCreate,
            (Moment::Before, Action::Update) => Self::BeforeUpdate,
            (Moment::Before, Action::Delete) => Self::BeforeDelete,
            (Moment::Validate, Action::Create | Action::Update) => Self::Validate,
            (Moment::Validate, Action::Delete) => return None,
            (Moment::On, Action::Create) => Self::OnCreate,
            (Moment::On, Action::Update) => Self::OnUpdate,
            (Moment::On, Action::Delete) => Self::OnDelete,
            (Moment::After, Action::Create) => Self::AfterCreate,
            (Moment::After, Action::Update) => Self::AfterUpdate,
            (Moment::After, Action::Delete) => Self::AfterDelete,
        })
    }

    /// The event of records that are about to be shown.
    #[must_use]
    pub fn of_showing(showing: Showing) -> Self {
        match showing {
            Showing::List => Self::List,
            Showing::View => Self::View,
            Showing::Enrich => Self::Enrich,
        }
    }
}
