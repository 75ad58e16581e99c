//! What one change means to one listener: whether they may hear of it, and how it looks to them.
//!
//! However many listen, each distinct question is asked once and each distinct answer written once. *Whether* somebody
//! may hear of a change is one question for all who ask with the same rule, and one for all with the same filter, unless
//! these name the caller or the parameters. *What* they get to see is one answer for all who see the same fields of it.

use super::hub::{Hub, Watcher};
use super::told::Told;
use crate::db::DbError;
use crate::domain::access::Uses;
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::model::Record;
use crate::domain::records::{self, Verdict};
use crate::domain::tx::{Action, ReadTx};
use crate::domain::{self, Error};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a client's own questions (its filters and expansions) may take for one change.
const CLIENT_TIME: Duration = Duration::from_millis(250);
/// The same for what a rule asks, which nobody is to blame for but who wrote it.
const RULE_TIME: Duration = Duration::from_secs(1);

const SLOW_RULE: &str = "The access rule takes too long to be asked about an event.";
const DELETED: &str = "A record was deleted while too many others were, to tell who may know of it.";
const FAILED: &str = "An event could not be judged.";

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The time of the first pass is over: the question must be asked later.
    OutOfTime,
    /// The client must be disconnected: it would miss something without knowing.
    GiveUp(&'static str),
}

/// How much time there is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// In the first pass: until then for all listeners together.
    Until(Instant),
    /// For each question of a rule, and for all questions of a client's own making.
    PerClient,
}

/// What was found out about one change.
#[derive(Debug, Default)]
pub(super) struct Answers {
    rulings: HashMap<Question, Ruling>,
    views: HashMap<View, Option<Bytes>>,
    /// By subscription and what it shows.
    messages: HashMap<(Arc<str>, View), Bytes>,
    /// How many ask with the same subscription, and what each of them owes for what it cost.
    pub sharers: HashMap<Arc<str>, u32>,
    pub shares: HashMap<Arc<str>, Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    rule: Option<String>,
    filter: String,
    is_superuser: bool,
}

/// Answers to one question, by what they turned out to depend on.
#[derive(Debug)]
struct Ruling {
    first: Verdict,
    verdicts: HashMap<Circumstances, bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Circumstances {
    /// Collection and id of the caller's record.
    caller: Option<(String, String)>,
    parameters: Arc<str>,
}

/// What makes a record look the same to two listeners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct View {
    fields: String,
    expand: String,
    whom: Whom,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whom {
    Superuser,
    Anyone,
    /// The record itself is asking.
    Own,
    /// Rules of other collections, or the manage rule, have a say.
    Just(Circumstances),
}

/// One change before those who listen.
pub(super) struct Judge<'a> {
    pub hub: &'a Hub,
    pub told: &'a Told,
    /// The database as it is now.
    pub now: &'a ReadTx,
    /// As it was before the commit: what a deleted record was related to is still there. `None` if it could not be kept.
    pub before: Option<&'a ReadTx>,
    pub answers: &'a mut Answers,
    pub pace: Pace,
    /// What questions of the client's own making have taken.
    pub own: Duration,
}

impl Judge<'_> {
    /// What `caller` is to be sent; `None` for nothing.
    pub fn message(&mut self, watcher: &Watcher, caller: &Caller) -> Result<Option<Bytes>, Stop> {
        if !self.is_allowed(watcher, caller)? {
            return Ok(None);
        }
        let options = &watcher.subscription.options;
        let view =
            View { fields: options.fields.clone(), expand: options.expand.clone(), whom: self.whom(watcher, caller) };
        let key = (Arc::clone(&watcher.subscription.text), view);
        if let Some(message) = self.answers.messages.get(&key) {
            return Ok(Some(message.clone()));
        }
        let Some(data) = self.view(watcher, caller, &key.1)? else { return Ok(None) };
        let mut message = Vec::with_capacity(key.0.len() + data.len() + 16);
        for part in [b"event:", key.0.as_bytes(), b"\ndata:", &data, b"\n\n"] {
            message.extend_from_slice(part);
        }
        let message = self.hub.message(message);
        self.answers.messages.insert(key, message.clone());
        Ok(Some(message))
    }

    /// The rule is asked first: it is the same question for many, and a filter is not tried on what its owner may not see.
    fn is_allowed(&mut self, watcher: &Watcher, caller: &Caller) -> Result<bool, Stop> {
        let rule = self.told.change.record.collection.rule(watcher.kind).map(ToOwned::to_owned);
        let is_superuser = caller.is_superuser();
        let filter = &watcher.subscription.options.filter;
        let by_rule = Question { rule, filter: String::new(), is_superuser };
        if !self.answer(watcher, caller, by_rule)? {
            return Ok(false);
        }
        if filter.is_empty() {
            return Ok(true);
        }
        self.answer(watcher, caller, Question { rule: Some(String::new()), filter: filter.clone(), is_superuser })
    }

    fn answer(&mut self, watcher: &Watcher, caller: &Caller, question: Question) -> Result<bool, Stop> {
        let around = circumstances(watcher, caller);
        if let Some(ruling) = self.answers.rulings.get(&question)
            && let Some(is_allowed) = ruling.verdicts.get(&ruling.relevant(&around))
        {
            return Ok(*is_allowed);
        }
        let verdict = self.ask(watcher, caller, &question)?;
        let ruling =
            self.answers.rulings.entry(question).or_insert_with(|| Ruling { first: verdict, verdicts: HashMap::new() });
        let relevant = ruling.relevant(&around);
        ruling.verdicts.insert(relevant, verdict.is_allowed);
        Ok(verdict.is_allowed)
    }

    fn ask(&mut self, watcher: &Watcher, caller: &Caller, question: &Question) -> Result<Verdict, Stop> {
        let Self { told, now, before, .. } = *self;
        let request = request(watcher, caller);
        let is_delete = told.change.action == Action::Delete;
        let mut scenes: Vec<(&ReadTx, &Record)> =
            vec![(before.filter(|_| is_delete).unwrap_or(now), &told.change.record)];
        scenes.extend(told.last.as_deref().map(|last| (now, last)));
        let mut whole = Verdict { is_allowed: true, uses: Uses::default() };
        for (tx, record) in scenes {
            let is_own = !question.filter.is_empty();
            let verdict = self.timed(is_own, tx, |tx| {
                records::may_notice(tx, &request, record, question.rule.as_deref(), &question.filter)
            })?;
            // What went wrong for one caller need not go wrong for another.
            let unsettled = Uses { caller: true, parameters: true, rows: false };
            let verdict = verdict.unwrap_or(Verdict { is_allowed: false, uses: unsettled });
            whole.is_allowed &= verdict.is_allowed;
            whole.uses = verdict.uses;
        }
        if is_delete && before.is_none() && whole.uses.rows {
            return Err(Stop::GiveUp(DELETED));
        }
        Ok(whole)
    }

    /// What the listener gets to see. `None` when that cannot be told; the log says why.
    fn view(&mut self, watcher: &Watcher, caller: &Caller, view: &View) -> Result<Option<Bytes>, Stop> {
        if let Some(data) = self.answers.views.get(view) {
            return Ok(data.clone());
        }
        let Self { told, now, before, .. } = *self;
        let tx = match told.change.action {
            Action::Delete if before.is_none() && !view.expand.is_empty() => return Err(Stop::GiveUp(DELETED)),
            Action::Delete => before.unwrap_or(now),
            Action::Create | Action::Update => now,
        };
        let request = request(watcher, caller);
        let options = &watcher.subscription.options;
        let record = self.timed(!options.is_empty(), tx, |tx| {
            records::render_change(tx, &request, &told.change.record, &options.shape)
        })?;
        let data = record.map(|record| self.hub.message(data(&record, told.change.action)));
        self.answers.views.insert(view.clone(), data.clone());
        Ok(data)
    }

    fn whom(&self, watcher: &Watcher, caller: &Caller) -> Whom {
        let record = &self.told.change.record;
        if caller.is_superuser() {
            return Whom::Superuser;
        }
        if !watcher.subscription.options.shape.expand.is_empty() {
            return Whom::Just(circumstances(watcher, caller));
        }
        let Some(auth) = &record.collection.auth else { return Whom::Anyone };
        if caller.is_record(&record.collection.id, record.id()) {
            return Whom::Own;
        }
        if auth.manage_rule.is_some() && !record.is_true("emailVisibility") {
            return Whom::Just(circumstances(watcher, caller));
        }
        Whom::Anyone
    }

    /// Runs a question; `None` when it cannot be answered, which is no.
    fn timed<T>(
        &mut self,
        is_own: bool,
        tx: &ReadTx,
        ask: impl FnOnce(&ReadTx) -> domain::Result<T>,
    ) -> Result<Option<T>, Stop> {
        let began = Instant::now();
        let (left, is_over) = match self.pace {
            Pace::Until(end) => (end.saturating_duration_since(began), Stop::OutOfTime),
            Pace::PerClient if is_own => {
                (CLIENT_TIME.saturating_sub(self.own), Stop::GiveUp(super::backlog::TOO_COSTLY))
            }
            Pace::PerClient => (RULE_TIME, Stop::GiveUp(SLOW_RULE)),
        };
        if left.is_zero() {
            return Err(is_over);
        }
        let answer = tx.within(left, || ask(tx));
        if is_own {
            self.own += began.elapsed();
        }
        match answer {
            Ok(answer) => Ok(Some(answer)),
            // A rule or filter that does not compile matches nothing.
            Err(
                Error::Invalid { .. }
                | Error::Forbidden(_)
                | Error::NotFound(_)
                | Error::Unauthenticated(_)
                | Error::Db(DbError::Statement(_)),
            ) => Ok(None),
            Err(Error::Db(DbError::Interrupted)) => {
                let collection = &self.told.change.record.collection.name;
                tracing::warn!(collection, is_own, "a question takes long for realtime");
                Err(is_over)
            }
            Err(error) => {
                tracing::warn!(%error, "a realtime event could not be judged");
                Err(Stop::GiveUp(FAILED))
            }
        }
    }
}

impl Ruling {
    /// The circumstances as far as they matter.
    fn relevant(&self, around: &Circumstances) -> Circumstances {
        let uses = self.first.uses;
        match (uses.caller, uses.parameters) {
            // What a rule reads behind the caller may lead to rules that read the parameters, for one caller and not
            // for another.
            (true, _) => around.clone(),
            (false, true) => Circumstances { caller: None, ..around.clone() },
            (false, false) => Circumstances::default(),
        }
    }
}

fn circumstances(watcher: &Watcher, caller: &Caller) -> Circumstances {
    Circumstances {
        caller: caller.record().map(|record| (record.collection.id.clone(), record.id().to_owned())),
        parameters: Arc::clone(&watcher.subscription.options.key),
    }
}

fn request(watcher: &Watcher, caller: &Caller) -> RequestInfo {
    let options = &watcher.subscription.options;
    RequestInfo {
        caller: caller.clone(),
        context: Context::Realtime,
        method: "GET",
        query: options.query.clone(),
        headers: options.headers.clone(),
        body: Arc::default(),
    }
}

/// `{"record":…,"action":"…"}` on one line: line breaks, which JSON may have between its tokens, would end the message.
fn data(record: &[u8], action: Action) -> Vec<u8> {
    let action = match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
    };
    let mut data = Vec::with_capacity(record.len() + 32);
    data.extend_from_slice(b"{\"record\":");
    data.extend(record.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    data.extend_from_slice(b",\"action\":\"");
    data.extend_from_slice(action.as_bytes());
    data.extend_from_slice(b"\"}");
    data
}
