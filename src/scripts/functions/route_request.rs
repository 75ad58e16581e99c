//! `req`, the request that a route answers, and its files.

use crate::base::json::{ParseError, Values, parse_within};
use crate::domain::fields::MAX_JSON_VALUES;
use crate::domain::{Rejection, RejectionKind};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, rejected};
use crate::scripts::values::route_request::{all, to_map};
use crate::scripts::values::{BytesValue, Db, RouteRequest, Upload, json};
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "route_request", route_request);
}

#[export_module]
mod route_request {
    /// `"GET"`, `"POST"` …
    #[rhai_fn(get = "method", pure)]
    pub fn method(req: &mut RouteRequest) -> String {
        req.parts().method.clone()
    }

    /// The path of the address, without the query.
    #[rhai_fn(get = "path", pure)]
    pub fn path(req: &mut RouteRequest) -> String {
        req.parts().path.clone()
    }

    /// The values of the path: `req.params.id` of the route `/shop/{id}`.
    #[rhai_fn(get = "params", pure)]
    pub fn params(req: &mut RouteRequest) -> Map {
        to_map(req.parts().params.iter().cloned())
    }

    /// The parameters behind the `?`. Of a repeated name, the first value.
    #[rhai_fn(get = "query", pure)]
    pub fn query(req: &mut RouteRequest) -> Map {
        to_map(req.query())
    }

    /// All values of a parameter behind the `?`, as a list.
    #[rhai_fn(name = "query_all", pure)]
    pub fn query_all(req: &mut RouteRequest, name: &str) -> Array {
        all(req.query(), name)
    }

    /// The headers, by names in lower case: `req.headers["user-agent"]`.
    #[rhai_fn(get = "headers", pure)]
    pub fn headers(req: &mut RouteRequest) -> Map {
        to_map(req.parts().headers.iter().cloned())
    }

    /// The cookies.
    #[rhai_fn(get = "cookies", pure)]
    pub fn cookies(req: &mut RouteRequest) -> Map {
        req.cookies()
    }

    /// The address of the client.
    #[rhai_fn(get = "ip", pure)]
    pub fn ip(req: &mut RouteRequest) -> String {
        req.parts().ip.clone()
    }

    /// The body as text, exactly as it was sent. Empty for a form with files.
    #[rhai_fn(get = "body", pure)]
    pub fn body(req: &mut RouteRequest) -> String {
        String::from_utf8_lossy(&req.parts().body).into_owned()
    }

    /// The body as bytes. Empty for a form with files.
    #[rhai_fn(get = "bytes", pure)]
    pub fn bytes(req: &mut RouteRequest) -> BytesValue {
        BytesValue::shared(req.parts().body.clone())
    }

    /// The body as JSON. Numbers are decimals, exact to 15 digits. `()` if it is empty; if it is no JSON, the client is told so with status 400.
    #[rhai_fn(get = "json", pure, return_raw)]
    pub fn json_of(context: NativeCallContext<'_>, req: &mut RouteRequest) -> Outcome<Dynamic> {
        ambient::note(&context);
        let body = &req.parts().body;
        if body.is_empty() {
            return Ok(Dynamic::UNIT);
        }
        let value = parse_within(body, &Values::at_most(MAX_JSON_VALUES)).map_err(|error| {
            rejected(Rejection::new(
                RejectionKind::BadRequest,
                match error {
                    ParseError::Syntax(error) => format!("The body is not valid JSON: {error}."),
                    ParseError::TooManyValues => "The body holds too many values.".to_owned(),
                },
            ))
        })?;
        Ok(json::to_dynamic(&value))
    }

    /// The texts of a form. Of a repeated name, the first value.
    #[rhai_fn(get = "form", pure)]
    pub fn form(req: &mut RouteRequest) -> Map {
        to_map(req.form())
    }

    /// All values of a name in a form, as a list.
    #[rhai_fn(name = "form_all", pure)]
    pub fn form_all(req: &mut RouteRequest, name: &str) -> Array {
        all(req.form(), name)
    }

    /// The files of a form, as a list.
    #[rhai_fn(get = "files", pure)]
    pub fn files(req: &mut RouteRequest) -> Array {
        req.parts().files.iter().cloned().map(Dynamic::from).collect()
    }

    /// The record of the signed-in user, also of a superuser. `()` for a guest.
    #[rhai_fn(get = "caller", pure)]
    pub fn caller(req: &mut RouteRequest) -> Dynamic {
        req.caller()
    }

    /// Whether the request is one of a superuser.
    #[rhai_fn(get = "is_superuser", pure)]
    pub fn is_superuser(req: &mut RouteRequest) -> bool {
        req.parts().caller.is_superuser()
    }

    /// The records, with all rights. The same as `db`; `db.acting_as(req.caller)` keeps to the rules of the collections.
    #[rhai_fn(get = "db", pure)]
    pub fn db(_req: &mut RouteRequest) -> Db {
        Db::default()
    }

    /// The name of the form's field.
    #[rhai_fn(get = "field", pure)]
    pub fn file_field(file: &mut Upload) -> String {
        file.field.clone()
    }

    /// The name of the file, as the client gave it.
    #[rhai_fn(get = "name", pure)]
    pub fn file_name(file: &mut Upload) -> String {
        file.name.clone()
    }

    /// The type of the file, as the client gave it: `"image/png"`.
    #[rhai_fn(get = "type", pure)]
    pub fn file_type(file: &mut Upload) -> String {
        file.content_type.clone()
    }

    /// The size in bytes.
    #[rhai_fn(get = "size", pure)]
    pub fn file_size(file: &mut Upload) -> INT {
        file.bytes.len() as INT
    }

    /// The bytes of the file.
    #[rhai_fn(get = "bytes", pure)]
    pub fn file_bytes(file: &mut Upload) -> BytesValue {
        BytesValue::shared(file.bytes.clone())
    }

    /// The file as text.
    #[rhai_fn(get = "text", pure)]
    pub fn file_text(file: &mut Upload) -> String {
        String::from_utf8_lossy(&file.bytes).into_owned()
    }
}
