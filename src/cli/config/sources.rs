//! The sources of each value: defaults, then the file, then the environment, then flags. A later source takes
//! precedence.

use super::Config;
use crate::cli::arguments::Flags;
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use toml::{Table, Value};

const DEFAULT_FILE: &str = "config.toml";
const FILE_VARIABLE: &str = "STEADING_CONFIG";
const VARIABLE_PREFIX: &str = "STEADING_";

/// Every key in dotted form, with its value and the value's origin.
#[derive(Debug)]
pub(in crate::cli) struct Sources(BTreeMap<String, Sourced>);

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
    pub fn read(flags: &Flags) -> anyhow::Result<Self> {
        let mut sources = Self::defaults()?;
        sources.lay_file(flags)?;
        sources.lay_environment(environment)?;
        sources.lay_flags(flags);
        Ok(sources)
    }

    /// Returns the values as a typed configuration.
    pub fn config(&self) -> anyhow::Result<Config> {
        let mut table = Table::new();
        for (key, sourced) in &self.0 {
            let mut place = &mut table;
            let mut parts = key.split('.').peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_none() {
                    place.insert(part.to_owned(), sourced.value.clone());
                    break;
                }
                let inner = place.entry(part).or_insert_with(|| Value::Table(Table::new()));
                let Value::Table(inner) = inner else { bail!("{key} is both a value and a section") };
                place = inner;
            }
        }
        table.try_into().context("a setting has an impossible value")
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Sourced)> {
        self.0.iter()
    }

    fn defaults() -> anyhow::Result<Self> {
        let table = Table::try_from(Config::default())?;
        let mut values = BTreeMap::new();
        flatten("", table, &mut |key, value| {
            values.insert(key, Sourced { value, origin: Origin::Default });
        });
        Ok(Self(values))
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
        // Parsed as the typed configuration first, because that detects unknown keys and reports the line of an error.
        toml::from_str::<Config>(text)
            .map_err(|error| anyhow::anyhow!("{path} is not a valid config file:\n{error}"))?;
        let table: Table = toml::from_str(text)?;
        flatten("", table, &mut |key, value| {
            self.0.insert(key, Sourced { value, origin: Origin::File(path.to_owned()) });
        });
        Ok(())
    }

    fn lay_environment(&mut self, read: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
        for (key, sourced) in &mut self.0 {
            let name = variable_of(key);
            if let Some(text) = read(&name) {
                let value = parse_like(&sourced.value, &text).with_context(|| format!("{name} is \"{text}\""))?;
                *sourced = Sourced { value, origin: Origin::Variable(name) };
            }
        }
        Ok(())
    }

    fn lay_flags(&mut self, flags: &Flags) {
        let mut lay = |key: &str, flag, value: Option<Value>| {
            if let Some(value) = value {
                self.0.insert(key.to_owned(), Sourced { value, origin: Origin::Flag(flag) });
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
            _ => bail!("expected true or false"),
        },
        Value::Integer(_) => match text.parse() {
            Ok(number @ 0..) => Value::Integer(number),
            _ => bail!("expected a whole number, 0 or more"),
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
        let found = &sources.0[key];
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
        sources.lay_environment(variables).unwrap();
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
    fn a_wrong_file_is_shown_with_the_line_that_is_wrong() {
        let check = |text: &str, expected: &str| {
            let error = Sources::defaults().unwrap().lay_text(text, "config.toml").unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains('^'), "{error}");
        };
        check("listen = \"a:1\"\nlisten_on = 5", "unknown field `listen_on`");
        check("[limits]\nreaders = \"many\"", "readers = \"many\"");
        check("[limits]\nreaders = -1", "readers = -1");
        check("listen = ", "line 1");
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let read = |name: &str| (name == "STEADING_LIMITS_READERS").then(|| "-3".to_owned());
        let error = Sources::defaults().unwrap().lay_environment(read).unwrap_err();
        assert_eq!(format!("{error:#}"), "STEADING_LIMITS_READERS is \"-3\": expected a whole number, 0 or more");
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
        let expected: Vec<_> = defaults.iter().map(|(key, sourced)| (key.clone(), sourced.value.clone())).collect();
        example.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(example, expected);
        assert!(toml::from_str::<Config>(EXAMPLE).is_ok());
    }
}
