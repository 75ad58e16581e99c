//! Which subscriptions a change of a record, or a message to a topic, concerns.
//!
//! Subscriptions are indexed by collection and record, so a change looks only at those it may concern.

use super::hub::Client;
use super::subscription::{Subscription, Topic};
use crate::domain::model::{Record, RuleKind};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All subscriptions, by the name or the id of a collection, whichever the client used.
#[derive(Debug, Default)]
pub(super) struct Index {
    watched: HashMap<String, Watched>,
}

#[derive(Debug, Default)]
struct Watched {
    every: Watchers,
    one: HashMap<String, Watchers>,
}

/// By number of the client. Clients that connected first are served first.
type Watchers = BTreeMap<u64, (Arc<Client>, Vec<Arc<Subscription>>)>;

/// A subscription that a change concerns.
#[derive(Clone, Debug)]
pub(super) struct Watcher {
    pub client: Arc<Client>,
    pub subscription: Arc<Subscription>,
    /// The rule that applies.
    pub kind: RuleKind,
}

impl Index {
    /// Whether a change of `record` may concern any client.
    pub fn is_watched(&self, record: &Record) -> bool {
        let mut watched = [&record.collection.name, &record.collection.id].into_iter();
        watched.any(|key| {
            self.watched
                .get(key)
                .is_some_and(|watched| !watched.every.is_empty() || watched.one.contains_key(record.id()))
        })
    }

    /// Whether a message to a topic may concern any client.
    pub fn has_subscribers(&self, topic: &str) -> bool {
        self.watchers_of(&Topic::parse(topic)).is_some_and(|watchers| !watchers.is_empty())
    }

    /// Returns the clients that have subscribed to exactly this topic, with the texts of their subscriptions.
    pub fn subscribers(&self, topic: &str) -> Vec<(Arc<Client>, Arc<str>)> {
        let watchers = self.watchers_of(&Topic::parse(topic)).into_iter().flat_map(BTreeMap::values);
        let texts = watchers.flat_map(|(client, subscriptions)| {
            let texts = subscriptions.iter().map(|subscription| &subscription.text);
            let texts = texts.filter(|text| text.split_once('?').map_or(&***text, |(topic, _)| topic) == topic);
            texts.map(|text| (Arc::clone(client), Arc::clone(text)))
        });
        texts.collect()
    }

    /// Returns the subscriptions that a change of `record` concerns, those to the whole collection first.
    pub fn watchers(&self, record: &Record) -> Vec<Watcher> {
        let keys = [&record.collection.name, &record.collection.id];
        let watched: Vec<&Watched> = keys.into_iter().filter_map(|key| self.watched.get(key)).collect();
        let every = watched.iter().map(|watched| (RuleKind::List, &watched.every));
        let one = watched.iter().filter_map(|watched| Some((RuleKind::View, watched.one.get(record.id())?)));
        let mut found = Vec::new();
        for (kind, watchers) in every.chain(one) {
            for (client, subscriptions) in watchers.values() {
                found.extend(subscriptions.iter().map(|subscription| Watcher {
                    client: Arc::clone(client),
                    subscription: Arc::clone(subscription),
                    kind,
                }));
            }
        }
        found
    }

    fn watchers_of(&self, topic: &Topic) -> Option<&Watchers> {
        match topic {
            Topic::Every(collection) => self.watched.get(collection).map(|watched| &watched.every),
            Topic::One { collection, record_id } => self.watched.get(collection)?.one.get(record_id),
        }
    }

    pub fn watch(&mut self, client: &Arc<Client>, subscription: &Arc<Subscription>) {
        let watchers = match &subscription.topic {
            Topic::Every(collection) => &mut self.watched.entry(collection.clone()).or_default().every,
            Topic::One { collection, record_id } => {
                self.watched.entry(collection.clone()).or_default().one.entry(record_id.clone()).or_default()
            }
        };
        let (_, subscriptions) = watchers.entry(client.number).or_insert_with(|| (Arc::clone(client), Vec::new()));
        subscriptions.push(Arc::clone(subscription));
    }

    pub fn unwatch(&mut self, client: &Client, subscriptions: &[Arc<Subscription>]) {
        for subscription in subscriptions {
            let (Topic::Every(collection) | Topic::One { collection, .. }) = &subscription.topic;
            let Some(watched) = self.watched.get_mut(collection) else { continue };
            match &subscription.topic {
                Topic::Every(_) => drop(watched.every.remove(&client.number)),
                Topic::One { record_id, .. } => {
                    if let Some(watchers) = watched.one.get_mut(record_id) {
                        watchers.remove(&client.number);
                        if watchers.is_empty() {
                            watched.one.remove(record_id);
                        }
                    }
                }
            }
            if watched.every.is_empty() && watched.one.is_empty() {
                self.watched.remove(collection);
            }
        }
    }
}
