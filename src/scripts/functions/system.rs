//! `log` and `env`: the log of the server, and what `config.toml` lets scripts see of the environment.

use crate::scripts::ambient;
use crate::scripts::engine::environment;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::host::Level;
use crate::scripts::values::{LogValue, json};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "environment", environment_functions);
    combine_with_exported_module!(module, "log", log_functions);
}

#[export_module]
mod environment_functions {
    /// A variable of the environment in which the server was started, `()` if it is not set. `[scripts] env` in `config.toml` lists the
    /// names that scripts may read: secrets belong there, and not into a script.
    #[rhai_fn(return_raw)]
    pub fn env(context: NativeCallContext<'_>, name: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        match environment(&context).0.get(name) {
            Some(value) => Ok(value.as_deref().map_or(Dynamic::UNIT, Into::into)),
            None => {
                Err(problem(format!("env cannot read {name:?}: add it to env in the section [scripts] of config.toml")))
            }
        }
    }
}

#[export_module]
mod log_functions {
    /// Writes to the log of the server, for information.
    #[rhai_fn(name = "info", pure, return_raw, volatile)]
    pub fn info(context: NativeCallContext<'_>, _log: &mut LogValue, message: Dynamic) -> Outcome<()> {
        note(&context, Level::Info, &message, &Map::new())
    }

    /// The same with fields, by which the log can be filtered: `log.info("paid", #{ order: id })` is found by `data.fields.order`.
    #[rhai_fn(name = "info", pure, return_raw, volatile)]
    pub fn info_with(
        context: NativeCallContext<'_>,
        _log: &mut LogValue,
        message: Dynamic,
        fields: Map,
    ) -> Outcome<()> {
        note(&context, Level::Info, &message, &fields)
    }

    /// Writes a warning to the log of the server.
    #[rhai_fn(name = "warn", pure, return_raw, volatile)]
    pub fn warn(context: NativeCallContext<'_>, _log: &mut LogValue, message: Dynamic) -> Outcome<()> {
        note(&context, Level::Warn, &message, &Map::new())
    }

    /// The same with fields.
    #[rhai_fn(name = "warn", pure, return_raw, volatile)]
    pub fn warn_with(
        context: NativeCallContext<'_>,
        _log: &mut LogValue,
        message: Dynamic,
        fields: Map,
    ) -> Outcome<()> {
        note(&context, Level::Warn, &message, &fields)
    }

    /// Writes an error to the log of the server. The script goes on.
    #[rhai_fn(name = "error", pure, return_raw, volatile)]
    pub fn error(context: NativeCallContext<'_>, _log: &mut LogValue, message: Dynamic) -> Outcome<()> {
        note(&context, Level::Error, &message, &Map::new())
    }

    /// The same with fields.
    #[rhai_fn(name = "error", pure, return_raw, volatile)]
    pub fn error_with(
        context: NativeCallContext<'_>,
        _log: &mut LogValue,
        message: Dynamic,
        fields: Map,
    ) -> Outcome<()> {
        note(&context, Level::Error, &message, &fields)
    }

    /// Writes to the log of the server what matters while a script is written, with the level of debugging, which the settings of the log may
    /// leave out. (`debug` is a word of the language.)
    #[rhai_fn(name = "trace", pure, return_raw, volatile)]
    pub fn trace(context: NativeCallContext<'_>, _log: &mut LogValue, message: Dynamic) -> Outcome<()> {
        note(&context, Level::Debug, &message, &Map::new())
    }

    /// The same with fields.
    #[rhai_fn(name = "trace", pure, return_raw, volatile)]
    pub fn trace_with(
        context: NativeCallContext<'_>,
        _log: &mut LogValue,
        message: Dynamic,
        fields: Map,
    ) -> Outcome<()> {
        note(&context, Level::Debug, &message, &fields)
    }
}

fn note(context: &NativeCallContext<'_>, level: Level, message: &Dynamic, fields: &Map) -> Outcome<()> {
    ambient::note(context);
    let frame = ambient::running("log")?;
    let message = json::shown(message);
    let serde_json::Value::Object(fields) = json::to_json(&Dynamic::from_map(fields.clone()))? else {
        return Err(problem("the fields of a log line must be a map"));
    };
    let source = context.call_source().unwrap_or(&frame.file.name);
    let position = context.call_position();
    let place = format!("{source}:{}:{}", position.line().unwrap_or(0), position.position().unwrap_or(0));
    frame.host().note(level, &message, &place, &fields);
    Ok(())
}
