//! `import "lib/x" as x;`: files below the folder `lib`, and nothing else.

use super::error::problem;
use super::load::compile;
use super::registration;
use super::sources::{EXTENSION, LIB, Sources};
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use std::collections::HashMap;
use std::path::{Component, Path};

/// Finds modules below the folder of scripts.
pub struct Library {
    pub sources: Sources,
}

impl ModuleResolver for Library {
    fn resolve(
        &self,
        engine: &Engine,
        _: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let at = |mut error: Box<EvalAltResult>| {
            if error.position().is_none() {
                error.set_position(position);
            }
            error
        };
        let name = name_of(path).map_err(at)?;
        let known = registration::with(|loading| loading.modules.get(&name).cloned())
            .ok_or_else(|| at(problem("import belongs at the top of the file, not into a function")))?;
        match known {
            Some(Some(module)) => return Ok(module),
            Some(None) => return Err(at(problem(format!("{name} imports itself, directly or through others")))),
            None => {}
        }
        // A file that cannot be read is a mistake of the import.
        let text = self.read(&name).map_err(at)?;
        registration::with(|loading| loading.modules.insert(name.clone(), None));
        let module = load(engine, &name, &text).map_err(|error| match *error {
            // The file of this error is the module's own.
            EvalAltResult::ErrorInModule(..) => error,
            other => Box::new(EvalAltResult::ErrorInModule(name.clone(), Box::new(other), position)),
        });
        let module: Shared<Module> = module?.into();
        registration::with(|loading| loading.modules.insert(name, Some(Shared::clone(&module))));
        Ok(module)
    }
}

impl Library {
    fn read(&self, name: &str) -> Result<String, Box<EvalAltResult>> {
        if !self.sources.is_changed(name) {
            let missing = |error: std::io::Error| problem(format!("cannot read {name}: {error}"));
            let folder = self.sources.folder();
            let lib = folder.join(LIB).canonicalize().map_err(missing)?;
            let path = folder.join(name).canonicalize().map_err(missing)?;
            if !path.starts_with(&lib) {
                return Err(problem(format!("{name} is a link that leads out of {LIB}/")));
            }
        }
        self.sources.read(name).map_err(|error| problem(format!("cannot read {error}")))
    }
}

fn load(engine: &Engine, name: &str, text: &str) -> Result<Module, Box<EvalAltResult>> {
    registration::with(|loading| loading.texts.push((name.to_owned(), text.to_owned())));
    let ast = compile(engine, name, text)
        .map_err(|error| Box::new(EvalAltResult::ErrorParsing(error.err_type().clone(), error.position())))?;
    // Functions of the module see its constants, which the module itself does not tell.
    let mut scope = Scope::new();
    engine.run_ast_with_scope(&mut scope, &ast)?;
    let constants = constants_of(&scope);
    registration::with(|loading| loading.constants.insert(name.to_owned(), constants));
    Module::eval_ast_as_new(Scope::new(), &ast, engine)
}

/// The constants of a file that has run.
pub fn constants_of(scope: &Scope<'_>) -> HashMap<String, rhai::Dynamic> {
    let constants = scope.iter_raw().filter(|(_, is_constant, _)| *is_constant);
    constants.map(|(name, _, value)| (name.to_owned(), value.flatten_clone())).collect()
}

/// The path of the file, relative to the folder of scripts.
fn name_of(path: &str) -> Result<String, Box<EvalAltResult>> {
    let refused =
        || problem(format!("import {path:?}: only files below {LIB}/ can be imported, such as \"{LIB}/prices\""));
    let has_odd_parts = Path::new(path).components().any(|part| !matches!(part, Component::Normal(_)));
    if has_odd_parts || path.contains(['\\', '\0', ':']) || !path.starts_with("lib/") {
        return Err(refused());
    }
    Ok(if path.ends_with(EXTENSION) { path.to_owned() } else { format!("{path}{EXTENSION}") })
}
