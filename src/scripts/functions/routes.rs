//! `route`, which a file calls while it is loaded.

use crate::scripts::error::{Outcome, problem};
use crate::scripts::handler::Trigger;
use crate::scripts::registration::{add_registered, prepare};
use crate::scripts::routes::{About, Guard, METHODS, RouteSpec, pattern};
use crate::scripts::values::json;
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, Map, Module, NativeCallContext};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::time::Duration;

/// How large a body may be unless the options say so, and at most.
const DEFAULT_BODY: u64 = MIB;
const MAX_BODY: u64 = 16 * MIB;
const MIB: u64 = 1024 * 1024;
/// The longest time that options may give.
const MAX_SECONDS: u64 = 600;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "routes", routes);
}

#[export_module]
mod routes {
    /// Answers requests: `route("GET", "/shop/{id}", |req| { … })`. A path may end in `{path...}`, which stands for everything
    /// that follows.
    #[rhai_fn(return_raw, volatile)]
    pub fn route(context: NativeCallContext<'_>, method: &str, path: &str, handler: FnPtr) -> Outcome<()> {
        route_with(context, method, path, Map::new(), handler)
    }

    /// The same with options: `auth` (`true`, or a list of auth collections), `superuser: true` or `guest: true` say who may
    /// send the request; `body` is how large it may be (`"1 MB"` if not given, `"16 MB"` at most), `timeout` how many seconds the answer may take.
    /// `summary`, `description`, and `request` and `response` as JSON Schemas put the route into the description of the API.
    #[rhai_fn(name = "route", return_raw, volatile)]
    pub fn route_with(
        context: NativeCallContext<'_>,
        method: &str,
        path: &str,
        options: Map,
        handler: FnPtr,
    ) -> Outcome<()> {
        let known = METHODS.into_iter().find(|known| *known == method);
        let method = known
            .ok_or_else(|| problem(format!("the method must be one of {}, not {method:?}", METHODS.join(", "))))?;
        pattern(path).map_err(|message| problem(format!("{path:?}: {message}")))?;
        let mut spec = RouteSpec {
            method,
            path: path.to_owned(),
            guard: Guard::Anyone,
            max_body: DEFAULT_BODY,
            time: None,
            about: None,
        };
        for (option, value) in &options {
            set(&mut spec, option, value)?;
        }
        let (function, parameters) = prepare(&context, handler, "route", 1)?;
        add_registered(&context, Trigger::Route(spec), function, parameters)
    }
}

fn set(spec: &mut RouteSpec, option: &str, value: &Dynamic) -> Outcome<()> {
    let guard = match option {
        "auth" | "require_auth" => guard_of(option, value)?,
        "superuser" | "require_superuser" => flag(option, value)?.then_some(Guard::Superusers),
        "guest" | "require_guest" => flag(option, value)?.then_some(Guard::Guests),
        "body" => {
            let size = size(value).filter(|size| *size <= MAX_BODY);
            spec.max_body = size.ok_or_else(|| problem("body must be a size such as \"10 MB\", at most \"16 MB\""))?;
            return Ok(());
        }
        "timeout" => {
            let seconds = value.as_int().map(Decimal::from).or_else(|_| value.as_decimal()).ok();
            let seconds = seconds.and_then(|seconds| seconds.to_f64());
            let seconds = seconds.filter(|seconds| *seconds > 0.0 && *seconds <= MAX_SECONDS as f64);
            let seconds = seconds
                .ok_or_else(|| problem(format!("timeout must be a number of seconds, at most {MAX_SECONDS}")))?;
            spec.time = Some(Duration::from_secs_f64(seconds));
            return Ok(());
        }
        "summary" | "description" | "request" | "response" => {
            return describe(spec.about.get_or_insert_default(), option, value);
        }
        _ => {
            let known = "auth, superuser, guest, body, timeout, summary, description, request and response";
            return Err(problem(format!("unknown option {option:?} of route; options are {known}")));
        }
    };
    let Some(guard) = guard else { return Ok(()) };
    if spec.guard != Guard::Anyone {
        return Err(problem("a route has one of the options auth, superuser and guest"));
    }
    spec.guard = guard;
    Ok(())
}

fn describe(about: &mut About, option: &str, value: &Dynamic) -> Outcome<()> {
    let text = || -> Outcome<String> {
        let text = value.as_immutable_string_ref().map_err(|_| problem(format!("{option} must be a text")))?;
        Ok(text.to_string())
    };
    let schema = || -> Outcome<Option<serde_json::Value>> {
        match json::to_json(value)? {
            schema if schema.is_object() => Ok(Some(schema)),
            _ => Err(problem(format!("{option} must be a map: a JSON Schema"))),
        }
    };
    match option {
        "summary" => about.summary = text()?,
        "description" => about.description = text()?,
        "request" => about.request = schema()?,
        _ => about.response = schema()?,
    }
    Ok(())
}

fn flag(option: &str, value: &Dynamic) -> Outcome<bool> {
    value.as_bool().map_err(|_| problem(format!("{option} must be true or false")))
}

fn guard_of(option: &str, value: &Dynamic) -> Outcome<Option<Guard>> {
    let wrong = || problem(format!("{option} must be true, or a list of names of auth collections"));
    if let Ok(name) = value.as_immutable_string_ref() {
        return Ok(Some(Guard::Collections(vec![name.to_string()])));
    }
    if let Ok(items) = value.as_array_ref() {
        let name = |item: &Dynamic| item.as_immutable_string_ref().map(|name| name.to_string()).map_err(|_| wrong());
        let names = items.iter().map(name).collect::<Outcome<Vec<_>>>()?;
        return if names.is_empty() { Err(wrong()) } else { Ok(Some(Guard::Collections(names))) };
    }
    let is_set = value.as_bool().map_err(|_| wrong())?;
    Ok(is_set.then_some(Guard::SignedIn))
}

/// Reads `"10 MB"`, `"512 KB"` or a number of bytes. 1 KB is 1024 bytes.
fn size(value: &Dynamic) -> Option<u64> {
    if let Ok(bytes) = value.as_int() {
        return u64::try_from(bytes).ok();
    }
    let text = value.as_immutable_string_ref().ok()?.to_uppercase();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim() {
        "" | "B" => 1,
        "KB" | "KIB" => 1024,
        "MB" | "MIB" => MIB,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(unit)
}
