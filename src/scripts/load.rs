//! Loads the files of a folder into a [`ScriptSet`].
//!
//! Each `*.rhai` of the folder itself runs once, in the order of names, and registers what it wants to be called for. Nothing else
//! happens at that time: there is no database. If one file has a mistake, none is used.

use super::ambient;
use super::doors::Doors;
use super::engine::{self, Constants};
use super::error::LoadError;
use super::handler::{File, Handler, Registered};
use super::limits::Limits;
use super::modules::{Library, constants_of};
use super::registration::{self, Loading};
use super::set::ScriptSet;
use super::tasks;
use super::templates::Templates;
use rhai::{AST, Engine, EvalAltResult, Module, ParseError, Scope};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How the names of scripts end. In this case of letters, as imports name them.
pub const EXTENSION: &str = ".rhai";
/// The largest file, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// How long a file may run when it is loaded.
const LOAD_TIME: Duration = Duration::from_secs(5);

/// Loads the scripts in `folder`. A folder that does not exist has none.
pub fn load(folder: &Path, limits: &Limits, doors: &Arc<dyn Doors>) -> Result<Arc<ScriptSet>, LoadError> {
    let mut handlers = Vec::new();
    let names = file_names(folder)?;
    let mut fingerprint = DefaultHasher::new();
    let templates = Arc::new(Templates::load(folder, &mut fingerprint)?);
    for name in &names {
        handlers.extend(load_file(folder, name, limits, &templates, &mut fingerprint)?);
    }
    tasks::check_names(&handlers)?;
    ScriptSet::new(names, handlers, limits.clone(), Arc::clone(doors), fingerprint.finish())
}

/// The scripts of a folder, in order. Tests, hidden files and folders are none.
fn file_names(folder: &Path) -> Result<Vec<String>, LoadError> {
    let unreadable =
        |error: std::io::Error| LoadError::new(&folder.display().to_string(), format!("cannot be read: {error}"));
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_script = name.ends_with(EXTENSION) && !name.ends_with(".test.rhai") && !name.starts_with('.');
        if is_script && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn load_file(
    folder: &Path,
    name: &str,
    limits: &Limits,
    templates: &Arc<Templates>,
    fingerprint: &mut DefaultHasher,
) -> Result<Vec<Arc<Handler>>, LoadError> {
    let path = folder.join(name);
    let unreadable = |error: std::io::Error| LoadError::new(name, format!("cannot be read: {error}"));
    if path.metadata().map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Err(LoadError::new(name, format!("is larger than {} KiB", MAX_FILE_BYTES / 1024)));
    }
    let text = std::fs::read_to_string(&path).map_err(unreadable)?;
    (name, &text).hash(fingerprint);
    let constants = Arc::new(OnceLock::new());
    let mut engine = engine::engine(name, limits, &constants);
    engine.set_module_resolver(Library { folder: folder.to_owned() });
    let mut ast = compile(&engine, name, &text).map_err(|error| LoadError::of_parser(name, &error))?;
    let (scope, loading) = run(&engine, name, &ast)?;
    loading.texts.hash(fingerprint);
    for (alias, module) in loading.imports {
        engine.register_static_module(alias, module.into());
    }
    let own = constants_of(&scope);
    let mut global = Module::new();
    for (constant, value) in &own {
        global.set_var(constant.as_str(), value.clone());
    }
    engine.register_static_module("global", global.into());
    // It is empty: only this function fills it in.
    let _ = constants.set(Constants { own, of_modules: loading.constants });
    ast.clear_statements();
    let file = Arc::new(File {
        name: name.to_owned(),
        engine,
        functions: ast,
        loops: loops_of(&text),
        transaction_time: limits.before,
        templates: Arc::clone(templates),
        set: OnceLock::new(),
    });
    Ok(handlers(loading.handlers, &file))
}

/// Compiles the text of a file or module.
pub fn compile(engine: &Engine, name: &str, text: &str) -> Result<AST, ParseError> {
    // As editors on Windows write it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut ast = engine.compile(text)?;
    ast.set_source(name);
    Ok(ast)
}

/// Runs the statements of a file.
fn run(engine: &Engine, name: &str, ast: &AST) -> Result<(Scope<'static>, Loading), LoadError> {
    let parameters = ast.iter_functions().map(|function| (function.name.to_owned(), function.params.len())).collect();
    let loading = Loading { parameters, ..Loading::default() };
    let mut scope = Scope::new();
    let work = || catch_unwind(AssertUnwindSafe(|| engine.run_ast_with_scope(&mut scope, ast)));
    let (outcome, loading) = registration::collect(loading, || ambient::limited(LOAD_TIME, work));
    let outcome: Result<(), Box<EvalAltResult>> =
        outcome.map_err(|_| LoadError::new(name, "a function of the server panicked while the file was loaded"))?;
    outcome.map_err(|error| LoadError::of_run(name, &error))?;
    Ok((scope, loading))
}

/// The lines in which loops begin, about: the engine does not tell them.
fn loops_of(text: &str) -> Vec<usize> {
    let is_loop = |word: &str| matches!(word, "loop" | "while" | "for" | "do");
    let begins = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        // Every other part stands in quotes.
        let outside = code.split('"').step_by(2);
        outside.flat_map(|part| part.split(|letter: char| !letter.is_alphanumeric() && letter != '_')).any(is_loop)
    };
    text.lines().enumerate().filter(|(_, line)| begins(line)).map(|(at, _)| at + 1).collect()
}

/// Joins what the file has registered with the file.
fn handlers(registered: Vec<Registered>, file: &Arc<File>) -> Vec<Arc<Handler>> {
    let line_of = |registered: &Registered| registered.position.line().unwrap_or(0);
    let begins: Vec<usize> = registered.iter().map(line_of).collect();
    let end_of = |begin: usize| begins.iter().copied().filter(|other| *other > begin).min().unwrap_or(usize::MAX);
    let ends: Vec<usize> = begins.iter().map(|begin| end_of(*begin)).collect();
    let joined = registered.into_iter().zip(ends);
    joined.map(|(registered, end)| Arc::new(Handler::new(registered, file, end))).collect()
}
