//! Renders an owner's template. Placeholders are replaced in one pass, so that placeholders within values are not
//! replaced.

use super::page;
use crate::domain::model::{EmailTemplate, Mail, Record, Settings};
use serde_json::Value;
use std::borrow::Cow;

/// The prefix of this server's pages in templates, and its replacement if the settings hold a separate address for them.
const OWN_PAGES: &str = "{APP_URL}/_/";
const LINKED_PAGES: &str = "{MAIL_LINKS_URL}/_/";

/// Names and values of placeholders in addition to those of every mail: `("TOKEN", "eyJ…")`.
pub type Placeholders<'a> = &'a [(&'a str, &'a str)];

/// Renders the mail from `template` for `record`.
///
/// Every mail supports `{APP_NAME}`, `{APP_URL}` and `{RECORD:field}`. Unknown names, and fields hidden in the API, are
/// left unchanged. In the body, values are escaped: otherwise a user could put HTML into the owner's mail, for example
/// through a name.
#[must_use]
pub fn write(settings: &Settings, record: &Record, template: &EmailTemplate, to: &str, own: Placeholders) -> Mail {
    let value = |name: &str| value_of(settings, record, own, name);
    let subject = fill(&template.subject, |name| value(name));
    // Links in mails lead to pages of this server, wherever the application is.
    let text = if settings.mail_links.base_url.is_empty() {
        Cow::Borrowed(&template.body)
    } else {
        Cow::Owned(template.body.replace(OWN_PAGES, LINKED_PAGES))
    };
    let body = fill(&text, |name| value(name).map(|value| escape(&value).into_owned().into()));
    Mail { to: to.to_owned(), subject, html: page::around(&body, &settings.meta.app_name), ..Mail::default() }
}

/// A mail without a template. `text` is plain, with empty lines between paragraphs. Its line breaks are kept.
#[must_use]
pub fn plain(settings: &Settings, to: &str, subject: &str, text: &str) -> Mail {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n'));
    let paragraphs = paragraphs.filter(|paragraph| !paragraph.trim().is_empty());
    let body: Vec<String> = paragraphs.map(|paragraph| escape(paragraph).replace('\n', "<br>\n")).collect();
    let body = body.join("</p>\n<p>");
    let html = page::around(&format!("<p>{body}</p>"), &settings.meta.app_name);
    Mail { to: to.to_owned(), subject: subject.to_owned(), html, ..Mail::default() }
}

/// A mail of HTML. What is no whole document gets the page of the server's own mails around it.
#[must_use]
pub fn of_html(settings: &Settings, to: &str, subject: &str, html: &str) -> Mail {
    let start = html.trim_start().get(..9).unwrap_or_default().to_ascii_lowercase();
    let is_document = start.starts_with("<!doctype") || start.starts_with("<html");
    let html = if is_document { html.to_owned() } else { page::around(html, &settings.meta.app_name) };
    Mail { to: to.to_owned(), subject: subject.to_owned(), html, ..Mail::default() }
}

fn value_of<'a>(settings: &'a Settings, record: &'a Record, own: Placeholders<'a>, name: &str) -> Option<Cow<'a, str>> {
    if let Some((_, value)) = own.iter().find(|(known, _)| *known == name) {
        return Some(Cow::Borrowed(value));
    }
    match name {
        "APP_NAME" => Some(Cow::Borrowed(&settings.meta.app_name)),
        "MAIL_LINKS_URL" => Some(Cow::Borrowed(settings.mail_links.base_url.trim_end_matches('/'))),
        "APP_URL" => Some(Cow::Borrowed(settings.meta.app_url.trim_end_matches('/'))),
        _ => field_of(record, name.strip_prefix("RECORD:")?),
    }
}

fn field_of<'a>(record: &'a Record, name: &str) -> Option<Cow<'a, str>> {
    let field = record.collection.field(name).filter(|field| !field.is_hidden)?;
    match record.get(&field.name)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Null => Some(Cow::Borrowed("")),
        other => Some(Cow::Owned(other.to_string())),
    }
}

/// Replaces every `{NAME}` in `text` for which `value` returns a text.
fn fill<'a>(text: &str, value: impl Fn(&str) -> Option<Cow<'a, str>>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let name = rest[1..].split(['{', '}']).next().unwrap_or_default();
        let is_closed = rest[1 + name.len()..].starts_with('}');
        if let Some(value) = value(name).filter(|_| is_closed) {
            filled.push_str(&value);
            rest = &rest[name.len() + 2..];
        } else {
            filled.push('{');
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    filled
}

/// Escapes text for HTML, including attributes.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{record, seeded};
    use serde_json::json;

    fn check(template: &str, expected_subject: &str, expected_body: &str) {
        let tx = seeded();
        let name = "<b>{TOKEN}</b> & \"co\"";
        let ana = record(&tx, "users", json!({"email": "ana@example.com", "password": "12345678", "name": name}));
        let template = EmailTemplate { subject: template.to_owned(), body: format!("[{template}]") };
        let mut settings = Settings::initial();
        settings.meta.app_url = "https://a.com/?x=1&y=2/".to_owned();
        let mail = write(&settings, &ana, &template, "x@example.com", &[("TOKEN", "t.o.k")]);
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("x@example.com", expected_subject));
        assert!(mail.html.contains(&format!("[{expected_body}]")), "{}", mail.html);
    }

    #[test]
    fn placeholders_become_values() {
        check("{APP_NAME} {TOKEN}{TOKEN}", "Steading t.o.kt.o.k", "Steading t.o.kt.o.k");
        check("{RECORD:email}", "ana@example.com", "ana@example.com");
        check("{RECORD:verified}", "false", "false");
        check("{APP_URL}/_/#/{TOKEN}", "https://a.com/?x=1&y=2/_/#/t.o.k", "https://a.com/?x=1&amp;y=2/_/#/t.o.k");
    }

    #[test]
    fn a_value_is_text_and_never_another_placeholder() {
        let escaped = "&lt;b&gt;{TOKEN}&lt;/b&gt; &amp; &#34;co&#34;";
        check("{RECORD:name}", "<b>{TOKEN}</b> & \"co\"", escaped);
    }

    #[test]
    fn a_plain_text_keeps_its_lines_and_paragraphs() {
        let check = |text: &str, expected_html: &str, expected_text: &str| {
            let mail = plain(&Settings::initial(), "x@example.com", "x", text);
            assert!(mail.html.contains(&format!("<p>{expected_html}</p>")), "{text:?}: {}", mail.html);
            assert!(crate::base::plain_text::lines(&mail.html).starts_with(expected_text), "{text:?}");
        };
        check("one\ntwo", "one<br>\ntwo", "one\ntwo");
        check("one\r\ntwo\r\n\r\nthree", "one<br>\ntwo</p>\n<p>three", "one\ntwo\n\nthree");
        check("one\n\n\ntwo\n", "one</p>\n<p>two", "one\n\ntwo");
        check("a <b>\n& c", "a &lt;b&gt;<br>\n&amp; c", "a <b>\n& c");
    }

    #[test]
    fn secrets_and_unknown_keys_are_kept() {
        let template = "{RECORD:password}{RECORD:tokenKey}{RECORD:nope}{OTP}{}{{TOKEN";
        check(template, template, template);
        check("{{TOKEN}}", "{t.o.k}", "{t.o.k}");
    }
}
