//! Code of the owner that runs inside a transaction: what it is told, and what it may answer.
//!
//! `records::save` calls [`Hooks`], `scripts` implements it, and `app` plugs it in through [`Start`](super::Start). So the
//! domain knows no scripting language. A transaction keeps the hooks that it began with.

use super::{Action, ReadTx, WriteTx};
use crate::domain::Result;
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Mail, Record};
use crate::domain::page::Totals;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How deep saves may nest: a hook that saves a record runs the hooks of that record.
pub const MAX_HOOK_DEPTH: u8 = 8;

/// A point of a save at which hooks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Before the checks. Hooks may change the record.
    Before,
    /// After the built-in checks. Not for deletions.
    Validate,
    /// The row is written, and the transaction is still open.
    On,
    /// After the commit.
    After,
}

/// What the owner of an installation wants to happen around saves.
pub trait Hooks: Send + Sync + fmt::Debug {
    /// Whether something runs at this point. Called several times for each save, so it must be cheap.
    fn listens(&self, moment: Moment, action: Action, collection: &Collection) -> bool;

    /// The places of the hooks that listen to a collection, `old`, and would not under its new name.
    fn losing(&self, _old: &Collection, _new: &Collection) -> Vec<String> {
        Vec::new()
    }

    /// Runs what listens to [`Moment::Before`], [`Moment::Validate`] or [`Moment::On`]. An error undoes the save.
    fn run(&self, tx: &WriteTx, saving: &mut Saving<'_>) -> Result<()>;

    /// Whether something runs when records are shown in this way. Called for each list, so it must be cheap.
    fn shows(&self, _showing: Showing, _collection: &Collection) -> bool {
        false
    }

    /// Runs what listens to the showing of records, in their order. May run more than once for one answer, and cannot write. An
    /// error refuses the request.
    fn show(&self, _tx: &ReadTx, _viewing: &mut Viewing<'_>) -> Result<()> {
        Ok(())
    }

    /// Whether something runs when a mail for this purpose is posted.
    fn mails(&self, _purpose: &str) -> bool {
        false
    }

    /// Runs what listens to a mail. Returns whether it is sent.
    fn mail(&self, _tx: &WriteTx, _mailing: &mut Mailing<'_>) -> bool {
        true
    }

    /// Whether something runs when a message about a record of this collection is sent to a realtime client.
    fn sends(&self, _collection: &Collection) -> bool {
        false
    }

    /// Runs what listens to a realtime message.
    fn send(&self, _tx: &ReadTx, _sending: &mut Sending<'_>) -> Result<()> {
        Ok(())
    }

    /// Takes what was saved while something listened to [`Moment::After`]. Called once after a commit, in the order of the
    /// saves. Must return quickly: the callers of the writes are answered afterwards.
    fn committed(&self, saved: Vec<Arc<Saved>>);
}

/// A save in progress, as hooks see it.
#[derive(Debug)]
pub struct Saving<'a> {
    pub moment: Moment,
    pub action: Action,
    /// Changes count at [`Moment::Before`] of a create or an update only.
    pub record: &'a mut Record,
    /// The record before an update.
    pub stored: Option<&'a Record>,
    /// How long hooks have run before in the same piece of work. Zero if each save has a time limit of its own.
    pub spent: Duration,
}

/// What records are about to be shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// A page of a list was found.
    List,
    /// A record was found by its id.
    View,
    /// Records are about to be written into an answer or a message, also as an expansion.
    Enrich,
}

/// Records that one caller is about to see, as hooks see them.
#[derive(Debug)]
pub struct Viewing<'a> {
    pub showing: Showing,
    pub request: &'a RequestInfo,
    pub collection: &'a Arc<Collection>,
    /// Those of one page, or one. Hooks may remove and reorder them at [`Showing::List`] only.
    pub records: Vec<ShownRecord>,
    /// The numbers of the page at [`Showing::List`]. Hooks may change the total.
    pub totals: Option<Totals>,
    /// How long hooks have run before for the same answer or, in a transaction that writes, in the same piece of work.
    pub spent: Duration,
    pub is_writing: bool,
}

/// A mail that is about to be posted.
#[derive(Debug)]
pub struct Mailing<'a> {
    /// `verification`, `otp` …
    pub purpose: &'static str,
    /// Whom it is about.
    pub record: Option<&'a Record>,
    pub mail: Mail,
}

/// A message that is about to be sent to one realtime client.
#[derive(Debug)]
pub struct Sending<'a> {
    pub request: &'a RequestInfo,
    pub record: &'a Record,
    /// The subscription, as the client has submitted it.
    pub topic: &'a str,
    pub client_id: &'a str,
    /// `None` if nothing is to be sent.
    pub message: Option<Value>,
}

/// A record with all its values, and how it is shown.
#[derive(Clone, Debug)]
pub struct ShownRecord {
    pub record: Arc<Record>,
    pub presentation: Presentation,
}

/// What hooks want one caller to see of a record, beyond what its collection says. Nothing of it is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presentation {
    /// Names of fields that are left out.
    pub hidden: BTreeSet<String>,
    /// Names of hidden fields that are shown nevertheless.
    pub revealed: BTreeSet<String>,
    /// Computed values, by names. One under the name of a field stands in its place.
    pub values: Map<String, Value>,
}

/// A save that is committed.
#[derive(Debug)]
pub struct Saved {
    pub action: Action,
    pub record: Arc<Record>,
    /// The record before an update.
    pub stored: Option<Arc<Record>>,
    pub origin: Arc<Origin>,
    /// The values of `record` were not kept, because the transaction keeps too many already. `stored` is `None` then.
    pub is_trimmed: bool,
    /// Those that listened.
    pub hooks: Arc<dyn Hooks>,
    /// 0 if no hook after a commit caused this save, 1 if one did, and so on.
    pub generation: u8,
}

impl Saved {
    /// The approximate size in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const FIXED: usize = 512;
        FIXED + self.record.text_bytes() + self.stored.as_ref().map_or(0, |stored| stored.text_bytes())
    }
}

/// On whose behalf a transaction writes.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub source: Source,
    /// `None` for what the server does by itself.
    pub request: Option<RequestInfo>,
    /// The submitted values, with passwords in plain text.
    pub body: Arc<Map<String, Value>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// A request, or a script under the rules of a caller.
    Request,
    Batch,
    Import,
    /// A script with all rights.
    Script,
    /// A webhook that an endpoint without code has received.
    Webhook,
    /// The deletion of a record that this one referred or belonged to.
    Cascade,
    /// The server itself: sign-ins, e-mail links, cleaning up, commands.
    #[default]
    Server,
}

impl Source {
    /// The name that scripts see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Batch => "batch",
            Self::Import => "import",
            Self::Script => "script",
            Self::Webhook => "webhook",
            Self::Cascade => "cascade",
            Self::Server => "server",
        }
    }
}

/// The state of hooks in a transaction.
#[derive(Debug, Default)]
pub(super) struct HookState {
    pub origin: Option<Arc<Origin>>,
    pub depth: u8,
    /// How long hooks have run in this piece of work. Not counted for long pieces.
    pub spent: Duration,
    pub is_long: bool,
    /// See [`Saved::generation`].
    pub generation: u8,
}
