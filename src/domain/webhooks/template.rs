//! Bodies and messages from templates, in the language of Jinja.
//!
//! Values are escaped for where they end up, so that what a visitor typed into a form cannot add keys to JSON, tags to HTML or
//! mentions to a chat. A template takes a limited number of steps, and its result has a limited size.

use crate::base::jinja::{self, Limits, Rendered};
use crate::domain::model::{WebhookConfig, WebhookFormat};
use minijinja::value::ValueKind;
use minijinja::{Environment, ErrorKind, Output, State, UndefinedBehavior, Value};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeSet;

const MAX_STEPS: u64 = 200_000;
const MAX_BYTES: usize = 256 * 1024;

/// What is sent to people if no template says otherwise.
const USUAL_MESSAGE: &str = r#"{{ event }}{% if collection %}: {{ record.id }}{% endif %}
{% if action == "update" %}{% for name in changed %}{{ name }}: {{ original[name] }} → {{ record[name] }}
{% endfor %}{% elif record %}{% for name, value in record|items %}{% if value and name not in ["id", "collectionId", "collectionName", "created", "updated", "expand"] %}{{ name }}: {{ value }}
{% endif %}{% endfor %}{% elif data %}{{ data }}{% endif %}"#;

/// Where values end up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    None,
    /// Inside of the quotation marks of a JSON text. Numbers, lists and the like are written as JSON.
    Json,
    Html,
    /// A field of a form.
    Form,
    Slack,
    /// The links and marks of Markdown.
    Markdown,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    pub message: String,
    /// Counted from 1. 0 if it is not known.
    pub line: usize,
}

impl TemplateError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), line: 0 }
    }
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line} of the template: {}", self.message),
        }
    }
}

/// Checks that the template can be read.
pub fn check(config: &WebhookConfig) -> Result<(), TemplateError> {
    let text = bounded(text_of(config))?;
    environment(Escape::None).template_from_str(&text).map(drop).map_err(|error| told(&error))
}

/// Returns `record.NAME` and `original.NAME` for each name that the template reads there, with the line, sorted by name. Left out are
/// names that the template expects to be missing: with `is defined` or `|default`.
pub fn record_paths(config: &WebhookConfig) -> Vec<(String, usize)> {
    if is_usual(config) {
        return Vec::new();
    }
    let text = &config.template;
    let environment = environment(Escape::None);
    // Names are found by the library, which knows strings, comments, loops and assignments.
    let Ok(checked) = bounded(text) else { return Vec::new() };
    let Ok(template) = environment.template_from_str(&checked) else { return Vec::new() };
    let read: BTreeSet<String> =
        template.undeclared_variables(true).iter().filter_map(|path| record_path(path)).collect();
    read.into_iter()
        .filter(|path| !may_be_missing(text, path))
        .map(|path| {
            let line = uses(text, &path).next().map_or(0, |at| text[..at].matches('\n').count() + 1);
            (path, line)
        })
        .collect()
}

/// `record.customer` of `record.customer.name`. `None` for what does not begin with a record.
fn record_path(path: &str) -> Option<String> {
    let mut parts = path.split('.');
    let (root, name) = (parts.next()?, parts.next()?);
    ["record", "original"].contains(&root).then(|| format!("{root}.{name}"))
}

/// Where a path stands in a text, as a whole name.
fn uses<'a>(text: &'a str, path: &'a str) -> impl Iterator<Item = usize> {
    let is_whole =
        move |at: usize| !text[at + path.len()..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    text.match_indices(path).map(|(at, _)| at).filter(move |at| is_whole(*at))
}

fn may_be_missing(text: &str, path: &str) -> bool {
    uses(text, path).any(|at| {
        let rest = &text[at + path.len()..];
        let rest =
            rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || "_.[]".contains(letter)).trim_start();
        if let Some(filter) = rest.strip_prefix('|') {
            let filter = filter.trim_start();
            return filter.starts_with("default") || filter.starts_with("d(");
        }
        let after_is = rest.strip_prefix("is").map(str::trim_start);
        let after_is = after_is.map(|rest| rest.trim_start_matches("not").trim_start());
        after_is.is_some_and(|rest| rest.starts_with("defined") || rest.starts_with("undefined"))
    })
}

/// Fills in the template of an endpoint.
pub fn render(config: &WebhookConfig, data: &serde_json::Value) -> Result<Rendered, TemplateError> {
    let text = bounded(text_of(config))?;
    let environment = environment(escape_of(config));
    let template = environment.template_from_str(&text).map_err(|error| told(&error))?;
    let limits = Limits { max_bytes: MAX_BYTES, is_time_up: || false };
    jinja::render(&template, data, limits).map_err(|error| told(&error))
}

fn bounded(text: &str) -> Result<String, TemplateError> {
    jinja::bounded(text).map_err(|fault| TemplateError { message: fault.message, line: fault.line })
}

/// Whether the owner has written no template for a message to people.
pub fn is_usual(config: &WebhookConfig) -> bool {
    config.template.trim().is_empty() && config.format != WebhookFormat::Template
}

fn text_of(config: &WebhookConfig) -> &str {
    if is_usual(config) { USUAL_MESSAGE } else { &config.template }
}

fn escape_of(config: &WebhookConfig) -> Escape {
    match config.format {
        WebhookFormat::Json | WebhookFormat::Email => Escape::None,
        WebhookFormat::Slack => Escape::Slack,
        WebhookFormat::Discord | WebhookFormat::Teams => Escape::Markdown,
        WebhookFormat::Template => {
            let media_type = config.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match media_type.as_str() {
                "application/x-www-form-urlencoded" => Escape::Form,
                kind if is_json(kind) => Escape::Json,
                kind if kind.contains("html") || kind.contains("xml") => Escape::Html,
                _ => Escape::None,
            }
        }
    }
}

/// Whether bodies of this media type are JSON.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

fn environment<'a>(escape: Escape) -> Environment<'a> {
    let mut environment =
        jinja::environment(MAX_STEPS, MAX_BYTES, move |out: &mut Output, _: &mut State, value: &Value| {
            write_value(out, escape, value)
        });
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment
}

fn write_value(out: &mut Output, escape: Escape, value: &Value) -> Result<(), minijinja::Error> {
    let text = match value.kind() {
        ValueKind::Undefined => return Ok(()),
        ValueKind::None if escape != Escape::Json => return Ok(()),
        ValueKind::String if value.is_safe() => value.to_string(),
        ValueKind::String => escaped(escape, value.as_str().unwrap_or_default()),
        ValueKind::None | ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            let json = serde_json::to_string(value)
                .map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))?;
            if escape == Escape::Json { json } else { escaped(escape, &json) }
        }
        _ => escaped(escape, &value.to_string()),
    };
    out.write_str(&text).map_err(minijinja::Error::from)
}

fn escaped(escape: Escape, text: &str) -> String {
    match escape {
        Escape::None => text.to_owned(),
        Escape::Json => {
            let quoted = serde_json::to_string(text).unwrap_or_default();
            quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
        }
        Escape::Html => replaced(text, |letter| match letter {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\'' => Some("&#39;"),
            _ => None,
        }),
        Escape::Slack => without_mentions(&replaced(text, |letter| match letter {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            _ => None,
        })),
        Escape::Markdown => replaced(text, |letter| match letter {
            '[' => Some("\\["),
            ']' => Some("\\]"),
            '*' => Some("\\*"),
            '_' => Some("\\_"),
            '`' => Some("\\`"),
            '\\' => Some("\\\\"),
            _ => None,
        }),
        Escape::Form => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
    }
}

/// Mattermost takes `@channel` for a mention, also in messages in Slack's form. An invisible space follows an at sign that begins a word.
fn without_mentions(text: &str) -> String {
    let (mut out, mut last) = (String::with_capacity(text.len()), ' ');
    for letter in text.chars() {
        out.push(letter);
        if letter == '@' && !last.is_alphanumeric() {
            out.push('\u{200b}');
        }
        last = letter;
    }
    out
}

fn replaced(text: &str, replacement: fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match replacement(letter) {
            Some(text) => out.push_str(text),
            None => out.push(letter),
        }
    }
    out
}

fn told(error: &minijinja::Error) -> TemplateError {
    let message = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "the template takes too many steps".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    TemplateError { message, line: error.line().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(format: WebhookFormat, content_type: &str, template: &str) -> WebhookConfig {
        WebhookConfig {
            format,
            content_type: content_type.to_owned(),
            template: template.to_owned(),
            ..WebhookConfig::default()
        }
    }

    fn rendered(format: WebhookFormat, content_type: &str, template: &str, title: &str) -> String {
        let data = json!({"record": {"title": title, "total": 7, "tags": ["a", "\"b"], "none": null}});
        render(&config(format, content_type, template), &data).unwrap().text
    }

    #[test]
    fn values_are_escaped_for_where_they_end_up() {
        let evil = "\"}, <!channel> [x](y) &\n*b*";
        let of = |format, content_type: &str| rendered(format, content_type, "{{ record.title }}", evil);
        let template = WebhookFormat::Template;
        assert_eq!(of(WebhookFormat::Slack, ""), "\"}, &lt;!channel&gt; [x](y) &amp;\n*b*");
        assert_eq!(of(WebhookFormat::Discord, ""), "\"}, <!channel> \\[x\\](y) &\n\\*b\\*");
        assert_eq!(of(template, "text/plain"), evil);
        let mentions = rendered(WebhookFormat::Slack, "", "{{ record.title }}", "@channel ana@example.com (@all)");
        assert_eq!(mentions, "@\u{200b}channel ana@example.com (@\u{200b}all)");
        assert_eq!(of(template, "text/html; charset=utf-8"), "&quot;}, &lt;!channel&gt; [x](y) &amp;\n*b*");
        assert_eq!(of(template, "application/x-www-form-urlencoded").find(['&', '=', '"', ' ']), None);
        let body = "{\"a\": \"x {{ record.title }}\", \"b\": {{ record.total }}, \"c\": {{ record.tags }}, \
                    \"d\": {{ record.none }}, \"e\": {{ record.title|tojson }}, \"f\": \"{{ record.no.such }}\"}";
        for content_type in ["application/json", "application/vnd.x+json; charset=utf-8"] {
            let json: serde_json::Value = serde_json::from_str(&rendered(template, content_type, body, evil)).unwrap();
            let expected = json!({"a": format!("x {evil}"), "b": 7, "c": ["a", "\"b"], "d": null, "e": evil, "f": ""});
            assert_eq!(json, expected);
        }
    }

    #[test]
    fn names_behind_records_are_found_where_the_template_reads_them() {
        let check = |text: &str, expected: &[(&str, usize)]| {
            let found = record_paths(&config(WebhookFormat::Slack, "", text));
            let expected: Vec<_> = expected.iter().map(|(path, line)| ((*path).to_owned(), *line)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(
            "record.x {{ record.a }}\n{% if original.b|round > record.customer.name %}{% endif %}",
            &[("original.b", 2), ("record.a", 1), ("record.customer", 2)],
        );
        check("{{ 'of record.x' }}{# {{ record.x }} #}{{ my.record.x }}", &[]);
        check("{% for record in record.items %}{{ record.x }}{% endfor %}", &[("record.items", 1)]);
        check("{% set record = app %}{{ record.x }}", &[]);
        check(
            "{% for name, value in record|items %}{{ name }}: {{ record[name] }}{{ record.expand.a.b }}{% endfor %}",
            &[("record.expand", 1)],
        );
        check("{% if record.x is defined %}{{ record.x }}{% endif %}{{ record.xy }}", &[("record.xy", 1)]);
        check("{{ record.x | default('-') }}{{ original.y.z|d('') }}{% if record.z is not defined %}{% endif %}", &[]);
        check("", &[]);
    }

    #[test]
    fn mistakes_name_their_line_and_runaway_templates_end() {
        let template = |text: &str| config(WebhookFormat::Template, "text/plain", text);
        assert_eq!(check(&template("a\n{% if %}")).unwrap_err().line, 2);
        let error = render(
            &template("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"),
            &json!({}),
        );
        let message = error.unwrap_err().message;
        assert!(message.contains("too many steps") || message.contains("larger than"), "{message}");
        let data = json!({"x": "y".repeat(200_000)});
        assert!(render(&template("{{ x }}{{ x }}"), &data).unwrap_err().message.contains("larger than"));
        let error = render(&template("a\n{{ x|nothing }}"), &data).unwrap_err();
        assert_eq!(error.line, 2, "{error}");
    }
}
