//! One change, told to everyone who may hear of it.
//!
//! However many listen, each distinct question is asked once and each distinct answer written once. *Whether* somebody
//! may hear of a change is one question for all who ask with the same rule and filter, unless these name the caller or the
//! parameters. *What* they get to see is one answer for all who see the same fields of it.

use super::hub::{Hub, Watcher};
use crate::db::DbError;
use crate::domain::access::Uses;
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::model::Record;
use crate::domain::records::{self, Verdict};
use crate::domain::tx::{Action, Change, ReadTx};
use crate::domain::{self, Error};
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the questions of one client's own making (its filters and expansions) may take for one change. They stand in
/// everyone's way: a client that asks for more is disconnected.
const CLIENT_TIME: Duration = Duration::from_millis(250);
/// The same for what rules ask, which nobody is to blame for but who wrote them.
const RULE_TIME: Duration = Duration::from_secs(5);

/// Where a change is judged.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub change: &'a Change,
    /// The record as the commit left it, or as it was last when the commit deleted it: where it was changed more than
    /// once. Whoever may not see that is not told of the states before it.
    pub last: Option<&'a Record>,
    /// As it is now.
    pub now: &'a ReadTx,
    /// As it was before the commit: what a deleted record was related to is still there. `None` when it could not be kept.
    pub before: Option<&'a ReadTx>,
}

/// Tells everyone concerned.
pub(super) fn broadcast(hub: &Hub, scene: Scene<'_>) {
    let watchers = hub.watchers(&scene.change.record);
    let mut telling = Telling {
        scene,
        rulings: HashMap::new(),
        views: HashMap::new(),
        messages: HashMap::new(),
        spent: HashMap::new(),
    };
    let mut given_up = HashSet::new();
    for watcher in &watchers {
        if given_up.contains(&watcher.client.id) {
            continue;
        }
        // What a panic leaves behind are answers remembered for this change alone. The panic hook has logged it.
        let message = catch_unwind(AssertUnwindSafe(|| telling.message(watcher))).unwrap_or(Err(GiveUp));
        match message {
            Ok(Some(message)) => hub.send(&watcher.client, message),
            Ok(None) => {}
            Err(GiveUp) => {
                tracing::warn!(
                    client = watcher.client.id,
                    subscription = &*watcher.subscription.text,
                    "a realtime client was disconnected: its subscription cannot be served"
                );
                hub.give_up(&watcher.client);
                given_up.insert(watcher.client.id.clone());
            }
        }
    }
}

/// The client must be disconnected: it would miss something without knowing.
struct GiveUp;

struct Telling<'a> {
    scene: Scene<'a>,
    rulings: HashMap<Question, Ruling>,
    views: HashMap<View, Option<Bytes>>,
    /// By subscription and what it shows.
    messages: HashMap<(Arc<str>, View), Bytes>,
    /// What each client's own questions have taken.
    spent: HashMap<String, Duration>,
}

#[derive(PartialEq, Eq, Hash)]
struct Question {
    rule: Option<String>,
    filter: String,
    is_superuser: bool,
}

/// Answers to one question, by what they turned out to depend on.
struct Ruling {
    first: Verdict,
    verdicts: HashMap<Circumstances, bool>,
}

#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Circumstances {
    /// Collection and id of the caller's record.
    caller: Option<(String, String)>,
    parameters: Arc<str>,
}

/// What makes a record look the same to two listeners.
#[derive(Clone, PartialEq, Eq, Hash)]
struct View {
    fields: String,
    expand: String,
    whom: Whom,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Whom {
    Superuser,
    Anyone,
    /// The record itself is asking.
    Own,
    /// Rules of other collections, or the manage rule, have a say.
    Just(Circumstances),
}

impl Telling<'_> {
    fn message(&mut self, watcher: &Watcher) -> Result<Option<Bytes>, GiveUp> {
        let caller = watcher.client.caller();
        if !self.is_allowed(watcher, &caller)? {
            return Ok(None);
        }
        let options = &watcher.subscription.options;
        let view =
            View { fields: options.fields.clone(), expand: options.expand.clone(), whom: self.whom(watcher, &caller) };
        let key = (Arc::clone(&watcher.subscription.text), view);
        if let Some(message) = self.messages.get(&key) {
            return Ok(Some(message.clone()));
        }
        let Some(data) = self.view(watcher, &caller, &key.1)? else { return Ok(None) };
        let mut message = Vec::with_capacity(key.0.len() + data.len() + 16);
        for part in [b"event:", key.0.as_bytes(), b"\ndata:", &data, b"\n\n"] {
            message.extend_from_slice(part);
        }
        let message = Bytes::from(message);
        self.messages.insert(key, message.clone());
        Ok(Some(message))
    }

    fn is_allowed(&mut self, watcher: &Watcher, caller: &Caller) -> Result<bool, GiveUp> {
        let options = &watcher.subscription.options;
        let collection = &self.scene.change.record.collection;
        let question = Question {
            rule: collection.rule(watcher.kind).map(ToOwned::to_owned),
            filter: options.filter.clone(),
            is_superuser: caller.is_superuser(),
        };
        let around = circumstances(watcher, caller);
        if let Some(ruling) = self.rulings.get(&question)
            && let Some(is_allowed) = ruling.verdicts.get(&ruling.relevant(&around))
        {
            return Ok(*is_allowed);
        }
        let verdict = self.ask(watcher, caller, &question)?;
        let ruling =
            self.rulings.entry(question).or_insert_with(|| Ruling { first: verdict, verdicts: HashMap::new() });
        let relevant = ruling.relevant(&around);
        ruling.verdicts.insert(relevant, verdict.is_allowed);
        Ok(verdict.is_allowed)
    }

    fn ask(&mut self, watcher: &Watcher, caller: &Caller, question: &Question) -> Result<Verdict, GiveUp> {
        let Scene { change, last, now, before } = self.scene;
        let request = request(watcher, caller);
        let is_delete = change.action == Action::Delete;
        let mut scenes: Vec<(&ReadTx, &Record)> = vec![(before.filter(|_| is_delete).unwrap_or(now), &change.record)];
        scenes.extend(last.map(|last| (now, last)));
        let mut whole = Verdict { is_allowed: true, uses: Uses::default() };
        for (tx, record) in scenes {
            let is_own = !question.filter.is_empty();
            let verdict = self.timed(watcher, is_own, tx, |tx| {
                records::may_notice(tx, &request, record, question.rule.as_deref(), &question.filter)
            })?;
            // What went wrong for one caller need not go wrong for another.
            let unsettled = Uses { caller: true, parameters: true, rows: false };
            let verdict = verdict.unwrap_or(Verdict { is_allowed: false, uses: unsettled });
            whole.is_allowed &= verdict.is_allowed;
            whole.uses = verdict.uses;
        }
        if is_delete && before.is_none() && whole.uses.rows {
            return Err(GiveUp);
        }
        Ok(whole)
    }

    /// What the listener gets to see. `None` when that cannot be told; the log says why.
    fn view(&mut self, watcher: &Watcher, caller: &Caller, view: &View) -> Result<Option<Bytes>, GiveUp> {
        if let Some(data) = self.views.get(view) {
            return Ok(data.clone());
        }
        let Scene { change, now, before, .. } = self.scene;
        let tx = match change.action {
            Action::Delete if before.is_none() && !view.expand.is_empty() => return Err(GiveUp),
            Action::Delete => before.unwrap_or(now),
            Action::Create | Action::Update => now,
        };
        let request = request(watcher, caller);
        let shape = &watcher.subscription.options.shape;
        let is_own = !view.expand.is_empty();
        let record =
            self.timed(watcher, is_own, tx, |tx| records::render_change(tx, &request, &change.record, shape))?;
        let data = record.map(|record| data(&record, change.action));
        self.views.insert(view.clone(), data.clone());
        Ok(data)
    }

    fn whom(&self, watcher: &Watcher, caller: &Caller) -> Whom {
        let record = &self.scene.change.record;
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

    /// Runs a question; `None` when it cannot be answered, which is no. One of the client's `own` making that takes too
    /// long makes it give up.
    fn timed<T>(
        &mut self,
        watcher: &Watcher,
        is_own: bool,
        tx: &ReadTx,
        ask: impl FnOnce(&ReadTx) -> domain::Result<T>,
    ) -> Result<Option<T>, GiveUp> {
        let spent = self.spent.get(&watcher.client.id).copied().unwrap_or_default();
        let time = if is_own { CLIENT_TIME.saturating_sub(spent) } else { RULE_TIME };
        let began = Instant::now();
        let answer = tx.within(time, || ask(tx));
        if is_own {
            let spent = spent + began.elapsed();
            self.spent.insert(watcher.client.id.clone(), spent);
            if spent >= CLIENT_TIME {
                return Err(GiveUp);
            }
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
                tracing::warn!(collection = %self.scene.change.record.collection.name, "a rule takes too long for realtime");
                Err(GiveUp)
            }
            Err(error) => {
                tracing::warn!(%error, "a realtime event could not be judged");
                Err(GiveUp)
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
fn data(record: &[u8], action: Action) -> Bytes {
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
    Bytes::from(data)
}
