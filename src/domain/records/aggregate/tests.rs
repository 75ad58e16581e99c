use super::*;
use crate::domain::testing::{collection, guest, issues, record, seeded, superuser};

#[test]
fn sums_and_counts_follow_the_filter() {
    let tx = seeded();
    let tags = collection(&tx, json!({"name": "tags", "fields": [{"name": "label", "type": "text"}]}));
    let shop = collection(
        &tx,
        json!({"name": "shop", "fields": [{"name": "name", "type": "text"}, {"name": "price", "type": "number"},
               {"name": "sold", "type": "bool"}, {"name": "on", "type": "date"}, {"name": "meta", "type": "json"},
               {"name": "place", "type": "geoPoint"},
               {"name": "tags", "type": "relation", "collectionId": tags.id, "maxSelect": 9}]}),
    );
    let [a, b] = ["a", "b"].map(|label| record(&tx, "tags", json!({"label": label})).id().to_owned());
    record(
        &tx,
        "shop",
        json!({"name": "x", "price": 1.5, "sold": true, "on": "2026-01-02", "tags": [a, b], "meta": {"k": 1}}),
    );
    record(&tx, "shop", json!({"name": "x", "price": 2, "tags": [a], "meta": [], "place": {"lon": 1, "lat": 2}}));
    record(&tx, "shop", json!({"name": "", "price": -1, "on": "2025-01-02"}));
    let check = |filter: &str, fields: &str, expected: Value| {
        let found = aggregate(&tx, &superuser(&tx), &shop, filter, fields).unwrap();
        assert_eq!(found["values"], expected, "{filter} {fields}");
        found["totalItems"].as_i64().unwrap()
    };
    assert_eq!(check("", "", json!({})), 3);
    assert_eq!(check("", "price:sum, price:avg", json!({"price:sum": 2.5, "price:avg": 2.5 / 3.0})), 3);
    check("", "price:min,price:max", json!({"price:min": -1, "price:max": 2}));
    check("", "name:filled,name:empty,name:distinct", json!({"name:filled": 2, "name:empty": 1, "name:distinct": 1}));
    check(
        "",
        "name:min,on:min,on:max",
        json!({"name:min": "x", "on:min": "2025-01-02 00:00:00.000Z", "on:max": "2026-01-02 00:00:00.000Z"}),
    );
    check(
        "",
        "tags:filled,meta:filled,place:filled,sold:filled,sold:sum",
        json!({"tags:filled": 2, "meta:filled": 1, "place:filled": 1, "sold:filled": 1, "sold:sum": 1}),
    );
    // A record that matches by several related records counts once.
    assert_eq!(check("tags.label ?~ '%'", "price:sum,id:count", json!({"price:sum": 3.5, "id:count": 2})), 2);
    assert_eq!(
        check(
            "name = 'none'",
            "price:sum,price:avg,price:min,id:count",
            json!({"price:sum": 0, "price:avg": null, "price:min": null, "id:count": 0})
        ),
        0
    );
    assert_eq!(check("1 = 2", "price:sum", json!({"price:sum": 0})), 0);
    record(&tx, "shop", json!({"price": 9_007_199_254_740_991_i64}));
    record(&tx, "shop", json!({"price": 9e300}));
    check("price > 5", "price:sum", json!({"price:sum": 9e300}));
}

#[test]
fn what_cannot_be_computed_is_refused_with_its_place() {
    let tx = seeded();
    let shop = collection(
        &tx,
        json!({"name": "shop", "fields": [{"name": "price", "type": "number"}, {"name": "note", "type": "json"}]}),
    );
    let users = crate::domain::collections::find(&tx, "users").unwrap();
    let check = |collection: &Arc<Collection>, fields: &str, offset: usize, length: usize| {
        let found = issues(aggregate(&tx, &superuser(&tx), collection, "", fields)).to_json();
        assert_eq!(found["fields"]["params"], json!({"offset": offset, "length": length}), "{fields}");
    };
    check(&shop, "price", 0, 5);
    check(&shop, "price:sum, prcie:sum", 11, 9);
    check(&shop, "price:sum,", 10, 0);
    check(&shop, "price:median", 0, 12);
    check(&shop, "note:sum", 0, 8);
    check(&shop, "note:distinct", 0, 13);
    check(&users, "tokenKey:min", 0, 12);
    check(&users, "password:count", 0, 14);
    check(&shop, &vec!["id:count"; 51].join(","), 450, 8);
    let refused = aggregate(&tx, &guest(), &shop, "", "id:count");
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let wrong = issues(aggregate(&tx, &superuser(&tx), &shop, "prize > 1", "id:count")).to_json();
    assert_eq!(wrong["filter"]["params"], json!({"offset": 0, "length": 5, "suggestion": "price"}));
}
