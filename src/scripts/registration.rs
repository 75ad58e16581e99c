//! The functions that a file calls while it is loaded, to say what it wants to be called for.
//!
//! They write into a [`Loading`] of the thread. To add a kind of registration, add a field to [`Loading`], a function to
//! [`register`], and let [`load`](super::load()) take the field over into the [`ScriptSet`](super::ScriptSet).

use super::error::{Outcome, problem};
use super::events::{Event, PURPOSES, Subject};
use super::handler::{Registered, Targets, Trigger};
use super::tasks;
use super::testing::RegisteredTest;
use rhai::{Dynamic, FnPtr, FuncRegistration, Module, NativeCallContext, Shared};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

thread_local! {
    static LOADING: RefCell<Option<Loading>> = const { RefCell::new(None) };
}

/// What a text may register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What a script registers.
    #[default]
    Script,
    /// Tests.
    Test,
    /// Nothing: its functions would be forgotten.
    Console,
}

/// What a file has registered so far.
#[derive(Default)]
pub struct Loading {
    pub handlers: Vec<Registered>,
    pub mode: Mode,
    /// What `test` has registered.
    pub tests: Vec<RegisteredTest>,
    /// How many parameters each function of the file has, by name, captured variables included.
    pub parameters: HashMap<String, usize>,
    /// What the file has imported, by alias.
    pub imports: BTreeMap<String, Module>,
    /// The modules that were loaded, by path. `None` while one is being loaded.
    pub modules: HashMap<String, Option<Shared<Module>>>,
    /// The paths and texts of the modules, in the order of loading.
    pub texts: Vec<(String, String)>,
    /// The constants of each module, by its path.
    pub constants: HashMap<String, HashMap<String, Dynamic>>,
}

/// Runs `work`, and returns what was registered meanwhile.
pub fn collect<T>(loading: Loading, work: impl FnOnce() -> T) -> (T, Loading) {
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            LOADING.with_borrow_mut(|current| *current = None);
        }
    }
    LOADING.with_borrow_mut(|current| *current = Some(loading));
    let ended = Ended;
    let done = work();
    let loading = LOADING.with_borrow_mut(Option::take).unwrap_or_default();
    drop(ended);
    (done, loading)
}

/// Lends what was registered so far. `None` unless a file is being loaded.
pub fn with<T>(look: impl FnOnce(&mut Loading) -> T) -> Option<T> {
    LOADING.with_borrow_mut(|current| current.as_mut().map(look))
}

/// Adds the functions that register handlers.
pub fn register(module: &mut Module) {
    for event in Event::ALL {
        let what = match event.subject() {
            Subject::Collections => {
                "`collections` is a name, a list of names, or `\"*\"` for all that are not of the system.".to_owned()
            }
            Subject::Accounts => {
                "`collections` is a name of an auth collection, a list of names, or `\"*\"` for all but `_superusers`."
                    .to_owned()
            }
            Subject::Names => "`names` is a name, a list of names, or `\"*\"` for all collections.".to_owned(),
            Subject::Purposes => {
                format!("`purposes` is a purpose, a list of them, or `\"*\"` for all: `{}`.", PURPOSES.join("`, `"))
            }
            Subject::Nothing => String::new(),
        };
        let lines = [format!("/// {}", event.description()), "///".to_owned(), format!("/// {what}")];
        let registration =
            FuncRegistration::new(event.name()).in_global_namespace().with_volatility(true).with_comments(lines);
        if event.subject() == Subject::Nothing {
            registration.with_params_info(["handler: Fn", "()"]).set_into_module(
                module,
                move |context: NativeCallContext<'_>, handler: FnPtr| {
                    add_handler(&context, event, &Dynamic::from("*"), handler)
                },
            );
            continue;
        }
        let targets = match event.subject() {
            Subject::Purposes => "purposes: ?",
            Subject::Names => "names: ?",
            _ => "collections: ?",
        };
        registration.with_params_info([targets, "handler: Fn", "()"]).set_into_module(
            module,
            move |context: NativeCallContext<'_>, targets: Dynamic, handler: FnPtr| {
                add_handler(&context, event, &targets, handler)
            },
        );
    }
    tasks::register(module);
}

fn add_handler(context: &NativeCallContext<'_>, event: Event, collections: &Dynamic, handler: FnPtr) -> Outcome<()> {
    let targets = targets(event, collections)?;
    if let (Subject::Purposes, Targets::Named(names)) = (event.subject(), &targets)
        && let Some(unknown) = names.iter().find(|name| !PURPOSES.contains(&name.as_str()))
    {
        return Err(problem(format!("{unknown:?} is not a purpose of a mail; purposes are {}", PURPOSES.join(", "))));
    }
    let (function, parameters) = prepare(context, handler, event.name(), 1)?;
    add_registered(context, Trigger::Event(event, targets), function, parameters)
}

/// Adds a function that [`prepare`] has returned.
pub fn add_registered(
    context: &NativeCallContext<'_>,
    trigger: Trigger,
    function: FnPtr,
    parameters: usize,
) -> Outcome<()> {
    let position = context.call_position();
    let registered = Registered { trigger, function, parameters, position };
    with(|loading| loading.handlers.push(registered)).ok_or_else(|| not_loading("a function that registers"))
}

/// Makes a function ready to be called later, from any thread. Returns it with the number of its parameters. `name` is that of the
/// function that registers it, for errors.
pub fn prepare(
    context: &NativeCallContext<'_>,
    mut function: FnPtr,
    name: &str,
    max_parameters: usize,
) -> Outcome<(FnPtr, usize)> {
    if context.call_source().is_some_and(|source| source.starts_with("lib/")) {
        return Err(problem(format!("{name} belongs in a file of the folder itself, not below lib/")));
    }
    match with(|loading| loading.mode) {
        Some(Mode::Console) => {
            return Err(problem(format!("{name} belongs in a file of the folder: here, functions are not registered")));
        }
        Some(Mode::Test) if name != "test" => {
            return Err(problem(format!(
                "{name} belongs in a script: tests run the handlers of the scripts next to them"
            )));
        }
        _ => {}
    }
    let imports: Vec<(String, Module)> =
        context.iter_imports().map(|(alias, module)| (alias.to_owned(), module.clone())).collect();
    let parameters = with(|loading| {
        loading.imports.extend(imports);
        loading.parameters.get(function.fn_name()).copied()
    })
    .ok_or_else(|| not_loading(name))?;
    let own = parameters.unwrap_or(max_parameters).saturating_sub(function.curry().len());
    if own > max_parameters {
        if max_parameters == 0 {
            return Err(problem(format!("the handler of {name} takes no parameters, and this one has {own}")));
        }
        let most = match max_parameters {
            1 => "one parameter".to_owned(),
            _ => format!("{max_parameters} parameters"),
        };
        return Err(problem(format!("the handler of {name} takes at most {most}, and this one has {own}")));
    }
    freeze(&mut function);
    Ok((function, own))
}

#[expect(clippy::unnecessary_box_returns, reason = "rhai takes errors in a box")]
fn not_loading(name: &str) -> Box<rhai::EvalAltResult> {
    problem(format!("{name} can be called only while the file is loaded, not in a handler"))
}

/// Gives the function its own copies of the variables that it captures. They would be shared between calls otherwise, and so between
/// threads.
fn freeze(function: &mut FnPtr) {
    for value in function.iter_curry_mut() {
        *value = frozen(value);
    }
}

fn frozen(value: &Dynamic) -> Dynamic {
    let mut value = value.flatten_clone();
    if let Some(mut function) = value.write_lock::<FnPtr>() {
        freeze(&mut function);
    } else if let Some(mut items) = value.write_lock::<rhai::Array>() {
        items.iter_mut().for_each(|item| *item = frozen(item));
    } else if let Some(mut map) = value.write_lock::<rhai::Map>() {
        map.values_mut().for_each(|item| *item = frozen(item));
    }
    value
}

fn targets(event: Event, collections: &Dynamic) -> Outcome<Targets> {
    let wrong = || {
        let what =
            if event.subject() == Subject::Purposes { "the purpose of a mail" } else { "the name of a collection" };
        problem(format!("{} takes {what}, a list of them, or \"*\", and then the handler", event.name()))
    };
    if let Ok(name) = collections.as_immutable_string_ref() {
        return Ok(if name.as_str() == "*" { Targets::All } else { Targets::Named(vec![name.to_string()]) });
    }
    let items = collections.as_array_ref().map_err(|_| wrong())?;
    let name = |item: &Dynamic| item.as_immutable_string_ref().map(|name| name.to_string()).map_err(|_| wrong());
    let names = items.iter().map(name).collect::<Outcome<Vec<_>>>()?;
    if names.is_empty() { Err(wrong()) } else { Ok(Targets::Named(names)) }
}
