//! The routes of scripts: which requests they answer, who may send them, and how they are called.

use super::ambient::{Frame, Place};
use super::error::{Failure, LoadError};
use super::handler::{Handler, Trigger};
use super::host::{Host, Outlet};
use super::set::ScriptSet;
use super::values::reply::Stream;
use super::values::{Out, Reply, RouteParts, RouteRequest};
use crate::domain::caller::Caller;
use crate::domain::{Error, Result};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use rhai::Dynamic;
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The methods that routes may have. HEAD uses the routes of GET.
pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// The paths of the API, and those of the dashboard. A route with a parameter in the first place never answers there.
const API: &str = "api";
const DASHBOARD: &str = "_";
/// How a path is written in requests.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
/// How many segments of a trailing parameter are tried when a route is compared with the built-in ones.
const MAX_TRIED_SEGMENTS: usize = 5;

/// What a route is registered with.
#[derive(Clone, Debug)]
pub struct RouteSpec {
    pub method: &'static str,
    /// As written: `/shop/{id}`, `/files/{path...}`.
    pub path: String,
    pub guard: Guard,
    /// How large the body may be, in bytes.
    pub max_body: u64,
    /// How long a call may take. `None` for the usual time.
    pub time: Option<Duration>,
    /// What the description of the API says. `None` for a route that is not in it.
    pub about: Option<About>,
}

/// How a route describes itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub summary: String,
    pub description: String,
    /// The JSON Schema of the body.
    pub request: Option<Value>,
    /// That of the answer.
    pub response: Option<Value>,
}

/// A route in the description of the API.
#[derive(Clone, Debug)]
pub struct DescribedRoute {
    pub method: &'static str,
    /// As written: `/files/{path...}`.
    pub path: String,
    pub guard: Guard,
    pub about: About,
}

/// Who may use a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    Anyone,
    /// A record of any auth collection, superusers included.
    SignedIn,
    /// A record of one of these auth collections.
    Collections(Vec<String>),
    Superusers,
    Guests,
}

impl Guard {
    fn check(&self, caller: &Caller) -> Result<()> {
        let forbidden = || Err(Error::Forbidden("The authorized record is not allowed to perform this action.".into()));
        match (self, caller.record()) {
            (Self::Anyone, _) | (Self::Guests, None) | (Self::SignedIn, Some(_)) => Ok(()),
            (Self::Guests, Some(_)) => Err(Error::bad_request("The request can be accessed only by guests.")),
            (_, None) => Err(Error::Unauthenticated("The request requires valid record authorization token.".into())),
            (Self::Superusers, Some(_)) if caller.is_superuser() => Ok(()),
            (Self::Superusers, Some(_)) => forbidden(),
            (Self::Collections(names), Some(record)) => {
                let is_named = |name: &String| *name == record.collection.name || *name == record.collection.id;
                if names.iter().any(is_named) { Ok(()) } else { forbidden() }
            }
        }
    }
}

/// Translates a path to the form of the router. The error says what is wrong with it.
pub fn pattern(path: &str) -> std::result::Result<String, String> {
    let inner = path.strip_prefix('/').ok_or("a path begins with /")?;
    let mut names: Vec<&str> = Vec::new();
    let mut pattern = String::new();
    let segments: Vec<&str> = inner.split('/').collect();
    for (at, segment) in segments.iter().enumerate() {
        let is_last = at + 1 == segments.len();
        pattern.push('/');
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let (name, is_rest) = name.strip_suffix("...").map_or((name, false), |name| (name, true));
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(format!("{segment} is not a parameter: write {{id}} or, at the end, {{path...}}"));
            }
            if is_rest && !is_last {
                return Err(format!("{segment} can stand only at the end"));
            }
            if names.contains(&name) {
                return Err(format!("the parameter {{{name}}} stands in the path twice"));
            }
            names.push(name);
            pattern.extend([if is_rest { "{*" } else { "{" }, name, "}"]);
            continue;
        }
        if segment.starts_with(':') {
            return Err(format!(
                "{segment} would be a fixed part of the path: a parameter is written {{id}}, as in {}",
                in_braces(path)
            ));
        }
        if segment.is_empty() && !is_last {
            return Err("the path has two slashes in a row".to_owned());
        }
        if matches!(*segment, "." | "..") || segment.contains(['{', '}', '?', '#', '*', '\\', '%']) {
            return Err(format!("{segment:?} cannot be a part of a path"));
        }
        if at == 0 && *segment == DASHBOARD {
            return Err("paths below /_/ belong to the dashboard".to_owned());
        }
        pattern.extend(utf8_percent_encode(segment, ESCAPED));
    }
    Ok(pattern)
}

/// `/hello/{id}` for `/hello/:id`, which is how other frameworks write it.
fn in_braces(path: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix(':') {
        Some(name) => {
            let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(name.len());
            format!("{{{}}}", if end == 0 { "id" } else { &name[..end] })
        }
        None => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The values of a path's parameters, percent-decoded.
type Values = Vec<(String, String)>;

/// The routes of a set, by method.
#[derive(Default)]
pub struct Routes(Vec<(&'static str, matchit::Router<Arc<Handler>>)>);

impl Routes {
    /// Fails if two routes answer the same requests.
    pub fn of(handlers: &[Arc<Handler>]) -> std::result::Result<Self, LoadError> {
        let mut routers: Vec<(&'static str, matchit::Router<Arc<Handler>>)> = Vec::new();
        let mut known: Vec<&Arc<Handler>> = Vec::new();
        for handler in handlers {
            let Trigger::Route(spec) = &handler.trigger else { continue };
            let path = pattern(&spec.path).map_err(|message| at(handler, message))?;
            let index = routers.iter().position(|(method, _)| *method == spec.method).unwrap_or_else(|| {
                routers.push((spec.method, matchit::Router::new()));
                routers.len() - 1
            });
            if routers[index].1.insert(path, Arc::clone(handler)).is_err() {
                let other = known.iter().find(|other| is_same(other, spec));
                let place = other.map_or_else(String::new, |other| {
                    format!(" of {}:{}", other.file.name, other.position.line().unwrap_or(0))
                });
                return Err(at(handler, format!("{} answers the same requests as the route{place}", handler.name())));
            }
            known.push(handler);
        }
        Ok(Self(routers))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, method: &str, path: &str) -> bool {
        self.at(method, path).is_some()
    }

    fn find(&self, method: &str, path: &str) -> Option<(&Arc<Handler>, Values)> {
        let found = self.at(method, path)?;
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let values = found.params.iter().map(|(name, value)| (name.to_owned(), decode(value))).collect();
        Some((found.value, values))
    }

    fn at<'a, 'p>(&'a self, method: &str, path: &'p str) -> Option<matchit::Match<'a, 'p, &'a Arc<Handler>>> {
        let method = if method == "HEAD" { "GET" } else { method };
        let (_, router) = self.0.iter().find(|(known, _)| *known == method)?;
        let found = router.at(path).ok()?;
        let Trigger::Route(spec) = &found.value.trigger else { return None };
        if is_reserved(path) && spec.path.starts_with("/{") {
            return None;
        }
        Some(found)
    }
}

/// The first route for which `is_built_in` knows a route of the server, by method and path.
pub fn shadowed(handlers: &[Arc<Handler>], is_built_in: fn(&str, &str) -> bool) -> Option<LoadError> {
    handlers.iter().find_map(|handler| {
        let Trigger::Route(spec) = &handler.trigger else { return None };
        let is_taken = samples(&spec.path).iter().any(|path| is_built_in(spec.method, path));
        is_taken.then(|| at(handler, format!("{} is a route of the server itself", handler.name())))
    })
}

fn at(handler: &Handler, message: String) -> LoadError {
    let (line, column) = (handler.position.line().unwrap_or(0), handler.position.position().unwrap_or(0));
    LoadError { line, column, ..LoadError::new(&handler.file.name, message) }
}

/// Whether two routes have the same path but for the names of parameters.
fn is_same(other: &Handler, spec: &RouteSpec) -> bool {
    let Trigger::Route(other) = &other.trigger else { return false };
    let shape = |path: &str| {
        let plain = |segment: &str| match segment {
            segment if segment.ends_with("...}") => "{...}".to_owned(),
            segment if segment.starts_with('{') => "{}".to_owned(),
            segment => segment.to_owned(),
        };
        path.split('/').map(plain).collect::<Vec<_>>()
    };
    other.method == spec.method && shape(&other.path) == shape(&spec.path)
}

fn is_reserved(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    first == API || first == DASHBOARD
}

/// Paths that a route answers.
fn samples(path: &str) -> Vec<String> {
    let plain: Vec<&str> =
        path.split('/').map(|segment| if segment.starts_with('{') { "-" } else { segment }).collect();
    let sample = plain.join("/");
    let more = if path.ends_with("...}") { MAX_TRIED_SEGMENTS } else { 0 };
    (0..=more).map(|count| format!("{sample}{}", "/-".repeat(count))).collect()
}

/// The route of a request, with the set that it belongs to.
#[derive(Debug)]
pub struct FoundRoute {
    set: Arc<ScriptSet>,
    handler: Arc<Handler>,
    values: Values,
}

impl FoundRoute {
    #[must_use]
    pub fn find(set: &Arc<ScriptSet>, method: &str, path: &str) -> Option<Self> {
        let (handler, values) = set.routes.find(method, path)?;
        Some(Self { set: Arc::clone(set), handler: Arc::clone(handler), values })
    }

    /// How large the body may be, in bytes.
    #[must_use]
    pub fn max_body(&self) -> u64 {
        match &self.handler.trigger {
            Trigger::Route(spec) => spec.max_body,
            Trigger::Event(..) | Trigger::Job(_) | Trigger::Cron(_) => 0,
        }
    }

    /// How long the call may take.
    #[must_use]
    pub fn time(&self) -> Duration {
        let own = match &self.handler.trigger {
            Trigger::Route(spec) => spec.time,
            Trigger::Event(..) | Trigger::Job(_) | Trigger::Cron(_) => None,
        };
        own.unwrap_or(self.set.limits.route)
    }

    /// Fails if the route is not for this caller.
    pub fn check(&self, caller: &Caller) -> Result<()> {
        match &self.handler.trigger {
            Trigger::Route(spec) => spec.guard.check(caller),
            Trigger::Event(..) | Trigger::Job(_) | Trigger::Cron(_) => Ok(()),
        }
    }

    /// Whether the last calls took next to no time, so that the next one will probably, too.
    #[must_use]
    pub fn is_quick(&self) -> bool {
        self.handler.is_quick()
    }

    /// Calls the function. Blocks the thread for as long as [`FoundRoute::time`]. `answer` takes the answer, and for a streamed one returns where
    /// its parts go.
    pub fn call(&self, parts: RouteParts, answer: impl FnOnce(Result<Reply>) -> Option<Arc<dyn Outlet>>) {
        let began = Instant::now();
        let reply = self.reply(parts, &self.set.host);
        let stream = reply.as_ref().ok().and_then(|reply| reply.stream.clone());
        let Some((outlet, stream)) = answer(reply).zip(stream) else { return };
        self.stream(&stream, &outlet, began);
    }

    /// Writes the parts of a streamed answer. `began` is when the call did. Blocks the thread for what is left of [`FoundRoute::time`].
    pub fn stream(&self, stream: &Stream, outlet: &Arc<dyn Outlet>, began: Instant) {
        let place = Place::Outside(Arc::clone(&self.set.host));
        let time = self.time().saturating_sub(began.elapsed());
        let frame = Frame::new(Arc::clone(&self.handler.file), place, time);
        let out = Out::new(Arc::clone(outlet));
        match self.handler.call_returned(frame, &stream.0, Dynamic::from(out.clone())) {
            Ok(_) => outlet.end(),
            Err(failure) if !out.is_gone() => self.set.report(&failure),
            Err(_) => {}
        }
    }

    /// Calls the function, which finds the system through `host`. A streamed answer is not complete without [`FoundRoute::stream`].
    pub fn reply(&self, parts: RouteParts, host: &Arc<dyn Host>) -> Result<Reply> {
        let request = RouteRequest::new(RouteParts { params: self.values.clone(), ..parts });
        let place = Place::Outside(Arc::clone(host));
        let frame = Frame::new(Arc::clone(&self.handler.file), place, self.time());
        let claims = Rc::clone(&frame.claims);
        let called = self.handler.call(frame, Dynamic::from(request));
        let reply = called.and_then(|value| {
            let converted = Reply::of(&value);
            converted.map_err(|error| Box::new(Failure::of_call(&self.handler, &error, self.handler.position)))
        });
        // A script may end with an answer: `throw text(404, "No such product.")`.
        let reply = match reply {
            Err(failure) if failure.reply.is_some() => failure.reply.map(|reply| *reply).ok_or_else(Error::generic),
            Err(failure) => {
                self.set.report(&failure);
                Err(failure.into_error(""))
            }
            Ok(reply) => Ok(reply),
        };
        claims.settle(host, reply.as_ref().is_ok_and(|reply| reply.status < 400));
        reply
    }
}
