//! How often is asked and written for many who listen, in which order they are told, and what a panic costs.

use super::broadcast::broadcast;
use super::subscription::Options;
use super::*;
use crate::domain::caller::Lookup;
use crate::domain::testing::{TestTx, collection, record, seeded};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Answers `yes` to every name, and counts how often it is asked; or panics.
#[derive(Debug, Default)]
struct Parameters {
    asked: AtomicUsize,
    is_broken: bool,
}

impl Lookup for Parameters {
    fn get(&self, _: &str) -> Option<String> {
        assert!(!self.is_broken, "for the test");
        self.asked.fetch_add(1, Ordering::Relaxed);
        Some("yes".to_owned())
    }
}

struct Listeners {
    tx: TestTx,
    hub: Arc<Hub>,
}

impl Listeners {
    /// With a collection `posts` under this list rule.
    fn new(rule: &str) -> Self {
        let tx = seeded();
        let fields = json!([{"name": "title", "type": "text"}]);
        collection(&tx, json!({"name": "posts", "fields": fields, "listRule": rule, "viewRule": rule}));
        Self { tx, hub: Arc::new(Hub::new(Limits::default())) }
    }

    fn user(&self, name: &str) -> Caller {
        let body = json!({"email": format!("{name}@example.com"), "password": "12345678"});
        Caller::Record(record(&self.tx, "users", body))
    }

    fn listen(&self, caller: Caller, subscriptions: Vec<Subscription>) -> Arc<Client> {
        let client = self.hub.connect(HERE).unwrap();
        self.hub.subscribe(&client.id, HERE, caller, subscriptions).unwrap();
        client
    }

    fn post(&self, title: &str) -> Change {
        Change { action: Action::Create, record: record(&self.tx, "posts", json!({"title": title})) }
    }

    fn tell(&self, change: &Change) {
        broadcast(&self.hub, Scene { change, last: None, now: &self.tx, before: None });
    }

    fn tell_in_order(&self, changes: Vec<Change>) {
        let news = News { items: changes.into_iter().map(Item::Changed).collect(), before: None };
        let mut untold = Untold::of(&news);
        while !untold.items.as_slice().is_empty() {
            tell_in_order(&self.hub, &mut untold, &self.tx);
        }
    }
}

/// To all posts, with parameters that are the same for everyone.
fn asking(parameters: &Arc<Parameters>) -> Vec<Subscription> {
    let query = Some(Arc::clone(parameters) as Arc<dyn Lookup>);
    vec![Subscription { options: Options { query, ..Options::default() }, ..Subscription::parse("posts/*") }]
}

fn to(texts: &[&str]) -> Vec<Subscription> {
    texts.iter().map(|text| Subscription::parse(text)).collect()
}

/// The event and title of each message that waits for a client.
fn waiting(client: &Client) -> Vec<(String, String)> {
    let messages = client.queue.take_all().into_iter().map(|message| {
        let text = String::from_utf8(message.to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let data: Value = serde_json::from_str(lines[1].strip_prefix("data:").unwrap()).unwrap();
        let title = data["record"]["title"].as_str().unwrap_or_default().to_owned();
        (lines[0].strip_prefix("event:").unwrap().to_owned(), title)
    });
    messages.collect()
}

#[test]
fn a_rule_is_asked_once_for_all_unless_it_names_the_caller() {
    let check = |rule: &str, expected| {
        let listeners = Listeners::new(rule);
        let parameters = Arc::<Parameters>::default();
        let (ana, bob) = (listeners.user("ana"), listeners.user("bob"));
        let callers = [Caller::Anonymous, ana.clone(), bob, ana, Caller::Anonymous];
        let clients = callers.map(|caller| listeners.listen(caller, asking(&parameters)));
        listeners.tell(&listeners.post("one"));
        assert_eq!(parameters.asked.load(Ordering::Relaxed), expected, "{rule}");
        assert!(clients.iter().all(|client| waiting(client).len() == 1), "{rule}");
    };
    check("@request.query.a = 'yes' && title != ''", 1);
    check("@request.query.a = 'yes' && @request.auth.id != 'x'", 3);
}

#[test]
fn a_message_is_written_once_for_all_who_see_the_same() {
    let listeners = Listeners::new("");
    let (ana, bob) = (listeners.user("ana"), listeners.user("bob"));
    let clients = [Caller::Anonymous, ana, bob].map(|caller| listeners.listen(caller, to(&["posts/*"])));
    listeners.tell(&listeners.post("one"));
    let starts = clients.map(|client| client.queue.take_all()[0].as_ptr());
    assert!(starts.iter().all(|start| *start == starts[0]), "they share the bytes");
}

#[test]
fn a_client_is_told_in_order_and_by_the_name_it_subscribed_under() {
    let listeners = Listeners::new("");
    let (one, two) = (listeners.post("one"), listeners.post("two"));
    let one_id = one.record.id().to_owned();
    let id_topic = format!("{}/*", one.record.collection.id);
    let topics = [&*format!("posts/{one_id}"), "posts/*", &id_topic, "posts", "posts/*", "other/*", ""];
    let client = listeners.listen(Caller::Anonymous, to(&topics));
    listeners.tell_in_order(vec![one, two]);
    let told = waiting(&client);
    let expected = |topics: &[&str], title: &str| -> Vec<(String, String)> {
        topics.iter().map(|topic| ((*topic).to_owned(), title.to_owned())).collect()
    };
    assert_eq!(told[..4], expected(&["posts/*", "posts", &id_topic, &format!("posts/{one_id}")], "one"));
    assert_eq!(told[4..], expected(&["posts/*", "posts", &id_topic], "two"));
    listeners.hub.subscribe(&client.id, HERE, Caller::Anonymous, Vec::new()).unwrap();
    assert!(!listeners.hub.is_watched(&listeners.post("three").record), "nothing is left of what was subscribed");
}

#[test]
fn states_within_a_commit_are_told_to_those_who_may_see_how_it_ended() {
    let listeners = Listeners::new("title != 'secret'");
    let client = listeners.listen(Caller::Anonymous, to(&["posts/*"]));
    let first = listeners.post("draft");
    let update = |title: &str| {
        let mut record = (*first.record).clone();
        record.set("title", title);
        Change { action: Action::Update, record: Arc::new(record) }
    };
    listeners.tell_in_order(vec![first.clone(), update("final")]);
    assert_eq!(waiting(&client).len(), 2);
    listeners.tell_in_order(vec![first.clone(), update("secret")]);
    assert_eq!(waiting(&client).len(), 0);
    let deleted = Change { action: Action::Delete, ..update("secret") };
    listeners.tell_in_order(vec![update("shown"), deleted]);
    assert_eq!(waiting(&client).len(), 0);
}

#[test]
fn a_panic_costs_whoever_caused_it_their_connection_and_nobody_else_anything() {
    let listeners = Listeners::new("@request.query.a = 'yes' || title = 'x'");
    let healthy = listeners.listen(Caller::Anonymous, to(&["posts"]));
    let parameters = Arc::new(Parameters { is_broken: true, ..Parameters::default() });
    let mut broken = asking(&parameters);
    broken[0].options.key = "broken".into();
    let broken = listeners.listen(Caller::Anonymous, broken);
    let last = listeners.listen(Caller::Anonymous, to(&["posts"]));
    listeners.tell_in_order(vec![listeners.post("x"), listeners.post("x")]);
    assert_eq!((waiting(&healthy).len(), waiting(&last).len()), (2, 2));
    assert!(listeners.hub.find(&broken.id).is_none());
}

#[test]
fn connections_are_limited_and_end_with_the_server() {
    let hub = Hub::new(Limits { clients: 3, clients_per_address: 1 });
    let public = IpAddr::from([9, 9, 9, 9]);
    let first = hub.connect(public).unwrap();
    assert_eq!(hub.connect(public).unwrap_err(), Refusal::Full);
    hub.disconnect(&first);
    hub.connect(public).unwrap();
    hub.connect(HERE).unwrap();
    let last = hub.connect(HERE).unwrap();
    assert_eq!(hub.connect(HERE).unwrap_err(), Refusal::Full, "as many as there may be");
    hub.close();
    assert_eq!((hub.is_empty(), hub.connect(HERE).unwrap_err()), (true, Refusal::Closed));
    assert_eq!(hub.subscribe(&last.id, HERE, Caller::Anonymous, Vec::new()), Err(Refusal::Unknown));
}

#[tokio::test]
async fn a_dropped_stream_is_a_client_gone() {
    let realtime = Realtime::new(Limits::default());
    let mut events = realtime.connect(HERE).unwrap();
    let first = events.next().await.unwrap().unwrap();
    let id = realtime.hub.clients()[0].id.clone();
    assert_eq!(first, format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\"}}\n\n"));
    assert_eq!((id.len(), id.chars().all(|letter| letter.is_ascii_alphanumeric())), (40, true));
    drop(events);
    assert!(realtime.hub.is_empty());
}
