//! Decides for one change and one listener whether they may see it and what they get to see.
//!
//! However many listen, each distinct question is evaluated once and each distinct answer is rendered once. *Whether* a
//! listener may see a change depends on the rule and the filter: listeners with the same rule and the same filter share the
//! result, unless these refer to the caller or the parameters. *What* a listener sees is shared by all who see the same
//! fields.

use super::delivery::Delivery;
use super::hub::Hub;
use super::index::Watcher;
use crate::db::DbError;
use crate::domain::access::Uses;
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::model::Record;
use crate::domain::records::{self, Verdict};
use crate::domain::tx::{Action, ReadTx, Sending, Showing};
use crate::domain::{self, Error};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a client's own filters and expansions may take for one change.
const CLIENT_TIME: Duration = Duration::from_millis(250);
/// How long a rule may take for one change. Rules are written by the owner, so clients are not charged for them.
const RULE_TIME: Duration = Duration::from_secs(1);

const SLOW_RULE: &str = "The access rule takes too long to evaluate for events.";
const DELETED: &str = "Too many records were deleted at the same time to check who may see them.";
const FAILED: &str = "An access rule or filter could not be evaluated for an event.";

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The time of the first pass is over. The question must be asked again from the backlog.
    OutOfTime,
    /// The client must be disconnected, because it would miss an event without knowing. Carries the reason.
    GiveUp(&'static str),
}

/// How much time there is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// In the first pass: until this moment, for all listeners together.
    Until(Instant),
    /// From the backlog: [`RULE_TIME`] for each rule, [`CLIENT_TIME`] for all filters and expansions of a client.
    PerClient,
}

/// The cached results for one change.
#[derive(Debug, Default)]
pub(super) struct Answers {
    rulings: HashMap<Question, Ruling>,
    views: HashMap<View, Option<Bytes>>,
    /// By subscription and view.
    messages: HashMap<(Arc<str>, View), Bytes>,
    /// How many clients have the same subscription, and the share of its cost that each of them is charged.
    pub sharers: HashMap<Arc<str>, u32>,
    pub shares: HashMap<Arc<str>, Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    rule: Option<String>,
    filter: String,
    is_superuser: bool,
}

/// The results for one question, by the circumstances that they depend on.
#[derive(Debug)]
struct Ruling {
    first: Verdict,
    verdicts: HashMap<Circumstances, bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Circumstances {
    /// Collection id and record id of the caller.
    caller: Option<(String, String)>,
    parameters: Arc<str>,
}

/// Everything that decides what a listener sees of a record. Equal views get the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct View {
    fields: String,
    expand: String,
    viewer: Viewer,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Viewer {
    Superuser,
    Anyone,
    /// The record itself is the caller.
    Record,
    /// The result depends on rules of other collections or on the manage rule, so on the caller and the parameters.
    Specific(Circumstances),
}

/// The evaluation of one change for its listeners.
pub(super) struct Evaluation<'a> {
    pub hub: &'a Hub,
    pub delivery: &'a Delivery,
    /// The current state of the database.
    pub now: &'a ReadTx,
    /// The state before the commit, where the relations of a deleted record still exist. `None` if no snapshot could be
    /// kept.
    pub before: Option<&'a ReadTx>,
    pub answers: &'a mut Answers,
    pub pace: Pace,
    /// How long the client's own filters and expansions have taken so far.
    pub own: Duration,
}

impl Evaluation<'_> {
    /// Returns the message for `caller`, or `None` if the subscription gets none.
    pub fn message(&mut self, watcher: &Watcher, caller: &Caller) -> Result<Option<Bytes>, Stop> {
        let (delivery, current) = (self.delivery, caller);
        let caller = delivery.caller(&watcher.client, current);
        if !self.is_allowed(watcher, caller)? {
            return self.message_of_stored(watcher, current);
        }
        let options = &watcher.subscription.options;
        let view = View {
            fields: options.fields.clone(),
            expand: options.expand.clone(),
            viewer: self.viewer(watcher, caller),
        };
        let is_asked = self.now.hooks().is_some_and(|hooks| hooks.sends(&self.delivery.change.record.collection));
        if is_asked {
            let Some(data) = self.view(watcher, caller, &view)? else { return Ok(None) };
            let asked = self.ask_scripts(watcher, caller, &data)?;
            return Ok(asked.map(|data| self.hub.message(framed(&watcher.subscription.text, &data))));
        }
        let key = (Arc::clone(&watcher.subscription.text), view);
        if let Some(message) = self.answers.messages.get(&key) {
            return Ok(Some(message.clone()));
        }
        let Some(data) = self.view(watcher, caller, &key.1)? else { return Ok(None) };
        let message = self.hub.message(framed(&key.0, &data));
        self.answers.messages.insert(key, message.clone());
        Ok(Some(message))
    }

    /// See [`Delivery::stored`].
    fn message_of_stored(&mut self, watcher: &Watcher, caller: &Caller) -> Result<Option<Bytes>, Stop> {
        let delivery = self.delivery;
        let Some(stored) = delivery.stored.as_deref() else { return Ok(None) };
        let mut answers = stored.answers();
        let mut evaluation = Evaluation { delivery: stored, answers: &mut answers, ..*self };
        let message = evaluation.message(watcher, caller);
        self.own = evaluation.own;
        message
    }

    /// The rule comes first: many listeners share it, and a filter must not be evaluated on a record that its author may not
    /// see.
    fn is_allowed(&mut self, watcher: &Watcher, caller: &Caller) -> Result<bool, Stop> {
        let rule = self.delivery.change.record.collection.rule(watcher.kind).map(ToOwned::to_owned);
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
        let Self { delivery, now, before, .. } = *self;
        let request = request(watcher, caller);
        let is_delete = delivery.change.action == Action::Delete;
        let mut states: Vec<(&ReadTx, &Record)> =
            vec![(before.filter(|_| is_delete).unwrap_or(now), &delivery.change.record)];
        states.extend(delivery.last.as_deref().map(|last| (now, last)));
        let mut whole = Verdict { is_allowed: true, uses: Uses::default() };
        for (tx, record) in states {
            let is_own = !question.filter.is_empty();
            let verdict = self.timed(is_own, tx, |tx| {
                records::may_notice(tx, &request, record, question.rule.as_deref(), &question.filter)
            })?;
            // An error for one caller need not occur for another.
            let unsettled = Uses { caller: true, parameters: true, rows: false };
            let verdict = verdict.unwrap_or(Verdict { is_allowed: false, uses: unsettled });
            whole.is_allowed &= verdict.is_allowed;
            whole.uses = verdict.uses;
        }
        if is_delete && before.is_none() && whole.uses.rows {
            return Err(Stop::GiveUp(DELETED));
        }
        // What a rule leads to may have been deleted with the record, and `team.owner = @request.auth.id` holds for guests where
        // there is no team. It is read where the rule was: a later listener may be judged by a later state, in which both are gone.
        if !is_delete && whole.is_allowed && whole.uses.rows {
            let record = &delivery.change.record;
            let is_stored = self.timed(false, now, |tx| match tx.schema().by_id(&record.collection.id) {
                Some(collection) => Ok(records::find(tx, collection, record.id())?.is_some()),
                None => Ok(false),
            })?;
            whole.is_allowed = is_stored == Some(true);
        }
        Ok(whole)
    }

    /// Renders what the listener sees. `None` if that fails; the log has the reason.
    fn view(&mut self, watcher: &Watcher, caller: &Caller, view: &View) -> Result<Option<Bytes>, Stop> {
        if let Some(data) = self.answers.views.get(view) {
            return Ok(data.clone());
        }
        let Self { delivery, now, before, .. } = *self;
        let tx = match delivery.change.action {
            Action::Delete if before.is_none() && !view.expand.is_empty() => return Err(Stop::GiveUp(DELETED)),
            Action::Delete => before.unwrap_or(now),
            Action::Create | Action::Update => now,
        };
        let request = request(watcher, caller);
        let options = &watcher.subscription.options;
        let record = self.timed(!options.is_empty(), tx, |tx| {
            records::render_change(tx, &request, &delivery.change.record, &options.shape)
        })?;
        let data = record.map(|record| self.hub.message(data(&record, delivery.change.action)));
        self.answers.views.insert(view.clone(), data.clone());
        Ok(data)
    }

    fn viewer(&self, watcher: &Watcher, caller: &Caller) -> Viewer {
        let record = &self.delivery.change.record;
        if self.is_enriched(watcher) {
            return Viewer::Specific(circumstances(watcher, caller));
        }
        if caller.is_superuser() {
            return Viewer::Superuser;
        }
        if !watcher.subscription.options.shape.expand.is_empty() {
            return Viewer::Specific(circumstances(watcher, caller));
        }
        let Some(auth) = &record.collection.auth else { return Viewer::Anyone };
        if caller.is_record(&record.collection.id, record.id()) {
            return Viewer::Record;
        }
        if auth.manage_rule.is_some() && !record.is_true("emailVisibility") {
            return Viewer::Specific(circumstances(watcher, caller));
        }
        Viewer::Anyone
    }

    /// Asks the scripts about the message to one client. `None` if it is withheld.
    fn ask_scripts(&mut self, watcher: &Watcher, caller: &Caller, data: &[u8]) -> Result<Option<Vec<u8>>, Stop> {
        let Self { delivery, now, .. } = *self;
        let message = serde_json::from_slice(data).ok();
        let request = request(watcher, caller);
        let asked = self.timed(false, now, |tx| {
            let mut sending = Sending {
                request: &request,
                record: &delivery.change.record,
                topic: &watcher.subscription.text,
                client_id: &watcher.client.id,
                message: message.clone(),
            };
            if let Some(hooks) = tx.hooks() {
                hooks.send(tx, &mut sending)?;
            }
            Ok(sending.message)
        })?;
        Ok(asked.flatten().map(|message| message.to_string().into_bytes()))
    }

    /// Whether a script decides what each listener sees, of the record or of what it expands to.
    fn is_enriched(&self, watcher: &Watcher) -> bool {
        let has_expansions = !watcher.subscription.options.shape.expand.is_empty();
        self.now.shows(Showing::Enrich, &self.delivery.change.record.collection)
            || (has_expansions && self.now.hooks().is_some())
    }

    /// Evaluates a question within its time limit. `None` if it cannot be answered, which counts as no.
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
        let answer = tx.savepoint(|| tx.within(left, || ask(tx)));
        if is_own {
            self.own += began.elapsed();
        }
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => error,
        };
        match error.answer() {
            // A statement that fails is a fault of ours: what the caller may ask was checked before.
            Error::Db(DbError::Statement(_)) => {
                let collection = &self.delivery.change.record.collection.name;
                tracing::error!(collection, is_own, %error, "the database refused a rule, filter or expansion for realtime");
                Ok(None)
            }
            // A rule or filter that does not compile matches nothing.
            Error::Invalid { .. }
            | Error::Forbidden(_)
            | Error::NotFound(_)
            | Error::Unauthenticated(_)
            // Of a script that says what listeners see.
            | Error::Rejected(_) => Ok(None),
            Error::Db(DbError::Interrupted) => {
                let collection = &self.delivery.change.record.collection.name;
                tracing::warn!(collection, is_own, "a rule or filter takes too long for realtime");
                Err(is_over)
            }
            _ => {
                tracing::warn!(%error, "a rule or filter could not be evaluated for a realtime event");
                Err(Stop::GiveUp(FAILED))
            }
        }
    }
}

impl Ruling {
    /// Returns the part of the circumstances that the result depends on.
    fn relevant(&self, around: &Circumstances) -> Circumstances {
        let uses = self.first.uses;
        match (uses.caller, uses.parameters) {
            // A rule that reads the caller may lead to rules that read the parameters, for some callers and not for others.
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

/// The lines of an event.
fn framed(topic: &str, data: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(topic.len() + data.len() + 16);
    for part in [b"event:", topic.as_bytes(), b"\ndata:", data, b"\n\n"] {
        message.extend_from_slice(part);
    }
    message
}

/// Renders `{"record":…,"action":"…"}` on one line. JSON may contain line breaks between its tokens, and a line break would
/// end the message.
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
