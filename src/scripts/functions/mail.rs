//! Sending mails.

use crate::base::address::is_email;
use crate::base::jinja::SUBJECT;
use crate::base::plain_text;
use crate::domain::mail::{self, Postbox};
use crate::domain::model::{Attachment, Mail};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::values::{BytesValue, json};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};
use std::path::Path;

/// Below the folder of templates.
const FOLDER: &str = "mails";
/// How many addresses one call may send to.
const MAX_RECIPIENTS: usize = 100;
/// The length of a subject in characters.
const MAX_SUBJECT: usize = 500;
/// The size of a text or of HTML.
const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_ATTACHMENTS: usize = 20;
/// The size of all attachments of one mail.
const MAX_ATTACHED_BYTES: usize = 2 * 1024 * 1024;
/// The size of all attachments for all recipients of one call: each recipient gets a mail of their own.
const MAX_ATTACHED_BYTES_IN_ALL: usize = 20 * 1024 * 1024;
/// The length of the name of an attachment in characters.
const MAX_NAME: usize = 200;
/// When a mail that could not be sent is dropped.
const EXPIRY_SECONDS: i64 = 24 * 60 * 60;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "mails", mails);
}

#[export_module]
mod mails {
    /// Sends a mail of plain text. `to` is an address or a list of addresses, 100 at most; each gets a mail of its own. Inside a
    /// transaction it is sent only if the transaction commits. It is sent in the background, and tried again for hours.
    #[rhai_fn(name = "mail", return_raw, volatile)]
    pub fn mail_text(context: NativeCallContext<'_>, to: Dynamic, subject: &str, text: &str) -> Outcome<()> {
        ambient::note(&context);
        send(&to, subject, &Body::Text(text.to_owned()), &Extras::default())
    }

    /// Sends a mail from a template: `mail(order.email, "order-confirmation", #{ order: order })` fills in
    /// `templates/mails/order-confirmation.html`. Its first line is `Subject: …`. A name that ends in `.txt` is a template of plain text.
    #[rhai_fn(name = "mail", return_raw, volatile)]
    pub fn mail_template(context: NativeCallContext<'_>, to: Dynamic, template: &str, values: Map) -> Outcome<()> {
        ambient::note(&context);
        let (subject, body) = filled(template, values)?;
        send(&to, &subject.ok_or_else(|| without_subject(template))?, &body, &Extras::default())
    }

    /// The same from a map: `mail(#{ to: "ana@example.com", subject: "Hello", html: "<p>…</p>" })`. It has `to`, `subject`, and one of `text`,
    /// `html` and `template` with `data`. HTML that is no whole document gets the look of the server's own mails. Nothing in `html` is
    /// escaped. It may have `reply_to`, the address that answers go to, and `attachments`, a list of `#{ name, content, type }`: the content
    /// is a text or bytes, and the type is that of the name's ending if it is not given.
    #[rhai_fn(name = "mail", return_raw, volatile)]
    pub fn mail_map(context: NativeCallContext<'_>, mail: Map) -> Outcome<()> {
        ambient::note(&context);
        let known = ["to", "subject", "text", "html", "template", "data", "reply_to", "attachments"];
        if let Some(name) = mail.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(problem(format!("unknown option {name:?} of mail; options are {}", known.join(", "))));
        }
        let to = mail.get("to").ok_or_else(|| problem("mail needs `to`: an address, or a list of addresses"))?;
        let given = text_of(&mail, "subject")?;
        let (own, body) = match (text_of(&mail, "text")?, text_of(&mail, "html")?, text_of(&mail, "template")?) {
            (Some(text), None, None) => (None, Body::Text(text)),
            (None, Some(html), None) => (None, Body::Html(html)),
            (None, None, Some(template)) => filled(&template, data_of(&mail)?)?,
            _ => return Err(problem("mail needs one of `text`, `html` and `template`")),
        };
        let extras = Extras { reply_to: reply_to_of(&mail)?, attachments: attachments_of(&mail)? };
        send(to, &given.or(own).ok_or_else(|| problem("mail needs a `subject`"))?, &body, &extras)
    }

    /// Whether a text is an e-mail address. Whether somebody reads what is sent there, only a mail can tell.
    #[rhai_fn(name = "is_email")]
    pub fn is_email_address(text: &str) -> bool {
        is_email(text)
    }
}

/// What a mail may have besides its text.
#[derive(Default)]
struct Extras {
    reply_to: String,
    attachments: Vec<Attachment>,
}

enum Body {
    Text(String),
    Html(String),
}

impl Body {
    fn bytes(&self) -> usize {
        let (Self::Text(body) | Self::Html(body)) = self;
        body.len()
    }

    fn mail(&self, postbox: &Postbox, to: &str, subject: &str, extras: &Extras) -> Mail {
        let mail = match self {
            Self::Text(text) => mail::plain(&postbox.settings, to, subject, text),
            Self::Html(html) => mail::of_html(&postbox.settings, to, subject, html),
        };
        Mail { reply_to: extras.reply_to.clone(), attachments: extras.attachments.clone(), ..mail }
    }
}

/// Fills in a template. Returns the subject, which is the first line if that begins with `Subject:`, and the rest. Templates that end in
/// `.txt` are plain text.
fn filled(template: &str, values: Map) -> Outcome<(Option<String>, Body)> {
    let frame = ambient::running("mail")?;
    let values = json::to_json(&Dynamic::from_map(values))?;
    let rendered = frame.file.templates.render(&format!("{FOLDER}/{template}"), &values)?;
    let text = &rendered.text;
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let subject = first.trim_start().strip_prefix(SUBJECT).filter(|_| rendered.has_subject);
    let rest = if subject.is_some() { rest.to_owned() } else { text.clone() };
    Ok(if Path::new(template).extension().is_some_and(|ending| ending == "txt") {
        (subject.map(|subject| subject.trim().to_owned()), Body::Text(rest))
    } else {
        // Its values are escaped like all of the template.
        (subject.map(|subject| plain_text::lines(subject).trim().to_owned()), Body::Html(rest))
    })
}

#[expect(clippy::unnecessary_box_returns, reason = "rhai takes errors in a box")]
fn without_subject(template: &str) -> Box<rhai::EvalAltResult> {
    problem(format!("the first line of templates/{FOLDER}/{template} must be its subject: `Subject: …`"))
}

fn data_of(mail: &Map) -> Outcome<Map> {
    match mail.get("data") {
        None => Ok(Map::new()),
        Some(data) => data.as_map_ref().map(|map| map.clone()).map_err(|_| problem("`data` of a mail must be a map")),
    }
}

fn reply_to_of(mail: &Map) -> Outcome<String> {
    let Some(address) = text_of(mail, "reply_to")? else { return Ok(String::new()) };
    let address = address.trim();
    if is_email(address) {
        Ok(address.to_owned())
    } else {
        Err(problem(format!("{address:?} is not an e-mail address")))
    }
}

fn attachments_of(mail: &Map) -> Outcome<Vec<Attachment>> {
    let Some(list) = mail.get("attachments") else { return Ok(Vec::new()) };
    let list = list.as_array_ref().map_err(|_| problem("`attachments` of a mail must be a list"))?;
    if list.len() > MAX_ATTACHMENTS {
        return Err(problem(format!("a mail must not have more than {MAX_ATTACHMENTS} attachments")));
    }
    list.iter().map(attachment_of).collect()
}

fn attachment_of(value: &Dynamic) -> Outcome<Attachment> {
    let map = value.as_map_ref().map_err(|_| problem("an attachment must be a map: #{ name, content }"))?;
    if let Some(name) = map.keys().find(|name| !["name", "content", "type"].contains(&name.as_str())) {
        return Err(problem(format!("unknown key {name:?} of an attachment; keys are name, content, type")));
    }
    let name = text_of(&map, "name")?.filter(|name| (1..=MAX_NAME).contains(&name.chars().count()));
    let name =
        name.ok_or_else(|| problem(format!("the name of an attachment must have 1 to {MAX_NAME} characters")))?;
    let content = map.get("content").ok_or_else(|| problem("an attachment needs `content`: a text or bytes"))?;
    let content = BytesValue::of(content, "the content of an attachment")?.as_slice().to_vec();
    let content_type = text_of(&map, "type")?.unwrap_or_else(|| type_of_name(&name));
    Ok(Attachment { name, content_type, content })
}

/// Texts of scripts are UTF-8.
fn type_of_name(name: &str) -> String {
    let guessed = mime_guess::from_path(name).first_or_octet_stream();
    let charset = if guessed.type_() == mime_guess::mime::TEXT { "; charset=utf-8" } else { "" };
    format!("{guessed}{charset}")
}

fn text_of(map: &Map, name: &str) -> Outcome<Option<String>> {
    match map.get(name) {
        None => Ok(None),
        Some(value) if value.is_unit() => Ok(None),
        Some(value) => {
            let text =
                value.as_immutable_string_ref().map_err(|_| problem(format!("`{name}` of a mail must be a text")))?;
            Ok(Some(text.to_string()))
        }
    }
}

fn send(to: &Dynamic, subject: &str, body: &Body, extras: &Extras) -> Outcome<()> {
    let recipients = recipients(to)?;
    // A subject is one line, whatever a visitor typed.
    let subject = &subject.replace(|letter: char| letter.is_control(), " ");
    if subject.trim().is_empty() || subject.chars().count() > MAX_SUBJECT {
        return Err(problem(format!("the subject of a mail must have 1 to {MAX_SUBJECT} characters")));
    }
    if body.bytes() > MAX_BODY_BYTES {
        return Err(problem(format!("the text of a mail must not be larger than {} KiB", MAX_BODY_BYTES / 1024)));
    }
    let attached: usize = extras.attachments.iter().map(|attachment| attachment.content.len()).sum();
    if attached > MAX_ATTACHED_BYTES || attached * recipients.len() > MAX_ATTACHED_BYTES_IN_ALL {
        return Err(problem(format!(
            "the attachments of a mail must not be larger than {} MiB, and {} MiB for all its recipients together",
            MAX_ATTACHED_BYTES / 1024 / 1024,
            MAX_ATTACHED_BYTES_IN_ALL / 1024 / 1024,
        )));
    }
    let postbox = ambient::running("mail")?.host().postbox().map_err(of_domain)?;
    let mails: Vec<Mail> = recipients.iter().map(|to| body.mail(&postbox, to, subject, extras)).collect();
    ambient::write(move |tx| {
        let expires = tx.now().plus_seconds(EXPIRY_SECONDS);
        mails.iter().try_for_each(|one| mail::post(tx, &postbox, one, expires, mail::Purpose::SCRIPT))
    })
}

fn recipients(to: &Dynamic) -> Outcome<Vec<String>> {
    let address = |value: &Dynamic| -> Outcome<String> {
        let text = value
            .as_immutable_string_ref()
            .map_err(|_| problem("`to` of a mail must be an address, or a list of addresses"))?;
        let text = text.trim();
        if is_email(text) { Ok(text.to_owned()) } else { Err(problem(format!("{text:?} is not an e-mail address"))) }
    };
    let found = match to.as_array_ref() {
        Ok(items) => items.iter().map(address).collect::<Outcome<Vec<_>>>()?,
        Err(_) => vec![address(to)?],
    };
    if found.is_empty() || found.len() > MAX_RECIPIENTS {
        return Err(problem(format!("a mail must have 1 to {MAX_RECIPIENTS} recipients")));
    }
    Ok(found)
}
