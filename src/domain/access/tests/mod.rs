//! Tests of the room with their own database: which records a filter, rule or sort returns, and in which order.

mod clients;
mod conformance;
mod hostile;
mod order;
mod requests;
mod shapes;
mod sorts;
mod worked_example;

use super::*;
use crate::db::{Sql, Value as DbValue};
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record};
use crate::domain::testing::{self, TestTx, collection, record, seeded};
use crate::domain::tx::ReadTx;
use serde_json::{Value, json};
use std::sync::Arc;

/// The data of the contract's conformance table, and some collections around it.
pub struct Fixture {
    pub tx: TestTx,
    pub posts: Arc<Collection>,
    pub bob: Arc<Record>,
    pub ann: Arc<Record>,
    pub superuser: RequestInfo,
}

pub fn fixture() -> Fixture {
    let tx = seeded();
    let company = collection(
        &tx,
        json!({"name": "company", "listRule": "", "fields": [
        {"name": "name", "type": "text"}]}),
    );
    collection(
        &tx,
        json!({"name": "people", "type": "auth", "listRule": "", "fields": [
        {"name": "name", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "level", "type": "number"},
        {"name": "roles", "type": "select", "maxSelect": 3, "values": ["admin", "editor", "guest"]},
        {"name": "prefs", "type": "json"},
        {"name": "company", "type": "relation", "collectionId": company.id}]}),
    );
    let people = collections_id(&tx, "people");
    let tags = collection(
        &tx,
        json!({"name": "tags", "listRule": "", "fields": [
        {"name": "label", "type": "text"},
        {"name": "n", "type": "number"},
        {"name": "spot", "type": "geoPoint"},
        {"name": "owner", "type": "relation", "collectionId": people}]}),
    );
    let posts = collection(
        &tx,
        json!({"name": "posts", "listRule": "", "fields": [
        {"name": "title", "type": "text"},
        {"name": "views", "type": "number"},
        {"name": "active", "type": "bool"},
        {"name": "pub", "type": "date"},
        {"name": "colors", "type": "select", "maxSelect": 3, "values": ["red", "blue", "green"]},
        {"name": "kind", "type": "select", "maxSelect": 1, "values": ["x", "y"]},
        {"name": "tags", "type": "relation", "collectionId": tags.id, "maxSelect": 5},
        {"name": "author", "type": "relation", "collectionId": people},
        {"name": "meta", "type": "json"},
        {"name": "loc", "type": "geoPoint"},
        {"name": "hid", "type": "text", "hidden": true}]}),
    );
    let comments = |name: &str, list_rule: Value| {
        collection(
            &tx,
            json!({"name": name, "listRule": list_rule, "fields": [
            {"name": "text", "type": "text"},
            {"name": "num", "type": "number"},
            {"name": "post", "type": "relation", "collectionId": posts.id},
            {"name": "posts", "type": "relation", "collectionId": posts.id, "maxSelect": 5}]}),
        )
    };
    comments("comments", json!(""));
    comments("locked", Value::Null);
    comments("ruled", json!("text = 'ok'"));
    collection(
        &tx,
        json!({"name": "uniq", "listRule": "", "fields": [
        {"name": "note", "type": "text"},
        {"name": "post", "type": "relation", "collectionId": posts.id}],
        "indexes": ["CREATE UNIQUE INDEX idx_uniq_post ON uniq (post)"]}),
    );

    let acme = record(&tx, "company", json!({"name": "ACME"}));
    let bob = record(
        &tx,
        "people",
        json!({"name": "Bob", "email": "bob@example.com", "password": "12345678",
        "emailVisibility": true, "verified": true, "secret": "s3", "level": 5, "roles": ["admin", "editor"],
        "prefs": {"dark": true, "lang": ["en", "de"]}, "company": acme.id()}),
    );
    let ann = record(&tx, "people", json!({"name": "Ann", "email": "ann@example.com", "password": "12345678"}));
    let t1 = record(&tx, "tags", json!({"label": "t1", "n": 1, "spot": {"lon": 10, "lat": 20}, "owner": bob.id()}));
    let t2 = record(&tx, "tags", json!({"label": "t2", "n": 2, "owner": ann.id()}));
    let a = record(
        &tx,
        "posts",
        json!({"title": "Alpha", "views": 1, "active": true,
        "pub": "2022-01-01 10:00:00.000Z", "colors": ["red", "blue"], "kind": "x", "tags": [t1.id(), t2.id()],
        "author": bob.id(), "meta": {"a": {"b": [1, 2]}, "s": "str", "z": null}, "loc": {"lon": 10, "lat": 20}}),
    );
    let b = record(
        &tx,
        "posts",
        json!({"title": "Beta", "views": 2, "colors": ["green"], "tags": [t2.id()],
        "meta": [1, 2, 3]}),
    );
    record(&tx, "posts", json!({"title": "Gam_ma 100%"}));
    record(&tx, "comments", json!({"text": "c1", "num": 1, "post": a.id(), "posts": [a.id(), b.id()]}));
    record(&tx, "comments", json!({"text": "c2", "num": 2, "post": a.id()}));
    record(&tx, "comments", json!({"text": "c2", "num": 3, "post": b.id()}));
    record(&tx, "locked", json!({"text": "l1", "post": a.id()}));
    record(&tx, "ruled", json!({"text": "ok", "post": a.id()}));
    record(&tx, "ruled", json!({"text": "no", "post": b.id()}));
    record(&tx, "uniq", json!({"note": "u1", "post": a.id()}));
    Fixture { superuser: testing::superuser(&tx), tx, posts, bob, ann }
}

fn collections_id(tx: &ReadTx, name: &str) -> String {
    tx.schema().by_name(name).unwrap().id.clone()
}

/// The initials of the titles that are returned, in order of insertion unless sorted.
pub fn run(tx: &ReadTx, conditions: &Conditions) -> crate::domain::Result<String> {
    if conditions.is_impossible {
        return Ok(String::new());
    }
    let mut sql = Sql::new("SELECT base.title");
    sql.append(&conditions.from()).append(&conditions.order_joins);
    if let Some(condition) = &conditions.condition {
        sql.raw(" WHERE ").append(condition);
    }
    sql.raw(" ORDER BY ");
    match conditions.order_by() {
        Some(order) => sql.append(&order),
        None => sql.raw("base._rowid_"),
    };
    let titles = tx.query_all(&sql, |row| Ok(row.text(0)))?;
    let counted = {
        let mut sql = Sql::new("SELECT COUNT(*)");
        sql.append(&conditions.from());
        if let Some(condition) = &conditions.condition {
            sql.raw(" WHERE ").append(condition);
        }
        tx.query_value(&sql)?
    };
    assert_eq!(counted, Some(DbValue::Integer(titles.len() as i64)), "the total counts each record once");
    Ok(titles.iter().map(|title| title.chars().next().unwrap()).collect())
}

impl Fixture {
    pub fn query<'a>(&self, schema: &'a crate::domain::model::Schema, request: &'a RequestInfo) -> QueryBuilder<'a> {
        QueryBuilder::new(schema, &self.posts, request, self.tx.now(), self.tx.dialect())
    }

    /// The records for which a client's filter holds.
    pub fn filter(&self, request: &RequestInfo, filter: &str) -> crate::domain::Result<String> {
        let schema = self.tx.schema();
        let mut query = self.query(&schema, request);
        query.client_filter(filter)?;
        run(&self.tx, &query.finish()?)
    }

    /// The records for which a rule holds.
    pub fn rule(&self, request: &RequestInfo, rule: &str) -> crate::domain::Result<String> {
        let schema = self.tx.schema();
        let mut query = self.query(&schema, request);
        query.rule(rule)?;
        run(&self.tx, &query.finish()?)
    }
}
