//! The engine of a file: the language, its limits, and the names that scripts know.
//!
//! Each file has an engine of its own, because functions find the constants and imports of their file through it. The functions of
//! the language and of the server are shared between all engines.

use super::ambient;
use super::error::TimeIsUp;
use super::functions;
use super::host::Level;
use super::inline;
use super::limits::{Environment, Limits};
use super::registration;
use super::values::{CacheValue, Db, Event, Kv, LogValue, RealtimeValue, RouteRequest};
use rhai::packages::{Package as _, StandardPackage};
use rhai::{Dynamic, Engine, Module, NativeCallContext, Shared};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

/// How many steps pass between two looks at the clock.
const STEPS_PER_LOOK: u64 = 128;
/// The same for a call that blocks an async thread.
const STEPS_PER_INLINE_LOOK: u64 = 16;
/// How many variables one call may have.
const MAX_VARIABLES: usize = 500;
/// How deep expressions may nest: in the statements of a file, and in its functions.
const MAX_EXPRESSION_DEPTHS: (usize, usize) = (64, 48);
const MAX_MODULES: usize = 100;
const MAX_FUNCTIONS: usize = 2000;

/// The functions of the language.
static STANDARD: LazyLock<Shared<Module>> = LazyLock::new(|| StandardPackage::new().as_shared_module());

/// The functions of the server.
static FUNCTIONS: LazyLock<Shared<Module>> = LazyLock::new(|| Shared::new(functions::all()));

/// The constants that functions of a file see. Filled in when the file is loaded.
#[derive(Debug, Default)]
pub struct Constants {
    /// Of the file itself.
    pub own: HashMap<String, Dynamic>,
    /// Of the modules that it imports, by their paths.
    pub of_modules: HashMap<String, HashMap<String, Dynamic>>,
}

/// An engine with the functions of the language and of the server, and nothing else.
pub fn bare() -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(Shared::clone(&STANDARD));
    engine.register_global_module(Shared::clone(&FUNCTIONS));
    engine
}

/// Makes the engine of the file `name`.
pub fn engine(name: &str, limits: &Limits, constants: &Arc<OnceLock<Constants>>) -> Engine {
    let mut engine = bare();
    engine.disable_symbol("eval");
    engine.set_default_tag(Dynamic::from(Arc::new(limits.environment.clone())));
    engine
        .set_max_operations(limits.max_operations)
        .set_max_string_size(limits.max_text_bytes)
        .set_max_array_size(limits.max_elements)
        .set_max_map_size(limits.max_elements)
        .set_max_call_levels(limits.max_depth)
        .set_max_variables(MAX_VARIABLES)
        .set_max_modules(MAX_MODULES)
        .set_max_functions(MAX_FUNCTIONS)
        .set_max_expr_depths(MAX_EXPRESSION_DEPTHS.0, MAX_EXPRESSION_DEPTHS.1);
    engine.on_progress(|steps| {
        if steps % STEPS_PER_INLINE_LOOK == 0 {
            inline::look();
        }
        let is_due = steps % STEPS_PER_LOOK == 0;
        (is_due && ambient::is_time_up()).then(|| Dynamic::from(TimeIsUp))
    });
    let file = name.to_owned();
    engine.on_print(move |text| print(Level::Info, text, &file));
    let file = name.to_owned();
    engine.on_debug(move |text, _, position| print(Level::Debug, text, &format!("{file}:{position}")));
    resolve_names(&mut engine, name, constants);
    engine
}

/// Functions do not see the constants of their file in rhai. Here they do.
///
/// Values of the types [`Event`], [`RouteRequest`] and [`Db`] are handles that nobody assigns to. They are given out as copies, so that closures
/// capture them without sharing the variable: `e.db.transaction(|db| … e.record …)` could not use `e` otherwise.
#[expect(deprecated, reason = "rhai marks the function as volatile, not as obsolete")]
fn resolve_names(engine: &mut Engine, name: &str, constants: &Arc<OnceLock<Constants>>) {
    let (own, constants) = (name.to_owned(), Arc::clone(constants));
    engine.on_var(move |name, index, context| {
        let local = context.scope().get(name);
        if let Some(local) = local {
            let is_handle = index > 0 && (local.is::<Event>() || local.is::<RouteRequest>() || local.is::<Db>());
            return Ok(is_handle.then(|| local.flatten_clone()));
        }
        if index > 0 {
            return Ok(None);
        }
        if name == "db" {
            return Ok(Some(Dynamic::from(Db::default())));
        }
        // A constant of the file may have one of these names.
        let built_in = || match name {
            "kv" => Some(Dynamic::from(Kv)),
            "cache" => Some(Dynamic::from(CacheValue)),
            "log" => Some(Dynamic::from(LogValue)),
            "realtime" => Some(Dynamic::from(RealtimeValue)),
            _ => None,
        };
        let source = context.source().unwrap_or_default();
        let is_own = source.is_empty() || source == own;
        if let Some(constants) = constants.get() {
            let table = if is_own { Some(&constants.own) } else { constants.of_modules.get(source) };
            if let Some(value) = table.and_then(|table| table.get(name)) {
                return Ok(Some(value.clone()));
            }
        }
        let of_module = |loading: &mut registration::Loading| loading.constants.get(source)?.get(name).cloned();
        Ok(registration::with(of_module).flatten().or_else(built_in))
    });
}

/// What scripts may read of the environment.
pub fn environment(context: &NativeCallContext<'_>) -> Arc<Environment> {
    let tag = context.tag().and_then(|tag| tag.read_lock::<Arc<Environment>>().map(|found| Arc::clone(&found)));
    tag.unwrap_or_default()
}

fn print(level: Level, text: &str, place: &str) {
    if let Some(frame) = ambient::current() {
        frame.host().log(level, text, place);
    } else {
        tracing::info!(target: "scripts", place, "{text}");
    }
}
