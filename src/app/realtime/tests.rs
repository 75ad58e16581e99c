//! How often rules are evaluated and messages rendered for many listeners, in which order they are sent, and what a panic
//! affects.

use super::backlog::Job;
use super::spending::{Allowance, Cost};
use super::subscription::Options;
use super::tasks::{Undelivered, deliver_in_order, work_off};
use super::*;
use crate::db::Sql;
use crate::domain::caller::Lookup;
use crate::domain::testing::{TestTx, collection, record, seeded};
use crate::domain::tx::WriteTx;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// Time for the first pass that is never over, however slow the machine is.
const ENOUGH_TIME: Duration = Duration::from_mins(10);

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Answers `yes` to every name and counts how often it is asked. Panics if it is broken.
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
    backlog: Backlog,
}

impl Listeners {
    /// Makes a collection `posts` with this list rule.
    fn new(rule: &str) -> Self {
        let tx = seeded();
        let fields = json!([{"name": "title", "type": "text"}]);
        collection(&tx, json!({"name": "posts", "fields": fields, "listRule": rule, "viewRule": rule}));
        Self { tx, hub: Arc::new(Hub::new(Limits::default())), backlog: Backlog::default() }
    }

    fn user(&self, name: &str) -> Caller {
        let body = json!({"email": format!("{name}@example.com"), "password": "12345678"});
        Caller::Record(record(&self.tx, "users", body))
    }

    fn listen(&self, caller: Caller, subscriptions: Vec<Subscription>) -> Arc<Client> {
        let client = self.hub.connect(HERE).unwrap();
        self.hub.subscribe(&client.id, HERE, login(caller), subscriptions, 0).unwrap();
        client
    }

    fn post(&self, title: &str) -> Change {
        Change { action: Action::Create, record: record(&self.tx, "posts", json!({"title": title})) }
    }

    fn deliver(&self, change: &Change) {
        self.deliver_in_order(vec![change.clone()]);
    }

    fn deliver_in_order(&self, changes: Vec<Change>) {
        self.first_pass(changes, ENOUGH_TIME);
        assert!(!work_off(&self.hub, &self.backlog, &self.tx, Duration::from_mins(1)));
    }

    /// Deferred jobs stay in the backlog.
    fn first_pass(&self, changes: Vec<Change>, time: Duration) {
        self.first_pass_of(changes.into_iter().map(Item::Changed).collect(), time);
    }

    fn first_pass_of(&self, items: Vec<Item>, time: Duration) {
        let mut summary = CommitSummary { items, before: None };
        let mut undelivered = Undelivered::of(&mut summary);
        while !undelivered.is_empty() {
            deliver_in_order(&self.hub, &self.backlog, &mut undelivered, &self.tx, time);
        }
    }
}

/// A login whose token never expires.
fn login(caller: Caller) -> Login {
    Login { caller, expires_at: i64::MAX }
}

/// A subscription to the posts whose title is not `word`.
fn filtered(word: &str) -> Vec<Subscription> {
    let options: String = form_urlencoded::byte_serialize(
        json!({"query": {"filter": format!("title != '{word}'")}}).to_string().as_bytes(),
    )
    .collect();
    vec![Subscription::parse(&format!("posts/*?options={options}"))]
}

/// A subscription to all posts, with parameters that all clients share.
fn asking(parameters: &Arc<Parameters>) -> Vec<Subscription> {
    let query = Some(Arc::clone(parameters) as Arc<dyn Lookup>);
    vec![Subscription { options: Options { query, ..Options::default() }, ..Subscription::parse("posts/*") }]
}

fn to(texts: &[&str]) -> Vec<Subscription> {
    texts.iter().map(|text| Subscription::parse(text)).collect()
}

/// Event and title of each message that waits for a client.
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
        listeners.deliver(&listeners.post("one"));
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
    listeners.deliver(&listeners.post("one"));
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
    listeners.deliver_in_order(vec![one, two]);
    let messages = waiting(&client);
    let expected = |topics: &[&str], title: &str| -> Vec<(String, String)> {
        topics.iter().map(|topic| ((*topic).to_owned(), title.to_owned())).collect()
    };
    assert_eq!(messages[..4], expected(&["posts/*", "posts", &id_topic, &format!("posts/{one_id}")], "one"));
    assert_eq!(messages[4..], expected(&["posts/*", "posts", &id_topic], "two"));
    listeners.hub.subscribe(&client.id, HERE, Login::default(), Vec::new(), 0).unwrap();
    assert!(!listeners.hub.is_watched(&listeners.post("three").record), "nothing is left of what was subscribed");
}

#[test]
fn states_within_a_commit_are_sent_to_those_who_may_see_the_last_one() {
    let listeners = Listeners::new("title != 'secret'");
    let client = listeners.listen(Caller::Anonymous, to(&["posts/*"]));
    let first = listeners.post("draft");
    let update = |title: &str| {
        let mut record = (*first.record).clone();
        record.set("title", title);
        Change { action: Action::Update, record: Arc::new(record) }
    };
    listeners.deliver_in_order(vec![first.clone(), update("final")]);
    assert_eq!(waiting(&client).len(), 2);
    listeners.deliver_in_order(vec![first.clone(), update("secret")]);
    assert_eq!(waiting(&client).len(), 0);
    let deleted = Change { action: Action::Delete, ..update("secret") };
    listeners.deliver_in_order(vec![update("shown"), deleted]);
    assert_eq!(waiting(&client).len(), 0);
}

#[test]
fn a_panic_disconnects_the_client_that_caused_it_and_no_other() {
    let listeners = Listeners::new("@request.query.a = 'yes' || title = 'x'");
    let healthy = listeners.listen(Caller::Anonymous, to(&["posts"]));
    let parameters = Arc::new(Parameters { is_broken: true, ..Parameters::default() });
    let mut broken = asking(&parameters);
    broken[0].options.key = "broken".into();
    let broken = listeners.listen(Caller::Anonymous, broken);
    let last = listeners.listen(Caller::Anonymous, to(&["posts"]));
    listeners.deliver_in_order(vec![listeners.post("x"), listeners.post("x")]);
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
    assert_eq!(hub.connect(public).unwrap_err(), Refusal::Full, "a stream that is not closed yet counts");
    hub.close_stream(&first);
    hub.connect(public).unwrap();
    hub.connect(HERE).unwrap();
    let last = hub.connect(HERE).unwrap();
    assert_eq!(hub.connect(HERE).unwrap_err(), Refusal::Full, "as many as there may be");
    hub.close();
    assert_eq!((hub.is_empty(), hub.connect(HERE).unwrap_err()), (true, Refusal::Closed));
    assert_eq!(hub.subscribe(&last.id, HERE, Login::default(), Vec::new(), 0), Err(Refusal::Unknown));
}

#[test]
fn streams_are_counted_by_network() {
    let hub = Hub::new(Limits { clients: 100, clients_per_address: 2 });
    let connect = |text: &str| hub.connect(text.parse().unwrap()).map(|client| client.network);
    connect("2001:db8::1").unwrap();
    connect("2001:db8::2").unwrap();
    assert_eq!(connect("2001:db8::3"), Err(Refusal::Full), "the same /64");
    connect("2001:db8:0:1::1").unwrap();
    connect("9.9.9.9").unwrap();
    connect("::ffff:9.9.9.9").unwrap();
    assert_eq!(connect("9.9.9.9"), Err(Refusal::Full));
}

#[test]
fn subscriptions_of_a_network_are_bounded_in_bytes() {
    let hub = Hub::new(Limits::default());
    let long = |count: usize| -> Vec<Subscription> {
        (0..count).map(|number| Subscription::parse(&format!("posts/{number}{}", "x".repeat(2_400)))).collect()
    };
    let at = |text: &str| {
        let address = text.parse().unwrap();
        (hub.connect(address).unwrap(), address)
    };
    let subscribe = |(client, address): &(Arc<Client>, IpAddr), count| {
        hub.subscribe(&client.id, *address, Login::default(), long(count), 0)
    };
    let clients: Vec<_> = (1..=4).map(|number| at(&format!("2001:db8::{number}"))).collect();
    let outcomes: Vec<_> = clients.iter().map(|client| subscribe(client, 1000)).collect();
    assert_eq!(outcomes, [Ok(()), Ok(()), Ok(()), Err(Refusal::TooManySubscriptions)]);
    assert_eq!(subscribe(&at("2001:db8:0:1::1"), 1000), Ok(()), "another network");
    assert_eq!(subscribe(&clients[0], 1), Ok(()), "fewer than before");
    assert_eq!(subscribe(&clients[3], 900), Ok(()), "there is room again");
    hub.close_stream(&clients[1].0);
    assert_eq!(subscribe(&clients[0], 900), Ok(()), "a stream that ends gives its room back");
}

#[test]
fn clients_without_options_are_served_first_and_each_in_order() {
    let listeners = Listeners::new("");
    let asking = listeners.listen(Caller::Anonymous, filtered("x"));
    let both = [filtered("y"), to(&["posts/*"])].into_iter().flatten().collect();
    let both = listeners.listen(Caller::Anonymous, both);
    let plain = listeners.listen(Caller::Anonymous, to(&["posts/*"]));
    listeners.first_pass(vec![listeners.post("one"), listeners.post("two")], ENOUGH_TIME);
    let titles = |client: &Client| -> Vec<String> { waiting(client).into_iter().map(|(_, title)| title).collect() };
    assert_eq!(titles(&plain), ["one", "two"], "before any filter was asked");
    assert_eq!((titles(&asking).len(), titles(&both).len()), (0, 0));
    listeners.deliver(&listeners.post("three"));
    assert_eq!(titles(&asking), ["one", "two", "three"]);
    assert_eq!(titles(&both), ["one", "one", "two", "two", "three", "three"]);
}

#[test]
fn rules_that_take_longer_than_the_first_pass_are_asked_later() {
    let listeners = Listeners::new("title != 'x'");
    let client = listeners.listen(Caller::Anonymous, to(&["posts/*"]));
    listeners.first_pass(vec![listeners.post("one"), listeners.post("two")], Duration::ZERO);
    assert_eq!(waiting(&client).len(), 0);
    listeners.deliver(&listeners.post("three"));
    assert_eq!(waiting(&client).len(), 3);
}

#[test]
fn costly_filters_delay_and_disconnect_their_owner_alone() {
    let mut listeners = Listeners::new("");
    let allowance = |millis| Allowance { amount: Duration::from_millis(millis), drain: Duration::ZERO };
    listeners.backlog = Backlog::new(allowance(1000), allowance(60_000));
    let costly: Vec<_> = (0..40).map(|n| listeners.listen(Caller::Anonymous, filtered(&format!("c{n}")))).collect();
    let light = listeners.listen(Caller::Anonymous, filtered("light"));
    let own = |job: &Job, millis| {
        let is_costly = !Arc::ptr_eq(&job.client, &light);
        let cost = Duration::from_millis(if is_costly { millis } else { 0 });
        Cost { all: cost, own: cost }
    };
    // The first change shows which clients are costly.
    listeners.first_pass(vec![listeners.post("one")], ENOUGH_TIME);
    while let Some(job) = listeners.backlog.next() {
        listeners.backlog.done(&listeners.hub, &job, own(&job, 400));
    }
    // From then on the others are served first, although the costly ones have waited longer.
    listeners.first_pass((0..3).map(|_| listeners.post("more")).collect(), ENOUGH_TIME);
    let mut order = Vec::new();
    while let Some(job) = listeners.backlog.next() {
        order.push(job.client.number);
        listeners.backlog.done(&listeners.hub, &job, own(&job, 400));
    }
    assert_eq!(order[..3], [light.number; 3]);
    // The limit is at 1.2 s: two more changes, and the third is not evaluated any more.
    assert_eq!(order.len(), 3 + 2 * costly.len());
    assert!(costly.iter().all(|client| listeners.hub.find(&client.id).is_none()));
    let last = costly[0].queue.take_all().pop_back().unwrap();
    assert!(last.starts_with(b"event:@disconnect\ndata:{\"reason\":\"The filters"), "{last:?}");
    assert!(listeners.hub.find(&light.id).is_some());
}

#[test]
fn a_network_that_spends_too_much_loses_its_costly_clients_and_no_light_ones() {
    let mut listeners = Listeners::new("");
    let allowance = |millis| Allowance { amount: Duration::from_millis(millis), drain: Duration::ZERO };
    listeners.backlog = Backlog::new(allowance(1000), allowance(500));
    let listen = |word: &str| listeners.listen(Caller::Anonymous, filtered(word));
    let (first, second, light) = (listen("a"), listen("b"), listen("c"));
    listeners.first_pass(vec![listeners.post("one")], ENOUGH_TIME);
    while let Some(job) = listeners.backlog.next() {
        let cost = Duration::from_millis(if Arc::ptr_eq(&job.client, &light) { 1 } else { 300 });
        listeners.backlog.done(&listeners.hub, &job, Cost { all: cost, own: cost });
    }
    let is_there = |client: &Client| listeners.hub.find(&client.id).is_some();
    assert_eq!((is_there(&first), is_there(&second), is_there(&light)), (true, false, true));
}

#[test]
fn a_stream_is_a_guests_once_its_token_has_expired() {
    let listeners = Listeners::new("@request.auth.id != ''");
    let ana = listeners.user("ana");
    let now = listeners.tx.now().seconds();
    let listen = |expires_at| {
        let client = listeners.hub.connect(HERE).unwrap();
        let login = Login { caller: ana.clone(), expires_at };
        listeners.hub.subscribe(&client.id, HERE, login, to(&["posts/*"]), now - 10).unwrap();
        client
    };
    let (expired, good, renewed) = (listen(now), listen(now + 1), listen(now - 1));
    let record = ana.record().unwrap();
    renewed.renew(record, now - 2, now + 5);
    assert!(!renewed.caller(now).is_record(&record.collection.id, record.id()), "another token was exchanged");
    renewed.renew(record, now - 1, now + 5);
    listeners.deliver(&listeners.post("one"));
    assert_eq!([&expired, &good, &renewed].map(|client| waiting(client).len()), [0, 1, 1]);
    // A change of the record does not undo the expiry.
    listeners
        .deliver_in_order(vec![Change { action: Action::Update, record: Arc::clone(record) }, listeners.post("two")]);
    assert_eq!(waiting(&expired).len(), 0);
    // A guest may sign in as anyone.
    let bob = Login { caller: listeners.user("bob"), expires_at: now + 1 };
    assert_eq!(listeners.hub.subscribe(&good.id, HERE, bob.clone(), Vec::new(), now), Err(Refusal::OtherCaller));
    assert_eq!(listeners.hub.subscribe(&expired.id, HERE, bob, Vec::new(), now), Ok(()));
}

#[test]
fn a_change_too_large_to_be_kept_disconnects_its_listeners() {
    let listeners = Listeners::new("");
    let all = listeners.listen(Caller::Anonymous, to(&["posts/*"]));
    let other = listeners.listen(Caller::Anonymous, to(&["users/*"]));
    let record = Arc::new(listeners.post("one").record.without_values());
    listeners.first_pass_of(vec![Item::Missed(record)], ENOUGH_TIME);
    assert!(listeners.hub.find(&all.id).is_none());
    assert!(listeners.hub.find(&other.id).is_some());
}

/// Makes reads of the users fail.
fn break_users(tx: &WriteTx) -> crate::domain::Result<()> {
    tx.execute(&Sql::new("DROP TABLE users")).map(drop)
}

#[test]
fn a_schema_change_disconnects_clients_whose_account_cannot_be_read() {
    let listeners = Listeners::new("");
    let user = listeners.listen(listeners.user("ana"), to(&["posts/*"]));
    let guest = listeners.listen(Caller::Anonymous, to(&["posts/*"]));
    break_users(&listeners.tx).unwrap();
    listeners.first_pass_of(vec![Item::SchemaChanged], ENOUGH_TIME);
    assert!(listeners.hub.find(&user.id).is_none());
    assert_eq!(waiting(&user)[0].0, "@disconnect");
    assert!(listeners.hub.find(&guest.id).is_some());
}

#[tokio::test]
async fn a_subscription_disconnects_a_client_whose_account_cannot_be_read() {
    let (app, _folder) = crate::app::testing::app();
    let made = app.write(|tx| Ok(record(tx, "users", json!({"email": "ana@example.com", "password": "12345678"}))));
    let user = Caller::Record(made.await.unwrap());
    let stream = app.open_stream(HERE, &RequestInfo::default()).unwrap();
    let client = app.realtime().hub.clients().remove(0);
    app.write(break_users).await.unwrap();
    app.subscribe(&client.id, HERE, login(user), &["users/*".to_owned()]).await.unwrap();
    assert!(app.realtime().hub.find(&client.id).is_none());
    assert_eq!(waiting(&client).last().unwrap().0, "@disconnect");
    drop(stream);
}

#[tokio::test]
async fn dropping_a_stream_removes_its_client() {
    let realtime = Realtime::new(Limits::default());
    let mut events = realtime.connect(HERE, None).unwrap();
    let first = events.next().await.unwrap().unwrap();
    let id = realtime.hub.clients()[0].id.clone();
    assert_eq!(first, format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\"}}\n\n"));
    assert_eq!((id.len(), id.chars().all(|letter| letter.is_ascii_alphanumeric())), (40, true));
    drop(events);
    assert!(realtime.hub.is_empty());
}
