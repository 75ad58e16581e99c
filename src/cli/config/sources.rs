//! The sources of each value: defaults, then the file, then the environment, then flags. A later source takes
//! precedence.

use super::Config;
use crate::cli::arguments::Flags;
use crate::domain::filter::nearest;
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

const DEFAULT_FILE: &str = "config.toml";
const FILE_VARIABLE: &str = "STEADING_CONFIG";
const VARIABLE_PREFIX: &str = "STEADING_";
const WHOLE_NUMBER: &str = "expected a whole number, 0 or more";
const TRUE_OR_FALSE: &str = "expected true or false";

/// Every key in dotted form, with its value and the value's origin.
#[derive(Debug)]
pub(in crate::cli) struct Sources {
    values: BTreeMap<String, Sourced>,
    /// Keys and values that are not possible, one line each.
    problems: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Sourced {
    pub value: Value,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Origin {
    Default,
    File(String),
    Variable(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => f.write_str(path),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

impl Sources {
    /// Fails only if a file cannot be read as TOML.
    pub fn read(flags: &Flags) -> anyhow::Result<Self> {
        let mut sources = Self::defaults()?;
        sources.lay_file(flags)?;
        sources.lay_environment(environment);
        sources.lay_flags(flags);
        Ok(sources)
    }

    /// Returns the values as a typed configuration. Fails with all keys and values that are not possible.
    pub fn config(&self) -> anyhow::Result<Config> {
        if !self.problems.is_empty() {
            bail!("{}", self.problems.join("\n"));
        }
        let mut table = Table::new();
        for (key, sourced) in &self.values {
            nest(&mut table, key, sourced.value.clone());
        }
        table.try_into().context("a setting has an impossible value")
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Sourced)> {
        self.values.iter()
    }

    fn defaults() -> anyhow::Result<Self> {
        let table = Table::try_from(Config::default())?;
        let mut values = BTreeMap::new();
        flatten("", table, &mut |key, value| {
            values.insert(key, Sourced { value, origin: Origin::Default });
        });
        Ok(Self { values, problems: Vec::new() })
    }

    /// Overlays the values of the config file. A file that was named must exist; the default one is optional.
    fn lay_file(&mut self, flags: &Flags) -> anyhow::Result<()> {
        let named = flags.config.clone().or_else(|| environment(FILE_VARIABLE).map(Into::into));
        let path = match &named {
            Some(path) => path.as_path(),
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok(()),
        };
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.lay_text(&text, &path.display().to_string())
    }

    fn lay_text(&mut self, text: &str, path: &str) -> anyhow::Result<()> {
        let invalid = |error| anyhow::anyhow!("{path} is not a valid config file:\n{error}");
        let values: Table = toml::from_str(text).map_err(invalid)?;
        let places = DeTable::parse(text).map_err(invalid)?;
        let mut found = Vec::new();
        self.find_settings("", values, places.get_ref(), &mut found);
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        found.sort_by_key(|(at, ..)| *at);
        for (at, key, value) in found {
            let place = format!("{path}:{}", line(at));
            if self.values.contains_key(&key) {
                self.lay(&key, value, Origin::File(path.to_owned()), &format!("{place}: {key}"));
            } else {
                self.problems.push(format!("{place}: {}", self.unknown(&key)));
            }
        }
        Ok(())
    }

    /// Adds what a section sets: where, the key and the value. `places` knows where each key stands. A section that does not exist
    /// is added as a value.
    fn find_settings(
        &self,
        section: &str,
        values: Table,
        places: &DeTable<'_>,
        found: &mut Vec<(usize, String, Value)>,
    ) {
        for (name, value) in values {
            let place = places.iter().find(|(key, _)| *key.get_ref() == name);
            let at = place.map_or(0, |(key, _)| key.span().start);
            let key = if section.is_empty() { name } else { format!("{section}.{name}") };
            match (value, place.map(|(_, value)| value.get_ref())) {
                (Value::Table(inner), Some(DeValue::Table(places))) if self.is_section(&key) => {
                    self.find_settings(&key, inner, places, found);
                }
                (value, _) => found.push((at, key, value)),
            }
        }
    }

    fn lay_environment(&mut self, read: impl Fn(&str) -> Option<String>) {
        let found: Vec<(String, String, String)> = self
            .values
            .keys()
            .filter_map(|key| {
                let name = variable_of(key);
                Some((key.clone(), read(&name)?, name))
            })
            .collect();
        for (key, text, name) in found {
            match parse_like(&self.values[&key].value, &text) {
                Ok(value) => self.lay(&key, value, Origin::Variable(name.clone()), &name),
                Err(error) => self.problems.push(format!("{name} is \"{text}\": {error}")),
            }
        }
    }

    fn lay_flags(&mut self, flags: &Flags) {
        let mut lay = |key: &str, flag, value: Option<Value>| {
            if let Some(value) = value {
                self.lay(key, value, Origin::Flag(flag), flag);
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::String);
        lay("listen", "--http", text(&flags.http));
        lay("folders.data", "--dir", text(&flags.dir));
        lay("folders.public", "--publicDir", text(&flags.public_dir));
        lay("index_fallback", "--indexFallback", flags.index_fallback.map(Value::Boolean));
        lay("origins", "--origins", flags.origins.clone().map(list));
        lay("encryption_key_env", "--encryptionEnv", text(&flags.encryption_env));
        let seconds = flags.query_timeout.map(|seconds| Value::Integer(i64::try_from(seconds).unwrap_or(i64::MAX)));
        lay("limits.query_seconds", "--queryTimeout", seconds);
        lay("log.format", "--log-format", text(&flags.log_format));
        lay("log.level", "--dev", flags.dev.filter(|dev| *dev).map(|_| Value::String("debug".to_owned())));
        lay("log.mails", "--dev", flags.dev.filter(|dev| *dev).map(Value::Boolean));
        lay("log.reasons", "--dev", flags.dev.filter(|dev| *dev).map(Value::Boolean));
    }

    /// Sets a value, if it is possible. `shown` is what it is called in a problem.
    fn lay(&mut self, key: &str, value: Value, origin: Origin, shown: &str) {
        let Some(sourced) = self.values.get_mut(key) else { return };
        match flaw(key, &sourced.value, &value) {
            Some(flaw) => self.problems.push(format!("{shown} is {value}: {flaw}")),
            None => *sourced = Sourced { value, origin },
        }
    }

    fn is_section(&self, key: &str) -> bool {
        self.sections().any(|section| section == key)
    }

    fn sections(&self) -> impl Iterator<Item = &str> {
        self.values.keys().filter_map(|key| Some(key.rsplit_once('.')?.0))
    }

    /// Says that there is no such key, and which one may be meant: a similar one, or one of the same name in a section.
    fn unknown(&self, key: &str) -> String {
        if self.is_section(key) {
            return format!("{key} is a section: write [{key}], and its settings below");
        }
        let name = key.rsplit('.').next().unwrap_or(key);
        let namesake = || self.values.keys().map(String::as_str).find(|known| known.rsplit('.').next() == Some(name));
        let known = self.values.keys().map(String::as_str).chain(self.sections());
        match nearest(key, known).or_else(namesake) {
            Some(meant) => format!("there is no setting {key}; did you mean {meant}?"),
            None => format!("there is no setting {key}"),
        }
    }

    /// A warning about those of the variables that look like settings and are none. Not an error: platforms set variables of
    /// their own that begin with the name of a service.
    pub fn unknown_variables(&self, config: &Config, names: impl Iterator<Item = String>) -> Option<String> {
        let mut known: Vec<String> = self.values.keys().map(|key| variable_of(key)).collect();
        known.push(FILE_VARIABLE.to_owned());
        let is_read = |name: &String| {
            known.contains(name) || config.scripts.env.contains(name) || config.encryption_key_env == *name
        };
        let mut unknown: Vec<String> = names
            .filter(|name| name.starts_with(VARIABLE_PREFIX) && !is_read(name))
            .map(|name| match nearest(&name, known.iter().map(String::as_str)) {
                Some(meant) => format!("{name} (did you mean {meant}?)"),
                None => name,
            })
            .collect();
        unknown.sort();
        (!unknown.is_empty())
            .then(|| format!("variables of the environment that are not settings are ignored: {}", unknown.join(", ")))
    }
}

/// What is wrong with a value, if anything. `model` is the default of the key.
fn flaw(key: &str, model: &Value, value: &Value) -> Option<String> {
    let expected = match (model, value) {
        (Value::Integer(_), Value::Integer(number)) if *number >= 0 => {
            let max = max_of(key);
            return (*number > max).then(|| format!("expected {max} at most"));
        }
        (Value::Integer(_), _) => WHOLE_NUMBER,
        (Value::Boolean(_), Value::Boolean(_)) => return None,
        (Value::Boolean(_), _) => TRUE_OR_FALSE,
        (Value::Array(_), Value::Array(items)) if items.iter().all(Value::is_str) => return None,
        (Value::Array(_), _) => "expected a list of texts, such as [\"a\", \"b\"]",
        (_, Value::String(_)) => {
            let mut table = Table::new();
            nest(&mut table, key, value.clone());
            return table.try_into::<Config>().err().map(|error| error.message().to_owned());
        }
        _ => "expected a text in quotes",
    };
    Some(expected.to_owned())
}

/// The largest number that a setting may have. Far more than anybody needs, and still far from what a clock can count.
fn max_of(key: &str) -> i64 {
    const YEARS: i64 = 10;
    match key.rsplit('_').next() {
        Some("seconds") => YEARS * 365 * 24 * 60 * 60,
        Some("milliseconds") => YEARS * 365 * 24 * 60 * 60 * 1000,
        Some("days") => 10 * YEARS * 365,
        Some("mib") => 1024 * 1024 * 1024,
        _ if ["limits.readers", "limits.slow_reads"].contains(&key) => 1024,
        // A count that a script reaches, not one that something is made of.
        _ if key == "scripts.max_operations" => i64::MAX,
        _ => i64::from(u32::MAX),
    }
}

/// Sets a value in a table of tables.
fn nest(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(table.insert(key.to_owned(), value)),
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                nest(inner, rest, value);
            }
        }
    }
}

/// The names of all variables of the environment.
pub(in crate::cli) fn variable_names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Converts `lockout.per_address` to `STEADING_LOCKOUT_PER_ADDRESS`.
pub(in crate::cli) fn variable_of(key: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", key.replace('.', "_").to_uppercase())
}

fn flatten(prefix: &str, table: Table, each: &mut impl FnMut(String, Value)) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) => flatten(&key, inner, each),
            value => each(key, value),
        }
    }
}

/// Parses `text` as the type of `model`.
fn parse_like(model: &Value, text: &str) -> anyhow::Result<Value> {
    Ok(match model {
        Value::Boolean(_) => match text {
            "true" | "1" => Value::Boolean(true),
            "false" | "0" => Value::Boolean(false),
            _ => bail!(TRUE_OR_FALSE),
        },
        Value::Integer(_) => match text.parse() {
            Ok(number @ 0..) => Value::Integer(number),
            _ => bail!(WHOLE_NUMBER),
        },
        Value::Array(_) if text.trim_start().starts_with('[') => bail!("expected values with commas between them: A,B"),
        Value::Array(_) => list(text.split(',').map(|item| item.trim().to_owned()).collect()),
        _ => Value::String(text.to_owned()),
    })
}

fn list(items: Vec<String>) -> Value {
    Value::Array(items.into_iter().map(Value::String).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../config.toml.example");

    fn origin_of(sources: &Sources, key: &str) -> (String, String) {
        let found = &sources.values[key];
        (found.value.to_string(), found.origin.to_string())
    }

    #[test]
    fn later_sources_win_and_each_value_knows_its_own() {
        let mut sources = Sources::defaults().unwrap();
        sources.lay_text("listen = \"a:1\"\n[lockout]\nper_address = 7\nper_identity = 8", "config.toml").unwrap();
        let variables = |name: &str| match name {
            "STEADING_LOCKOUT_PER_IDENTITY" => Some("9".to_owned()),
            "STEADING_ORIGINS" => Some("http://a, http://b".to_owned()),
            "STEADING_LISTEN" => Some("b:2".to_owned()),
            _ => None,
        };
        sources.lay_environment(variables);
        sources.lay_flags(&Flags { http: Some("c:3".to_owned()), ..Flags::default() });

        let check = |key, value: &str, origin: &str| {
            assert_eq!(origin_of(&sources, key), (value.to_owned(), origin.to_owned()));
        };
        check("listen", "\"c:3\"", "--http");
        check("lockout.per_identity", "9", "STEADING_LOCKOUT_PER_IDENTITY");
        check("lockout.per_address", "7", "config.toml");
        check("lockout.window_seconds", "300", "default");
        let config = sources.config().unwrap();
        assert_eq!((config.listen.as_str(), config.lockout.per_identity), ("c:3", 9));
        assert_eq!(config.origins, ["http://a", "http://b"]);
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_line_all_together() {
        let check = |text: &str, expected: &[&str]| {
            let mut sources = Sources::defaults().unwrap();
            sources.lay_text(text, "config.toml").unwrap();
            assert_eq!(sources.problems, expected, "{text}");
            assert_eq!(sources.config().map_err(|error| error.to_string()), Err(expected.join("\n")));
        };
        check(
            "listen = \"a:1\"\nlisten_on = 5\n[limits]\nreader = 4\nreaders = \"many\"",
            &[
                "config.toml:2: there is no setting listen_on; did you mean listen?",
                "config.toml:4: there is no setting limits.reader; did you mean limits.readers?",
                "config.toml:5: limits.readers is \"many\": expected a whole number, 0 or more",
            ],
        );
        check(
            "per_address = 5",
            &["config.toml:1: there is no setting per_address; did you mean lockout.per_address?"],
        );
        check("\n[limit]\nreaders = 4", &["config.toml:2: there is no setting limit; did you mean limits?"]);
        check("limits = 5", &["config.toml:1: limits is a section: write [limits], and its settings below"]);
        check("[[limits]]", &["config.toml:1: limits is a section: write [limits], and its settings below"]);
        check("[limits]\nreaders = -1", &["config.toml:2: limits.readers is -1: expected a whole number, 0 or more"]);
        check("[limits]\nreaders = 99999", &["config.toml:2: limits.readers is 99999: expected 1024 at most"]);
        let most = "config.toml:1: limits.query_seconds is 9223372036854775807: expected 315360000 at most";
        check("limits.query_seconds = 9223372036854775807", &[most]);
        check("index_fallback = 1", &["config.toml:1: index_fallback is 1: expected true or false"]);
        check("listen = 8090", &["config.toml:1: listen is 8090: expected a text in quotes"]);
        check(
            "origins = \"a\"",
            &["config.toml:1: origins is \"a\": expected a list of texts, such as [\"a\", \"b\"]"],
        );
        let format = "config.toml:1: log.format is \"xml\": unknown variant `xml`, expected `text` or `json`";
        check("log.format = \"xml\"", &[format]);
        let error = Sources::defaults().unwrap().lay_text("listen = ", "config.toml").unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains('^'), "{error}");
    }

    #[test]
    fn a_wrong_variable_or_flag_is_named() {
        let mut sources = Sources::defaults().unwrap();
        sources.lay_environment(|name| match name {
            "STEADING_LIMITS_READERS" => Some("-3".to_owned()),
            "STEADING_LIMITS_SLOW_READS" => Some("99999".to_owned()),
            _ => None,
        });
        sources.lay_flags(&Flags { log_format: Some("xml".to_owned()), ..Flags::default() });
        assert_eq!(
            sources.problems,
            [
                "STEADING_LIMITS_READERS is \"-3\": expected a whole number, 0 or more",
                "STEADING_LIMITS_SLOW_READS is 99999: expected 1024 at most",
                "--log-format is \"xml\": unknown variant `xml`, expected `text` or `json`",
            ]
        );
    }

    #[test]
    fn variables_that_are_no_settings_are_told_with_the_name_that_may_be_meant() {
        let sources = Sources::defaults().unwrap();
        let mut config = Config { encryption_key_env: "STEADING_KEY".to_owned(), ..Config::default() };
        config.scripts.env = vec!["STEADING_STRIPE".to_owned()];
        let told = |names: &[&str]| sources.unknown_variables(&config, names.iter().map(ToString::to_string));
        let known = ["STEADING_LISTEN", "STEADING_CONFIG", "STEADING_KEY", "STEADING_STRIPE", "PATH", "steading_listn"];
        assert_eq!(told(&known), None);
        assert_eq!(
            told(&["STEADING_SERVICE_HOST", "STEADING_LISTN"]).unwrap(),
            "variables of the environment that are not settings are ignored: STEADING_LISTN (did you mean STEADING_LISTEN?), \
             STEADING_SERVICE_HOST"
        );
    }

    #[test]
    fn the_example_shows_every_key_with_its_default() {
        // Keys are commented out there, so that a copied file does not fix today's defaults.
        let live: String = EXAMPLE
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).or(Some(line)))
            .flat_map(|line| [line, "\n"])
            .collect();
        let mut example = Vec::new();
        flatten("", toml::from_str(&live).unwrap(), &mut |key, value| example.push((key, value)));
        let defaults = Sources::defaults().unwrap();
        let expected: Vec<_> =
            defaults.values.iter().map(|(key, sourced)| (key.clone(), sourced.value.clone())).collect();
        example.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(example, expected);
        assert!(toml::from_str::<Config>(EXAMPLE).is_ok());
    }
}
