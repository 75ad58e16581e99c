//! Events of scripts other than saves: what is shown to whom.

use crate::realtime::Stream;
use crate::scripts::{collection, number, records, server, text_field};
use crate::server::{Client, TestServer, text};
use serde_json::{Value, json};

const ENRICH: &str = r#"
enrich("products", |e| {
    let caller = e.caller;
    if caller == () { e.record.hide(["cost", "maker"]); }
    e.record.show("margin", e.record.price - e.record.cost);
    e.record.show("seen_by", if caller == () { "guest" } else { caller.id });
    e.record.show("name", `${e.record.name}!`);
    if caller != () { e.record.show("secret"); }
});
"#;

/// A shop with products that a script enriches, and orders that refer to them.
fn shop(script: &str) -> (TestServer, Client, Value) {
    let server = server(&[("a.rhai", script)]);
    let root = server.superuser();
    let makers = collection(&root, "makers", &json!([text_field("name")]));
    let maker = json!({"name": "maker", "type": "relation", "collectionId": makers["id"], "maxSelect": 1});
    let secret = json!({"name": "secret", "type": "text", "hidden": true});
    let fields = json!([text_field("name"), number("price"), number("cost"), secret, maker]);
    let products = collection(&root, "products", &fields);
    let product = json!({"name": "product", "type": "relation", "collectionId": products["id"], "maxSelect": 1});
    collection(&root, "orders", &json!([text_field("title"), product]));
    collection(&root, "fence", &json!([text_field("title")]));
    let acme = root.create(&records("makers"), &json!({"name": "Acme"}));
    let lamp = root.create(
        &records("products"),
        &json!({"name": "Lamp", "price": 20, "cost": 12.5, "secret": "s3", "maker": acme["id"]}),
    );
    (server, root, lamp)
}

/// The values of a record that the tests look at.
fn seen(record: &Value) -> Value {
    let names = ["name", "price", "cost", "secret", "margin", "seen_by"];
    Value::Object(names.iter().filter_map(|name| Some(((*name).to_owned(), record.get(*name)?.clone()))).collect())
}

#[test]
fn every_place_that_shows_a_record_shows_what_the_script_says_for_this_caller() {
    let (server, root, lamp) = shop(ENRICH);
    let guest = server.anonymous();
    let ana = server.user("ana");
    let ana_id = ana.id.clone();
    let path = format!("{}/{}", records("products"), text(&lamp["id"]));
    let for_guest = json!({"name": "Lamp!", "price": 20, "margin": 7.5, "seen_by": "guest"});
    let for_ana = json!({"name": "Lamp!", "price": 20, "cost": 12.5, "secret": "s3", "margin": 7.5, "seen_by": ana_id});

    // Twice each: what is remembered of a list or record is not shown to somebody else.
    for _ in 0..2 {
        for (client, expected) in [(&guest, &for_guest), (&ana, &for_ana)] {
            assert_eq!(seen(&client.get(&path).body), *expected, "view");
            let list = client.get(&format!("{}?filter=price>1", records("products"))).body;
            assert_eq!((seen(&list["items"][0]), &list["totalItems"]), (expected.clone(), &json!(1)), "list");
        }
    }
    let picked = guest.get(&format!("{path}?fields=id,cost,secret,margin,expand.maker.name&expand=maker")).body;
    assert_eq!(picked, json!({"id": lamp["id"], "margin": 7.5, "expand": {}}), "what is hidden cannot be picked");
    assert!(guest.get(&format!("{path}?expand=maker")).body["expand"].get("maker").is_none());
    assert_eq!(ana.get(&format!("{path}?expand=maker")).body["expand"]["maker"]["name"], json!("Acme"));
    let maker = text(&lamp["maker"]);
    let back = |client: &Client| {
        let path = format!("{}/{maker}?expand=products_via_maker", records("makers"));
        seen(&client.get(&path).body["expand"]["products_via_maker"][0])
    };
    assert_eq!((back(&guest), back(&ana)), (for_guest.clone(), for_ana.clone()));

    let order = json!({"title": "one", "product": lamp["id"]});
    for (client, expected) in [(&guest, &for_guest), (&ana, &for_ana)] {
        let order = client.create(&format!("{}?expand=product", records("orders")), &order);
        assert_eq!(seen(&order["expand"]["product"]), *expected, "expand of a create");
        let changed = client.patch(&path, &json!({"price": 20})).body;
        assert_eq!(seen(&changed), *expected, "update");
    }
    root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    let step = json!({"method": "PATCH", "url": path, "body": {"price": 20}});
    let batch = guest.post("/api/batch", &json!({"requests": [step]})).body;
    assert_eq!(seen(&batch[0]["body"]), for_guest, "batch");

    // Superusers see what is stored, and what is computed.
    let stored = root.get(&path).body;
    assert_eq!((&stored["name"], &stored["secret"], &stored["cost"]), (&json!("Lamp"), &json!("s3"), &json!(12.5)));
    assert_eq!(stored["margin"], json!(7.5));

    let streams = [&guest, &ana, &root].map(Stream::open);
    let options = "?options=%7B%22query%22%3A%7B%22expand%22%3A%22product%22%7D%7D";
    let expanding = format!("orders/*{options}");
    for stream in &streams {
        stream.subscribe(&["products/*", &expanding]);
    }
    root.patch(&path, &json!({"price": 30}));
    root.create(&records("orders"), &json!({"title": "two", "product": lamp["id"]}));
    root.create(&records("fence"), &json!({}));
    let with = |value: &Value| {
        let mut value = value.clone();
        (value["price"], value["margin"]) = (json!(30), json!(17.5));
        value
    };
    for (stream, expected) in streams.iter().zip([with(&for_guest), with(&for_ana)]) {
        let heard = stream.heard_in_full();
        assert_eq!(seen(&heard[0].1["record"]), expected, "realtime");
        let expanded = heard.iter().find(|(event, _)| event.starts_with("orders")).unwrap();
        assert_eq!(seen(&expanded.1["record"]["expand"]["product"]), expected, "expand in realtime");
    }
    assert_eq!(streams[2].heard_in_full()[0].1["record"]["name"], json!("Lamp"));
}

#[test]
fn the_answer_of_a_sign_in_is_enriched_for_who_signs_in() {
    let script = r#"enrich("users", |e| { e.record.hide("name"); e.record.show("me", e.caller != () && e.caller.id == e.record.id); });"#;
    let server = server(&[("a.rhai", script)]);
    let ana = server.user("ana");
    let check = |answer: &Value| {
        assert_eq!((answer["record"].get("name"), &answer["record"]["me"]), (None, &json!(true)), "{answer}");
    };
    let credentials = json!({"identity": "ana@example.com", "password": crate::server::PASSWORD});
    check(&ana.post("/api/collections/users/auth-with-password", &credentials).body);
    check(&ana.post("/api/collections/users/auth-refresh", &json!({})).body);
}

#[test]
fn an_enrich_handler_that_changes_nothing_changes_no_byte() {
    let (server, root, _) = shop("enrich(\"all_kinds\", |e| {});\nlist(\"listed\", |e| {}); view(\"listed\", |e| {});");
    let fields = json!([
        text_field("text"), number("number"), {"name": "flag", "type": "bool"}, {"name": "day", "type": "date"},
        {"name": "data", "type": "json"}, {"name": "tags", "type": "select", "maxSelect": 2, "values": ["a", "b"]},
        {"name": "one", "type": "select", "maxSelect": 1, "values": ["a", "b"]}, {"name": "place", "type": "geoPoint"},
        {"name": "body", "type": "editor"}, {"name": "link", "type": "url"}, {"name": "mail", "type": "email"},
        {"name": "made", "type": "autodate", "onCreate": true}, {"name": "file", "type": "file", "maxSelect": 2},
    ]);
    let values = [
        json!({"id": "a23456789012345", "text": "a\n\"ü", "number": 1e21, "flag": true, "day": "2026-01-02 03:04:05.678Z",
            "data": {"b": [1, 2.50, null], "a": "x"}, "tags": ["b", "a"], "one": "a", "place": {"lon": 1.5, "lat": -2},
            "body": "<p>x</p>", "link": "https://example.com", "mail": "a@example.com"}),
        json!({"id": "b23456789012345", "number": -0.25, "data": null}),
        json!({"id": "c23456789012345", "number": 9_007_199_254_740_993_i64}),
    ];
    for name in ["all_kinds", "plain", "listed"] {
        collection(&root, name, &fields);
        for value in &values {
            root.create(&records(name), value);
        }
    }
    let guest = server.anonymous();
    for query in
        ["", "?fields=id,number,data.b,body:excerpt(1)", "?sort=-number&perPage=2", "?filter=number<9&skipTotal=1"]
    {
        let text = |name: &str| {
            let answer = guest.get(&format!("{}{query}", records(name))).body;
            let items = answer["items"].as_array().unwrap().clone();
            let strip = |mut item: Value| {
                for key in ["collectionId", "collectionName", "made"] {
                    item.as_object_mut().unwrap().remove(key);
                }
                item.to_string()
            };
            (items.into_iter().map(strip).collect::<Vec<_>>(), answer["totalItems"].clone())
        };
        assert_eq!(text("all_kinds"), text("plain"), "enrich: {query}");
        assert_eq!(text("listed"), text("plain"), "list: {query}");
    }
    let keys = |name: &str| {
        let raw = guest.get(&format!("{}/a23456789012345", records(name))).body;
        raw.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!((keys("all_kinds"), keys("listed")), (keys("plain"), keys("plain")));
}

#[test]
fn list_and_view_handlers_refuse_and_take_records_out() {
    let script = r#"
list("products", |e| {
    if e.is_superuser { return; }
    if e.request.query.page == "9" { reject(403, "Not that far."); }
    e.records = e.records.filter(|product| product.price < 25);
    e.total_items = e.records.len();
    for product in e.records { product.hide("cost"); product.show("place", e.page); }
});
view("products", |e| if e.record.price > 25 && !e.is_superuser { reject(404, "Sold.") });
enrich("products", |e| e.record.show("cents", e.record.price * 100));
"#;
    let (server, root, lamp) = shop(script);
    let chair = root.create(&records("products"), &json!({"name": "Chair", "price": 30, "cost": 3}));
    let stool = root.create(&records("products"), &json!({"name": "Stool", "price": 21, "cost": 4}));
    let guest = server.anonymous();
    for _ in 0..2 {
        let list = guest.get(&format!("{}?sort=-price", records("products"))).body;
        let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| text(&item["name"])).collect();
        assert_eq!((names, &list["totalItems"]), (vec!["Stool".to_owned(), "Lamp".to_owned()], &json!(2)));
        let first = &list["items"][0];
        assert_eq!((first.get("cost"), &first["place"], &first["cents"]), (None, &json!(1), &json!(2100)));
        assert_eq!(root.get(&format!("{}?sort=-price", records("products"))).body["totalItems"], json!(3));
    }
    let refused = guest.get(&format!("{}?page=9", records("products")));
    assert_eq!((refused.status, refused.message()), (403, "Not that far."));
    let view = |record: &Value| guest.get(&format!("{}/{}", records("products"), text(&record["id"])));
    assert_eq!((view(&chair).status, view(&chair).message().to_owned()), (404, "Sold.".to_owned()));
    assert_eq!((view(&stool).status, &view(&lamp).body["cents"]), (200, &json!(2000)));
    assert_eq!(view(&json!({"id": "missing"})).status, 404, "the handler is not called");
}

#[test]
fn a_mistake_in_an_enrich_handler_shows_nothing_and_stores_nothing() {
    let script = r#"
enrich("products", |e| { if e.record.name == "bad" { e.record.nme; } if e.record.name == "loop" && !e.is_superuser { loop {} } if e.record.name == "write" { db.create("makers", #{ name: "x" }); } });
"#;
    let (server, root, lamp) = shop(script);
    let guest = server.anonymous();
    let stream = Stream::open(&guest);
    stream.subscribe(&["products/*"]);
    for name in ["bad", "write"] {
        let refused = guest.post(&records("products"), &json!({"name": name}));
        assert_eq!((refused.status, &refused.body["data"]), (400, &json!({})), "{}", refused.body);
    }
    let all = || guest.get(&records("products")).body["totalItems"].clone();
    assert_eq!(all(), json!(1), "what cannot be answered is not stored");
    let path = format!("{}/{}", records("products"), text(&lamp["id"]));
    assert_eq!(root.patch(&path, &json!({"name": "loop"})).status, 200);
    assert_eq!(guest.get(&path).status, 400);
    assert_eq!(guest.get(&format!("{}?fields=id", records("products"))).status, 400, "not even with fields");
    server.printed("a.rhai:2");
    assert_eq!(root.patch(&path, &json!({"name": "Lamp"})).status, 200);
    root.create(&records("fence"), &json!({}));
    assert_eq!(stream.heard(), ["products/* update"]);
}

#[test]
fn the_enrich_handlers_of_one_answer_share_a_second() {
    let script = "enrich(\"slow\", |e| if !e.is_superuser { let sum = 0; for i in 0..50000 { sum += i; } });";
    let server = server(&[("a.rhai", script)]);
    let root = server.superuser();
    collection(&root, "slow", &json!([text_field("title")]));
    for at in 0..400 {
        root.create(&records("slow"), &json!({"title": at.to_string()}));
    }
    let guest = server.anonymous();
    let list = |per_page: u32| guest.get(&format!("{}?perPage={per_page}", records("slow")));
    assert_eq!(list(1).status, 200, "one record is shown in time");
    let refused = list(400);
    assert!(refused.status == 400 && refused.body["items"].is_null(), "all of them are not: {}", refused.status);
    assert_eq!(list(1).status, 200, "the next answer has a second of its own");
    let log = root.get("/api/logs?filter=data.type%3D'script'%26%26message~'took too long'").body;
    assert!(log["totalItems"].as_u64() > Some(0), "{log}");
}

#[test]
fn under_load_every_answer_is_enriched_for_its_caller() {
    let script = "enrich(\"goods\", |e| {\n    if e.caller == () { e.record.hide(\"cost\"); }\n    \
                  e.record.show(\"double\", e.record.price * 2);\n});";
    let server = server(&[("a.rhai", script)]);
    let root = server.superuser();
    collection(&root, "goods", &json!([text_field("title"), number("price"), number("cost")]));
    let ids: Vec<String> = (0..20)
        .map(|at| text(&root.create(&records("goods"), &json!({"title": "x", "price": at, "cost": 7}))["id"]))
        .collect();
    let ana = server.user("ana");
    std::thread::scope(|scope| {
        for is_guest in [true, true, true, false, false] {
            let client = if is_guest { server.anonymous() } else { ana.clone() };
            scope.spawn(move || {
                for _ in 0..40 {
                    let list = client.get(&format!("{}?perPage=20", records("goods")));
                    assert_eq!(list.status, 200, "{}", list.body);
                    for item in list.body["items"].as_array().unwrap() {
                        assert_eq!(item["double"].as_f64(), item["price"].as_f64().map(|price| price * 2.0), "{item}");
                        assert_eq!(item.get("cost").is_none(), is_guest, "{item}");
                    }
                }
            });
        }
        for (at, id) in ids.iter().cycle().take(100).enumerate() {
            let changed = root.patch(&format!("{}/{id}", records("goods")), &json!({"price": at}));
            assert_eq!((changed.status, &changed.body["double"]), (200, &json!(at * 2)));
        }
    });
}
