//! Loads the files of a folder into a [`ScriptSet`].
//!
//! Each `*.rhai` of the folder itself runs once, in the order of names, and registers what it wants to be called for. Nothing else
//! happens at that time: there is no database. If one file has a mistake, none is used.

use super::ambient;
use super::engine::{self, Constants};
use super::error::LoadError;
use super::file::File;
use super::handler::{Handler, Registered};
use super::host::Host;
use super::limits::Limits;
use super::modules::{Library, constants_of};
use super::registration::{self, Loading, Mode};
use super::set::ScriptSet;
use super::sources::{FileKind, Sources};
use super::tasks;
use super::templates::Templates;
use super::testing::{self, RegisteredTest};
use rhai::{AST, Engine, EvalAltResult, Module, ParseError, Scope, Shared};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

/// How long a file may run when it is loaded.
pub const LOAD_TIME: Duration = Duration::from_secs(5);

/// What tests can call beyond what scripts can.
static TEST_FUNCTIONS: LazyLock<Shared<Module>> = LazyLock::new(|| Shared::new(testing::functions()));

/// Loads the scripts of a folder. One that does not exist has none.
pub fn load(sources: &Sources, limits: &Limits, host: &Arc<dyn Host>) -> Result<Arc<ScriptSet>, LoadError> {
    let mut handlers = Vec::new();
    let names = sources.names(FileKind::Script)?;
    let mut fingerprint = DefaultHasher::new();
    let templates = Arc::new(Templates::load(sources, &mut fingerprint)?);
    for name in &names {
        handlers.extend(load_file(sources, name, limits, &templates, &mut fingerprint)?);
    }
    tasks::check_names(&handlers)?;
    ScriptSet::new(names, handlers, limits.clone(), Arc::clone(host), fingerprint.finish())
}

/// Loads one script. `fingerprint` is told its text, and those of its modules.
pub fn load_file(
    sources: &Sources,
    name: &str,
    limits: &Limits,
    templates: &Arc<Templates>,
    fingerprint: &mut DefaultHasher,
) -> Result<Vec<Arc<Handler>>, LoadError> {
    let (file, loading) = load_text(sources, name, limits, templates, Mode::Script, fingerprint)?;
    Ok(handlers(loading.handlers, &file))
}

/// Loads one file of tests.
pub fn load_tests(
    sources: &Sources,
    name: &str,
    limits: &Limits,
    templates: &Arc<Templates>,
) -> Result<(Arc<File>, Vec<RegisteredTest>), LoadError> {
    let (file, loading) = load_text(sources, name, limits, templates, Mode::Test, &mut DefaultHasher::new())?;
    Ok((file, loading.tests))
}

fn load_text(
    sources: &Sources,
    name: &str,
    limits: &Limits,
    templates: &Arc<Templates>,
    mode: Mode,
    fingerprint: &mut DefaultHasher,
) -> Result<(Arc<File>, Loading), LoadError> {
    let text = sources.read(name)?;
    (name, &text).hash(fingerprint);
    let constants = Arc::new(OnceLock::new());
    let mut engine = engine::engine(name, limits, &constants);
    engine.set_module_resolver(Library { sources: sources.clone() });
    if mode == Mode::Test {
        engine.register_global_module(Shared::clone(&TEST_FUNCTIONS));
    }
    let mut ast = compile(&engine, name, &text).map_err(|error| LoadError::of_parser(name, &error))?;
    let (scope, mut loading) = run(&engine, name, &ast, mode)?;
    loading.texts.hash(fingerprint);
    for (alias, module) in std::mem::take(&mut loading.imports) {
        engine.register_static_module(alias, module.into());
    }
    let own = constants_of(&scope);
    let mut global = Module::new();
    for (constant, value) in &own {
        global.set_var(constant.as_str(), value.clone());
    }
    engine.register_static_module("global", global.into());
    // It is empty: only this function fills it in.
    let _ = constants.set(Constants { own, of_modules: std::mem::take(&mut loading.constants) });
    ast.clear_statements();
    let file = Arc::new(File {
        name: name.to_owned(),
        engine,
        functions: ast,
        loops: loops_of(&text),
        transaction_time: limits.before,
        can_write_sql: limits.sql_writes,
        templates: Arc::clone(templates),
        set: OnceLock::new(),
    });
    Ok((file, loading))
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
fn run(engine: &Engine, name: &str, ast: &AST, mode: Mode) -> Result<(Scope<'static>, Loading), LoadError> {
    let parameters = ast.iter_functions().map(|function| (function.name.to_owned(), function.params.len())).collect();
    let loading = Loading { mode, parameters, ..Loading::default() };
    let mut scope = Scope::new();
    let work = || catch_unwind(AssertUnwindSafe(|| engine.run_ast_with_scope(&mut scope, ast)));
    let (outcome, loading) = registration::collect(loading, || ambient::limited(LOAD_TIME, work));
    let outcome: Result<(), Box<EvalAltResult>> =
        outcome.map_err(|_| LoadError::new(name, "a function of the server panicked while the file was loaded"))?;
    outcome.map_err(|error| LoadError::of_run(name, &error, Some(ast)))?;
    Ok((scope, loading))
}

/// The lines in which loops begin, about: the engine does not tell them.
pub fn loops_of(text: &str) -> Vec<usize> {
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
