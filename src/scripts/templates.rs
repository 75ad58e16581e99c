//! The templates of a folder of scripts, for pages and mails: `templates/*.html` and below, in the language of Jinja.
//!
//! Values are escaped in `.html`. A template may extend and include others of the folder. All are compiled when the scripts are
//! loaded, so a mistake is found then. A template can only show the values that it is given.

use super::ambient;
use super::error::{LoadError, Outcome, problem};
use super::sources::{FileKind, Sources, TEMPLATES as FOLDER};
use crate::base::jinja::{self, Limits, Rendered};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, escape_formatter};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _};

/// What is added to a name without an ending.
const EXTENSION: &str = ".html";
/// How many steps one template may take.
const MAX_STEPS: u64 = 5_000_000;
/// How large the result may be.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The compiled templates.
#[derive(Default)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the templates of a folder. There may be none.
    /// `fingerprint` is told their texts.
    pub fn load(sources: &Sources, fingerprint: &mut DefaultHasher) -> Result<Self, LoadError> {
        let mut environment = jinja::environment(MAX_STEPS, MAX_BYTES, escape_formatter);
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        for file in sources.names(FileKind::Template)? {
            let text = sources.read(&file)?;
            let name = file.strip_prefix(FOLDER).unwrap_or(&file).trim_start_matches('/').to_owned();
            (&name, &text).hash(fingerprint);
            let text = jinja::bounded(&text).map_err(|fault| LoadError {
                line: fault.line,
                column: 1,
                ..LoadError::new(&file, fault.message)
            })?;
            environment.add_template_owned(name, text).map_err(|error| {
                let line = error.line().unwrap_or(0);
                LoadError { line, column: usize::from(line > 0), ..LoadError::new(&file, message_of(&error)) }
            })?;
        }
        Ok(Self(environment))
    }

    /// Fills in the template `name`, which needs no `.html`. Names in the template are the keys of `data`.
    pub fn render(&self, name: &str, data: &serde_json::Value) -> Outcome<Rendered> {
        let full = if name.rsplit('/').next().is_some_and(|last| last.contains('.')) {
            name.to_owned()
        } else {
            format!("{name}{EXTENSION}")
        };
        let template = self.0.get_template(&full).map_err(|error| match error.kind() {
            ErrorKind::TemplateNotFound => problem(format!("there is no template {full:?} below {FOLDER}/")),
            _ => problem(placed(&error)),
        })?;
        let limits = Limits { max_bytes: MAX_BYTES, is_time_up: ambient::is_time_up };
        jinja::render(&template, data, limits).map_err(|error| match error.name() {
            Some(_) => problem(placed(&error)),
            None => problem(format!("{FOLDER}/{full}: {}", message_of(&error))),
        })
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Templates")
    }
}

/// What is wrong, with the causes of it.
fn message_of(error: &minijinja::Error) -> String {
    let mut message = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    if error.kind() == ErrorKind::OutOfFuel {
        "the template takes too many steps".clone_into(&mut message);
    }
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        message.push_str(": ");
        message.push_str(&inner.to_string());
        cause = inner.source();
    }
    message
}

fn placed(error: &minijinja::Error) -> String {
    let message = message_of(error);
    match (error.name(), error.line()) {
        (Some(name), Some(line)) => format!("{FOLDER}/{name}:{line}: {message}"),
        (Some(name), None) => format!("{FOLDER}/{name}: {message}"),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn templates(files: &[(&str, &str)]) -> Result<Templates, LoadError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(FOLDER).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Templates::load(&Sources::new(folder.path()), &mut DefaultHasher::new())
    }

    fn shown(outcome: Outcome<Rendered>) -> String {
        match outcome {
            Ok(rendered) => rendered.text,
            Err(error) => match error.as_ref() {
                rhai::EvalAltResult::ErrorRuntime(problem, _) => crate::scripts::values::json::shown(problem),
                other => other.to_string(),
            },
        }
    }

    #[test]
    fn a_page_fills_in_its_layout_and_escapes_values() {
        let templates = templates(&[
            ("layout.html", "<title>{% block title %}{% endblock %}</title>{% block body %}{% endblock %}"),
            (
                "shop/list.html",
                "{% extends \"layout.html\" %}{% block title %}{{ title }}{% endblock %}\
                 {% block body %}<a title=\"{{ title }}\">{{ price }}</a>{% endblock %}",
            ),
            ("plain.txt", "{{ title }}"),
        ])
        .unwrap();
        let data = json!({"title": "<script>alert('x')</script>\"", "price": 71.96});
        let page = templates.render("shop/list", &data).unwrap().text;
        let escaped = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;&#x2f;script&gt;&quot;";
        assert_eq!(page, format!("<title>{escaped}</title><a title=\"{escaped}\">71.96</a>"));
        assert_eq!(templates.render("plain.txt", &json!({"title": "<b>"})).unwrap().text, "<b>");
    }

    #[test]
    fn a_value_does_not_end_the_line_of_the_subject() {
        let templates = templates(&[
            ("mails/layout.html", "Subject: {% block subject %}{% endblock %}\n{% block body %}{% endblock %}"),
            (
                "mails/question.html",
                "{% extends \"mails/layout.html\" %}{% block subject %}From {{ name }}!{% endblock %}\
                 {% block body %}<pre>{{ name }}</pre>\n{{ name }}{% endblock %}",
            ),
            ("page.html", "{{ name }}\n{{ name }}"),
        ])
        .unwrap();
        let data = json!({"name": "Ana\r\nBcc: x\n\nText"});
        let mail = templates.render("mails/question", &data).unwrap();
        assert!(mail.has_subject);
        let text = "Ana\r\nBcc: x\n\nText";
        assert_eq!(mail.text, format!("Subject: From Ana  Bcc: x  Text!\n<pre>{text}</pre>\n{text}"));
        assert_eq!(templates.render("page", &data).unwrap().text, format!("{text}\n{text}"));
        let forged = templates.render("page", &json!({"name": "Subject: x"})).unwrap();
        assert!(!forged.has_subject, "{forged:?}");
    }

    #[test]
    fn mistakes_name_the_template_and_its_line() {
        let error = templates(&[("bad.html", "a\nb\n{% if %}")]).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("templates/bad.html", 3), "{error}");
        let good = templates(&[("page.html", "a\n{{ ordr.total }}")]).unwrap();
        let message = shown(good.render("page", &json!({"order": {}})));
        assert!(message.contains("templates/page.html:2:"), "{message}");
        let message = shown(good.render("../page", &json!({})));
        assert!(message.contains("there is no template \"../page.html\""), "{message}");
    }

    #[test]
    fn a_runaway_template_ends() {
        let endless = "{% for a in range(10000) %}{% for b in range(10000) %}{{ a }}{% endfor %}{% endfor %}";
        let large = "{% for a in range(10000) %}{{ text }}{% endfor %}";
        let templates = templates(&[("endless.txt", endless), ("large.txt", large)]).unwrap();
        let message = shown(templates.render("endless.txt", &json!({})));
        assert!(message.contains("too many steps") || message.contains("larger than"), "{message}");
        let message = shown(templates.render("large.txt", &json!({"text": "x".repeat(10_000)})));
        assert!(message.contains("larger than"), "{message}");
    }

    #[test]
    fn a_template_that_includes_itself_ends() {
        let templates = templates(&[("a.html", "{% block b %}{% include \"a.html\" %}{% endblock %}")]).unwrap();
        let message = shown(templates.render("a", &json!({})));
        assert!(message.contains("a.html"), "{message}");
    }

    #[test]
    fn numbers_of_visitors_do_not_make_pages_large() {
        let templates = templates(&[("ind.html", "{{ t|indent(n) }}"), ("stars.html", "{{ \"*\" * n }}")]).unwrap();
        for n in [300_000_000_u64, 10_000_000_000_000, 9_223_372_036_854_775_807] {
            let message = shown(templates.render("ind", &json!({"t": "a\nb", "n": n})));
            assert!(message.contains("templates/ind.html:1: ") && message.contains("100 spaces at most"), "{message}");
            let message = shown(templates.render("stars", &json!({"n": n})));
            assert!(message.contains("only numbers can be multiplied"), "{message}");
        }
        assert_eq!(templates.render("ind", &json!({"t": "a\nb", "n": 2})).unwrap().text, "a\n  b");
    }
}
