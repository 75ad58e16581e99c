//! `e` and the request.

use crate::scripts::ambient;
use crate::scripts::error::Outcome;
use crate::scripts::values::{Db, Event, Parameters, Request};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "event", event);
    combine_with_exported_module!(module, "request", request);
}

#[export_module]
mod event {
    /// The record that is saved, deleted, shown or signed in.
    #[rhai_fn(get = "record", pure, return_raw)]
    pub fn record(context: NativeCallContext<'_>, e: &mut Event) -> Outcome<Dynamic> {
        ambient::note(&context);
        e.record()
    }

    /// The record as it was before an update. `()` for a create or delete.
    #[rhai_fn(get = "original", pure)]
    pub fn original(e: &mut Event) -> Dynamic {
        e.original()
    }

    /// `"create"`, `"update"` or `"delete"` of a record. `()` for other events.
    #[rhai_fn(get = "action", pure)]
    pub fn action(e: &mut Event) -> Dynamic {
        e.action()
    }

    /// The name of the collection, `()` if the event has none.
    #[rhai_fn(get = "collection", pure)]
    pub fn collection(e: &mut Event) -> Dynamic {
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

    /// What causes the save: `"request"`, `"batch"`, `"import"`, `"script"` (with all rights; what a script
    /// saves by `db.acting_as` is a `"request"` of that caller), `"webhook"` (an endpoint without code has received it), `"cascade"` (a record that this one referred to was deleted) or
    /// `"server"`.
    #[rhai_fn(get = "source", pure)]
    pub fn source(e: &mut Event) -> String {
        e.source().to_owned()
    }

    /// What the request is for, as rules see it: `"default"`, `"expand"`, `"realtime"`, `"batch"`, `"password"`, `"otp"`, `"oauth2"` or
    /// `"protectedFile"`. `()` without a request.
    #[rhai_fn(get = "context", pure)]
    pub fn purpose(e: &mut Event) -> Dynamic {
        e.context()
    }

    /// A value that only some events have, such as `e.records` of `list`.
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn get(context: NativeCallContext<'_>, e: &mut Event, name: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        e.get(name)
    }

    /// Sets such a value. Not all can be set.
    #[rhai_fn(index_set, pure, return_raw)]
    pub fn set(context: NativeCallContext<'_>, e: &mut Event, name: &str, value: Dynamic) -> Outcome<()> {
        ambient::note(&context);
        e.set(name, &value)
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
