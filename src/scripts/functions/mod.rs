//! What scripts can call. One file for each namespace; [`all`] joins them.
//!
//! To add functions, write a file with an `#[export_module]` and combine it here. The comment above a function is its entry in
//! the reference of `docs/scripting.md`. A function that needs to know what runs it takes a `NativeCallContext` first, calls
//! [`note`](super::ambient::note) with it, and asks [`ambient`](super::ambient).

// The macros of rhai need functions in this form: arguments by value, `&mut` for the object of a method. They write the calls of
// `unwrap` themselves.
#![allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref, clippy::needless_pass_by_ref_mut)]
#![allow(clippy::unnecessary_wraps, clippy::wildcard_imports, clippy::unwrap_used, clippy::unnecessary_box_returns)]

mod accounts;
mod bytes;
mod cache;
mod calendar;
mod crypto;
mod dates;
mod db;
mod each;
mod event;
mod expand;
mod files;
mod formats;
mod http;
mod input;
mod jobs;
mod kv;
mod lists;
mod locale;
mod mail;
mod numbers;
mod pattern;
mod realtime;
mod record;
mod refusals;
mod replies;
mod route_request;
mod routes;
mod seen;
mod sql;
mod system;
mod text;
mod webhooks;

use super::registration;
use super::values::{
    BigNumber, BytesValue, CacheValue, Date, Db, Event, HttpAnswer, Kv, LogValue, Out, Parameters, RealtimeValue,
    RecordValue, Reply, Request, RouteRequest, Span, Upload,
};
use rhai::Module;

/// The functions of a namespace, added to a module.
type Add = fn(&mut Module);

/// Functions that the reference shows together, with the title of their chapter.
pub const GROUPS: [(&str, Add); 14] = [
    ("Numbers and money as text", locale::add),
    ("Texts", text::add),
    ("Regular expressions", pattern::add),
    ("Lists", lists::add),
    ("JSON, CSV, base64, addresses", formats::add),
    ("Secrets and random values", crypto::add),
    ("Accounts", accounts::add),
    ("Files", files::add),
    ("Incoming webhooks", webhooks::add),
    ("Outgoing webhooks", webhooks::sending::add),
    ("Values that are remembered", kv::add),
    ("Values in memory", cache::add),
    ("Realtime messages", realtime::add),
    ("The server", system::add),
];

/// All functions of the server.
pub fn all() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<Event>("event");
    module.set_custom_type::<RecordValue>("record");
    module.set_custom_type::<Db>("db");
    module.set_custom_type::<Request>("request");
    module.set_custom_type::<Parameters>("parameters");
    module.set_custom_type::<Date>("date");
    module.set_custom_type::<Span>("span");
    module.set_custom_type::<BigNumber>("big number");
    module.set_custom_type::<RouteRequest>("request");
    module.set_custom_type::<Upload>("file");
    module.set_custom_type::<Reply>("reply");
    module.set_custom_type::<BytesValue>("bytes");
    module.set_custom_type::<Out>("out");
    module.set_custom_type::<HttpAnswer>("answer");
    module.set_custom_type::<Kv>("kv");
    module.set_custom_type::<CacheValue>("cache");
    module.set_custom_type::<LogValue>("log");
    module.set_custom_type::<RealtimeValue>("realtime");
    registration::register(&mut module);
    routes::add(&mut module);
    route_request::add(&mut module);
    replies::add(&mut module);
    seen::add(&mut module);
    event::add(&mut module);
    record::add(&mut module);
    db::add(&mut module);
    each::add(&mut module);
    sql::add(&mut module);
    refusals::add(&mut module);
    numbers::add(&mut module);
    bytes::add(&mut module);
    dates::add(&mut module);
    calendar::add(&mut module);
    jobs::add(&mut module);
    mail::add(&mut module);
    http::add(&mut module);
    for (_, add) in GROUPS {
        add(&mut module);
    }
    #[cfg(test)]
    module.set_native_fn("panic_for_test", || -> super::error::Outcome<()> { panic!("for the test") });
    module.build_index();
    module
}
