//! `e` and the request.

use crate::scripts::values::{Db, Event, Parameters, RecordValue, Request};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "event", event);
    combine_with_exported_module!(module, "request", request);
}

#[export_module]
mod event {
    /// The record that is saved or deleted.
    #[rhai_fn(get = "record", pure)]
    pub fn record(e: &mut Event) -> RecordValue {
        e.record()
    }

    /// The record as it was before an update. `()` for a create or delete.
    #[rhai_fn(get = "original", pure)]
    pub fn original(e: &mut Event) -> Dynamic {
        e.original()
    }

    /// `"create"`, `"update"` or `"delete"`.
    #[rhai_fn(get = "action", pure)]
    pub fn action(e: &mut Event) -> String {
        e.action().to_owned()
    }

    /// The name of the collection.
    #[rhai_fn(get = "collection", pure)]
    pub fn collection(e: &mut Event) -> String {
        e.collection()
    }

    /// The record of the signed-in user, also of a superuser. `()` for a guest, and for what the server does by itself.
    #[rhai_fn(get = "caller", pure)]
    pub fn caller(e: &mut Event) -> Dynamic {
        e.caller()
    }

    /// Whether the request is one of a superuser, or the record is imported.
    #[rhai_fn(get = "is_superuser", pure)]
    pub fn is_superuser(e: &mut Event) -> bool {
        e.is_superuser()
    }

    /// The request, or `()` for what the server does by itself.
    #[rhai_fn(get = "request", pure)]
    pub fn request(e: &mut Event) -> Dynamic {
        e.request()
    }

    /// What causes the save: `"request"`, `"batch"`, `"import"`, `"script"`, `"cascade"` (a record that this one referred to was deleted) or
    /// `"server"`.
    #[rhai_fn(get = "source", pure)]
    pub fn source(e: &mut Event) -> String {
        e.source().to_owned()
    }

    /// The records. The same as `db`.
    #[rhai_fn(get = "db", pure)]
    pub fn db(_e: &mut Event) -> Db {
        Db::default()
    }
}

#[export_module]
mod request {
    /// `"GET"`, `"POST"`, `"PATCH"` …
    #[rhai_fn(get = "method", pure)]
    pub fn method(request: &mut Request) -> String {
        request.method().to_owned()
    }

    /// The path of the address, without the query.
    #[rhai_fn(get = "path", pure)]
    pub fn path(request: &mut Request) -> String {
        request.path()
    }

    /// The address of the client.
    #[rhai_fn(get = "ip", pure)]
    pub fn ip(request: &mut Request) -> String {
        request.ip()
    }

    /// The parameters behind the `?` of the address: `e.request.query.page`. `()` if there is none of this name.
    #[rhai_fn(get = "query", pure)]
    pub fn query(request: &mut Request) -> Parameters {
        request.query()
    }

    /// The headers, without credentials: `e.request.headers.user_agent`. `()` if there is none of this name.
    #[rhai_fn(get = "headers", pure)]
    pub fn headers(request: &mut Request) -> Parameters {
        request.headers()
    }

    /// The submitted values as a map, without passwords.
    #[rhai_fn(get = "body", pure)]
    pub fn body(request: &mut Request) -> Map {
        request.body()
    }

    /// The parameter or header `name`, or `()`.
    #[rhai_fn(index_get, pure)]
    pub fn get(parameters: &mut Parameters, name: &str) -> Dynamic {
        parameters.get(name)
    }

    /// All of them as a map.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(parameters: &mut Parameters) -> Map {
        parameters.to_map()
    }
}
