//! Scripts: rules of the owner, written in rhai.
//!
//! A [`ScriptSet`] is what the files of a folder have registered ([`load`]). It implements [`Hooks`](crate::domain::tx::Hooks), so
//! a transaction that begins with it runs its handlers ([`set`]). A handler is called by [`Handler::call`](handler::Handler), which
//! notes in [`ambient`] what the running script may do: functions such as `db.find` have no other way to know. What scripts
//! see is in [`values`], what they can call in [`functions`]; [`events`] lists when they run, and [`error`] what becomes of
//! their mistakes. What scripts need of the running system comes through [`Host`].
//!
//! Scripts are synchronous. The only place that names rhai.

mod ambient;
mod cache;
mod check;
mod claims;
mod console;
mod definitions;
mod engine;
mod error;
mod event_call;
mod events;
mod file;
mod functions;
mod handler;
mod handler_index;
mod host;
mod inline;
mod known;
mod limits;
mod lint;
mod load;
mod modules;
mod outgoing;
mod plain;
mod reference;
mod routes;
mod registration;
mod set;
mod showing;
mod stack;
mod tasks;
mod sources;
mod templates;
mod testing;
mod values;
#[cfg(test)]
mod function_tests;
#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use check::check;
pub use console::{Console, RunOutcome, takes_line};
pub use definitions::definitions;
pub use error::{Failure, LoadError};
pub use event_call::{EventCall, EventOutput, EventValue, RunIn};
pub use events::Event;
pub use handler::{HandlerView, Mistake};
pub use host::{Host, HttpCall, HttpReply, Level, NewFile, Outlet, OutletError, Staged, Work};
pub use inline::{HandOver, run_inline};
pub use limits::{Environment, Limits, MAX_DEPTH};
pub use lint::lint;
pub use load::load;
pub use reference::reference;
pub use routes::{About, DescribedRoute, FoundRoute, Guard, RouteSpec};
pub use set::ScriptSet;
pub use sources::{FileInfo, FileKind, MAX_FILE_BYTES, Sources};
pub use stack::{STACK_BYTES, has_room, note_room, with_room};
pub use tasks::{ScriptCron, ScriptJob};
pub use testing::{FileTools, TestError, TestOutcome, TestRun, closed_host};
pub use values::{Reply, RouteParts, Upload};
