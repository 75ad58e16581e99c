//! `realtime`: messages to the clients that listen.

use crate::domain::tx::{Addressee, Audience, Message, WriteTx};
use crate::domain::{Error, Result};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{RealtimeValue, RecordValue, json};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};

/// The longest topic, in bytes.
const MAX_TOPIC_BYTES: usize = 255;
/// The largest message as JSON, in bytes.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// How many records and collections a message may name.
const MAX_ADDRESSEES: usize = 1000;
/// The event by which a client learns its id.
const CONNECTED: &str = "PB_CONNECT";

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "realtime", realtime_functions);
}

#[export_module]
mod realtime_functions {
    /// Sends a message to all realtime clients that have subscribed to a topic of your own: `realtime.send("news", #{ text: "We are open." })`, which
    /// `pb.realtime.subscribe("news", …)` hears. It is sent when the transaction is committed, and not if it fails. Records in it are
    /// shown without hidden fields. 256 KiB at most.
    #[rhai_fn(name = "send", pure, return_raw, volatile)]
    pub fn send(
        context: NativeCallContext<'_>,
        realtime: &mut RealtimeValue,
        topic: &str,
        message: Dynamic,
    ) -> Outcome<()> {
        send_to(context, realtime, topic, message, Map::new())
    }

    /// The same to some of them, by who they are signed in as: `to` and `except` are a record of an auth collection, the name of an auth
    /// collection, or a list of such: `realtime.send("chat", text, #{ to: "users", except: e.caller })`.
    #[rhai_fn(name = "send", pure, return_raw, volatile)]
    pub fn send_to(
        context: NativeCallContext<'_>,
        _realtime: &mut RealtimeValue,
        topic: &str,
        message: Dynamic,
        options: Map,
    ) -> Outcome<()> {
        ambient::note(&context);
        check_topic(topic)?;
        let data = json::to_public_json(&message)?.to_string();
        if data.len() > MAX_MESSAGE_BYTES {
            return Err(problem(format!(
                "a realtime message must not be larger than {} KiB",
                MAX_MESSAGE_BYTES / 1024
            )));
        }
        let (mut to, mut except) = (None, Vec::new());
        for (name, value) in &options {
            match name.as_str() {
                "to" => to = Some(names(name, value)?),
                "except" => except = names(name, value)?,
                _ => return Err(problem(format!("unknown option {name:?}; options are to and except"))),
            }
        }
        let topic = topic.to_owned();
        ambient::write(move |tx| {
            refuse_topic_of_records(tx, &topic)?;
            let found = |names: Vec<Name>| names.into_iter().map(|name| name.found(tx)).collect::<Result<Vec<_>>>();
            let audience = Audience { to: to.map(found).transpose()?, except: found(except)? };
            tx.send(Message { topic, data, audience })
        })
    }
}

/// Whom an option names.
enum Name {
    Known(Addressee),
    /// The name of an auth collection.
    Collection(String),
}

impl Name {
    fn read(option: &str, value: &Dynamic) -> Outcome<Self> {
        if let Some(record) = value.read_lock::<RecordValue>().filter(|record| record.collection().is_auth()) {
            let (collection_id, record_id) = (record.collection().id.clone(), record.id());
            return Ok(Self::Known(Addressee::Record { collection_id, record_id }));
        }
        match value.as_immutable_string_ref() {
            Ok(name) => Ok(Self::Collection(name.to_string())),
            Err(_) => Err(problem(format!(
                "{option} takes a record of an auth collection, the name of an auth collection, or a list of such"
            ))),
        }
    }

    fn found(self, tx: &WriteTx) -> Result<Addressee> {
        match self {
            Self::Known(addressee) => Ok(addressee),
            Self::Collection(name) => {
                let collection = tx.schema().find(&name).cloned().filter(|collection| collection.is_auth());
                let missing = || Error::bad_request(format!("there is no auth collection {name:?}"));
                Ok(Addressee::Collection(collection.ok_or_else(missing)?.id.clone()))
            }
        }
    }
}

/// A guest, `()`, is nobody that a message can be sent to, and excludes nobody.
fn names(option: &str, value: &Dynamic) -> Outcome<Vec<Name>> {
    if value.is_unit() {
        return Ok(Vec::new());
    }
    let Ok(items) = value.as_array_ref() else { return Ok(vec![Name::read(option, value)?]) };
    if items.len() > MAX_ADDRESSEES {
        return Err(problem(format!("{option} takes at most {MAX_ADDRESSEES} records")));
    }
    items.iter().map(|item| Name::read(option, item)).collect()
}

fn check_topic(topic: &str) -> Outcome<()> {
    let is_plain =
        !topic.is_empty() && topic.len() <= MAX_TOPIC_BYTES && !topic.contains(|letter: char| letter.is_control());
    if !is_plain || topic.contains('?') {
        return Err(problem(format!(
            "a topic must have 1 to {MAX_TOPIC_BYTES} bytes, without line breaks and question marks"
        )));
    }
    if topic.starts_with('@') || topic.eq_ignore_ascii_case(CONNECTED) {
        return Err(problem(format!("the topic {topic:?} is reserved by the server")));
    }
    Ok(())
}

/// A message must not look like the change of a record.
fn refuse_topic_of_records(tx: &WriteTx, topic: &str) -> Result<()> {
    let first = topic.split('/').next().unwrap_or_default().trim();
    let schema = tx.schema();
    let is_taken = schema
        .all()
        .iter()
        .any(|collection| collection.name.eq_ignore_ascii_case(first) || collection.id.eq_ignore_ascii_case(first));
    if is_taken {
        return Err(Error::bad_request(format!(
            "the topic {topic:?} is a record topic of the collection {first:?}: the server sends its messages"
        )));
    }
    Ok(())
}
