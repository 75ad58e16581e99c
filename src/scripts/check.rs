//! Looks for mistakes in files without using them.

use super::ambient;
use super::engine;
use super::error::LoadError;
use super::host::Host;
use super::limits::Limits;
use super::load::{LOAD_TIME, load, load_file, load_tests};
use super::modules::Library;
use super::registration::{self, Loading};
use super::set::ScriptSet;
use super::sources::{FileKind, Sources};
use super::templates::Templates;
use rhai::{ModuleResolver as _, Position};
use std::hash::DefaultHasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

/// Loads the files as the server would, to throw them away. Fails with everything that is wrong: at most one problem of each file, and
/// if all are good by themselves, what is wrong with them together.
pub fn check(
    sources: &Sources,
    limits: &Limits,
    host: &Arc<dyn Host>,
    is_built_in: fn(&str, &str) -> bool,
) -> Result<Arc<ScriptSet>, Vec<LoadError>> {
    let mut problems = Vec::new();
    let templates = Templates::load(sources, &mut DefaultHasher::new()).unwrap_or_else(|error| {
        problems.push(error);
        Templates::default()
    });
    let templates = Arc::new(templates);
    for kind in [FileKind::Module, FileKind::Script, FileKind::Test] {
        let names = match sources.names(kind) {
            Ok(names) => names,
            Err(error) => {
                problems.push(error);
                continue;
            }
        };
        for name in names {
            let checked = match kind {
                FileKind::Script => load_file(sources, &name, limits, &templates, &mut DefaultHasher::new()).map(drop),
                FileKind::Module | FileKind::Test | FileKind::Template => alone(sources, &name, limits),
            };
            // A mistake in a module is found again by all that import it.
            problems.extend(checked.err().filter(|error| !problems.iter().any(|known| is_same(known, error))));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let whole = load(sources, limits, host).and_then(|set| set.check_routes(is_built_in).map(|()| set));
    whole.map_err(|error| vec![error])
}

fn is_same(one: &LoadError, other: &LoadError) -> bool {
    one.to_string() == other.to_string()
}

/// Looks at what loading the folder leaves out: modules that nothing imports, and tests.
fn alone(sources: &Sources, name: &str, limits: &Limits) -> Result<(), LoadError> {
    match FileKind::of(name) {
        Some(FileKind::Module) => {
            let mut engine = engine::engine(name, limits, &Arc::new(OnceLock::new()));
            let library = || Library { sources: sources.clone() };
            engine.set_module_resolver(library());
            let resolve = || library().resolve(&engine, None, name, Position::NONE);
            let work = || catch_unwind(AssertUnwindSafe(resolve));
            let (resolved, _) = registration::collect(Loading::default(), || ambient::limited(LOAD_TIME, work));
            let panicked = |_| LoadError::new(name, "a function of the server panicked while the file was loaded");
            resolved.map_err(panicked)?.map(drop).map_err(|error| LoadError::of_run(name, &error, None))
        }
        Some(FileKind::Test) => load_tests(sources, name, limits, &Arc::default()).map(drop),
        Some(FileKind::Script | FileKind::Template) | None => Ok(()),
    }
}
