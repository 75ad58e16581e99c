//! The functions that scripts and tests can call, by name.

use super::{engine, reference, testing};
use rhai::Engine;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A way to call a function.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The type of the first parameter as Rust names it, without its path: `Db`. Empty without parameters.
    pub receiver: String,
    /// The names of all parameters, the receiver included.
    pub parameters: Vec<String>,
    /// As the reference shows it: `db.find(collection, id)`. `None` for functions that it does not have.
    pub usage: Option<String>,
}

/// Functions by name. Operators are not among them.
#[derive(Debug)]
pub struct Known {
    functions: BTreeMap<String, Vec<Signature>>,
    /// What can be read of a value without brackets: its type, and the name.
    properties: BTreeSet<(String, String)>,
}

/// What the engine itself answers, without a function of that name.
const KEYWORDS: [&str; 9] =
    ["print", "debug", "type_of", "Fn", "call", "curry", "is_shared", "is_def_var", "is_def_fn"];

static OF_SCRIPTS: LazyLock<Known> = LazyLock::new(|| Known::of(&engine::bare()));
static OF_TESTS: LazyLock<Known> = LazyLock::new(|| {
    let mut engine = engine::bare();
    engine.register_global_module(rhai::Shared::new(testing::functions()));
    Known::of(&engine)
});

impl Known {
    /// The functions of scripts, and if `is_test` those of tests as well.
    pub fn get(is_test: bool) -> &'static Self {
        if is_test { &OF_TESTS } else { &OF_SCRIPTS }
    }

    fn of(engine: &Engine) -> Self {
        let metadata = engine.gen_fn_metadata_to_json(true).unwrap_or_default();
        let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
        let mut functions: BTreeMap<String, Vec<Signature>> = BTreeMap::new();
        let mut properties = BTreeSet::new();
        for function in metadata["functions"].as_array().map_or(&[][..], Vec::as_slice) {
            let name = function["name"].as_str().unwrap_or_default();
            if let Some(property) = name.strip_prefix("get$") {
                properties.insert((Signature::of(function).receiver, property.to_owned()));
            } else if is_name(name) && !name.contains('$') {
                functions.entry(name.to_owned()).or_default().push(Signature::of(function));
            }
        }
        Self { functions, properties }
    }

    pub fn is_keyword(name: &str) -> bool {
        KEYWORDS.contains(&name)
    }

    /// The ways to call `name`. None if there is no such function.
    pub fn signatures(&self, name: &str) -> &[Signature] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether values of the type `receiver` have a property.
    pub fn has_property(&self, receiver: &str, name: &str) -> bool {
        self.properties.contains(&(receiver.to_owned(), name.to_owned()))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// The names of the functions that are called on a `receiver`.
    pub fn names_on(&self, receiver: &str) -> impl Iterator<Item = &str> {
        let is_on = move |signatures: &[Signature]| signatures.iter().any(|one| one.receiver == receiver);
        self.functions.iter().filter(move |(_, signatures)| is_on(signatures)).map(|(name, _)| name.as_str())
    }
}

impl Signature {
    fn of(function: &Value) -> Self {
        let parameters = function["params"].as_array().map_or(&[][..], Vec::as_slice);
        let receiver = parameters.first().and_then(|first| first["type"].as_str()).unwrap_or_default();
        let name_of = |parameter: &Value| parameter["name"].as_str().unwrap_or("_").to_owned();
        // What is registered by hand lists the type that is returned, too.
        let count = function["numParams"].as_u64().map_or(parameters.len(), |count| count as usize);
        let mut names: Vec<String> = parameters.iter().map(name_of).collect();
        names.resize(count, "_".to_owned());
        Self {
            receiver: receiver.trim_start_matches("&mut ").rsplit("::").next().unwrap_or_default().to_owned(),
            parameters: names,
            usage: reference::usage(function),
        }
    }

    /// Whether the receiver may be a value of any type.
    pub fn is_of_anything(&self) -> bool {
        matches!(self.receiver.as_str(), "Dynamic" | "?" | "_")
    }
}

/// Whether a function of this name is called by its name, and not as an operator.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The usages of some signatures, as an addition to an error: `: write db.find(collection, id)`.
pub fn usages<'a>(signatures: impl Iterator<Item = &'a Signature>) -> String {
    const MAX_SHOWN: usize = 3;
    let mut usages: Vec<&str> = signatures.filter_map(|one| one.usage.as_deref()).collect();
    usages.sort_by_key(|usage| (usage.len(), *usage));
    usages.dedup();
    usages.truncate(MAX_SHOWN);
    let shown: Vec<String> = usages.iter().map(|usage| format!("`{usage}`")).collect();
    match &shown[..] {
        [] => String::new(),
        [one] => format!(": write {one}"),
        [others @ .., last] => format!(": write {} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_language_of_the_server_and_of_tests_are_known() {
        let shown = |name: &str| usages(Known::get(false).signatures(name).iter());
        assert_eq!(shown("acting_as"), ": write `db.acting_as(caller)`");
        assert_eq!(shown("count").matches("db.count(").count(), 3);
        for name in ["len", "push", "trim", "route", "before_create", "http_get"] {
            assert!(!Known::get(false).signatures(name).is_empty(), "{name}");
        }
        assert!(Known::get(false).signatures("assert_eq").is_empty());
        assert!(!Known::get(true).signatures("assert_eq").is_empty());
        let find = &Known::get(false).signatures("find");
        assert!(find.iter().any(|one| one.receiver == "Db" && one.parameters.len() == 3), "{find:?}");
        assert!(Known::get(false).names_on("Db").any(|name| name == "first"));
        assert!(Known::get(false).names().all(|name| is_name(name) && !name.contains('$')));
    }
}
